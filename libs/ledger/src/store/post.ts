// Ledger room. A post is one operation on one scope: a natural key, a body, and a pure decision over what was loaded.
import type {
  AttemptFacts,
  Hold,
  Instant,
  JobFacts,
  JobPosting,
  LimitRef,
  Outcome,
  RefundableJob,
  RefundWindow,
  ScopeSnapshot,
  StepFacts,
} from '@fairmeter/domain';

/** JSON-safe: an answer is stored with its operation and given again when the operation is repeated. */
export type StoredResult = Readonly<Record<string, unknown>>;

export interface Post<R extends object> {
  /** `{workflowId}:{step}:{effect}` or the caller's own natural key; kept for good. */
  readonly key: string;
  readonly verb: string;
  /** Whatever makes two operations the same one: ids, hashes and figures, kept to say what differs. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly scopeId: string;
  readonly accountId: string;
  readonly asOf: Instant;
  readonly load: PostLoad;
  readonly decide: (ground: Ground) => Outcome<JobPosting<R>>;
}

export interface PostLoad {
  /** Grants and terms may meet a scope for the first time, and so may a sweep that looks for ended lots. */
  readonly openScope?: boolean;
  readonly jobId?: string;
  readonly keyHash?: string;
  /** Steps and attempts: one step, all of the job, or where nothing is said those that are still running. */
  readonly ordinal?: number;
  readonly allSteps?: boolean;
  /** Settled jobs of the scope, whole, beside the one it is about. */
  readonly otherJobs?: readonly string[];
  /** What the scope was charged and automatically given back lately, beside this job. */
  readonly refundWindow?: boolean;
  /** Lots by the natural keys of their grants. */
  readonly sources?: readonly string[];
  /** Lots it names, live or not, and all that have ended with something left. */
  readonly lotIds?: readonly string[];
  readonly endedLots?: boolean;
  /** Counters by their ids, whatever their limits are called now. */
  readonly counterIds?: readonly string[];
  /** Limits it must pass, with their counters of the present periods; `ofHold`: those that its hold rides on. */
  readonly limits?: readonly LimitRef[] | 'ofHold';
  /** The lot of the day that was opened last, used up or not: a change of terms may let it grow. */
  readonly dailyLot?: boolean;
}

/** What a decision stands on: read under the scope's lock, at one effective time. */
export interface Ground {
  readonly snapshot: ScopeSnapshot;
  readonly at: Instant;
  readonly clockNow: Instant;
  /** Jobs of the scope that have not ended, those of earlier posts of the same group among them. */
  readonly openJobs: number;
  /** Of those, how many visitors asked for. */
  readonly visitorJobs: number;
  readonly job: JobFacts | null;
  readonly hold: Hold | null;
  readonly steps: readonly StepFacts[];
  readonly attempts: readonly AttemptFacts[];
  /** Those it asked for, as far as the scope is theirs and they have ended; their holds are in the snapshot. */
  readonly others: readonly RefundableJob[];
  /** Nothing unless the post asked for it. */
  readonly window: RefundWindow;
}

export type PostOutcome<R> = Outcome<{ readonly result: R; readonly replayed: boolean }>;
