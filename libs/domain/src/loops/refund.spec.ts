// Goal: what goes back is what was charged and is left, and more than the cap goes to a person as a whole.
import { describe, expect, it } from '@jest/globals';
import { creditsOf } from '../../../../test/harness/orders.js';
import type { LoopFinding } from './finding.js';
import type { ObservedStep } from './observed-step.js';
import { loopPolicy } from './policy.js';
import { capRefund, DEFAULT_REFUND_CAP } from './refund.js';
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

describe('what a finding gives back', () => {
  it('[W3] of eight steps the fifth to eighth, which repeat the first honest try', () => {
    expect(only(findLoops(steps, policy)).refundableSteps.map(({ ordinal }) => ordinal)).toEqual([5, 6, 7, 8]);
  });

  it('[F11] is nothing where the cause is unclear or payers differ, and it says what to do instead', () => {
    const told = ({ remedy, refundableSteps, repeats }: LoopFinding): readonly unknown[] => [
      remedy,
      refundableSteps.length,
      repeats.length,
    ];
    const unclear = steps.map((step) => ({ ...step, evidence: [] }));
    expect(told(only(findLoops(unclear, policy)))).toEqual(['offer_review', 0, 4]);
    const shared = steps.map((step) =>
      step.ordinal < 7 ? { ...step, payer: 'acc_0' } : { ...step, jobId: 'job_2', payer: 'acc_1' },
    );
    expect(told(only(findLoops(shared, policy)))).toEqual(['open_review', 0, 4]);
    expect(only(findLoops(shared, policy)).payers).toEqual(['acc_0', 'acc_1']);
    expect(told(only(findLoops(steps, { ...policy, shadow: true })))).toEqual(['record', 0, 4]);
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
