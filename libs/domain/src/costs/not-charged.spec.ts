// Domain room. Goal: whatever was used and not charged says why. Method: one attempt of each kind.
import { describe, expect, it } from '@jest/globals';
import { cardWith, creditsOf, priceFor, use } from '../../../../test/harness/orders.js';
import { ZERO } from '../amounts/micro-credits.js';
import type { CostedAttempt, CostedStep } from './costed-job.js';
import { notChargedOf } from './not-charged.js';
import { refundOriginOf } from './refund-lane.js';

const USED = use({ input: 1_000, output: 200, calls: 1 });

function reasonsOf(attempt: Partial<CostedAttempt>, step: Partial<CostedStep> = {}): unknown[] {
  const tried: CostedAttempt = {
    attempt: 1,
    state: 'ended',
    chargeClass: 'billable',
    fault: null,
    meters: USED,
    ...attempt,
  };
  const whole: CostedStep = {
    ordinal: 1,
    iteration: 1,
    kind: 'model_call',
    stage: 'generate',
    model: 'coder',
    tool: null,
    chargeClass: tried.chargeClass,
    charge: ZERO,
    writtenOff: ZERO,
    borne: ZERO,
    report: {},
    paidFrom: [],
    attempts: [tried],
    ...step,
  };
  return notChargedOf(whole, cardWith(priceFor())).map(({ reason, amount }) => [reason, amount]);
}

describe('what was not charged', () => {
  it.each([
    {
      reason: 'platform_fault',
      attempt: { chargeClass: 'platform_fault', fault: 'unavailable' },
      step: {},
      amount: creditsOf('0.6'),
    },
    {
      reason: 'superseded',
      attempt: { chargeClass: 'platform_fault', state: 'closed', fault: 'superseded' },
      step: {},
      amount: creditsOf('0.6'),
    },
    {
      reason: 'cancelled',
      attempt: { chargeClass: 'user_fault', fault: 'cancelled', meters: use({}) },
      step: {},
      amount: ZERO,
    },
    {
      reason: 'user_fault',
      attempt: { chargeClass: 'user_fault', fault: 'bad_request', meters: use({}) },
      step: {},
      amount: ZERO,
    },
    { reason: 'unclear', attempt: { chargeClass: 'unclear', fault: 'timeout' }, step: {}, amount: creditsOf('0.6') },
    {
      reason: 'packaging_is_free',
      attempt: { meters: use({ calls: 1 }) },
      step: { kind: 'packaging', model: null, tool: 'packaging' },
      amount: ZERO,
    },
    {
      reason: 'free_on_the_card',
      attempt: { meters: use({ calls: 1 }) },
      step: { kind: 'tool_call', model: null, tool: 'tool.list' },
      amount: ZERO,
    },
    {
      reason: 'written_off',
      attempt: {},
      step: { charge: creditsOf('0.4'), writtenOff: creditsOf('0.2') },
      amount: creditsOf('0.2'),
    },
    { reason: 'platform_fault', attempt: { chargeClass: 'platform_fault' }, step: { model: 'gone' }, amount: null },
  ] as const)('[F8] says $reason of $attempt', ({ reason, attempt, step, amount }) => {
    expect(reasonsOf(attempt, step)).toEqual([[reason, amount]]);
  });

  it('is not what was charged, nor what is still running', () => {
    expect(reasonsOf({}, { charge: creditsOf('0.6') })).toEqual([]);
    expect(reasonsOf({ state: 'open', chargeClass: null })).toEqual([]);
  });
});

describe('the key of a refund', () => {
  it.each([
    ['finding/12', { lane: 'auto', finding: 12, caseRef: null }],
    ['job_1:refund:finding/2', { lane: 'auto', finding: null, caseRef: null }],
    ['review/case_12/1', { lane: 'review', finding: null, caseRef: 'case_12' }],
    ['support/cmp_1/1', { lane: 'support', finding: null, caseRef: 'cmp_1' }],
    ['case/12', { lane: 'review', finding: null, caseRef: '12' }],
    ['finding/x', { lane: 'auto', finding: null, caseRef: null }],
    ['other', { lane: null, finding: null, caseRef: null }],
  ])('[F12] %s names its lane and what decided it', (key, origin) => {
    expect(refundOriginOf(key)).toEqual(origin);
  });
});
