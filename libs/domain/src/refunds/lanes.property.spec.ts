// Goal: whatever automatic refunds, support and reviews ask for of one job's steps, in any order and at any time, each
// step comes back at most once, the job never nets below 0, and a preview says exactly what is posted. Method: random
// orders of all three lanes on a ledger in memory, with lots that end meanwhile.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryLedger } from '../../../../test/harness/memory-ledger.js';
import {
  admitOrder,
  after,
  beginOrder,
  creditsOf,
  endOrder,
  grantOrder,
  HOUR,
  T0,
  USE_OF_0_6,
} from '../../../../test/harness/orders.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, parseMicroCredits, ZERO } from '../amounts/micro-credits.js';
import { planStepRefund } from '../jobs/refund-steps.js';
import { leftOf } from '../jobs/shares.js';
import { consumedAccount, endUserScope } from '../ledger/entry.js';
import { mayPay } from '../ledger/payer.js';
import type { LoopFinding } from '../loops/finding.js';
import { DEFAULT_REFUND_CAP } from '../loops/refund.js';
import { NO_USE } from '../metering/meters.js';

const JOB = 'job_1';
const LANES = ['auto', 'support', 'review'] as const;
const MOST_STEPS = 6;

interface Ask {
  readonly lane: (typeof LANES)[number];
  readonly ordinals: readonly number[];
  readonly hours: number;
}

const asks = fc.array(
  fc.record({
    lane: fc.constantFrom(...LANES),
    ordinals: fc.uniqueArray(fc.integer({ min: 1, max: MOST_STEPS }), { minLength: 1, maxLength: MOST_STEPS }),
    hours: fc.integer({ min: 0, max: 3 }),
  }),
  { minLength: 1, maxLength: 8 },
);
const uses = fc.array(fc.constantFrom('0.6' as const, '0' as const), { minLength: 1, maxLength: MOST_STEPS });

