// Records room. Usage reviews: reported by people, visitors or the platform itself, moved on by the writer alone.
import type {
  Instant,
  JsonValue,
  MicroCredits,
  ReviewCause,
  ReviewDetail,
  ReviewState,
  ReviewVerdict,
} from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import type { PickedOfCase, ReviewCase, ReviewedThread } from './review-case.js';
import type { ListedReviewRow, ReviewRow } from './review-rows.js';
import { caseOf, LISTED_COLUMNS, listedCaseOf, momentOf } from './review-rows.js';

export interface NewReviewCase extends Pick<
  ReviewCase,
  'id' | 'accountId' | 'thread' | 'channel' | 'reporter' | 'missing' | 'state' | 'duplicateOf' | 'bodyHash'
> {
  readonly wordsRef: string | null;
  readonly keyHash: string;
}

/** Of two that are opened at once under one key, or for one thread, the later one fails to serialize or adds none. */
export async function addReviewCase(tx: EntityManager, added: NewReviewCase): Promise<boolean> {
  const { thread, reporter } = added;
  const rows = await tx.query<unknown[]>(
    `INSERT INTO records.review_cases (id, account_id, bot_id, thread_id, job_id, somebody, channel, reporter_kind,
       reporter_id, words_ref, missing, state, duplicate_of, key_hash, body_hash, look_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
       CASE WHEN $13::text IS NULL THEN clock_timestamp() + interval '1 minute' END)
     ON CONFLICT DO NOTHING RETURNING id`,
    [
      ...[added.id, added.accountId],
      ...[thread?.botId ?? null, thread?.threadId ?? null, thread?.jobId ?? null, thread?.somebody ?? null],
      ...[added.channel, reporter.kind, reporter.id, added.wordsRef, added.missing],
      ...[added.state, added.duplicateOf, added.keyHash, added.bodyHash],
    ],
  );
  return rows.length > 0;
}

const VIEW = 'SELECT *, records.restored_to_reader(id) AS restored_to_reader FROM records.review_views';

export async function findReviewByKey(tx: EntityManager, keyHash: string): Promise<ReviewCase | null> {
  return one(await tx.query<ReviewRow[]>(`${VIEW} WHERE key_hash = $1`, [keyHash]));
}

export async function findReview(tx: EntityManager, id: string): Promise<ReviewCase | null> {
  return one(await tx.query<ReviewRow[]>(`${VIEW} WHERE id = $1`, [id]));
}

/** Held for the transaction: what becomes of one case is decided one by one. */
export async function lockReview(tx: EntityManager, id: string): Promise<ReviewCase | null> {
  await tx.query('SELECT id FROM records.review_cases WHERE id = $1 FOR UPDATE', [id]);
  return findReview(tx, id);
}

/** The case that another report of the thread belongs to: the open one, else the latest that was not let lapse. */
export async function findReviewOfThread(
  tx: EntityManager,
  accountId: string,
  thread: ReviewedThread,
): Promise<{ readonly id: string; readonly closedAt: Instant | null } | null> {
  const [row] = await tx.query<{ id: string; closed_at: Date | null }[]>(
    `SELECT id, closed_at FROM records.review_cases
     WHERE account_id = $1 AND bot_id = $2 AND coalesce(thread_id, job_id) = $3 AND somebody IS NOT DISTINCT FROM $4
       AND duplicate_of IS NULL AND state <> 'closed_stale'
     ORDER BY (closed_at IS NULL) DESC, id DESC LIMIT 1`,
    [accountId, thread.botId, thread.threadId ?? thread.jobId, thread.somebody],
  );
  return row === undefined ? null : { id: row.id, closedAt: momentOf(row.closed_at) };
}

/** Its open case, also where whoever asks may not read that: for tenants, of whom a visitor asks for own threads. */
export async function findOpenReviewOfThread(tx: EntityManager, thread: ReviewedThread): Promise<string | null> {
  const [row] = await tx.query<{ id: string | null }[]>('SELECT records.open_review_of_thread($1, $2, $3) AS id', [
    ...[thread.botId, thread.threadId ?? thread.jobId, thread.somebody],
  ]);
  return row?.id ?? null;
}

export interface ReviewsQuery {
  /** Null: of all that whoever asks may see. A visitor's own are in several where the bot has moved. */
  readonly accountId: string | null;
  /** Whose reports alone; null: everybody's. */
  readonly reporterId: string | null;
  readonly before: string | null;
  readonly limit: number;
}

