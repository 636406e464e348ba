// Goal: what goes back is what was charged and is left, and more than the cap goes to a person as a whole.
import { describe, expect, it } from '@jest/globals';
import { creditsOf } from '../../../../test/harness/orders.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import { ZERO } from '../amounts/micro-credits.js';
import { explainFinding } from './explain.js';
import type { LoopFinding } from './finding.js';
import type { ObservedStep } from './observed-step.js';
import { loopPolicy } from './policy.js';
import { capRefund, DEFAULT_REFUND_CAP, refundOf } from './refund.js';
import { findLoops } from './watch.js';

const policy = loopPolicy({ equalErrors: 5 });
const failing = (ordinal: number, more: Partial<ObservedStep> = {}): ObservedStep => ({
  jobId: 'job_1',
  ordinal,
  iteration: 1,
  kind: 'tool',
  name: 'deploy',
  errorFingerprint: ordinal < 4 ? `own ${ordinal}` : 'crash',
  evidence: ordinal < 5 ? [] : ['incident'],
  ...more,
});
const steps = [1, 2, 3, 4, 5, 6, 7, 8].map((ordinal) => failing(ordinal));

function only(findings: readonly LoopFinding[]): LoopFinding {
  const [finding] = findings;
  if (finding === undefined) throw new Error('nothing was found');
  return finding;
}

describe('refundOf', () => {
  it('[W3] of eight steps of 0.4 the fifth to eighth go back: 1.6', () => {
    const { amount, lines } = refundOf(only(findLoops(steps, policy)), () => creditsOf('0.4'));
    expect(amount).toBe(creditsOf('1.6'));
    expect(lines.map(({ ordinal }) => ordinal)).toEqual([5, 6, 7, 8]);
  });

  it('[F14] takes what is left of each step, and nothing of those that were given back before', () => {
    const left = (step: { readonly ordinal: number }): MicroCredits => (step.ordinal < 7 ? ZERO : creditsOf('0.1'));
    const { amount, lines } = refundOf(only(findLoops(steps, policy)), left);
    expect([amount, lines.map(({ ordinal }) => ordinal)]).toEqual([creditsOf('0.2'), [7, 8]]);
  });

  it('[F11] gives nothing back where the cause is unclear or payers differ, and says what to do instead', () => {
    const amount = (finding: LoopFinding): bigint => refundOf(finding, () => creditsOf('0.4')).amount;
    const unclear = only(
      findLoops(
        steps.map((step) => ({ ...step, evidence: [] })),
        policy,
      ),
    );
    expect([unclear.remedy, amount(unclear), unclear.repeats.length]).toEqual(['offer_review', ZERO, 4]);
    const shared = only(
      findLoops(
        steps.map((step) =>
          step.ordinal < 7 ? { ...step, payer: 'acc_0' } : { ...step, jobId: 'job_2', payer: 'acc_1' },
        ),
        policy,
      ),
    );
    expect([shared.remedy, amount(shared), shared.payers]).toEqual(['open_review', ZERO, ['acc_0', 'acc_1']]);
    const watched = only(findLoops(steps, { ...policy, shadow: true }));
    expect([watched.remedy, amount(watched), watched.repeats.length]).toEqual(['record', ZERO, 4]);
  });
});

describe('the cap', () => {
  const ask = (amount: string, charged: string, alreadyRefunded = '0'): string =>
    capRefund({
      amount: creditsOf(amount),
      charged: creditsOf(charged),
      alreadyRefunded: creditsOf(alreadyRefunded),
      cap: DEFAULT_REFUND_CAP,
    });

  it.each([
    ['10', '0', '0', 'refund'],
    ['10.000001', '0', '0', 'review'],
    ['4', '0', '6', 'refund'],
    ['4.000001', '0', '6', 'review'],
    ['20', '100', '0', 'refund'],
    ['20.000001', '100', '0', 'review'],
    ['5', '100', '15', 'refund'],
    ['5.000001', '100', '15', 'review'],
    ['10.000001', '50.000004', '0', 'review'],
    ['10.000001', '50.000005', '0', 'refund'],
  ])('asked for %s of %s charged with %s gone back already: %s', (...[amount, charged, already, answer]) => {
    expect(ask(amount, charged, already)).toBe(answer);
  });
});

describe('explainFinding', () => {
  it('[F12] says what repeated, how often, between which steps, whose fault it was and what follows', () => {
    expect(explainFinding(only(findLoops(steps, policy)))).toEqual({
      code: 'loop_equal_errors',
      subject: 'deploy',
      times: 5,
      period: null,
      firstOrdinal: 4,
      lastOrdinal: 8,
      jobs: 1,
      cause: 'platform_fault',
      remedy: 'refund',
      refundedSteps: 4,
    });
  });

  it('is sure where all evidence points one way', () => {
    const confidence = (own: readonly number[]): string =>
      only(
        findLoops(
          steps.map((step) => ({ ...step, evidence: own.includes(step.ordinal) ? (['own_code'] as const) : [] })),
          policy,
        ),
      ).confidence;
    expect(only(findLoops(steps, policy)).confidence).toBe('high');
    expect(confidence([4, 5, 6, 7, 8])).toBe('high');
    expect(confidence([4, 5])).toBe('medium');
    expect(confidence([])).toBe('low');
  });
});