/** Paid first from a lot that soon ends, then from one without end. */
function charged(steps: readonly ('0.6' | '0')[], settles: boolean): MemoryLedger {
  const ledger = new MemoryLedger('acc_1');
  ledger.grant(T0, grantOrder({ lotId: 'lot_soon', amount: creditsOf('1'), expiresAt: after(T0, 2 * HOUR) }));
  ledger.grant(T0, grantOrder({ lotId: 'lot_ever' }));
  ledger.admit(T0, admitOrder(JOB));
  steps.forEach((use, index) => {
    ledger.begin(JOB, T0, beginOrder(index + 1));
    ledger.end(JOB, T0, endOrder(index + 1, 1, { meters: use === '0' ? NO_USE : USE_OF_0_6 }));
  });
  const ending = { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') } as const;
  if (settles) ledger.settle(JOB, T0, ending);
  return ledger;
}

const jobOf = (ledger: MemoryLedger) => {
  const job = ledger.jobs.get(JOB);
  if (job === undefined) throw new Error('no job');
  return job;
};
const stepsOf = (ledger: MemoryLedger) => [...ledger.steps.values()];
const foreseen = (ledger: MemoryLedger, ordinals: readonly number[]): MicroCredits =>
  planStepRefund({ job: jobOf(ledger), hold: ledger.holdOf(JOB), steps: stepsOf(ledger) }, ordinals)?.refund.amount ??
  ZERO;

function finding(ledger: MemoryLedger, ordinals: readonly number[]): LoopFinding {
  const there = ordinals.filter((ordinal) => stepsOf(ledger).some((step) => step.ordinal === ordinal));
  const refs = there.map((ordinal) => ({ jobId: JOB, ordinal }));
  const at = { jobId: JOB, ordinal: 1 };
  return {
    ...{ signal: 'equal_errors', foundAt: at, stream: null, steps: refs, firstHonestStep: at, threshold: 3 },
    ...{ period: null, subject: 'check', fingerprint: 'f', cause: 'platform_fault', confidence: 'high' },
    ...{ remedy: 'refund', payers: ['acc_1'], repeats: refs, refundableSteps: refs },
  };
}

/** What came back by it. */
function play(ledger: MemoryLedger, { lane, ordinals, hours }: Ask, number: number): MicroCredits {
  const at = after(T0, hours * HOUR);
  const before = jobOf(ledger).refunded;
  const fresh = { fromDailyLotId: `lot_daily_${number}`, lotId: `lot_fresh_${number}`, sourceRef: `refund/${number}` };
  if (lane === 'auto') {
    const found = finding(ledger, ordinals);
    ledger.note(JOB, at, { number, finding: found, cap: DEFAULT_REFUND_CAP, compensationFor: () => fresh });
  } else {
    const form = lane === 'review' ? 'compensation' : 'origin_while_live';
    const outcome = ledger.refundSteps(JOB, at, { ordinals, form, compensation: fresh });
    if (!outcome.ok) expect(outcome.refusal.code).toBe('nothing_refundable');
    else expect(parseMicroCredits(outcome.value.amount)).toBe(jobOf(ledger).refunded - before);
  }
  return (jobOf(ledger).refunded - before) as MicroCredits;
}

function expectLaws(ledger: MemoryLedger): void {
  const job = jobOf(ledger);
  expect(job.refunded).toBeLessThanOrEqual(job.charge);
  const returned = ledger.entries.filter(({ from }) => from === consumedAccount(ledger.scopeId));
  expect(add(ZERO, ...returned.map(({ amount }) => amount))).toBe(job.refunded);
  for (const { ordinal, charge, paidFrom } of stepsOf(ledger)) {
    const own = returned.filter(({ stepOrdinal }) => stepOrdinal === ordinal).map(({ amount }) => amount);
    expect(add(ZERO, ...own)).toBeLessThanOrEqual(charge);
    expect(add(ZERO, ...own)).toBe(charge - leftOf(paidFrom));
  }
}

/** A job of a free visitor at a bot whose owner lets some in. */
function freeVisitor(): { readonly ledger: MemoryLedger; readonly used: () => MicroCredits } {
  const limit = { kind: 'free_reserve', subject: 'bot_1' } as const;
  const ledger = new MemoryLedger('acc_1');
  ledger.grant(T0, grantOrder({ lotId: 'lot_plan', kind: 'subscription' }));
  ledger.setLimits(T0, [{ ...limit, period: 'total', amount: creditsOf('10') }]);
  const payer = { funding: 'free_visitor', publicMayUseBonus: false } as const;
  ledger.admit(T0, admitOrder(JOB, { payer, limitRefs: [limit] }));
  ledger.begin(JOB, T0, beginOrder(1));
  ledger.end(JOB, T0, endOrder(1, 1));
  ledger.settle(JOB, T0, { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') });
  return { ledger, used: () => add(ZERO, ...[...ledger.snapshot.counters.values()].map(({ used }) => used)) };
}

describe('the three lanes of refunds', () => {
  it('[F14] [X13] together never give back more than was charged, of no step twice, in any order', () => {
    fc.assert(
      fc.property(uses, asks, fc.boolean(), (steps, wishes, settles) => {
        const ledger = charged(steps, settles);
        wishes.forEach((wish, index) => {
          const expected = foreseen(ledger, wish.ordinals);
          expect(play(ledger, wish, index + 1)).toBe(expected);
          expect(foreseen(ledger, wish.ordinals)).toBe(ZERO);
          expectLaws(ledger);
        });
        const all = steps.map((_, index) => index + 1);
        play(ledger, { lane: 'support', ordinals: all, hours: 3 }, 99);
        expectLaws(ledger);
        expect(jobOf(ledger).refunded).toBe(jobOf(ledger).charge);
      }),
    );
  });

  it('[X14] [E33] reviews restore lots of their own, always; support goes home till its origin ends', () => {
    const home = charged(['0.6'], true);
    play(home, { lane: 'support', ordinals: [1], hours: 1 }, 1);
    expect([...home.snapshot.lots.values()].map(({ kind }) => kind)).not.toContain('compensation');
    const ended = charged(['0.6'], true);
    play(ended, { lane: 'support', ordinals: [1], hours: 3 }, 1);
    const reviewed = charged(['0.6'], true);
    play(reviewed, { lane: 'review', ordinals: [1], hours: 1 }, 1);
    for (const ledger of [ended, reviewed]) {
      const made = [...ledger.snapshot.lots.values()].filter(({ kind }) => kind === 'compensation');
      expect(made).toMatchObject([{ granted: creditsOf('0.6'), expiresAt: null }]);
    }
  });

  it('[F14] return to the scope of whoever paid: a visitor’s to that visitor at that bot, to be spent there', () => {
    const scopeId = endUserScope('bot_1', 'vis_1');
    const payer = { funding: 'end_user', publicMayUseBonus: false } as const;
    const visitor = new MemoryLedger('acc_1', scopeId);
    visitor.grant(T0, grantOrder({ lotId: 'lot_pack', kind: 'eu_pack', amount: creditsOf('1') }));
    visitor.admit(T0, admitOrder(JOB, { scopeId, payer }));
    visitor.begin(JOB, T0, beginOrder(1));
    visitor.end(JOB, T0, endOrder(1, 1));
    visitor.settle(JOB, T0, { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') });
    expect(play(visitor, { lane: 'review', ordinals: [1], hours: 1 }, 1)).toBe(creditsOf('0.6'));
    const lots = [...visitor.snapshot.lots.values()];
    expect(lots.map(({ kind, open }) => [kind, open])).toEqual([
      ['eu_pack', creditsOf('0.4')],
      ['compensation', creditsOf('0.6')],
    ]);
    expect(lots.every(({ kind }) => mayPay(payer, kind))).toBe(true);
    expectLaws(visitor);
  });

  it('[F14] a free visitor’s return to the account, and to the reserve that they were taken from', () => {
    const { ledger, used } = freeVisitor();
    expect(used()).toBe(creditsOf('0.6'));
    play(ledger, { lane: 'support', ordinals: [1], hours: 0 }, 1);
    expect(used()).toBe(ZERO);
    expect(ledger.availableAt(T0)).toBe(creditsOf('100'));
  });

  it('[E39] [E40] of ten steps the four faulty ones come back, and not what came back before', () => {
    const ledger = charged(
      Array.from({ length: 10 }, () => '0.6' as const),
      true,
    );
    play(ledger, { lane: 'auto', ordinals: [9], hours: 0 }, 1);
    expect(play(ledger, { lane: 'review', ordinals: [7, 8, 9, 10], hours: 0 }, 2)).toBe(creditsOf('1.8'));
    expect(play(ledger, { lane: 'review', ordinals: [7, 8, 9, 10], hours: 0 }, 3)).toBe(ZERO);
  });
});
