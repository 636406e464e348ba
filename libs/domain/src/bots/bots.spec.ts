// What an owner may set a bot to, when it may be shown to everybody, and what it is told before every request.
import { describe, expect, it } from '@jest/globals';
import { botTerms, creditsOf, planFor } from '../../../../test/harness/orders.js';
import { NO_BOT_LIMITS } from '../plans/plan.js';
import { instant } from '../time/instant.js';
import type { BotSetup } from './bot-setup.js';
import { decideBotSetup } from './bot-setup.js';
import { guideSize, guideText, guideVersions, NO_GUIDE } from './guide.js';
import { PUBLICATION_QUESTIONS } from './publication-questions.js';
import { decidePublication } from './publication.js';

const yes = { purpose_clear: true, trained_enough: true, results_reviewable: true };

describe('going public', () => {
  it('[A18] needs three yes answers, and the first no is named', () => {
    expect(decidePublication(yes)).toEqual({ ok: true, value: 'public' });
    for (const question of PUBLICATION_QUESTIONS) {
      expect(decidePublication({ ...yes, [question]: false })).toEqual({
        ok: false,
        refusal: { code: 'publication_incomplete', question },
      });
    }
  });
});

describe('a setup', () => {
  const { rateCard } = botTerms();
  const plan = planFor({ name: 'small', maxIterations: 5, maxContextTokens: 1_000, maxCredits: creditsOf('10') });
  const codeOf = (of: Partial<BotSetup>, by = plan): string => {
    const setup: BotSetup = {
      defaultModel: 'coder',
      defaultMaxIterations: 5,
      defaultMaxCredits: creditsOf('10'),
      limits: NO_BOT_LIMITS,
      ...of,
    };
    const decided = decideBotSetup(setup, { plan: by, rateCard, now: instant(0) });
    return decided.ok ? 'taken' : decided.refusal.code;
  };
  const limits = (of: Partial<BotSetup['limits']>) => ({ limits: { ...NO_BOT_LIMITS, ...of } });

  it('[A16] is taken up to the plan, and refused one above it, by the name of the limit', () => {
    expect(codeOf({})).toBe('taken');
    expect(codeOf({ defaultMaxIterations: 6 })).toBe('iterations_over_plan');
    expect(codeOf(limits({ maxIterations: 6 }))).toBe('iterations_over_plan');
    expect(codeOf({ defaultMaxIterations: 3, ...limits({ maxIterations: 2 }) })).toBe('taken');
    expect(codeOf(limits({ maxContextTokens: 1_000 }))).toBe('taken');
    expect(codeOf(limits({ maxContextTokens: 1_001 }))).toBe('context_over_plan');
    expect(codeOf(limits({ maxDeadlineMs: plan.maxDeadlineMs + 1 }))).toBe('deadline_over_limit');
    expect(codeOf({ defaultMaxCredits: creditsOf('10.000001') })).toBe('budget_over_limit');
    expect(codeOf(limits({ maxCredits: creditsOf('11') }))).toBe('budget_over_limit');
    expect(codeOf({ defaultMaxCredits: creditsOf('0.000001') })).toBe('budget_below_minimum');
    const noZip = planFor({ artefacts: { allowed: false, maxFiles: 1, maxBytes: 1 } });
    expect(codeOf(limits({ artefacts: true }), noZip)).toBe('artefact_not_in_plan');
  });

  it('[A16] names only models that are priced, in the plan, and among those of the bot', () => {
    expect(codeOf({ defaultModel: 'nobody' })).toBe('model_not_priced');
    expect(codeOf(limits({ models: ['nobody'] }))).toBe('model_not_priced');
    expect(codeOf(limits({ models: [] }))).toBe('model_not_in_plan');
    expect(codeOf({}, planFor({ models: { tiers: [], names: [] } }))).toBe('model_not_in_plan');
  });
});

describe('what a bot is told', () => {
  it('[A24] puts snippets first, then the profile, then the style guide, and an empty one says nothing', () => {
    expect(guideText('snippets', { snippets: [{ name: 'auth', text: 'code' }] })).toBe('Snippet "auth":\ncode\n\n');
    expect(guideText('profile', { stack: ['PHP 8'], purpose: 'Shops' })).toBe(
      'What this is for: Shops\n\nWrite for this stack and for no other: PHP 8.\n\n',
    );
    expect(guideText('style_guide', { rules: 'Short names.' })).toBe('Rules of style:\nShort names.\n\n');
    expect(guideText('profile', { stack: [], purpose: '' })).toBe('');
  });

  it('[A22] knows its versions and what they add', () => {
    expect(guideVersions(NO_GUIDE)).toBeNull();
    const guide = { profile: { version: 2, bytes: 10, tokens: 3 }, snippets: { version: 1, bytes: 5, tokens: 1 } };
    expect(guideVersions(guide)).toEqual({ profile: 2, style_guide: null, snippets: 1 });
    expect(guideSize(guide)).toEqual({ bytes: 15, tokens: 4 });
  });
});
