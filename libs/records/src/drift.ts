// Records room. Drift: found once while it is open, closed by whoever found it gone or settled it, or by staff.
import type { DriftDone, DriftKind, Instant, JsonValue } from '@fairmeter/domain';
import { instantOfDate } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { EntityManager } from 'typeorm';

/** Ids, instants and amounts: nobody's words. */
export type DriftFigures = Readonly<Record<string, JsonValue>>;

export interface FoundDrift {
  readonly kind: DriftKind;
  /** What it is about: a job, a workflow, an attempt as `job/step/attempt`. */
  readonly subject: string;
  /** Empty where nobody knows whose it is. */
  readonly accountId: string;
  readonly figures: DriftFigures;
}

export interface Drift extends FoundDrift {
  readonly id: string;
  readonly done: DriftDone;
  readonly foundAt: Instant;
  readonly resolvedAt: Instant | null;
  /** `reconcile`, or who of the staff. */
  readonly resolvedBy: string | null;
}

const BY_ITSELF = 'reconcile';

/** How many of them are new: what is listed already is not listed again. */
export async function listDrift(tx: EntityManager, found: readonly FoundDrift[]): Promise<number> {
  if (found.length === 0) return 0;
  const rows = await tx.query<unknown[]>(
    `INSERT INTO records.drift (id, kind, subject, account_id, figures)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::jsonb[])
     ON CONFLICT DO NOTHING RETURNING id`,
    [
      found.map(() => newId('dft')),
      found.map(({ kind }) => kind),
      found.map(({ subject }) => subject),
      found.map(({ accountId }) => accountId),
      found.map(({ figures }) => JSON.stringify(figures)),
    ],
  );
  return rows.length;
}

export interface ClosedDrift {
  readonly done: Exclude<DriftDone, 'listed'>;
  /** Told beside what was found. */
  readonly figures: DriftFigures;
}

/** The open one of that kind and subject; nothing where there is none. */
export async function closeDrift(
  tx: EntityManager,
  { kind, subject }: Pick<FoundDrift, 'kind' | 'subject'>,
  { done, figures }: ClosedDrift,
): Promise<void> {
  await tx.query(
    `UPDATE records.drift SET done = $3, figures = figures || $4::jsonb, resolved_at = clock_timestamp(),
       resolved_by = $5 WHERE kind = $1 AND subject = $2 AND resolved_at IS NULL`,
    [kind, subject, done, JSON.stringify(figures), BY_ITSELF],
  );
}

export interface OpenDriftQuery {
  readonly kinds: readonly DriftKind[];
  /** The id of the last one seen; null begins. */
  readonly after: string | null;
  readonly limit: number;
}

/** What is open, the oldest first: for a process of ours. */
export async function readOpenDrift(tx: EntityManager, { kinds, after, limit }: OpenDriftQuery): Promise<Drift[]> {
  const rows = await tx.query<DriftRow[]>(
    `SELECT id, kind, subject, account_id, figures, done, found_at, resolved_at, resolved_by FROM records.drift
     WHERE resolved_at IS NULL AND kind = ANY ($1) AND ($2::text IS NULL OR id > $2) ORDER BY id LIMIT $3`,
    [kinds, after, limit],
  );
  return rows.map(driftOf);
}

export interface StaffDrift extends Drift {
  /** Null where it closed by itself, and where the words were erased. */
  readonly reason: string | null;
}

export interface StaffDriftQuery {
  readonly kind: DriftKind | null;
  readonly accountId: string | null;
  readonly isOpen: boolean | null;
  readonly before: string | null;
  readonly limit: number;
}

type StaffDriftRow = DriftRow & { readonly reason: string | null };

/** Of all accounts, the newest first; shown where the subject of the transaction is somebody of the staff. */
export async function readDriftForStaff(tx: EntityManager, query: StaffDriftQuery): Promise<StaffDrift[]> {
  const rows = await tx.query<StaffDriftRow[]>('SELECT * FROM records.drift_for_staff(NULL, $1, $2, $3, $4, $5)', [
    query.kind,
    query.accountId,
    query.isOpen,
    query.before,
    query.limit,
  ]);
  return rows.map((row) => ({ ...driftOf(row), reason: row.reason }));
}

export async function findDriftForStaff(tx: EntityManager, id: string): Promise<StaffDrift | null> {
  const [row] = await tx.query<StaffDriftRow[]>(
    'SELECT * FROM records.drift_for_staff($1, NULL, NULL, NULL, NULL, 1)',
    [id],
  );
  return row === undefined ? null : { ...driftOf(row), reason: row.reason };
}

/** False where it was closed before. */
export async function resolveDrift(
  tx: EntityManager,
  id: string,
  { resolvedBy, reasonRef }: { readonly resolvedBy: string; readonly reasonRef: string },
): Promise<boolean> {
  const [rows] = await tx.query<[unknown[], number]>(
    `UPDATE records.drift SET resolved_at = clock_timestamp(), resolved_by = $2, reason_ref = $3
     WHERE id = $1 AND resolved_at IS NULL RETURNING id`,
    [id, resolvedBy, reasonRef],
  );
  return rows.length > 0;
}

export interface OpenDriftCount {
  readonly kind: DriftKind;
  readonly count: number;
  readonly oldest: Instant;
}

/** Of all accounts: figures alone. */
export async function countOpenDrift(tx: EntityManager): Promise<OpenDriftCount[]> {
  const rows = await tx.query<{ kind: DriftKind; count: string; oldest: Date }[]>('SELECT * FROM records.open_drift()');
  return rows.map(({ kind, count, oldest }) => ({ kind, count: Number(count), oldest: instantOfDate(oldest) }));
}

export interface OverdueReviews {
  readonly count: number;
  /** Since when the first of them is. */
  readonly oldest: Instant | null;
}

/** Of all accounts: figures alone. */
export async function readOverdueReviews(tx: EntityManager): Promise<OverdueReviews> {
  const [row] = await tx.query<{ count: string; oldest: Date | null }[]>('SELECT * FROM records.overdue_reviews()');
  const oldest = row?.oldest ?? null;
  return { count: Number(row?.count ?? 0), oldest: oldest === null ? null : instantOfDate(oldest) };
}

export async function readReconcileMark(tx: EntityManager, name: string): Promise<Instant | null> {
  const [row] = await tx.query<{ at: Date }[]>('SELECT at FROM records.reconcile_marks WHERE name = $1', [name]);
  return row === undefined ? null : instantOfDate(row.at);
}

/** Marks go forward only: of two that walk at once, the one that came further counts. */
export async function saveReconcileMark(tx: EntityManager, name: string, at: Instant): Promise<void> {
  await tx.query(
    `INSERT INTO records.reconcile_marks AS m (name, at) VALUES ($1, $2)
     ON CONFLICT (name) DO UPDATE SET at = greatest(m.at, excluded.at)`,
    [name, new Date(at)],
  );
}

interface DriftRow {
  readonly id: string;
  readonly kind: DriftKind;
  readonly subject: string;
  readonly account_id: string;
  readonly figures: DriftFigures;
  readonly done: DriftDone;
  readonly found_at: Date;
  readonly resolved_at: Date | null;
  readonly resolved_by: string | null;
}

function driftOf(row: DriftRow): Drift {
  return {
    id: row.id,
    kind: row.kind,
    subject: row.subject,
    accountId: row.account_id,
    figures: row.figures,
    done: row.done,
    foundAt: instantOfDate(row.found_at),
    resolvedAt: row.resolved_at === null ? null : instantOfDate(row.resolved_at),
    resolvedBy: row.resolved_by,
  };
}
