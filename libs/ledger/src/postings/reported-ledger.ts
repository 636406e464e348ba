// Ledger room. The operations of a job whose agent is its bot's own. Their natural key is the caller's call and not the
// step: the same call gets the same answer, whichever step it was and however much later it comes again.
import type {
  AbandonOrder,
  AbandonResult,
  BeginReportedOrder,
  BeginReportedResult,
  EndReportedOrder,
  EndReportedResult,
  Instant,
} from '@fairmeter/domain';
import { abandonStep, beginReported, endReported } from '@fairmeter/domain';
import type { LedgerStore } from '../store/ledger-store.js';
import type { PostOutcome } from '../store/post.js';
import type { JobPayer } from './job-ledger.js';
import { payingScope, stepGround } from './job-ledger.js';

export interface ReportedPost<Order> {
  readonly payer: JobPayer;
  /** The caller's own name of this call, and what it said: under one name one thing is said. */
  readonly callKey: string;
  readonly bodyHash: string;
  readonly asOf: Instant;
  readonly order: Order;
}

export class ReportedLedger {
  constructor(private readonly store: LedgerStore) {}

  async beginStep(post: ReportedPost<BeginReportedOrder>): Promise<PostOutcome<BeginReportedResult>> {
    const { payer, order } = post;
    return this.store.post<BeginReportedResult>({
      key: `${payer.jobId}:reported:begin:${post.callKey}`,
      verb: 'step.begin',
      body: { bodyHash: post.bodyHash },
      ...ofJob(post),
      load: { jobId: payer.jobId, ordinal: order.ordinal, limits: 'ofHold' },
      decide: (ground) => beginReported(stepGround(ground, order.ordinal), order),
    });
  }

  async endStep(post: ReportedPost<EndReportedOrder>): Promise<PostOutcome<EndReportedResult>> {
    const { payer, order } = post;
    return this.store.post<EndReportedResult>({
      key: `${payer.jobId}:reported:end:${post.callKey}`,
      verb: 'step.end',
      body: { bodyHash: post.bodyHash },
      ...ofJob(post),
      load: { jobId: payer.jobId, ordinal: order.ordinal },
      decide: (ground) => endReported(stepGround(ground, order.ordinal), order),
    });
  }

  /** Nobody calls for it: an attempt is let go once. */
  async abandonStep(payer: JobPayer, asOf: Instant, order: AbandonOrder): Promise<PostOutcome<AbandonResult>> {
    return this.store.post<AbandonResult>({
      key: `${payer.jobId}:${order.ordinal}:abandon:${order.attempt}`,
      verb: 'step.abandon',
      body: { attempt: order.attempt },
      ...ofJob({ payer, asOf }),
      load: { jobId: payer.jobId, ordinal: order.ordinal, limits: 'ofHold' },
      decide: (ground) => abandonStep(stepGround(ground, order.ordinal), order),
    });
  }
}

function ofJob({ payer, asOf }: Pick<ReportedPost<object>, 'payer' | 'asOf'>): {
  readonly scopeId: string;
  readonly accountId: string;
  readonly asOf: Instant;
} {
  return { scopeId: payingScope(payer), accountId: payer.accountId, asOf };
}
