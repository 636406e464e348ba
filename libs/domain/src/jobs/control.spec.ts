// Goal: a pause keeps what is owed at least and no more, and never sleeps through what has come meanwhile; a stopped
// step costs what had been produced; a budget is a ceiling that nothing under way can break. Method: jobs in memory.
import { describe, expect, it } from '@jest/globals';
import { MemoryLedger } from '../../../../test/harness/memory-ledger.js';
import {
  admitOrder,
  after,
  beginOrder,
  botTerms,
  creditsOf,
  endOrder,
  grantOrder,
  HOUR,
  T0,
  use,
} from '../../../../test/harness/orders.js';
import { heldOf } from '../ledger/hold.js';
import type { LimitRef } from '../ledger/terms.js';
import type { WaitOrder } from './waiting.js';
import { mayBringCredits } from './waiting.js';

const JOB = 'job_1';
const DAY_MS = 24 * HOUR;
const SPEND: LimitRef = { kind: 'spend', subject: '' };

const order = (wish: Partial<WaitOrder> = {}): WaitOrder => ({
  ordinal: 2,
  code: 'credits_exhausted',
  required: creditsOf('5'),
  minimumCharge: creditsOf('0.1'),
  waitMs: DAY_MS,
  ...wish,
});

function jobOn(credits: string, limitRefs: readonly LimitRef[] = []): MemoryLedger {
  const ledger = new MemoryLedger('acc_1');
  ledger.grant(T0, grantOrder({ lotId: 'lot_1', amount: creditsOf(credits) }));
  const admitted = ledger.admit(T0, admitOrder(JOB, { bot: botTerms(), limitRefs }));
  if (!admitted.ok) throw new Error(admitted.refusal.code);
  return ledger;
}

const held = (ledger: MemoryLedger): bigint => {
  const hold = ledger.holdOf(JOB);
  return hold === null ? -1n : heldOf(hold);
};

describe('waitForCredits', () => {
  it('[edge 22] keeps the smallest charge it still owes, and gives back all else', () => {
    const ledger = jobOn('3');
    const before = held(ledger);
    expect(ledger.wait(JOB, T0, order())).toMatchObject({ ok: true, value: { outcome: 'waiting' } });
    expect(held(ledger)).toBe(creditsOf('0.1'));
    expect(ledger.jobs.get(JOB)).toMatchObject({
      state: 'waiting_credits',
      held: creditsOf('0.1'),
      waiting: { code: 'credits_exhausted', required: creditsOf('5'), available: creditsOf('3') },
    });
    expect(ledger.events.at(-1)).toMatchObject({
      type: 'job.awaiting_credits',
      shortfall: '2.000000',
      released: expect.stringMatching(/^\d+\.\d{6}$/),
      waits_until: new Date(T0 + DAY_MS).toISOString(),
    });
    expect(before > creditsOf('0.1')).toBe(true);
  });

  it('owes nothing at least once its steps have cost as much', () => {
    const ledger = jobOn('3');
    ledger.begin(JOB, T0, beginOrder(1));
    ledger.end(JOB, T0, endOrder(1, 1));
    ledger.wait(JOB, T0, order());
    expect(held(ledger)).toBe(0n);
  });

  it('[edge 22] goes on waiting in the same pause, and begins another one after it has worked', () => {
    const ledger = jobOn('3');
    ledger.wait(JOB, T0, order());
    ledger.wait(JOB, after(T0, HOUR), order());
    expect(ledger.jobs.get(JOB)?.waiting).toMatchObject({ since: T0, until: T0 + DAY_MS });
    ledger.begin(JOB, after(T0, 2 * HOUR), beginOrder(1));
    expect(ledger.jobs.get(JOB)).toMatchObject({ state: 'running', waiting: null });
    ledger.wait(JOB, after(T0, 3 * HOUR), order());
    expect(ledger.jobs.get(JOB)?.waiting).toMatchObject({ since: T0 + 3 * HOUR });
  });

  it('does not sleep through what has come since the refusal', () => {
    const ledger = jobOn('3');
    ledger.grant(T0, grantOrder({ lotId: 'lot_2', amount: creditsOf('9') }));
    const entries = ledger.entries.length;
    expect(ledger.wait(JOB, T0, order())).toEqual({ ok: true, value: { outcome: 'enough' } });
    expect([ledger.entries.length, ledger.jobs.get(JOB)?.state]).toEqual([entries, 'running']);
  });

  it('[D13] names the next reset, and for a limit its next period', () => {
    const ledger = jobOn('3');
    ledger.setTerms(T0, { zone: 'UTC', dailyAllowance: creditsOf('1') });
    ledger.wait(JOB, T0, order());
    expect(ledger.jobs.get(JOB)?.waiting?.resetsAt).toBe(after(T0, DAY_MS));
    const limited = jobOn('100', [SPEND]);
    limited.setLimits(T0, [{ ...SPEND, period: 'day', amount: creditsOf('4') }]);
    expect(limited.wait(JOB, T0, order({ code: 'spend_limit_reached' }))).toMatchObject({
      value: { outcome: 'waiting', resetsAt: after(T0, DAY_MS) },
    });
    expect(limited.jobs.get(JOB)?.waiting).toMatchObject({ code: 'spend_limit_reached', available: creditsOf('4') });
  });

  it('closes an attempt that was lost: whoever still works on it comes late', () => {
    const ledger = jobOn('3');
    ledger.begin(JOB, T0, beginOrder(2));
    ledger.wait(JOB, T0, order());
    expect(ledger.attemptsOf(JOB, 2)).toMatchObject([{ state: 'closed', chargeClass: 'platform_fault' }]);
    expect(ledger.end(JOB, T0, endOrder(2, 1))).toMatchObject({ value: { outcome: 'late' } });
    expect(ledger.jobs.get(JOB)?.charge).toBe(0n);
  });
});

