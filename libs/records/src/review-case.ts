// Records room. A case of a usage review, as it is read.
import type {
  Instant,
  JsonValue,
  MicroCredits,
  ReportedDetails,
  ReviewCause,
  ReviewChannel,
  ReviewDetail,
  ReviewState,
  ReviewVerdict,
} from '@fairmeter/domain';
import type { NoticeLanguage } from './announcements.js';

/** A thread as its jobs know it; of a job without a thread that job. */
export interface ReviewedThread {
  readonly botId: string;
  readonly threadId: string | null;
  readonly jobId: string | null;
  readonly somebody: string | null;
}

export interface PickedOfCase {
  readonly jobId: string;
  readonly steps: 'all' | readonly number[];
}

/** What becomes of a case, as whoever reported it is told. */
export interface ReviewOutcome {
  readonly state: ReviewState;
  readonly verdict: ReviewVerdict | null;
  readonly cause: ReviewCause | null;
  /** Over both rounds, to whoever had paid. */
  readonly restored: MicroCredits;
  readonly tips: readonly string[];
  readonly closedAt: Instant | null;
}

export interface ReviewCase extends ReviewOutcome {
  readonly id: string;
  readonly accountId: string;
  /** Null where nobody has said which it is. */
  readonly thread: ReviewedThread | null;
  readonly channel: ReviewChannel;
  readonly reporter: { readonly kind: 'person' | 'visitor' | 'platform'; readonly id: string | null };
  /** Null where the words were erased, or may not be read by whoever asks. */
  readonly reported: ReportedDetails | null;
  /** Where they were kept, another place each time that they were completed. */
  readonly wordsRef: string | null;
  /** In which mails about it are written. */
  readonly language: NoticeLanguage;
  readonly missing: readonly ReviewDetail[];
  readonly duplicateOf: string | null;
  /** Of a duplicate, for whoever reported it: how the case goes that stands for it. */
  readonly first: ReviewOutcome | null;
  /** Of what came back, also of the case that stands for it: what is the reader's own to use. */
  readonly restoredToReader: MicroCredits;
  readonly targetAt: Instant | null;
  readonly dueAt: Instant | null;
  readonly pausedAt: Instant | null;
  readonly infoUntil: Instant | null;
  readonly targetPassedAt: Instant | null;
  readonly breachedAt: Instant | null;
  /** What the platform knows of the thread, and what was found in it: null before somebody looked. */
  readonly measured: JsonValue;
  readonly analysis: JsonValue;
  readonly picked: readonly PickedOfCase[];
  readonly restorable: MicroCredits | null;
  readonly decidedBy: string | null;
  /** Of all that the last decision said. */
  readonly decidedHash: string | null;
  readonly approvedBy: string | null;
  /** Of a duplicate, for whoever reported it: those of the case that stands for it. */
  readonly reasons: string | null;
  readonly guidance: string | null;
  /** What was new when it was opened again. */
  readonly facts: string | null;
  readonly reopenedAt: Instant | null;
  readonly bodyHash: string;
  readonly createdAt: Instant;
}
