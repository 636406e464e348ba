// Records room. Grants of credits: what was asked for, by whom, and what became of it.
import type { EarningRuleId, GrantKind, GrantState, Instant, MicroCredits, StaffRole } from '@fairmeter/domain';
import { instantOfDate, parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

/** What somebody did for the platform, and by which rule it is rewarded. */
export interface Contribution {
  readonly rule: EarningRuleId;
  readonly reference: string;
}

export interface AskedGrant {
  readonly id: string;
  readonly accountId: string;
  readonly kind: GrantKind;
  readonly credits: MicroCredits;
  readonly expiresAt: Instant | null;
  readonly contribution: Contribution | null;
  readonly askedBy: { readonly id: string; readonly role: StaffRole };
}

export interface GrantRecord extends AskedGrant {
  readonly state: GrantState;
  readonly decidedBy: string | null;
  readonly decidedAt: Instant | null;
  readonly lotId: string | null;
  readonly bodyHash: string;
  readonly createdAt: Instant;
}

export interface StaffGrant extends GrantRecord {
  /** Null where the words were erased. */
  readonly reason: string | null;
}

interface GrantRow {
  readonly id: string;
  readonly account_id: string;
  readonly kind: GrantKind;
  readonly credits: string;
  readonly expires_at: Date | null;
  readonly earning_rule: EarningRuleId | null;
  readonly contribution_reference: string | null;
  readonly state: GrantState;
  readonly asked_by: string;
  readonly asked_role: StaffRole;
  readonly decided_by: string | null;
  readonly decided_at: Date | null;
  readonly lot_id: string | null;
  readonly body_hash: string;
  readonly created_at: Date;
}

const GRANT = `SELECT id, account_id, kind, credits::text, expires_at, earning_rule, contribution_reference, state,
  asked_by, asked_role, decided_by, decided_at, lot_id, body_hash, created_at FROM records.grants`;

export interface NewGrant extends AskedGrant {
  readonly reasonRef: string;
  readonly keyHash: string;
  readonly bodyHash: string;
}

/** False where a grant of this contribution stands or is under way; the key of the request is asked for before. */
export async function askForGrant(tx: EntityManager, asked: NewGrant): Promise<boolean> {
  const rows = await tx.query<unknown[]>(
    `INSERT INTO records.grants (id, account_id, kind, credits, expires_at, earning_rule, contribution_reference,
       reason_ref, asked_by, asked_role, key_hash, body_hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING RETURNING id`,
    [
      asked.id,
      asked.accountId,
      asked.kind,
      asked.credits.toString(),
      asked.expiresAt === null ? null : new Date(asked.expiresAt),
      asked.contribution?.rule ?? null,
      asked.contribution?.reference ?? null,
      asked.reasonRef,
      asked.askedBy.id,
      asked.askedBy.role,
      asked.keyHash,
      asked.bodyHash,
    ],
  );
  return rows.length > 0;
}

/** Null where the tenant was given nothing under this key. */
export async function findGrantByKey(tx: EntityManager, keyHash: string): Promise<GrantRecord | null> {
  return one(await tx.query<GrantRow[]>(`${GRANT} WHERE key_hash = $1`, [keyHash]));
}

/** Held for the transaction: what becomes of one grant is decided one by one. */
export async function lockGrant(tx: EntityManager, id: string): Promise<GrantRecord | null> {
  return one(await tx.query<GrantRow[]>(`${GRANT} WHERE id = $1 FOR UPDATE`, [id]));
}

export interface GrantsQuery {
  readonly accountId: string;
  readonly kind: GrantKind | null;
  /** The id of the last one seen; null begins. */
  readonly before: string | null;
  readonly limit: number;
}

/** What was given, the newest first: not what is only asked for, nor what was rejected. */
export async function readGrants(tx: EntityManager, query: GrantsQuery): Promise<GrantRecord[]> {
  const rows = await tx.query<GrantRow[]>(
    `${GRANT} WHERE account_id = $1 AND lot_id IS NOT NULL AND ($2::text IS NULL OR kind = $2)
       AND ($3::text IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`,
    [query.accountId, query.kind, query.before, query.limit],
  );
  return rows.map(grantOf);
}

type StaffGrantRow = GrantRow & { readonly reason: string | null };

/** Of any account; shown where the subject of the transaction is somebody of the staff. */
export async function findGrantForStaff(tx: EntityManager, id: string): Promise<StaffGrant | null> {
  const [row] = await tx.query<StaffGrantRow[]>('SELECT * FROM records.grants_for_staff($1, NULL, NULL, 1)', [id]);
  return row === undefined ? null : { ...grantOf(row), reason: row.reason };
}

export interface StaffGrantsQuery {
  readonly state: GrantState | null;
  readonly before: string | null;
  readonly limit: number;
}

/** Likewise; the newest first. */
export async function readGrantsForStaff(tx: EntityManager, query: StaffGrantsQuery): Promise<StaffGrant[]> {
  const rows = await tx.query<StaffGrantRow[]>('SELECT * FROM records.grants_for_staff(NULL, $1, $2, $3)', [
    query.state,
    query.before,
    query.limit,
  ]);
  return rows.map((row) => ({ ...grantOf(row), reason: row.reason }));
}

export async function saveGrantDecision(
  tx: EntityManager,
  id: string,
  { state, decidedBy }: { readonly state: GrantState; readonly decidedBy: string | null },
): Promise<void> {
  await tx.query(
    `UPDATE records.grants SET state = $2, decided_by = $3, decided_at = clock_timestamp(),
       changed_at = clock_timestamp() WHERE id = $1`,
    [id, state, decidedBy],
  );
}

export async function saveGrantPosting(
  tx: EntityManager,
  id: string,
  { state, lotId }: { readonly state: GrantState; readonly lotId: string },
): Promise<void> {
  await tx.query('UPDATE records.grants SET state = $2, lot_id = $3, changed_at = clock_timestamp() WHERE id = $1', [
    id,
    state,
    lotId,
  ]);
}

function one([row]: readonly GrantRow[]): GrantRecord | null {
  return row === undefined ? null : grantOf(row);
}

function grantOf(row: GrantRow): GrantRecord {
  const { earning_rule: rule, contribution_reference: reference } = row;
  return {
    id: row.id,
    accountId: row.account_id,
    kind: row.kind,
    credits: parseMicroCredits(String(row.credits)),
    expiresAt: momentOf(row.expires_at),
    contribution: rule === null || reference === null ? null : { rule, reference },
    askedBy: { id: row.asked_by, role: row.asked_role },
    state: row.state,
    decidedBy: row.decided_by,
    decidedAt: momentOf(row.decided_at),
    lotId: row.lot_id,
    bodyHash: row.body_hash,
    createdAt: instantOfDate(row.created_at),
  };
}

function momentOf(date: Date | null): Instant | null {
  return date === null ? null : instantOfDate(date);
}
