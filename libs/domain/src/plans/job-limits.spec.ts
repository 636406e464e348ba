// Goal: a plan's limit lets through what is just within it and names itself for what is one more; a bot lowers it and
// never raises it, and so does the plan of a visitor who pays. Method: one table of limits, each tried on both sides of
// its edge, by plan, by bot and by the visitor's plan.
import { describe, expect, it } from '@jest/globals';
import { after, creditsOf, HOUR, planFor, priceFor, T0 } from '../../../../test/harness/orders.js';
import type { PlanGround, PlanWish } from './job-limits.js';
import { decideLimits } from './job-limits.js';
import type { BotLimits, Plan } from './plan.js';
import { NO_BOT_LIMITS, tighterArtefacts } from './plan.js';

const NOTHING: PlanWish = {
  price: priceFor(),
  maxIterations: null,
  contextTokens: 0,
  contextBytes: 0,
  asksForZip: false,
  deadline: null,
  maxCredits: null,
};

interface Case {
  readonly wish?: Partial<PlanWish>;
  readonly plan?: Partial<Plan>;
  readonly bot?: Partial<BotLimits>;
  readonly visitors?: Partial<Plan>;
  readonly usual?: Partial<PlanGround['usual']>;
}

function decide({ wish = {}, plan = {}, bot = {}, visitors, usual = {} }: Case): ReturnType<typeof decideLimits> {
  return decideLimits(
    { ...NOTHING, ...wish },
    {
      plan: planFor({ name: 'standard', ...plan }),
      bot: { ...NO_BOT_LIMITS, ...bot },
      visitorPlan: visitors === undefined ? null : planFor({ name: 'visitor', ...visitors }),
      usual: { maxIterations: 5, maxCredits: creditsOf('20'), ...usual },
      now: T0,
    },
  );
}

const credits = creditsOf('7');
const micro = creditsOf('7.000001');

const LIMITS = [
  { code: 'iterations_over_plan', field: 'maxIterations', limit: 7, within: 7, beyond: 8 },
  { code: 'context_over_plan', field: 'maxContextTokens', limit: 32_000, within: 32_000, beyond: 32_001 },
  {
    code: 'deadline_over_limit',
    field: 'maxDeadlineMs',
    limit: HOUR,
    within: after(T0, HOUR),
    beyond: after(T0, HOUR + 1),
  },
  { code: 'budget_over_limit', field: 'maxCredits', limit: credits, within: credits, beyond: micro },
] as const;

const ASKED = {
  maxIterations: 'maxIterations',
  maxContextTokens: 'contextTokens',
  maxDeadlineMs: 'deadline',
  maxCredits: 'maxCredits',
} as const;

describe('a limit', () => {
  const rows = LIMITS.flatMap((row) => (['plan', 'bot'] as const).map((by) => ({ ...row, by })));

  it.each(rows)('[A27] $code of the $by: takes what is just within, names what is one more', (row) => {
    const { code, field, limit, within, beyond, by } = row;
    const limits = { [by]: { [field]: limit } };
    const ask = (value: unknown): Case => ({ ...limits, wish: { [ASKED[field]]: value } });
    expect(decide(ask(within))).toMatchObject({ ok: true });
    const named = code === 'deadline_over_limit' ? within : limit;
    expect(decide(ask(beyond))).toMatchObject({
      ok: false,
      refusal: { code, limit: named, asked: beyond, plan: 'standard', limitedBy: by },
    });
  });

  it.each(LIMITS)('[A26] $field of a bot raises nothing that the plan limits', ({ code, field, limit, beyond }) => {
    const wide = field === 'maxCredits' ? creditsOf('1000') : Number(limit) * 10;
    const refused = decide({ plan: { [field]: limit }, bot: { [field]: wide }, wish: { [ASKED[field]]: beyond } });
    expect(refused).toMatchObject({ refusal: { code, limitedBy: 'plan' } });
  });

  it('[A26] gives way silently only where nobody asked: the defaults of a bot shrink to what is allowed', () => {
    const plan = { maxIterations: 3, maxCredits: creditsOf('10') };
    expect(decide({ plan })).toMatchObject({ value: { maxIterations: 3, maxCredits: creditsOf('10') } });
    expect(decide({ bot: { maxIterations: 2, maxCredits: creditsOf('1') } })).toMatchObject({
      value: { maxIterations: 2, maxCredits: creditsOf('1') },
    });
    expect(decide({})).toMatchObject({ value: { maxIterations: 5, maxCredits: creditsOf('20') } });
  });

  it('knows how long a job may last where nobody asked for one, and takes none that is over', () => {
    const latest = (wish: Case): unknown => decide(wish);
    expect(latest({ plan: { maxDeadlineMs: HOUR } })).toMatchObject({
      value: { deadline: null, lastsAtMostMs: HOUR },
    });
    expect(latest({ plan: { maxDeadlineMs: HOUR }, bot: { maxDeadlineMs: HOUR / 2 } })).toMatchObject({
      value: { deadline: null, lastsAtMostMs: HOUR / 2 },
    });
    expect(decide({ wish: { deadline: T0 } })).toMatchObject({ refusal: { code: 'deadline_passed', asked: T0 } });
    expect(decide({ wish: { deadline: after(T0, 1) } })).toMatchObject({ value: { deadline: after(T0, 1) } });
  });
});

const premium = priceFor({ model: 'better', tier: 'premium' });
const standardOnly = { models: { tiers: ['standard' as const], names: [] } };

