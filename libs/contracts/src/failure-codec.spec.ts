// Goal: a refusal that crosses Temporal arrives as it left. Method: one realistic refusal per code, and the registry
// of problems says which codes there are, so that a new code fails here until it has its example.
import { describe, expect, it } from '@jest/globals';
import type { FailureCode, MicroCredits, Refusal } from '@fairmeter/domain';
import { instant, MAX_MICRO_CREDITS } from '@fairmeter/domain';
import { packRefusal, unpackRefusal } from './failure-codec.js';
import { PROBLEMS } from './problems.js';

const large = MAX_MICRO_CREDITS as MicroCredits;
const odd = 9_007_199_254_740_993n as MicroCredits;

const limit = { limit: large, used: odd, held: odd, required: odd, resetsAt: instant(1_800_000_000_123) } as const;

const EXAMPLES: { readonly [C in FailureCode]: readonly Extract<Refusal, { code: C }>[] } = {
  credits_exhausted: [
    {
      code: 'credits_exhausted',
      limitSource: 'account_credits',
      required: large,
      available: odd,
      resetsAt: instant(1_800_000_000_123),
      options: ['buy_bundle', 'wait'],
    },
    {
      code: 'credits_exhausted',
      limitSource: 'job_budget',
      required: odd,
      available: 0n as MicroCredits,
      resetsAt: null,
      options: [],
    },
  ],
  idempotency_mismatch: [{ code: 'idempotency_mismatch' }],
  admission_expired: [{ code: 'admission_expired' }],
  account_not_active: [{ code: 'account_not_active', status: 'suspended' }],
  bot_not_found: [{ code: 'bot_not_found' }],
  bot_archived: [{ code: 'bot_archived' }],
  bot_private: [{ code: 'bot_private' }],
  no_credits_for_bot: [{ code: 'no_credits_for_bot' }],
  owner_work_only: [{ code: 'owner_work_only', marker: 'training' }],
  campaign_not_running: [{ code: 'campaign_not_running' }],
  publication_incomplete: [{ code: 'publication_incomplete', question: 'trained_enough' }],
  model_not_priced: [{ code: 'model_not_priced', model: 'vendor/model "x"' }],
  model_not_in_plan: [
    {
      code: 'model_not_in_plan',
      model: 'vendor/model "x"',
      plan: 'standard',
      limitedBy: 'plan',
      tiers: ['standard'],
      models: [],
    },
  ],
  iterations_over_plan: [
    { code: 'iterations_over_plan', limit: 25, asked: 1_000_000, plan: 'standard', limitedBy: 'plan' },
    { code: 'iterations_over_plan', limit: 25, asked: 26, plan: 'visitor', limitedBy: 'visitor_plan' },
  ],
  context_over_plan: [
    { code: 'context_over_plan', limit: 32_000, asked: 2_000_000, bytes: 8_000_000, plan: 'free', limitedBy: 'bot' },
  ],
  artefact_not_in_plan: [{ code: 'artefact_not_in_plan', asked: 'zip', plan: 'free', limitedBy: 'plan' }],
  deadline_passed: [{ code: 'deadline_passed', asked: instant(1_800_000_000_123) }],
  deadline_over_limit: [
    {
      code: 'deadline_over_limit',
      limit: instant(1_800_000_000_123),
      asked: instant(1_800_000_000_124),
      plan: 'free',
      limitedBy: 'bot',
    },
  ],
  budget_over_limit: [{ code: 'budget_over_limit', limit: odd, asked: large, plan: 'free', limitedBy: 'plan' }],
  concurrency_limit: [
    { code: 'concurrency_limit', limit: 5, open: 7, plan: 'standard', limitedBy: 'plan' },
    { code: 'concurrency_limit', limit: 5, open: 5, plan: 'visitor', limitedBy: 'visitor_plan' },
  ],
  budget_below_minimum: [{ code: 'budget_below_minimum', minimum: 100_000n as MicroCredits }],
  budget_too_small: [{ code: 'budget_too_small', required: large, budget: odd }],
  budget_below_spent: [{ code: 'budget_below_spent', budget: odd, spent: large, held: odd }],
  job_not_found: [{ code: 'job_not_found' }],
  job_ended: [{ code: 'job_ended', state: 'completed_partial' }],
  operation_mismatch: [{ code: 'operation_mismatch', operationKey: 'job_1:settle', field: 'amount' }],
  amount_out_of_range: [{ code: 'amount_out_of_range', field: 'amount' }],
  lot_exists: [{ code: 'lot_exists', sourceRef: 'payment/1' }],
  hold_not_found: [{ code: 'hold_not_found', holdId: 'hld_1' }],
  hold_ended: [{ code: 'hold_ended', holdId: 'hld_1' }],
  job_not_reported: [{ code: 'job_not_reported' }],
  step_open: [{ code: 'step_open', step: 7 }],
  step_not_open: [{ code: 'step_not_open', step: 8 }],
  iterations_used_up: [{ code: 'iterations_used_up', limit: 5, asked: 6 }],
  attempt_closed: [{ code: 'attempt_closed', attempt: 3 }],
  ledger_busy: [{ code: 'ledger_busy' }],
  lot_not_found: [{ code: 'lot_not_found', lotId: 'lot_1' }],
  lot_taken_back: [{ code: 'lot_taken_back', lotId: 'lot_1' }],
  lot_ended: [{ code: 'lot_ended', lotId: 'lot_1' }],
  debt_outstanding: [{ code: 'debt_outstanding', debt: odd }],
  time_zone_invalid: [{ code: 'time_zone_invalid', timeZone: 'Mars/Olympus' }],
  plan_not_offered: [{ code: 'plan_not_offered', planId: 'plan_gold' }],
  preview_stale: [
    { code: 'preview_stale', periodStart: instant(1_800_000_000_123) },
    { code: 'preview_stale', periodStart: null },
  ],
  change_without_effect: [{ code: 'change_without_effect', why: 'nothing_pending' }],
  quote_not_found: [{ code: 'quote_not_found' }],
  quote_expired: [{ code: 'quote_expired', expiredAt: instant(1_800_000_000_123) }],
  quote_mismatch: [{ code: 'quote_mismatch', field: 'model' }],
  nothing_refundable: [{ code: 'nothing_refundable', refundable: large }],
  grant_decided: [{ code: 'grant_decided', state: 'notified' }],
  second_person_needed: [{ code: 'second_person_needed' }],
  review_in_state: [{ code: 'review_in_state', state: 'closed' }],
  review_reopened_before: [{ code: 'review_reopened_before' }],
  advice_needed: [{ code: 'advice_needed' }],
  role_changed: [{ code: 'role_changed' }],
  free_usage_exhausted: [{ code: 'free_usage_exhausted', ...limit }],
  training_limit_reached: [{ code: 'training_limit_reached', ...limit }],
  campaign_limit_reached: [{ code: 'campaign_limit_reached', ...limit }],
  member_limit_reached: [{ code: 'member_limit_reached', ...limit }],
  key_limit_reached: [{ code: 'key_limit_reached', ...limit }],
  spend_limit_reached: [{ code: 'spend_limit_reached', ...limit }],
  bot_limit_reached: [{ code: 'bot_limit_reached', ...limit }],
  visitor_limit_reached: [{ code: 'visitor_limit_reached', ...limit }],
};
const refusals: readonly Refusal[] = Object.values(EXAMPLES).flat();

