// Records room. A case of a review as its row tells it.
import type {
  Instant,
  JsonValue,
  ReportedDetails,
  ReviewCause,
  ReviewChannel,
  ReviewDetail,
  ReviewState,
  ReviewVerdict,
} from '@fairmeter/domain';
import { instantOfDate, parseMicroCredits } from '@fairmeter/domain';
import type { NoticeLanguage } from './announcements.js';
import type { PickedOfCase, ReviewCase, ReviewedThread, ReviewOutcome } from './review-case.js';

export interface ReviewRow {
  readonly id: string;
  readonly account_id: string;
  readonly bot_id: string | null;
  readonly thread_id: string | null;
  readonly job_id: string | null;
  readonly somebody: string | null;
  readonly channel: ReviewChannel;
  readonly reporter_kind: ReviewCase['reporter']['kind'];
  readonly reporter_id: string | null;
  readonly words: string | null;
  readonly words_ref: string | null;
  readonly missing: readonly ReviewDetail[];
  readonly state: ReviewState;
  readonly duplicate_of: string | null;
  readonly target_at: Date | null;
  readonly due_at: Date | null;
  readonly paused_at: Date | null;
  readonly info_until: Date | null;
  readonly target_passed_at: Date | null;
  readonly breached_at: Date | null;
  readonly measured: JsonValue;
  readonly analysis: JsonValue;
  readonly verdict: ReviewVerdict | null;
  readonly cause: ReviewCause | null;
  readonly picked: readonly PickedOfCase[];
  readonly restorable: string | null;
  readonly restored: string;
  /** Where somebody in particular reads it. */
  readonly restored_to_reader?: string;
  readonly decided_by: string | null;
  readonly decided_hash: string | null;
  readonly approved_by: string | null;
  readonly reasons: string | null;
  readonly tips: readonly string[];
  readonly guidance: string | null;
  readonly facts: string | null;
  readonly closed_at: Date | null;
  readonly reopened_at: Date | null;
  readonly body_hash: string;
  readonly created_at: Date;
  readonly first_state: ReviewState | null;
  readonly first_verdict: ReviewVerdict | null;
  readonly first_cause: ReviewCause | null;
  readonly first_restored: string | null;
  readonly first_tips: readonly string[] | null;
  readonly first_closed_at: Date | null;
}

/** What a list reads. What was found in one very long thread is megabytes: whoever wants it asks for that review. */
const LISTED: Readonly<Record<Exclude<keyof ReviewRow, 'analysis' | 'restored_to_reader'>, true>> = {
  id: true,
  account_id: true,
  bot_id: true,
  thread_id: true,
  job_id: true,
  somebody: true,
  channel: true,
  reporter_kind: true,
  reporter_id: true,
  words: true,
  words_ref: true,
  missing: true,
  state: true,
  duplicate_of: true,
  target_at: true,
  due_at: true,
  paused_at: true,
  info_until: true,
  target_passed_at: true,
  breached_at: true,
  measured: true,
  verdict: true,
  cause: true,
  picked: true,
  restorable: true,
  restored: true,
  decided_by: true,
  decided_hash: true,
  approved_by: true,
  reasons: true,
  tips: true,
  guidance: true,
  facts: true,
  closed_at: true,
  reopened_at: true,
  body_hash: true,
  created_at: true,
  first_state: true,
  first_verdict: true,
  first_cause: true,
  first_restored: true,
  first_tips: true,
  first_closed_at: true,
};
export const LISTED_COLUMNS = Object.keys(LISTED).join(', ');
export type ListedReviewRow = Omit<ReviewRow, 'analysis'>;

export function listedCaseOf(row: ListedReviewRow): ReviewCase {
  return caseOf({ ...row, analysis: null });
}

export function caseOf(row: ReviewRow): ReviewCase {
  const words = row.words === null ? null : wordsOf(row.words);
  return {
    id: row.id,
    accountId: row.account_id,
    thread:
      row.bot_id === null
        ? null
        : { botId: row.bot_id, threadId: row.thread_id, jobId: row.job_id, somebody: row.somebody },
    channel: row.channel,
    reporter: { kind: row.reporter_kind, id: row.reporter_id },
    reported: words === null ? null : words.details,
    wordsRef: row.words_ref,
    language: words?.language ?? 'en',
    missing: row.missing,
    state: row.state,
    duplicateOf: row.duplicate_of,
    first: row.duplicate_of === null ? null : firstOf(row),
    targetAt: momentOf(row.target_at),
    dueAt: momentOf(row.due_at),
    pausedAt: momentOf(row.paused_at),
    infoUntil: momentOf(row.info_until),
    targetPassedAt: momentOf(row.target_passed_at),
    breachedAt: momentOf(row.breached_at),
    measured: row.measured,
    analysis: row.analysis,
    verdict: row.verdict,
    cause: row.cause,
    picked: row.picked,
    restorable: row.restorable === null ? null : parseMicroCredits(row.restorable),
    restored: parseMicroCredits(row.restored),
    restoredToReader: parseMicroCredits(row.restored_to_reader ?? '0'),
    decidedBy: row.decided_by,
    decidedHash: row.decided_hash,
    approvedBy: row.approved_by,
    reasons: row.reasons,
    tips: row.tips,
    guidance: row.guidance,
    facts: row.facts,
    closedAt: momentOf(row.closed_at),
    reopenedAt: momentOf(row.reopened_at),
    bodyHash: row.body_hash,
    createdAt: instantOfDate(row.created_at),
  };
}

function firstOf(row: ReviewRow): ReviewOutcome | null {
  if (row.first_state === null) return null;
  return {
    state: row.first_state,
    verdict: row.first_verdict,
    cause: row.first_cause,
    restored: parseMicroCredits(row.first_restored ?? '0'),
    tips: row.first_tips ?? [],
    closedAt: momentOf(row.first_closed_at),
  };
}

export function momentOf(date: Date | null): Instant | null {
  return date === null ? null : instantOfDate(date);
}

/** What is kept of a report as a text: what was said, in which language answers are read, and what thread it is. */
export interface ReviewWords {
  readonly details: ReportedDetails;
  readonly thread: ReviewedThread | null;
  /** That of whoever reported, where the report came with one. */
  readonly language?: NoticeLanguage;
}

export function wordsOf(text: string): ReviewWords {
  return JSON.parse(text) as ReviewWords;
}
