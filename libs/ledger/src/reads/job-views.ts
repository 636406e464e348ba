// Ledger room, read side. What a reader gets of a job: domain types, no rows, no wire forms.
import type {
  BotType,
  ChargeClass,
  EndReason,
  Extras,
  Instant,
  JobState,
  JobWaiting,
  Meters,
  MicroCredits,
  Program,
  RequestKind,
  Reserve,
  Stage,
  StepKind,
} from '@fairmeter/domain';

export interface JobView {
  readonly id: string;
  readonly accountId: string;
  readonly botId: string;
  readonly botType: BotType;
  readonly program: Program;
  readonly bodyHash: string;
  readonly workflowId: string;
  readonly traceParent: string;
  readonly requestKind: RequestKind;
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

export interface AttemptView {
  readonly attempt: number;
  readonly state: 'open' | 'ended' | 'closed';
  readonly chargeClass: ChargeClass | null;
  readonly fault: string | null;
  readonly meters: Meters;
  readonly providerRequestId: string | null;
  readonly latencyMs: number | null;
}

export interface LotShare {
  readonly lotId: string;
  readonly lotKind: string;
  readonly amount: MicroCredits;
}

export interface StepView {
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
  readonly paidFrom: readonly LotShare[];
  readonly attempts: readonly AttemptView[];
}

export interface JobCostView {
  readonly job: JobView;
  readonly steps: readonly StepView[];
  /** What the smallest charge added, a line of its own. */
  readonly minimum: MicroCredits;
  readonly minimumPaidFrom: readonly LotShare[];
}

export interface JobEventView {
  /** Number inside the payer's scope: rising, in commit order, and the SSE id. */
  readonly seq: bigint;
  readonly at: Instant;
  readonly type: string;
  /** The wire form as the outbox stored it. */
  readonly payload: Readonly<Record<string, unknown>>;
}