describe('the codec of refusals', () => {
  it.each(refusals)('brings $code back as it was, through JSON and without losing a digit', (refusal) => {
    const crossed = JSON.parse(JSON.stringify(packRefusal(refusal))) as ReturnType<typeof packRefusal>;
    expect(crossed).toEqual(packRefusal(refusal));
    expect(unpackRefusal(crossed)).toEqual(refusal);
  });

  it.each(refusals)('writes the amounts of $code as decimal strings under keys that end in MicroCredits', (refusal) => {
    const amounts = Object.values(refusal).filter((value) => typeof value === 'bigint');
    const { details } = packRefusal(refusal);
    const written = Object.entries(details).filter(([key]) => key.endsWith('MicroCredits'));
    expect(written.map(([, value]) => value)).toEqual(amounts.map(String));
  });

  it('refuses an amount that is not canonical instead of guessing it', () => {
    const details = { minimumMicroCredits: '1e5' };
    expect(() => unpackRefusal({ code: 'budget_below_minimum', details })).toThrow(RangeError);
  });
});

describe('the registry of problems', () => {
  it('has a status and a title for every code that a refusal can carry', () => {
    for (const { code } of refusals) {
      expect(PROBLEMS[code].status).toBeGreaterThanOrEqual(400);
      expect(PROBLEMS[code].title).not.toBe('');
    }
  });

  it('answers a lack of credits with 402 and promises success by waiting only where waiting alone can help', () => {
    expect(PROBLEMS.credits_exhausted).toEqual({ status: 402, title: expect.any(String) });
    for (const [code, problem] of Object.entries(PROBLEMS)) {
      if ('retryAfterSeconds' in problem) expect([code, [429, 503].includes(problem.status)]).toEqual([code, true]);
    }
  });

  it('answers foreign things with 404, never with 403', () => {
    for (const code of ['bot_not_found', 'job_not_found', 'hold_not_found'] as const)
      expect(PROBLEMS[code].status).toBe(404);
  });
});
