// Records room. Compensations by staff: what was asked for, by whom, and how it stands. Of all accounts at once: shown
// to staff and to processes of ours, to no tenant.
import type { CompensationState, CompensationTarget, Instant, StaffMember, StaffRole } from '@fairmeter/domain';
import { instantOfDate } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

/** Where what no account owns is kept: reasons and lines of the audit about many accounts at once. */
export const OF_NO_ACCOUNT = '';

export interface NewCompensation {
  readonly id: string;
  readonly target: CompensationTarget;
  readonly askedBy: StaffMember;
  readonly requestId: string;
  /** Null of a preview that nobody has asked for yet. */
  readonly asked: AskedCompensation | null;
}

export interface AskedCompensation {
  readonly reasonRef: string;
  readonly keyHash: string;
  readonly bodyHash: string;
}

export interface CompensationRecord extends Omit<NewCompensation, 'asked'> {
  /** Without its key, which is free again where it was refused. */
  readonly asked: Omit<AskedCompensation, 'keyHash'> | null;
  /** The last job that its preview has looked at; null where no page is done. */
  readonly previewedUpTo: string | null;
  readonly state: CompensationState;
  readonly decideUntil: Instant | null;
  readonly decidedBy: string | null;
  readonly decidedAt: Instant | null;
  readonly createdAt: Instant;
  readonly endedAt: Instant | null;
}

interface CompensationRow {
  readonly id: string;
  readonly target: CompensationTarget;
  readonly state: CompensationState;
  readonly asked_by: string;
  readonly asked_role: StaffRole;
  readonly request_id: string;
  readonly reason_ref: string | null;
  readonly previewed_up_to: string | null;
  readonly body_hash: string | null;
  readonly decide_until: Date | null;
  readonly decided_by: string | null;
  readonly decided_at: Date | null;
  readonly created_at: Date;
  readonly ended_at: Date | null;
}

const COMPENSATION = `SELECT id, target, state, asked_by, asked_role, request_id, reason_ref, body_hash,
  previewed_up_to, decide_until, decided_by, decided_at, created_at, ended_at FROM records.compensations`;

export async function saveNewCompensation(tx: EntityManager, fresh: NewCompensation): Promise<void> {
  const { id, target, askedBy, requestId, asked } = fresh;
  await tx.query(
    `INSERT INTO records.compensations (id, target, asked_by, asked_role, request_id, reason_ref, key_hash, body_hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      ...[id, JSON.stringify(target), askedBy.id, askedBy.role, requestId],
      ...[asked?.reasonRef ?? null, asked?.keyHash ?? null, asked?.bodyHash ?? null],
    ],
  );
}

/** False where it was asked for before, or is no preview of whoever asks now. */
export async function askForPreviewed(
  tx: EntityManager,
  id: string,
  { requestId, reasonRef, keyHash, bodyHash }: AskedCompensation & { readonly requestId: string },
): Promise<boolean> {
  const [rows] = await tx.query<[unknown[], number]>(
    `UPDATE records.compensations SET request_id = $2, reason_ref = $3, key_hash = $4, body_hash = $5
     WHERE id = $1 AND state = 'previewed' AND reason_ref IS NULL RETURNING id`,
    [id, requestId, reasonRef, keyHash, bodyHash],
  );
  return rows.length > 0;
}

export async function findCompensation(tx: EntityManager, id: string): Promise<CompensationRecord | null> {
  return one(await tx.query<CompensationRow[]>(`${COMPENSATION} WHERE id = $1`, [id]));
}

export async function findCompensationByKey(tx: EntityManager, keyHash: string): Promise<CompensationRecord | null> {
  return one(await tx.query<CompensationRow[]>(`${COMPENSATION} WHERE key_hash = $1`, [keyHash]));
}

/** Held for the transaction: its pages are done one by one. */
export async function lockCompensation(tx: EntityManager, id: string): Promise<CompensationRecord | null> {
  return one(await tx.query<CompensationRow[]>(`${COMPENSATION} WHERE id = $1 FOR UPDATE`, [id]));
}

export interface CompensationsQuery {
  readonly state: CompensationState | null;
  /** The id of the last one seen; null begins. */
  readonly before: string | null;
  readonly limit: number;
}

/** The newest first; previews that nobody asked for are not among them. */
export async function readCompensations(
  tx: EntityManager,
  { state, before, limit }: CompensationsQuery,
): Promise<CompensationRecord[]> {
  const rows = await tx.query<CompensationRow[]>(
    `${COMPENSATION} WHERE reason_ref IS NOT NULL AND ($1::text IS NULL OR state = $1)
       AND ($2::text IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
    [state, before, limit],
  );
  return rows.map(compensationOf);
}

export interface CompensationMove {
  readonly state: CompensationState;
  readonly decideUntil?: Instant;
  readonly decidedBy?: string | null;
  /** It is refused: the same key is decided anew. */
  readonly freesKey?: boolean;
}

/** Once it is previewed, whoever asks for its credits has a minute for it before anybody looks for a lost run. */
export async function moveCompensation(tx: EntityManager, id: string, move: CompensationMove): Promise<void> {
  const { state, decideUntil = null, decidedBy, freesKey = false } = move;
  const hasEnded = state === 'rejected' || state === 'posted';
  await tx.query(
    `UPDATE records.compensations SET state = $2, decide_until = coalesce($3, decide_until),
       decided_by = coalesce($4, decided_by), decided_at = CASE WHEN $5 THEN clock_timestamp() ELSE decided_at END,
       ended_at = CASE WHEN $6 THEN clock_timestamp() END, key_hash = CASE WHEN NOT $7 THEN key_hash END,
       look_at = CASE WHEN $2 = 'previewed' THEN clock_timestamp() + interval '1 minute' ELSE look_at END
     WHERE id = $1`,
    [
      ...[id, state, decideUntil === null ? null : new Date(decideUntil)],
      ...[decidedBy ?? null, decidedBy !== undefined, hasEnded, freesKey],
    ],
  );
}

export async function notePreviewedUpTo(tx: EntityManager, id: string, jobId: string): Promise<void> {
  await tx.query('UPDATE records.compensations SET previewed_up_to = $2 WHERE id = $1', [id, jobId]);
}

function one([row]: readonly CompensationRow[]): CompensationRecord | null {
  return row === undefined ? null : compensationOf(row);
}

function compensationOf(row: CompensationRow): CompensationRecord {
  const { reason_ref: reasonRef, body_hash: bodyHash } = row;
  return {
    id: row.id,
    target: row.target,
    state: row.state,
    askedBy: { id: row.asked_by, role: row.asked_role },
    requestId: row.request_id,
    asked: reasonRef === null || bodyHash === null ? null : { reasonRef, bodyHash },
    previewedUpTo: row.previewed_up_to,
    decideUntil: momentOf(row.decide_until),
    decidedBy: row.decided_by,
    decidedAt: momentOf(row.decided_at),
    createdAt: instantOfDate(row.created_at),
    endedAt: momentOf(row.ended_at),
  };
}

function momentOf(date: Date | null): Instant | null {
  return date === null ? null : instantOfDate(date);
}
