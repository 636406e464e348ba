// Goal: a step begins with its worst case held and ends with what it used captured, once. Method: jobs in memory.
import { describe, expect, it } from '@jest/globals';
import { MemoryLedger } from '../../../../test/harness/memory-ledger.js';
import {
  admitOrder,
  after,
  beginOrder,
  botTerms,
  byTokens,
  cardWith,
  creditsOf,
  endOrder,
  failOrder,
  grantOrder,
  priceFor,
  T0,
  use,
  USE_OF_0_6,
  wishFor,
} from '../../../../test/harness/orders.js';
import { InvariantViolation } from '../failures/invariant.js';
import { heldOf } from '../ledger/hold.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { SettleOrder } from './settle.js';

const JOB = 'job_1';
const FINISHED: SettleOrder = { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') };

interface Opening {
  readonly credits?: string;
  readonly budget?: string;
}

function openJob({ credits = '100', budget = '20' }: Opening = {}): MemoryLedger {
  const ledger = new MemoryLedger('acc_1');
  ledger.grant(T0, grantOrder({ lotId: 'lot_1', amount: creditsOf(credits) }));
  const admitted = ledger.admit(T0, admitOrder(JOB, { wish: wishFor({ maxCredits: creditsOf(budget) }) }));
  if (!admitted.ok) throw new Error(`not admitted: ${admitted.refusal.code}`);
  return ledger;
}

const heldBy = (ledger: MemoryLedger): bigint => {
  const hold = ledger.holdOf(JOB);
  return hold === null ? 0n : heldOf(hold);
};
const job = (ledger: MemoryLedger): NonNullable<ReturnType<MemoryLedger['jobs']['get']>> => {
  const found = ledger.jobs.get(JOB);
  if (found === undefined) throw new Error('no job');
  return found;
};

describe('beginStep', () => {
  it('[F4] holds the step in hand afresh: the same worst case again, not one more', () => {
    const ledger = openJob();
    ledger.begin(JOB, T0, beginOrder(1));
    const held = heldBy(ledger);
    ledger.end(JOB, T0, endOrder(1, 1));
    ledger.begin(JOB, T0, beginOrder(2));
    expect(heldBy(ledger)).toBe(held);
    expect(job(ledger).held).toBe(held);
  });

  it('[F3] job.no-provider-call-without-hold: refuses when live lots do not reach, and opens no attempt', () => {
    const ledger = openJob({ credits: '2.2' });
    ledger.begin(JOB, T0, beginOrder(1));
    ledger.end(JOB, T0, endOrder(1, 1, { meters: use({ output: 1_450 }) }));
    const entries = ledger.entries.length;
    expect(ledger.begin(JOB, T0, beginOrder(2))).toMatchObject({ refusal: { code: 'credits_exhausted' } });
    expect([ledger.entries.length, ledger.attemptsOf(JOB, 2)]).toEqual([entries, []]);
  });

  it('[C9] refuses a step that its budget cannot bear, though the account could', () => {
    const ledger = openJob({ budget: '2.2' });
    ledger.begin(JOB, T0, beginOrder(1));
    ledger.end(JOB, T0, endOrder(1, 1, { meters: use({ output: 1_450 }) }));
    expect(ledger.begin(JOB, T0, beginOrder(2))).toMatchObject({
      refusal: { code: 'budget_too_small', budget: 25_000n },
    });
  });

  it('[F8] closes an attempt that was left open as our fault, uncharged, before it opens the next', () => {
    const ledger = openJob();
    ledger.begin(JOB, T0, beginOrder(1));
    expect(ledger.begin(JOB, T0, beginOrder(1))).toMatchObject({ value: { outcome: 'begun', attempt: 2 } });
    expect(ledger.attemptsOf(JOB, 1)).toMatchObject([
      { number: 1, state: 'closed', chargeClass: 'platform_fault', fault: 'superseded' },
      { number: 2, state: 'open' },
    ]);
  });

  it('answers a step that ended before with what it came to, and moves nothing', () => {
    const ledger = openJob();
    ledger.begin(JOB, T0, beginOrder(1));
    ledger.end(JOB, T0, endOrder(1, 1, { verdict: 'approved' }));
    const entries = ledger.entries.length;
    expect(ledger.begin(JOB, T0, beginOrder(1))).toMatchObject({
      value: { outcome: 'ended_before', verdict: 'approved', charge: '600000' },
    });
    expect([ledger.entries.length, ledger.attemptsOf(JOB, 1).length]).toEqual([entries, 1]);
  });
});

describe('endStep', () => {
  it('price.pinned: [C28] charges the meters at the price it is handed, whatever a newer card says', () => {
    const ledger = openJob();
    ledger.begin(JOB, T0, beginOrder(1));
    expect(ledger.end(JOB, T0, endOrder(1, 1))).toMatchObject({ value: { outcome: 'ended', charge: '600000' } });
    expect(ledger.steps.get(`${JOB}:1`)).toMatchObject({ charge: 600_000n, chargeClass: 'billable' });
    expect(job(ledger)).toMatchObject({ rateCardId: 'card_test', charge: 600_000n });
  });

  it('[edge 28] ends a step once: a late end keeps its meters and moves no money', () => {
    const ledger = openJob();
    ledger.begin(JOB, T0, beginOrder(1));
    ledger.begin(JOB, T0, beginOrder(1));
    const entries = ledger.entries.length;
    expect(ledger.end(JOB, T0, endOrder(1, 1))).toMatchObject({ value: { outcome: 'late' } });
    expect(ledger.attemptsOf(JOB, 1)[0]).toMatchObject({
      state: 'closed',
      chargeClass: 'platform_fault',
      meters: USE_OF_0_6,
    });
    expect([ledger.entries.length, job(ledger).charge]).toEqual([entries, 0n]);
    ledger.end(JOB, T0, endOrder(1, 2));
    expect(job(ledger)).toMatchObject({ charge: 600_000n, stepsEnded: 1, billableSteps: 1 });
  });

  it('[C28] keeps the meters that a charge was made from, whoever reports others afterwards', () => {
    const ledger = openJob();
    ledger.begin(JOB, T0, beginOrder(1));
    ledger.end(JOB, T0, endOrder(1, 1));
    const before = ledger.attemptsOf(JOB, 1);
    expect(ledger.end(JOB, T0, endOrder(1, 1, { meters: use({ input: 9 }) }))).toMatchObject({
      value: { outcome: 'late' },
    });
    expect(ledger.fail(JOB, T0, failOrder(1, 1))).toMatchObject({ value: { outcome: 'late' } });
    expect(ledger.attemptsOf(JOB, 1)).toEqual(before);
  });

  it('[edge 21] charges an overrun within the budget and writes the rest off', () => {
    const ledger = openJob({ budget: '3' });
    ledger.begin(JOB, T0, beginOrder(1, { inputBytes: 100 }));
    ledger.end(JOB, T0, endOrder(1, 1, { meters: use({ output: 4_000 }) }));
    expect(job(ledger)).toMatchObject({ charge: 3_000_000n, writtenOff: 3_000_000n });
    expect(ledger.entries.at(-1)).toMatchObject({ from: 'written_off', amount: 3_000_000n });
  });

  it('[edge 51] charges the input of an answer that is empty', () => {
    const ledger = openJob();
    ledger.begin(JOB, T0, beginOrder(1));
    expect(ledger.end(JOB, T0, endOrder(1, 1, { meters: use({ input: 1_000 }) }))).toMatchObject({
      value: { charge: '300000' },
    });
  });

  it('job.no-provider-call-without-hold: breaks off at an attempt that never began', () => {
    const ledger = openJob();
    ledger.begin(JOB, T0, beginOrder(1));
    expect(() => ledger.end(JOB, T0, endOrder(1, 7))).toThrow(InvariantViolation);
  });
});

describe('failAttempt', () => {
  it('[F8] lists three attempts and charges the one that succeeded', () => {
    const ledger = openJob();
    for (const attempt of [1, 2]) {
      ledger.begin(JOB, T0, beginOrder(1));
      expect(ledger.fail(JOB, T0, failOrder(1, attempt))).toMatchObject({ value: { outcome: 'failed' } });
    }
    ledger.begin(JOB, T0, beginOrder(1));
    ledger.end(JOB, T0, endOrder(1, 3));
    expect(ledger.attemptsOf(JOB, 1)).toMatchObject([
      { chargeClass: 'platform_fault', fault: 'unavailable', meters: { input: 10 } },
      { chargeClass: 'platform_fault', fault: 'unavailable' },
      { chargeClass: 'billable', fault: null },
    ]);
    expect(job(ledger)).toMatchObject({ charge: 600_000n, billableSteps: 1 });
  });

  it('[edge 46] [edge 52] charges nothing for a job of platform faults alone, not even the minimum', () => {
    const ledger = openJob();
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      ledger.begin(JOB, T0, beginOrder(1));
      ledger.fail(JOB, T0, failOrder(1, attempt));
    }
    ledger.settle(JOB, T0, { ...FINISHED, state: 'failed', reason: 'provider_failed' });
    expect(job(ledger)).toMatchObject({ charge: 0n, minimumCharge: 0n, held: 0n });
    expect(ledger.holdOf(JOB)).toMatchObject({ state: 'released' });
    expect(ledger.snapshot.lots.get('lot_1')).toMatchObject({ open: creditsOf('100'), held: 0n });
  });
});