/** The newest first, without what was found in their threads. */
export async function readReviews(tx: EntityManager, query: ReviewsQuery): Promise<ReviewCase[]> {
  const rows = await tx.query<ListedReviewRow[]>(
    `SELECT ${LISTED_COLUMNS}, records.restored_to_reader(id) AS restored_to_reader FROM records.review_views
     WHERE ($1::text IS NULL OR account_id = $1) AND ($2::text IS NULL OR reporter_id = $2)
       AND ($3::text IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`,
    [query.accountId, query.reporterId, query.before, query.limit],
  );
  return rows.map(listedCaseOf);
}

export interface StaffReviewsQuery {
  readonly state: ReviewState | null;
  readonly overdueAlone: boolean;
  readonly before: string | null;
  readonly limit: number;
}

const FOR_STAFF = 'FROM records.reviews_for_staff($1, $2, $3, $4, $5)';

/** Of any account; shown where the subject of the transaction is somebody of the staff. */
export async function findReviewForStaff(tx: EntityManager, id: string): Promise<ReviewCase | null> {
  return one(await tx.query<ReviewRow[]>(`SELECT * ${FOR_STAFF}`, [id, null, false, null, 1]));
}

/** Likewise; the newest first, without what was found in their threads. */
export async function readReviewsForStaff(tx: EntityManager, query: StaffReviewsQuery): Promise<ReviewCase[]> {
  const { state, overdueAlone, before, limit } = query;
  const asked = [null, state, overdueAlone, before, limit];
  const rows = await tx.query<ListedReviewRow[]>(`SELECT ${LISTED_COLUMNS} ${FOR_STAFF}`, asked);
  return rows.map(listedCaseOf);
}

/** Of all accounts, for whoever watches over the platform. */
export async function countOverdueReviews(tx: EntityManager): Promise<number> {
  const [row] = await tx.query<{ overdue: number }[]>(
    'SELECT count(*)::int AS overdue FROM records.review_cases WHERE closed_at IS NULL AND breached_at IS NOT NULL',
  );
  return row?.overdue ?? 0;
}

/** Columns of a case as the writer moves it on; what is left out stays. */
export interface ReviewChanges {
  readonly state?: ReviewState;
  readonly thread?: ReviewedThread | null;
  readonly words_ref?: string;
  readonly missing?: readonly ReviewDetail[];
  readonly duplicate_of?: string;
  readonly target_at?: Instant | null;
  readonly due_at?: Instant | null;
  readonly paused_at?: Instant | null;
  readonly info_until?: Instant | null;
  readonly target_passed_at?: Instant | null;
  readonly breached_at?: Instant | null;
  readonly measured?: JsonValue;
  readonly analysis?: JsonValue;
  readonly verdict?: ReviewVerdict;
  readonly cause?: ReviewCause;
  readonly picked?: readonly PickedOfCase[];
  readonly restorable?: MicroCredits;
  readonly restored?: MicroCredits;
  readonly decided_by?: string | null;
  readonly decided_at?: Instant;
  readonly decided_hash?: string;
  readonly approved_by?: string | null;
  readonly reasons_ref?: string | null;
  readonly tips?: readonly string[];
  readonly guidance_ref?: string | null;
  readonly facts_ref?: string | null;
  readonly closed_at?: Instant | null;
  readonly reopened_at?: Instant;
}

const JSON_COLUMNS: ReadonlySet<string> = new Set(['measured', 'analysis', 'picked']);

export async function saveReview(tx: EntityManager, id: string, changes: ReviewChanges): Promise<void> {
  const { thread, ...rest } = changes;
  const ofThread =
    thread === undefined || thread === null
      ? {}
      : { bot_id: thread.botId, thread_id: thread.threadId, job_id: thread.jobId, somebody: thread.somebody };
  const columns = Object.entries({ ...ofThread, ...rest });
  const set = columns.map(([name], index) => `${name} = $${index + 2}`).join(', ');
  const values = columns.map(([name, value]) => valueOf(name, value));
  await tx.query(`UPDATE records.review_cases SET ${set}, changed_at = clock_timestamp() WHERE id = $1`, [
    id,
    ...values,
  ]);
}

function one([row]: readonly ReviewRow[]): ReviewCase | null {
  return row === undefined ? null : caseOf(row);
}

function valueOf(name: string, value: unknown): unknown {
  if (JSON_COLUMNS.has(name)) return JSON.stringify(value);
  if (typeof value === 'bigint') return value.toString();
  return typeof value === 'number' ? new Date(value) : value;
}
