// Goal: each caller hears of what that caller can do, and a visitor of none of the owner's figures. Method: one refusal
// of each kind, told to each kind of caller.
import { describe, expect, it } from '@jest/globals';
import type { CreditsExhausted, LimitReached, Refusal } from '@fairmeter/domain';
import { instant, microCredits } from '@fairmeter/domain';
import type { Caller } from '../callers/caller.js';
import { toldRefusal } from './told-refusal.js';

const NOW = Date.UTC(2027, 0, 1);
const LATER = instant(NOW + 60_000);
const account = { accountId: 'acc_1' } as const;
const visitor: Caller = {
  kind: 'visitor',
  role: 'visitor',
  visitorId: 'vis_1',
  countedAs: 'vis_1',
  botId: 'bot_1',
  ...account,
};
const owner: Caller = { kind: 'person', role: 'owner', userId: 'usr_1', ...account };
const member: Caller = { kind: 'person', role: 'member', userId: 'usr_2', ...account };
const held = { keyId: 'key_1', environment: 'live', scopes: ['submit'] } as const;
const key: Caller = { kind: 'bot', role: 'bot_key', botId: 'bot_1', ...held, ...account };

const short = (limitSource: CreditsExhausted['limitSource'], resetsAt = LATER): Refusal => ({
  code: 'credits_exhausted',
  limitSource,
  required: microCredits(2_000_000n),
  available: microCredits(1_000_000n),
  resetsAt,
  options: [],
});
const reached = (code: LimitReached['code']): Refusal => ({
  code,
  limit: microCredits(5_000_000n),
  used: microCredits(4_000_000n),
  held: microCredits(500_000n),
  required: microCredits(600_000n),
  resetsAt: LATER,
});

const told = (refusal: Refusal, caller: Caller): readonly [string, unknown] => {
  const { code, members } = toldRefusal(refusal, caller, NOW);
  return [code, members];
};

describe('a refusal told', () => {
  it('[D11] offers an owner a bundle, an upgrade, or to wait', () => {
    expect(told(short('account_credits'), owner)).toMatchObject([
      'credits_exhausted',
      { limit_source: 'account_credits', options: ['buy_bundle', 'upgrade', 'wait'] },
    ]);
  });

  it.each([member, key])('has $role tell the owner', (caller) => {
    expect(told(short('account_credits'), caller)[1]).toMatchObject({ options: ['tell_owner'] });
  });

  it.each<[LimitReached['code'], string]>([
    ['member_limit_reached', 'member_limit'],
    ['key_limit_reached', 'key_limit'],
    ['spend_limit_reached', 'spend_limit'],
    ['training_limit_reached', 'training_limit'],
  ])('says of %s whose limit it was', (code, source) => {
    expect(told(reached(code), key)).toMatchObject([
      code,
      { limit_source: source, required: '0.600000', available: '0.500000', options: ['tell_owner'] },
    ]);
  });

  it('[B19] offers a visitor to wait only with a plan, and then with its date', () => {
    expect(told(short('own_credits'), visitor)[1]).toMatchObject({
      options: ['buy', 'wait'],
      resets_at: '2027-01-01T00:01:00.000Z',
    });
    const noPlan = { ...short('own_credits'), resetsAt: null } as Refusal;
    expect(told(noPlan, visitor)[1]).toMatchObject({ options: ['buy'], resets_at: null });
  });

  const plan = { plan: 'premium', limitedBy: 'plan', limit: 3, asked: 4 } as const;
  it.each<readonly [Refusal, string]>([
    [{ code: 'account_not_active', status: 'suspended' }, 'bot_private'],
    [{ code: 'concurrency_limit', limit: 1, open: 1, plan: 'premium', limitedBy: 'plan' }, 'bot_busy'],
    [{ ...plan, code: 'model_not_in_plan', model: 'demo-big', tiers: ['basic'], models: [] }, 'over_bot_limit'],
    [{ ...plan, code: 'iterations_over_plan' }, 'over_bot_limit'],
    [{ ...plan, code: 'context_over_plan', bytes: 9 }, 'over_bot_limit'],
    [{ code: 'artefact_not_in_plan', asked: 'zip', plan: 'premium', limitedBy: 'plan' }, 'over_bot_limit'],
    [{ ...plan, code: 'deadline_over_limit', limit: LATER, asked: LATER }, 'over_bot_limit'],
    [{ ...plan, code: 'budget_over_limit', limit: microCredits(3n), asked: microCredits(4n) }, 'over_bot_limit'],
  ])('[B26] tells a visitor of $0.code that the bot allows no more, and nothing of its owner', (refusal, code) => {
    const { code: heard, detail, members } = toldRefusal(refusal, visitor, NOW);
    expect(heard).toBe(code);
    expect(JSON.stringify([detail, members])).not.toMatch(/premium|suspended|account|plan|tier|limit"|[0-9]/);
    expect(toldRefusal(refusal, owner, NOW).code).toBe(refusal.code);
  });

  const own = { plan: 'visitor', limitedBy: 'visitor_plan', limit: 3, asked: 4 } as const;
  it.each<Refusal>([
    { code: 'concurrency_limit', limit: 1, open: 1, plan: 'visitor', limitedBy: 'visitor_plan' },
    { ...own, code: 'model_not_in_plan', model: 'demo-big', tiers: ['basic'], models: [] },
    { ...own, code: 'iterations_over_plan' },
    { ...own, code: 'context_over_plan', bytes: 9 },
    { code: 'artefact_not_in_plan', asked: 'zip', plan: 'visitor', limitedBy: 'visitor_plan' },
    { ...own, code: 'deadline_over_limit', limit: LATER, asked: LATER },
    { ...own, code: 'budget_over_limit', limit: microCredits(3n), asked: microCredits(4n) },
  ])('[A27] tells a visitor of $code of what that visitor has bought', (refusal) => {
    const { code, members } = toldRefusal(refusal, visitor, NOW);
    expect([code, members]).toMatchObject([refusal.code, { plan: 'visitor', limited_by: 'visitor_plan' }]);
  });

  it.each<Refusal>([
    short('account_credits'),
    reached('free_usage_exhausted'),
    reached('spend_limit_reached'),
    reached('bot_limit_reached'),
    { code: 'debt_outstanding', debt: microCredits(7n) },
  ])('[B26] tells a visitor of $code nothing of what the owner has', (refusal) => {
    expect(told(refusal, visitor)).toEqual([
      'free_usage_exhausted',
      { limit_source: 'free_reserve', options: ['buy'] },
    ]);
  });
});