describe('meters that no provider can mean', () => {
  it.each([
    ['a fraction', use({ output: 1.5 })],
    ['below nothing', use({ input: -1 })],
    ['beyond counting', use({ input: Number.MAX_SAFE_INTEGER, output: Number.MAX_SAFE_INTEGER })],
    ['no number', use({ cachedInput: Number.NaN })],
  ])('%s: are refused, by an end and by a failure, and the attempt stays open', (_, meters) => {
    const ledger = openJob();
    ledger.begin(JOB, T0, beginOrder(1));
    const entries = ledger.entries.length;
    const refused = { refusal: { code: 'amount_out_of_range', field: 'meters' } };
    expect(ledger.end(JOB, T0, endOrder(1, 1, { meters }))).toMatchObject(refused);
    expect(ledger.fail(JOB, T0, failOrder(1, 1, { meters }))).toMatchObject(refused);
    expect([ledger.entries.length, ledger.attemptsOf(JOB, 1)[0]?.state]).toEqual([entries, 'open']);
  });
});

describe('settle', () => {
  it('[F6] hold.ends-once: captures what is owed, releases the rest at once, and is refused again', () => {
    const ledger = openJob();
    ledger.begin(JOB, T0, beginOrder(1));
    ledger.end(JOB, T0, endOrder(1, 1));
    expect(ledger.settle(JOB, T0, FINISHED)).toMatchObject({ value: { charge: '600000' } });
    expect(job(ledger)).toMatchObject({ state: 'completed', held: 0n, charge: 600_000n, minimumCharge: 0n });
    expect(ledger.snapshot.lots.get('lot_1')).toMatchObject({ open: creditsOf('99.4'), held: 0n });
    const entries = ledger.entries.length;
    expect(ledger.settle(JOB, T0, FINISHED)).toMatchObject({ refusal: { code: 'job_ended', state: 'completed' } });
    expect(ledger.begin(JOB, T0, beginOrder(2))).toMatchObject({ refusal: { code: 'job_ended' } });
    expect(ledger.entries.length).toBe(entries);
  });

  it('[W4] [C7] tops a raw cost of 0.03 up to 0.1 by a line of its own', () => {
    const ledger = openJob();
    ledger.begin(JOB, T0, beginOrder(1));
    ledger.end(JOB, T0, endOrder(1, 1, { meters: use({ input: 100 }) }));
    ledger.settle(JOB, T0, FINISHED);
    expect(ledger.entries.filter(({ to }) => to === 'consumed:account/acc_1')).toMatchObject([
      { amount: 30_000n, stepOrdinal: 1 },
      { amount: 70_000n, stepOrdinal: null },
    ]);
    expect(job(ledger)).toMatchObject({ charge: 100_000n, minimumCharge: 70_000n });
  });

  it('[C7] keeps what the minimum may still need set aside through every step, however cheap the steps are', () => {
    const nothing = creditsOf('0');
    const rates = { input: nothing, cachedInput: nothing, cacheWrite: nothing, output: nothing, reasoning: nothing };
    const price = priceFor({ rates });
    const ledger = new MemoryLedger('acc_1');
    ledger.grant(T0, grantOrder({ lotId: 'lot_1', amount: creditsOf('0.1') }));
    ledger.admit(T0, admitOrder(JOB, { bot: botTerms({ rateCard: cardWith(price) }) }));
    for (const ordinal of [1, 2]) {
      ledger.begin(JOB, T0, beginOrder(ordinal, { price: byTokens(price) }));
      ledger.end(JOB, T0, endOrder(ordinal, 1, { price: byTokens(price) }));
      expect(heldBy(ledger)).toBe(100_000n);
    }
    ledger.settle(JOB, T0, FINISHED);
    expect(job(ledger)).toMatchObject({ charge: 100_000n, minimumCharge: 100_000n, writtenOff: 0n });
  });

  it('[edge 44] charges 0.0000004 credits of use as the minimum, and 0.100001 exactly', () => {
    const oneMicro = { ...priceFor().rates, input: 1_000_000n as MicroCredits };
    const price = priceFor({ rates: oneMicro });
    for (const [input, charge] of [
      [0, 100_000n],
      [100_001, 100_001n],
    ] as const) {
      const ledger = new MemoryLedger('acc_1');
      ledger.grant(T0, grantOrder({ lotId: 'lot_1' }));
      ledger.admit(T0, admitOrder(JOB, { bot: botTerms({ rateCard: cardWith(price) }) }));
      ledger.begin(JOB, T0, beginOrder(1, { price: byTokens(price) }));
      ledger.end(JOB, T0, endOrder(1, 1, { price: byTokens(price), meters: use({ input }) }));
      ledger.settle(JOB, T0, FINISHED);
      expect(job(ledger).charge).toBe(charge);
    }
  });

  it('closes the attempt in flight, so that its end comes late and moves nothing', () => {
    const ledger = openJob();
    ledger.begin(JOB, T0, beginOrder(1));
    ledger.settle(JOB, T0, { ...FINISHED, state: 'cancelled', reason: 'cancelled' });
    expect(ledger.steps.get(`${JOB}:1`)).toMatchObject({ state: 'abandoned' });
    const entries = ledger.entries.length;
    expect(ledger.end(JOB, after(T0, 5), endOrder(1, 1))).toMatchObject({ value: { outcome: 'late' } });
    expect([ledger.entries.length, job(ledger).charge]).toEqual([entries, 0n]);
  });
});
