// Activities room. What an operator set of the loop rules, as the domain takes it: pinned to each job at its admission.
import type { LoopPolicy, RefundCap } from '@fairmeter/domain';
import { credits, DEFAULT_REFUND_CAP, loopPolicy, watchedNamesOf } from '@fairmeter/domain';
import type { LoopSettings } from '@fairmeter/platform';

export function policyOf({ thresholds, pollableTools, shadow }: LoopSettings): LoopPolicy {
  return loopPolicy({ ...thresholds, pollableTools: asWatched(pollableTools), shadow });
}

/** What a plan says goes before what the house says; tools that may ask again are those of both. */
export function policyOfPlan(house: LoopPolicy, plan: Partial<LoopPolicy> = {}): LoopPolicy {
  const pollableTools = [...new Set([...house.pollableTools, ...asWatched(plan.pollableTools ?? [])])];
  return { ...house, ...plan, pollableTools };
}

/** Whoever names a tool means it in reported jobs too, where its steps have longer names. */
function asWatched(tools: readonly string[]): readonly string[] {
  return tools.flatMap(watchedNamesOf);
}

export function refundCapOf({ refundPercent, refundAtLeastCredits }: LoopSettings): RefundCap {
  const { percentOfCharges, atLeast } = DEFAULT_REFUND_CAP;
  return {
    percentOfCharges: refundPercent === undefined ? percentOfCharges : BigInt(refundPercent),
    atLeast: refundAtLeastCredits === undefined ? atLeast : credits(BigInt(refundAtLeastCredits)),
  };
}
