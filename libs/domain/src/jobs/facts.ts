// Domain room. What is known of a job, its steps and their attempts: whole states, replaced and never patched.
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { JobMarker, Requester } from '../ledger/choose-payer.js';
import type { Funding } from '../ledger/payer.js';
import type { ScopeChanges } from '../ledger/scope.js';
import { NO_CHANGES } from '../ledger/scope.js';
import type { Meters } from '../metering/meters.js';
import type { LoopCause, LoopFinding } from '../loops/finding.js';
import type { LoopSignal } from '../loops/policy.js';
import type { MicroDollars } from '../pricing/micro-dollars.js';
import type { Instant } from '../time/instant.js';
import type { LedgerEvent } from './events.js';
import type { Extras } from './extras.js';
import type {
  BotType,
  ChargeClass,
  EndReason,
  JobState,
  LoopAction,
  Program,
  RequestKind,
  Stage,
  StepKind,
} from './job.js';
import type { StageVerdict, StepReport } from './moves.js';
import type { Reserve } from './reserve.js';

/** What a lot paid of a step or of the smallest charge, and what of it was given back (`refund.at-most-charged`). */
export interface Share {
  readonly lotId: string;
  readonly amount: MicroCredits;
  readonly reversed: MicroCredits;
}
import type { JobWaiting } from './pause.js';

export interface JobFacts {
  readonly id: string;
  readonly scopeId: string;
  readonly accountId: string;
  readonly botId: string;
  readonly botType: BotType;
  readonly program: Program;
  readonly keyHash: string;
  readonly bodyHash: string;
  readonly workflowId: string;
  /** The first run that admitted the job: a run that meets a job of another one ends without effect. */
  readonly runId: string;
  readonly traceParent: string;
  readonly requestKind: RequestKind;
  readonly requesterKind: Requester['kind'];
  readonly requesterId: Requester['id'];
  /** By which rule `scopeId` pays: as its hold has it, for as long as the job is told of. */
  readonly funding: Funding;
  readonly marker: JobMarker | null;
  readonly campaignId: string | null;
  readonly model: string;
  readonly rateCardId: string;
  readonly promptRef: string;
  readonly promptBytes: number;
  /** Where records keeps the files that came along; null where none did. */
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
  readonly billableSteps: number;
  readonly charge: MicroCredits;
  readonly minimumCharge: MicroCredits;
  readonly minimumPaidFrom: readonly Share[];
  readonly writtenOff: MicroCredits;
  readonly refunded: MicroCredits;
  readonly held: MicroCredits;
  /** What it waits for; null unless it waits. */
  readonly waiting: JobWaiting | null;
  readonly createdAt: Instant;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
}

export interface StepFacts {
  readonly jobId: string;
  readonly ordinal: number;
  readonly iteration: number;
  readonly kind: StepKind;
  readonly stage: Stage;
  /** The model that was asked, or the tool of ours that ran: one of the two. */
  readonly model: string | null;
  readonly tool: string | null;
  readonly state: 'running' | 'ended' | 'abandoned';
  readonly chargeClass: ChargeClass | null;
  readonly charge: MicroCredits;
  readonly paidFrom: readonly Share[];
  readonly writtenOff: MicroCredits;
  readonly verdict: StageVerdict | null;
  readonly report: StepReport;
  readonly resultRef: string | null;
  readonly resultBytes: number;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
}

export interface AttemptFacts {
  readonly jobId: string;
  readonly ordinal: number;
  readonly number: number;
  /** open while it runs, ended by itself, closed by its successor or by the job's end. */
  readonly state: 'open' | 'ended' | 'closed';
  readonly chargeClass: ChargeClass | null;
  readonly fault: string | null;
  readonly meters: Meters;
  /** The provider told no usage: our own count stands in. */
  readonly unmetered: boolean;
  readonly providerRequestId: string | null;
  readonly region: string | null;
  readonly latencyMs: number | null;
  /** What it cost us, in micro-dollars by the pinned card: for our own eyes, whoever is charged. */
  readonly realCost: MicroDollars;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
}

/** A loop as it was found, with what came of it: kept for good. */
export interface LoopFindingFacts {
  readonly jobId: string;
  readonly number: number;
  readonly signal: LoopSignal;
  readonly cause: LoopCause;
  readonly action: LoopAction;
  readonly foundAtStep: number;
  readonly amount: MicroCredits;
  /** The finding as the detector gave it. */
  readonly evidence: LoopFinding;
  readonly foundAt: Instant;
}

/** What one decision about a job writes, in one transaction. */
export interface JobPosting<R> {
  readonly result: R;
  readonly changes: ScopeChanges;
  readonly job: JobFacts | null;
  /** Settled jobs of the same payer that it changes too. */
  readonly otherJobs?: readonly JobFacts[];
  readonly steps: readonly StepFacts[];
  readonly attempts: readonly AttemptFacts[];
  readonly findings?: readonly LoopFindingFacts[];
  readonly events: readonly LedgerEvent[];
}

/** An answer that writes nothing. */
export function answerOnly<R>(result: R): JobPosting<R> {
  return { result, changes: NO_CHANGES, job: null, steps: [], attempts: [], events: [] };
}

/** Of an operation that concerns no job. */
export function scopePosting<R>(posting: Pick<JobPosting<R>, 'result' | 'changes' | 'events'>): JobPosting<R> {
  return { ...posting, job: null, steps: [], attempts: [] };
}