describe('endCancelled', () => {
  const stop = (ledger: MemoryLedger, output: number) =>
    ledger.stop(JOB, T0, {
      ordinal: 1,
      attempt: 1,
      price: beginOrder(1).price,
      meters: use({ input: output === 0 ? 0 : 100, output, calls: 1 }),
      unmetered: true,
      resultRef: null,
      resultBytes: 0,
      providerRequestId: null,
      region: null,
      latencyMs: 5,
    });

  it('[F21] charges what had been produced', () => {
    const ledger = jobOn('100');
    ledger.begin(JOB, T0, beginOrder(1));
    expect(stop(ledger, 200)).toMatchObject({ value: { outcome: 'cancelled', charge: '330000' } });
    expect(ledger.attemptsOf(JOB, 1)).toMatchObject([{ state: 'ended', chargeClass: 'billable', fault: 'cancelled' }]);
    expect(ledger.steps.get(`${JOB}:1`)).toMatchObject({
      state: 'abandoned',
      charge: 330_000n,
      paidFrom: [{ lotId: 'lot_1', amount: 330_000n }],
    });
  });

  it('[F21] is not begun again by a try that did not hear of it', () => {
    const ledger = jobOn('100');
    ledger.begin(JOB, T0, beginOrder(1));
    stop(ledger, 200);
    const before = ledger.jobs.get(JOB);
    expect(ledger.begin(JOB, T0, beginOrder(1))).toMatchObject({
      value: { outcome: 'ended_before', charge: '330000' },
    });
    expect(ledger.attemptsOf(JOB, 1)).toHaveLength(1);
    expect(ledger.jobs.get(JOB)).toEqual(before);
  });

  it('[F21] never charges more than was held, whatever the count says', () => {
    const ledger = jobOn('100');
    ledger.begin(JOB, T0, beginOrder(1));
    const most = held(ledger);
    expect(stop(ledger, 900_000)).toMatchObject({ value: { charge: most.toString() } });
    expect(held(ledger)).toBe(0n);
    expect(ledger.steps.get(`${JOB}:1`)?.writtenOff).toBeGreaterThan(0n);
  });

  it('[F21] charges nothing where nothing had come, not even the smallest charge', () => {
    const ledger = jobOn('100');
    ledger.begin(JOB, T0, beginOrder(1));
    stop(ledger, 0);
    expect(ledger.attemptsOf(JOB, 1)).toMatchObject([{ chargeClass: 'user_fault', fault: 'cancelled' }]);
    const settled = ledger.settle(JOB, T0, {
      state: 'cancelled',
      reason: 'cancelled',
      minimumCharge: creditsOf('0.1'),
    });
    expect(settled).toMatchObject({ ok: true, value: { charge: '0' } });
  });

  it('moves no money where its attempt was closed before', () => {
    const ledger = jobOn('100');
    ledger.begin(JOB, T0, beginOrder(1));
    ledger.begin(JOB, T0, beginOrder(1));
    expect(stop(ledger, 200)).toMatchObject({ value: { outcome: 'late' } });
    expect(ledger.jobs.get(JOB)?.charge).toBe(0n);
  });
});

describe('changeBudget', () => {
  const plan = { name: 'premium', maxCredits: creditsOf('500') };
  const budget = (credits: string) => ({
    maxCredits: creditsOf(credits),
    plan,
    limits: { maxCredits: creditsOf('50') },
  });

  it('sets another ceiling and holds nothing for it', () => {
    const ledger = jobOn('100');
    const before = held(ledger);
    expect(ledger.changeBudget(JOB, T0, budget('30'))).toMatchObject({ value: { maxCredits: '30000000' } });
    expect([ledger.jobs.get(JOB)?.maxCredits, held(ledger)]).toEqual([creditsOf('30'), before]);
  });

  it('refuses what the step in flight may pass, and what the bot may not have', () => {
    const ledger = jobOn('100');
    ledger.begin(JOB, T0, beginOrder(1));
    expect(ledger.changeBudget(JOB, T0, budget('0.2'))).toMatchObject({ refusal: { code: 'budget_below_spent' } });
    expect(ledger.changeBudget(JOB, T0, budget('51'))).toMatchObject({
      refusal: { code: 'budget_over_limit', limit: creditsOf('50'), limitedBy: 'bot' },
    });
    const visitorPlan = { name: 'visitor', maxCredits: creditsOf('40') };
    expect(ledger.changeBudget(JOB, T0, { ...budget('41'), visitorPlan })).toMatchObject({
      refusal: { code: 'budget_over_limit', limit: creditsOf('40'), plan: 'visitor', limitedBy: 'visitor_plan' },
    });
    ledger.settle(JOB, T0, { state: 'cancelled', reason: 'cancelled', minimumCharge: creditsOf('0.1') });
    expect(ledger.changeBudget(JOB, T0, budget('30'))).toMatchObject({ refusal: { code: 'job_ended' } });
  });
});

describe('mayBringCredits', () => {
  it('is what may let a waiting job go on, and a pause only where it gave something back', () => {
    const event = (type: string, payload: object = {}) => mayBringCredits({ type, payload });
    const ofScopes = ['credits.granted', 'credits.grown', 'limits.changed', 'subscription.changed', 'terms.changed'];
    const types = [...ofScopes, 'job.ended', 'job.refunded', 'step.started'];
    expect(types.filter((type) => !event(type))).toEqual([]);
    expect(['step.ended', 'credits.lapsed', 'job.accepted'].filter((type) => event(type))).toEqual([]);
    expect(event('job.awaiting_credits', { released: '0.000000' })).toBe(false);
    expect(event('job.awaiting_credits', { released: '1.000000' })).toBe(true);
  });
});
