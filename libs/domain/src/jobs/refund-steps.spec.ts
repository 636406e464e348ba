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
import type { LoopGround, RefundableJob } from './note-loop.js';
import { noteLoop } from './note-loop.js';
import { refundSteps } from './refund-steps.js';

const JOB = 'job_1';
const compensation = { fromDailyLotId: 'lot_daily', lotId: 'lot_fresh', sourceRef: 'refund/job_1/finding/1' };
const NOTHING = creditsOf('0');

/** Each figure is what one step uses; a step of nothing is billable all the same. */
function charged(uses: readonly ('0.6' | '0')[]): MemoryLedger {
  const ledger = new MemoryLedger('acc_1');
  ledger.grant(T0, grantOrder({ lotId: 'lot_1' }));
  run(ledger, JOB, uses);
  return ledger;
}

function run(ledger: MemoryLedger, jobId: string, uses: readonly ('0.6' | '0')[]): void {
  ledger.admit(T0, admitOrder(jobId));
  uses.forEach((amount, index) => {
    const ordinal = index + 1;
    ledger.begin(jobId, T0, beginOrder(ordinal));
    ledger.end(jobId, T0, endOrder(ordinal, 1, { meters: amount === '0' ? NO_USE : USE_OF_0_6 }));
  });
  ledger.settle(jobId, T0, { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') });
}

function groundOf(ledger: MemoryLedger, window = { charged: NOTHING, refunded: NOTHING }): LoopGround {
  const others = [...ledger.jobs.keys()].filter((id) => id !== JOB).map((id) => partOf(ledger, id));
  return { snapshot: ledger.snapshot, at: T0, ...partOf(ledger, JOB), window, others };
}

function partOf(ledger: MemoryLedger, jobId: string): RefundableJob {
  const steps = [...ledger.steps.values()].filter((step) => step.jobId === jobId);
  return { job: ledger.jobs.get(jobId) ?? null, hold: ledger.holdOf(jobId), steps };
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
    const order = { number: 1, finding: found, cap: DEFAULT_REFUND_CAP, compensationFor: () => compensation };
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

  it('says of a loop of ours that it cost nothing, or that all of it went back before', () => {
    const free = charged(['0', '0', '0']);
    expect(note(free, finding('refund'))).toEqual(['nothing_to_refund', '0.000000', 0n]);
    const ledger = charged(['0.6', '0.6', '0.6']);
    refund(ledger, 2, 3);
    expect(note(ledger, finding('refund', 2, 3))).toEqual(['nothing_to_refund', '0.000000', creditsOf('1.2')]);
  });

  describe('over several jobs', () => {
    const over = (...repeats: LoopFinding['repeats']): LoopFinding => ({
      ...finding('refund'),
      repeats,
      refundableSteps: repeats,
    });
    const before = (ordinal: number) => ({ jobId: 'job_0', ordinal });
    const twoJobs = (): MemoryLedger => {
      const ledger = charged(['0.6', '0.6', '0.6']);
      run(ledger, 'job_0', ['0.6', '0.6']);
      return ledger;
    };

    it('[edge 56] gives back in settled jobs too, each its own, in one operation', () => {
      const ledger = twoJobs();
      expect(note(ledger, over(before(2), at(1)))).toEqual(['refunded', '1.200000', creditsOf('0.6')]);
      expect(ledger.jobs.get('job_0')).toMatchObject({ charge: creditsOf('1.2'), refunded: creditsOf('0.6') });
      expect(ledger.availableAt(T0)).toBe(creditsOf('98.2'));
      expect(ledger.events.filter(({ type }) => type === 'job.refunded').map((event) => event.job_id)).toEqual([
        JOB,
        'job_0',
      ]);
    });

    it('[F14] takes what is left of each step, wherever it was given back before', () => {
      const ledger = twoJobs();
      refund(ledger, 1);
      expect(note(ledger, over(before(1), before(2), at(1), at(2)))).toEqual([
        'refunded',
        '1.800000',
        creditsOf('1.2'),
      ]);
      expect(note(ledger, over(before(1), before(2), at(1), at(2)))[0]).toBe('nothing_to_refund');
      expect(ledger.jobs.get('job_0')).toMatchObject({ refunded: creditsOf('1.2') });
    });

    it('holds the whole of it against the cap', () => {
      const window = { charged: NOTHING, refunded: creditsOf('8.800001') };
      const ledger = twoJobs();
      expect(note(ledger, over(before(2), at(1)), window)).toEqual(['review', '0.000000', 0n]);
      expect(ledger.jobs.get('job_0')).toMatchObject({ refunded: 0n });
    });
  });
});
