// Ledger room. What the cap of automatic refunds is held against, as a group knows it: never remembered, always read.
import type { JobFacts, RefundWindow } from '@fairmeter/domain';
import { add, ZERO } from '@fairmeter/domain';
import type { GroupGround, LoopRefundKnown } from './ground.js';

/** Refunds of the very group that asks count as well. */
export function windowOf(
  job: JobFacts | null,
  charged: GroupGround['charged'],
  refunds: Iterable<LoopRefundKnown>,
): RefundWindow {
  const mine = [...refunds].filter((refund) => refund.scopeId === job?.scopeId);
  return {
    charged: charged.get(job?.id ?? '') ?? ZERO,
    refunded: add(ZERO, ...mine.map((refund) => refund.amount)),
  };
}
