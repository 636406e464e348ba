// Test harness. Jobs whose holds have another payer or must pass limits, posted as the doors of the ledger post them.
import type { AdmitOrder, AdmitResult, BeginStepOrder, BeginStepResult, Instant } from '@fairmeter/domain';
import { accountScope, admit, beginStep, counterId } from '@fairmeter/domain';
import type { LedgerStore, PostOutcome } from '@fairmeter/ledger';
import { type HoldTerms, underTerms } from './memory-ledger.js';

export interface LimitedPost<Order> {
  readonly accountId: string;
  readonly asOf: Instant;
  readonly order: Order;
  readonly terms: HoldTerms;
}

export class LimitedJobs {
  constructor(private readonly store: LedgerStore) {}

  async admit({ accountId, asOf, order, terms }: LimitedPost<AdmitOrder>): Promise<PostOutcome<AdmitResult>> {
    return this.store.post({
      key: `${order.workflowId}:${order.runId}:admit`,
      verb: 'job.admit',
      body: { keyHash: order.keyHash, bodyHash: order.bodyHash },
      scopeId: accountScope(accountId),
      accountId,
      asOf,
      load: { keyHash: order.keyHash, counterIds: counterIdsOf(accountId, terms) },
      decide: (ground) => underTerms(ground, admit({ ...ground, jobOfKey: ground.job }, order), terms),
    });
  }

  async beginStep(
    jobId: string,
    tryKey: string,
    { accountId, asOf, order, terms }: LimitedPost<BeginStepOrder>,
  ): Promise<PostOutcome<BeginStepResult>> {
    return this.store.post({
      key: `${jobId}:${order.ordinal}:begin:${tryKey}`,
      verb: 'step.begin',
      body: { stage: order.stage, iteration: order.iteration },
      scopeId: accountScope(accountId),
      accountId,
      asOf,
      load: { jobId, ordinal: order.ordinal, counterIds: counterIdsOf(accountId, terms) },
      decide: (ground) => {
        const step = ground.steps.find((some) => some.ordinal === order.ordinal) ?? null;
        return underTerms(ground, beginStep({ ...ground, step }, order), terms);
      },
    });
  }
}

function counterIdsOf(accountId: string, terms: HoldTerms): string[] {
  return terms.limits.map((now) => counterId(accountScope(accountId), now));
}
