// Goal: the rules a job is watched by are the plan's where it has any, and the house's otherwise.
import { describe, expect, it } from '@jest/globals';
import { DEFAULT_LOOP_POLICY } from '@fairmeter/domain';
import { policyOf, policyOfPlan } from './loop-rules.js';

const house = policyOf({
  thresholds: { equalErrors: 5 },
  pollableTools: ['status'],
  shadow: true,
  refundPercent: undefined,
  refundAtLeastCredits: undefined,
});

/** As our own agent calls it, and as a reported job's steps are known. */
const watched = (tool: string): string[] => [tool, `tool.${tool}`, `tool.check/${tool}`, `preview.build/${tool}`];

describe('the rules of a plan', () => {
  it('are those of the house where it names none', () => {
    expect(policyOfPlan(house)).toEqual({
      ...DEFAULT_LOOP_POLICY,
      equalErrors: 5,
      pollableTools: watched('status'),
      shadow: true,
    });
  });

  it('go before those of the house, and tools that may ask again are those of both', () => {
    const plan = { equalErrors: 2, shadow: false, pollableTools: ['wait', 'status'] };
    expect(policyOfPlan(house, plan)).toEqual({
      ...DEFAULT_LOOP_POLICY,
      equalErrors: 2,
      pollableTools: [...watched('status'), ...watched('wait')],
      shadow: false,
    });
  });
});
