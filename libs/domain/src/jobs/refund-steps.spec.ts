// Goal: a refund of steps gives back what they paid, once, to where it came from; the smallest charge goes along with
// the last billable step and not before; a loop's refund is made or handed to a person as a whole.
import { describe, expect, it } from '@jest/globals';
import {
  admitOrder,
  beginOrder,
  creditsOf,
  endOrder,
  grantOrder,
  T0,
  USE_OF_0_6,
} from '../../../../test/harness/orders.js';
import { MemoryLedger } from '../../../../test/harness/memory-ledger.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { LoopFinding } from '../loops/finding.js';
import { DEFAULT_REFUND_CAP } from '../loops/refund.js';
import { NO_USE } from '../metering/meters.js';
import type { JobFacts } from './facts.js';
import type { LoopGround } from './note-loop.js';
import { noteLoop } from './note-loop.js';
import { refundSteps } from './refund-steps.js';

const JOB = 'job_1';
const compensation = { fromDailyLotId: 'lot_daily', lotId: 'lot_fresh', sourceRef: 'refund/job_1/finding/1' };
const NOTHING = creditsOf('0');

/** Each figure is what one step uses; a step of nothing is billable all the same. */
function charged(uses: readonly ('0.6' | '0')[]): MemoryLedger {
  const ledger = new MemoryLedger('acc_1');
  ledger.grant(T0, grantOrder({ lotId: 'lot_1' }));
  ledger.admit(T0, admitOrder(JOB));
  uses.forEach((amount, index) => {
    const ordinal = index + 1;
    ledger.begin(JOB, T0, beginOrder(ordinal));
    ledger.end(JOB, T0, endOrder(ordinal, 1, { meters: amount === '0' ? NO_USE : USE_OF_0_6 }));
  });
  ledger.settle(JOB, T0, { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') });
  return ledger;
}

function groundOf(ledger: MemoryLedger, window = { charged: NOTHING, refunded: NOTHING }): LoopGround {
  const steps = [...ledger.steps.values()].filter((step) => step.jobId === JOB);
  return { snapshot: ledger.snapshot, at: T0, job: jobOf(ledger), hold: ledger.holdOf(JOB), steps, window };
}

function jobOf(ledger: MemoryLedger): JobFacts {
  const job = ledger.jobs.get(JOB);
  if (job === undefined) throw new Error('no job');
  return job;
}

function refund(ledger: MemoryLedger, ...ordinals: number[]): MicroCredits | string {
  const before = jobOf(ledger).refunded;
  const order = { ordinals, form: 'origin_while_live', compensation } as const;
  const outcome = ledger.post(T0, () => refundSteps(groundOf(ledger), order));
  return outcome.ok ? ((jobOf(ledger).refunded - before) as MicroCredits) : outcome.refusal.code;
}

describe('a refund of steps', () => {
  it('[F14] gives each step back once, whoever asks and however often', () => {
    const ledger = charged(['0.6', '0.6', '0.6']);
    expect(refund(ledger, 2)).toBe(creditsOf('0.6'));
    expect(refund(ledger, 2)).toBe('nothing_refundable');
    expect(refund(ledger, 1, 2, 3)).toBe(creditsOf('1.2'));
    expect(jobOf(ledger)).toMatchObject({ charge: creditsOf('1.8'), refunded: creditsOf('1.8') });
    expect(ledger.availableAt(T0)).toBe(creditsOf('100'));
  });

  it('names its step in every entry', () => {
    const ledger = charged(['0.6', '0.6', '0.6']);
    const before = ledger.entries.length;
    refund(ledger, 1, 3);
    expect(ledger.entries.slice(before).map((entry) => [entry.stepOrdinal, entry.amount])).toEqual([
      [1, creditsOf('0.6')],
      [3, creditsOf('0.6')],
    ]);
  });

  it('[edge 46] takes the smallest charge along with the last billable step, and leaves it before', () => {
    const ledger = charged(['0', '0']);
    expect(jobOf(ledger)).toMatchObject({ charge: creditsOf('0.1'), minimumCharge: creditsOf('0.1') });
    expect(refund(ledger, 1)).toBe('nothing_refundable');
    expect(refund(ledger, 1, 2)).toBe(creditsOf('0.1'));
    expect(refund(ledger, 1, 2)).toBe('nothing_refundable');
  });
});

describe('a loop that was found', () => {
  const at = (ordinal: number) => ({ jobId: JOB, ordinal });
  const finding = (remedy: LoopFinding['remedy'], ...ordinals: number[]): LoopFinding => ({
    signal: 'equal_errors',
    foundAt: at(3),
    stream: null,
    steps: [1, 2, 3].map(at),
    firstHonestStep: at(1),
    threshold: 3,
    period: null,
    subject: 'check',
    fingerprint: 'f',
    cause: remedy === 'refund' ? 'platform_fault' : 'user_fault',
    confidence: 'high',
    remedy,
    payers: ['acc_1'],
    repeats: ordinals.map(at),
    refundableSteps: remedy === 'refund' ? ordinals.map(at) : [],
  });
  const note = (ledger: MemoryLedger, found: LoopFinding, window?: LoopGround['window']) => {
    const order = { number: 1, finding: found, cap: DEFAULT_REFUND_CAP, compensation };
    const outcome = ledger.post(T0, () => noteLoop(groundOf(ledger, window), order));
    if (!outcome.ok) throw new Error(outcome.refusal.code);
    return [outcome.value.action, outcome.value.amount, jobOf(ledger).refunded];
  };

  it('[F11] gives the repeats back at once where it was ours, and nothing where it was not', () => {
    expect(note(charged(['0.6', '0.6', '0.6']), finding('refund', 2, 3))).toEqual([
      'refunded',
      '1.200000',
      creditsOf('1.2'),
    ]);
    expect(note(charged(['0.6', '0.6', '0.6']), finding('offer_review', 2, 3))).toEqual(['stopped', '0.000000', 0n]);
    expect(note(charged(['0.6', '0.6', '0.6']), finding('record', 2, 3))).toEqual(['recorded', '0.000000', 0n]);
  });

  it('hands a refund that would pass the cap to a person as a whole, the job itself counting in the base', () => {
    const window = (charge: string, refunded: string) => ({
      charged: creditsOf(charge),
      refunded: creditsOf(refunded),
    });
    const loop = finding('refund', 2, 3);
    const job = (): MemoryLedger => charged(['0.6', '0.6', '0.6']);
    expect(note(job(), loop, window('0', '8.8'))).toEqual(['refunded', '1.200000', creditsOf('1.2')]);
    expect(note(job(), loop, window('0', '8.800001'))).toEqual(['review', '0.000000', 0n]);
    // A fifth of 98.2 and the job's own 1.8.
    expect(note(job(), loop, window('98.2', '18.8'))).toEqual(['refunded', '1.200000', creditsOf('1.2')]);
    expect(note(job(), loop, window('98.199999', '18.8'))).toEqual(['review', '0.000000', 0n]);
  });
});
