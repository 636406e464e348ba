// Ledger room, read side. What a reader gets of a job: domain types, no rows, no wire forms.
import type {
  BotType,
  ChargeClass,
  EndReason,
  Extras,
  Instant,
  JobMarker,
  JobState,
  JobWaiting,
  Funding,
  LoopAction,
  LoopCause,
  Meters,
  MicroCredits,
  Program,
  RequestKind,
  Requester,
  Reserve,
  Stage,
  StageVerdict,
  StepKind,
  StepReport,
} from '@fairmeter/domain';

export interface JobView {
  readonly id: string;
  /** Whose lots pay. */
  readonly scopeId: string;
  readonly accountId: string;
  readonly botId: string;
  readonly botType: BotType;
  readonly program: Program;
  readonly bodyHash: string;
  readonly workflowId: string;
  readonly traceParent: string;
  readonly requestKind: RequestKind;
  readonly requesterKind: Requester['kind'];
  readonly requesterId: Requester['id'];
  /** By which rule `scopeId` pays. */
  readonly funding: Funding;
  readonly marker: JobMarker | null;
  readonly campaignId: string | null;
  readonly model: string;
  readonly rateCardId: string;
  readonly promptRef: string;
  readonly promptBytes: number;
  readonly contextRef: string | null;
  readonly contextBytes: number;
  readonly contextTokens: number;
  readonly threadId: string | null;
  readonly deadline: Instant | null;
  readonly extras: Extras;
  readonly reserve: Reserve;
  readonly state: JobState;
  readonly endReason: EndReason | null;
  readonly maxIterations: number;
  readonly maxCredits: MicroCredits;
  readonly iteration: number;
  readonly stepsEnded: number;
  /** Captured so far while it runs, the exact charge once it has ended. */
  readonly charge: MicroCredits;
  readonly refunded: MicroCredits;
  readonly held: MicroCredits;
  /** What it waits for; null unless it waits. */
  readonly waiting: JobWaiting | null;
  readonly createdAt: Instant;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
}

/** What an attempt really cost us is not in here: staff alone are told, by `readRealCosts`. */
export interface AttemptView {
  readonly attempt: number;
  readonly state: 'open' | 'ended' | 'closed';
  readonly chargeClass: ChargeClass | null;
  readonly fault: string | null;
  readonly meters: Meters;
  /** The provider told no usage: our own count stands in. */
  readonly unmetered: boolean;
  readonly providerRequestId: string | null;
  readonly region: string | null;
  readonly latencyMs: number | null;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
}

/** One capture on one lot, as its entry tells it. */
export interface LotShare {
  readonly lotId: string;
  readonly lotKind: string;
  readonly amount: MicroCredits;
  /** Number of the entry inside its scope. */
  readonly seq: bigint;
}

/** A step by itself, without what lies below it. */
export interface StepHead {
  readonly ordinal: number;
  readonly iteration: number;
  readonly kind: StepKind;
  readonly stage: Stage;
  readonly model: string | null;
  readonly tool: string | null;
  readonly state: 'running' | 'ended' | 'abandoned';
  readonly chargeClass: ChargeClass | null;
  readonly charge: MicroCredits;
  readonly writtenOff: MicroCredits;
  readonly verdict: StageVerdict | null;
  readonly report: StepReport;
  readonly resultBytes: number;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
}

export interface StepView extends StepHead {
  readonly paidFrom: readonly LotShare[];
  /** What entries say the platform bore of it. */
  readonly borne: MicroCredits;
  readonly attempts: readonly AttemptView[];
}

export interface RefundView {
  /** What the lane calls it: unique inside the job. */
  readonly refundKey: string;
  readonly at: Instant;
  readonly form: 'origin_while_live' | 'compensation';
  readonly amount: MicroCredits;
  /** What went to which lot, and for which step; no step is the job as a whole. */
  readonly parts: readonly (LotShare & { readonly stepOrdinal: number | null })[];
}

export interface FindingView {
  readonly number: number;
  readonly signal: string;
  readonly cause: LoopCause;
  readonly action: LoopAction;
  readonly foundAtStep: number;
  readonly amount: MicroCredits;
  /** As it was written down when the loop was found. */
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly foundAt: Instant;
}

export interface JobCostView {
  readonly job: JobView;
  /** Who pays, by which rule; fixed at admission. */
  readonly funding: Funding;
  readonly steps: readonly StepView[];
  /** What the smallest charge added, a line of its own. */
  readonly minimum: MicroCredits;
  readonly minimumPaidFrom: readonly LotShare[];
  /** Used and borne by the platform, over the whole job. */
  readonly writtenOff: MicroCredits;
  readonly refunds: readonly RefundView[];
  readonly findings: readonly FindingView[];
}

export interface JobEventView {
  /** Number inside the payer's scope: rising, in commit order, and the SSE id. */
  readonly seq: bigint;
  readonly at: Instant;
  readonly type: string;
  /** The wire form as the outbox stored it. */
  readonly payload: Readonly<Record<string, unknown>>;
}