describe('the plan of the visitor who pays', () => {
  const own = { plan: 'visitor', limitedBy: 'visitor_plan' } as const;

  it.each(LIMITS)('[A27] lowers what plan and bot allow, and names itself: $code', (row) => {
    const { code, field, limit, within, beyond } = row;
    const ask = (value: unknown): Case => ({ visitors: { [field]: limit }, wish: { [ASKED[field]]: value } });
    expect(decide(ask(within))).toMatchObject({ ok: true });
    const named = code === 'deadline_over_limit' ? within : limit;
    expect(decide(ask(beyond))).toMatchObject({ ok: false, refusal: { code, limit: named, asked: beyond, ...own } });
  });

  it.each(LIMITS)('[A27] raises nothing, and where both say the same it is the owner who says it: $code', (row) => {
    const { code, field, limit, beyond } = row;
    const wide = field === 'maxCredits' ? creditsOf('1000') : Number(limit) * 10;
    const wish = { [ASKED[field]]: beyond };
    for (const visitors of [{ [field]: wide }, { [field]: limit }]) {
      for (const by of ['plan', 'bot'] as const) {
        const refused = decide({ [by]: { [field]: limit }, visitors, wish });
        expect(refused).toMatchObject({ refusal: { code, plan: 'standard', limitedBy: by } });
      }
    }
  });

  it('[A26] has defaults and the time a job may last give way without a word', () => {
    const visitors = { maxIterations: 3, maxCredits: creditsOf('10'), maxDeadlineMs: HOUR / 2 };
    expect(decide({ visitors, plan: { maxDeadlineMs: HOUR } })).toMatchObject({
      value: { maxIterations: 3, maxCredits: creditsOf('10'), lastsAtMostMs: HOUR / 2 },
    });
  });

  it('[E19] takes models out of what the bot may use, and puts none in', () => {
    const better = { price: premium };
    const refusal = { code: 'model_not_in_plan', model: 'better', tiers: ['standard'], models: [] };
    expect(decide({ visitors: standardOnly, wish: better })).toMatchObject({ refusal: { ...refusal, ...own } });
    expect(decide({ visitors: {}, plan: standardOnly, wish: better })).toMatchObject({
      refusal: { ...refusal, plan: 'standard', limitedBy: 'plan' },
    });
    expect(decide({ visitors: standardOnly, bot: { models: ['other'] }, wish: better })).toMatchObject({
      refusal: { ...refusal, plan: 'standard', limitedBy: 'bot', tiers: [], models: ['other'] },
    });
    expect(decide({ visitors: { models: { tiers: [], names: ['better'] } }, wish: better })).toMatchObject({
      ok: true,
    });
  });

  it('[A27] refuses a ZIP that is asked for, and goes without one that is only usual', () => {
    const none = { artefacts: { allowed: false, maxFiles: 0, maxBytes: 0 } };
    expect(decide({ visitors: none, wish: { asksForZip: true } })).toMatchObject({
      refusal: { code: 'artefact_not_in_plan', ...own },
    });
    expect(decide({ visitors: none })).toMatchObject({ value: { mayPack: false } });
    expect(decide({ visitors: {}, wish: { asksForZip: true } })).toMatchObject({ value: { mayPack: true } });
    const [small, wide] = [
      { allowed: true, maxFiles: 3, maxBytes: 90 },
      { allowed: true, maxFiles: 5, maxBytes: 40 },
    ];
    expect(tighterArtefacts(small, wide)).toEqual({ allowed: true, maxFiles: 3, maxBytes: 40 });
    expect(tighterArtefacts(none.artefacts, wide)).toEqual({ allowed: false, maxFiles: 0, maxBytes: 0 });
  });
});

describe('models and artefacts', () => {
  it('[E19] a better model needs a plan of its tier, or one that names it', () => {
    expect(decide({ plan: standardOnly })).toMatchObject({ ok: true });
    expect(decide({ plan: standardOnly, wish: { price: premium } })).toMatchObject({
      refusal: { code: 'model_not_in_plan', model: 'better', limitedBy: 'plan', tiers: ['standard'], models: [] },
    });
    const named = { models: { tiers: ['standard' as const], names: ['better'] } };
    expect(decide({ plan: named, wish: { price: premium } })).toMatchObject({ ok: true });
    expect(decide({ wish: { price: premium } })).toMatchObject({ ok: true });
  });

  it('a bot may take models out of its plan and put none in', () => {
    expect(decide({ bot: { models: ['other'] } })).toMatchObject({
      refusal: { code: 'model_not_in_plan', limitedBy: 'bot', tiers: [], models: ['other'] },
    });
    expect(decide({ plan: standardOnly, bot: { models: ['better'] }, wish: { price: premium } })).toMatchObject({
      refusal: { code: 'model_not_in_plan', limitedBy: 'plan' },
    });
  });

  it('[A27] refuses a ZIP that is asked for, and goes without one that is only usual', () => {
    const none = { artefacts: { allowed: false, maxFiles: 0, maxBytes: 0 } };
    expect(decide({ plan: none, wish: { asksForZip: true } })).toMatchObject({
      refusal: { code: 'artefact_not_in_plan', limitedBy: 'plan' },
    });
    expect(decide({ bot: { artefacts: false }, wish: { asksForZip: true } })).toMatchObject({
      refusal: { code: 'artefact_not_in_plan', limitedBy: 'bot' },
    });
    expect(decide({ plan: none })).toMatchObject({ value: { mayPack: false } });
    expect(decide({ bot: { artefacts: true }, wish: { asksForZip: true } })).toMatchObject({
      value: { mayPack: true },
    });
  });
});
