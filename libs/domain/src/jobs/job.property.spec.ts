// Goal: whatever jobs of one account do side by side, none is charged beyond its budget and none leaves a hold behind.
// Method: random orders to a ledger in memory, at instants that rise and lots that end.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryLedger } from '../../../../test/harness/memory-ledger.js';
import {
  admitOrder,
  after,
  beginOrder,
  creditsOf,
  endOrder,
  failOrder,
  grantOrder,
  priceFor,
  T0,
  use,
  wishFor,
} from '../../../../test/harness/orders.js';
import { anyOrder, OPENING, type RandomOrder } from '../../../../test/harness/random-orders.js';
import { capturedOf, heldOf } from '../ledger/hold.js';
import type { JobFacts } from './facts.js';
import { hasEnded } from './job.js';
import { inputTokensUpTo, tokenCharge, worstCase } from '../pricing/charge.js';

const MINIMUM = creditsOf('0.1');

/** An end or a failure of an attempt that never began is a bug of the caller: it is left out. */
function give(ledger: MemoryLedger, one: RandomOrder, number: number): void {
  const now = after(ledger.lastEffectiveAt > T0 ? ledger.lastEffectiveAt : T0, one.wait);
  const known =
    'attempt' in one && ledger.attemptsOf(one.jobId, one.ordinal).some((some) => some.number === one.attempt);
  switch (one.verb) {
    case 'grant': {
      const expiresAt = one.lives === null ? null : after(now, one.lives);
      ledger.grant(now, grantOrder({ lotId: `lot_${number}`, amount: one.amount, expiresAt }));
      return;
    }
    case 'admit':
      ledger.admit(now, admitOrder(one.jobId, { wish: wishFor({ maxCredits: one.budget }) }));
      return;
    case 'begin':
      expectCovered(ledger, one, ledger.begin(one.jobId, now, beginOrder(one.ordinal, { inputBytes: one.inputBytes })));
      return;
    case 'end':
      if (known) ledger.end(one.jobId, now, endOrder(one.ordinal, one.attempt, { meters: use(one.tokens) }));
      return;
    case 'fail':
      if (known) ledger.fail(one.jobId, now, failOrder(one.ordinal, one.attempt));
      return;
    case 'settle':
      ledger.settle(one.jobId, now, { state: 'completed', reason: 'finished', minimumCharge: MINIMUM });
      return;
  }
}

/** Once a step has begun, the longest answer it may ask for is paid for by what its job holds. */
function expectCovered(
  ledger: MemoryLedger,
  one: Extract<RandomOrder, { verb: 'begin' }>,
  begun: ReturnType<MemoryLedger['begin']>,
): void {
  if (!begun.ok || begun.value.outcome !== 'begun') return;
  const worst = worstCase(priceFor().rates, inputTokensUpTo(one.inputBytes, 1), begun.value.maxOutputTokens);
  const hold = ledger.holdOf(one.jobId);
  expect(hold !== null && heldOf(hold) >= worst).toBe(true);
}

function always(check: (ledger: MemoryLedger, before: ReadonlyMap<string, JobFacts>) => void): void {
  fc.assert(
    fc.property(fc.array(anyOrder, { maxLength: 50 }), (orders) => {
      const ledger = new MemoryLedger('acc_1');
      for (const [number, one] of [...OPENING, ...orders].entries()) {
        const before = new Map(ledger.jobs);
        give(ledger, one, number);
        check(ledger, before);
      }
    }),
    { numRuns: 200 },
  );
}

const sum = (amounts: Iterable<bigint>): bigint => [...amounts].reduce((a, b) => a + b, 0n);

describe('jobs side by side', () => {
  it('[C9] refund.at-most-charged: a charge never passes the budget of its job, and a refund never the charge', () => {
    always((ledger) => {
      for (const job of ledger.jobs.values()) {
        expect(job.charge <= job.maxCredits).toBe(true);
        expect(job.refunded >= 0n && job.refunded <= job.charge).toBe(true);
      }
    });
  });

  it('[C28] a charge is its steps and its minimum line, each step its meters at its price, as far as paid', () => {
    always((ledger) => {
      for (const job of ledger.jobs.values()) {
        const steps = [...ledger.steps.values()].filter((step) => step.jobId === job.id);
        expect(job.charge).toBe(sum(steps.map((step) => step.charge)) + job.minimumCharge);
        for (const step of steps) {
          const billable = ledger.attemptsOf(job.id, step.ordinal).filter((one) => one.chargeClass === 'billable');
          expect(billable.length).toBe(step.state === 'ended' ? 1 : 0);
          const metered = billable.map((one) => tokenCharge(priceFor().rates, one.meters));
          expect(step.charge + step.writtenOff).toBe(sum(metered));
        }
      }
    });
  });

  it('hold.captured-at-most-held: what was captured is what was charged, and what is held is what the job says', () => {
    always((ledger) => {
      for (const job of ledger.jobs.values()) {
        const hold = ledger.holdOf(job.id);
        if (hold === null) throw new Error('a job without a hold');
        expect([capturedOf(hold), heldOf(hold)]).toEqual([job.charge, job.held]);
      }
    });
  });

  it('hold.ends-once: an ended job holds nothing, and nothing about its money ever changes again', () => {
    always((ledger, before) => {
      for (const job of ledger.jobs.values()) {
        expect(ledger.holdOf(job.id)?.state === 'held').toBe(!hasEnded(job.state));
        const earlier = before.get(job.id);
        if (earlier !== undefined && hasEnded(earlier.state)) expect(job).toBe(earlier);
      }
    });
  });

  it('[C7] an open job always keeps enough set aside to pay the minimum it may still owe', () => {
    always((ledger) => {
      for (const job of ledger.jobs.values()) {
        if (!hasEnded(job.state)) expect(job.charge + job.held >= MINIMUM).toBe(true);
        else if (job.billableSteps > 0) expect(job.charge).toBeGreaterThanOrEqual(MINIMUM);
        else expect(job.charge).toBe(0n);
      }
    });
  });

  it('job.no-provider-call-without-hold: a step begins with its worst case held and has one open attempt', () => {
    always((ledger) => {
      const open = [...ledger.attempts.values()].filter((one) => one.state === 'open');
      const steps = new Set(open.map((one) => `${one.jobId}:${one.ordinal}`));
      expect(steps.size).toBe(open.length);
      for (const one of open) expect(hasEnded(ledger.jobs.get(one.jobId)?.state ?? 'failed')).toBe(false);
    });
  });

  it('available.equals-entries: lots are what the entries of all jobs left of them', () => {
    always((ledger) => {
      const last = new Map(ledger.entries.flatMap((entry) => (entry.lotId === null ? [] : [[entry.lotId, entry]])));
      for (const lot of ledger.snapshot.lots.values()) {
        expect(last.get(lot.id)).toMatchObject({ lotOpenAfter: lot.open, lotHeldAfter: lot.held });
      }
    });
  });
});
