// Ledger room. The operations that steer a job under way: it pauses, a stopped step of it ends, its budget changes.
import type {
  BudgetOrder,
  BudgetResult,
  EndCancelledOrder,
  EndCancelledResult,
  Instant,
  WaitOrder,
  WaitResult,
} from '@fairmeter/domain';
import { changeBudget, endCancelled, formatMicroCredits, waitForCredits } from '@fairmeter/domain';
import type { LedgerStore } from '../store/ledger-store.js';
import type { PostOutcome } from '../store/post.js';
import type { JobPayer, StepPost } from './job-ledger.js';
import { payingScope, stepGround } from './job-ledger.js';

export interface BudgetPost {
  readonly payer: JobPayer;
  /** The caller's own name of this change. */
  readonly changeKey: string;
  readonly asOf: Instant;
  readonly order: BudgetOrder;
}

export class JobControlLedger {
  constructor(private readonly store: LedgerStore) {}

  async waitForCredits({ payer, tryKey, asOf, order }: StepPost<WaitOrder>): Promise<PostOutcome<WaitResult>> {
    return this.store.post<WaitResult>({
      key: `${payer.jobId}:${order.ordinal}:wait:${tryKey}`,
      verb: 'job.wait',
      body: { code: order.code, required: formatMicroCredits(order.required) },
      scopeId: payingScope(payer),
      accountId: payer.accountId,
      asOf,
      load: { jobId: payer.jobId, ordinal: order.ordinal, limits: 'ofHold' },
      decide: (ground) => waitForCredits(stepGround(ground, order.ordinal), order),
    });
  }

  async endCancelled({
    payer,
    tryKey,
    asOf,
    order,
  }: StepPost<EndCancelledOrder>): Promise<PostOutcome<EndCancelledResult>> {
    return this.store.post<EndCancelledResult>({
      key: `${payer.jobId}:${order.ordinal}:cancel:${tryKey}`,
      verb: 'step.cancel',
      body: { attempt: order.attempt, meters: order.meters },
      scopeId: payingScope(payer),
      accountId: payer.accountId,
      asOf,
      load: { jobId: payer.jobId, ordinal: order.ordinal },
      decide: (ground) => endCancelled(stepGround(ground, order.ordinal), order),
    });
  }

  async changeBudget({ payer, changeKey, asOf, order }: BudgetPost): Promise<PostOutcome<BudgetResult>> {
    return this.store.post<BudgetResult>({
      key: `${payer.jobId}:budget:${changeKey}`,
      verb: 'job.budget',
      body: { maxCredits: formatMicroCredits(order.maxCredits) },
      scopeId: payingScope(payer),
      accountId: payer.accountId,
      asOf,
      load: { jobId: payer.jobId },
      decide: (ground) => changeBudget(ground, order),
    });
  }
}
