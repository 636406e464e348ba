// Records room. Purchases that are too large for one person of the staff to send back: asked for, and decided by
// another person.
import type { Instant, MicroCredits, PurchaseState, ReversalState, StaffMember, StaffRole } from '@fairmeter/domain';
import { instantOfDate, parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

export interface AskedReversal {
  readonly id: string;
  readonly purchaseId: string;
  readonly accountId: string;
  readonly credits: MicroCredits;
  readonly askedBy: StaffMember;
  readonly reasonRef: string;
  /** The first instant at which nobody can approve it any more. */
  readonly decideUntil: Instant;
}

/** Of its purchase, at most one; the writer holds the purchase's lock. */
export async function askForReversal(tx: EntityManager, asked: AskedReversal): Promise<void> {
  await tx.query(
    `INSERT INTO records.purchase_reversals
       (id, purchase_id, account_id, credits, reason_ref, asked_by, asked_role, decide_until)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      asked.id,
      asked.purchaseId,
      asked.accountId,
      asked.credits.toString(),
      asked.reasonRef,
      asked.askedBy.id,
      asked.askedBy.role,
      new Date(asked.decideUntil),
    ],
  );
}

export type OpenReversal = Pick<AskedReversal, 'id' | 'askedBy'>;

/** The one that waits, if any, locked; what nobody decided by `now` is written down as rejected. */
export async function lockOpenReversal(
  tx: EntityManager,
  purchaseId: string,
  now: Instant,
): Promise<OpenReversal | null> {
  type Row = { id: string; asked_by: string; asked_role: StaffRole; decide_until: Date };
  const [row] = await tx.query<Row[]>(
    `SELECT id, asked_by, asked_role, decide_until FROM records.purchase_reversals
     WHERE purchase_id = $1 AND state = 'requested' FOR UPDATE`,
    [purchaseId],
  );
  if (row === undefined) return null;
  const { id, asked_by: by, asked_role: role } = row;
  if (row.decide_until.getTime() > now) return { id, askedBy: { id: by, role } };
  await decideReversal(tx, id, { state: 'rejected', decidedBy: null });
  return null;
}

export interface ReversalDecided {
  readonly state: Exclude<ReversalState, 'requested'>;
  /** Null where nothing was left to decide. */
  readonly decidedBy: string | null;
}

/** False where it was decided before. */
export async function decideReversal(
  tx: EntityManager,
  id: string,
  { state, decidedBy }: ReversalDecided,
): Promise<boolean> {
  const [rows] = await tx.query<[unknown[], number]>(
    `UPDATE records.purchase_reversals SET state = $2, decided_by = $3, decided_at = clock_timestamp()
     WHERE id = $1 AND state = 'requested' RETURNING id`,
    [id, state, decidedBy],
  );
  return rows.length > 0;
}

/** As staff see it. */
export interface StaffReversal extends Omit<AskedReversal, 'reasonRef'> {
  readonly purchaseState: PurchaseState;
  readonly state: ReversalState;
  /** Null where the words were erased. */
  readonly reason: string | null;
  readonly decidedBy: string | null;
  readonly decidedAt: Instant | null;
  readonly createdAt: Instant;
}

interface StaffReversalRow {
  readonly id: string;
  readonly purchase_id: string;
  readonly purchase_state: PurchaseState;
  readonly account_id: string;
  readonly credits: string;
  readonly reason: string | null;
  readonly state: ReversalState;
  readonly asked_by: string;
  readonly asked_role: StaffRole;
  readonly decide_until: Date;
  readonly decided_by: string | null;
  readonly decided_at: Date | null;
  readonly created_at: Date;
}

/** Of any account, before a tenant is known: for staff alone. */
export async function findReversalForStaff(tx: EntityManager, id: string): Promise<StaffReversal | null> {
  const [row] = await tx.query<StaffReversalRow[]>('SELECT * FROM records.reversals_for_staff($1, NULL, NULL, 1)', [
    id,
  ]);
  return row === undefined ? null : reversalOf(row);
}

export interface StaffReversalsQuery {
  readonly state: ReversalState | null;
  readonly before: string | null;
  readonly limit: number;
}

/** Likewise; the newest first. */
export async function readReversalsForStaff(tx: EntityManager, query: StaffReversalsQuery): Promise<StaffReversal[]> {
  const rows = await tx.query<StaffReversalRow[]>('SELECT * FROM records.reversals_for_staff(NULL, $1, $2, $3)', [
    query.state,
    query.before,
    query.limit,
  ]);
  return rows.map(reversalOf);
}

/** Of these purchases, those that wait for a second person; the tenant sees its own. */
export async function readOpenReversals(
  tx: EntityManager,
  purchaseIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.query<{ id: string; purchase_id: string }[]>(
    `SELECT id, purchase_id FROM records.purchase_reversals
     WHERE purchase_id = ANY ($1) AND state = 'requested' AND decide_until > clock_timestamp()`,
    [purchaseIds],
  );
  return new Map(rows.map((row) => [row.purchase_id, row.id]));
}

function reversalOf(row: StaffReversalRow): StaffReversal {
  return {
    id: row.id,
    purchaseId: row.purchase_id,
    purchaseState: row.purchase_state,
    accountId: row.account_id,
    credits: parseMicroCredits(String(row.credits)),
    reason: row.reason,
    state: row.state,
    askedBy: { id: row.asked_by, role: row.asked_role },
    decideUntil: instantOfDate(row.decide_until),
    decidedBy: row.decided_by,
    decidedAt: row.decided_at === null ? null : instantOfDate(row.decided_at),
    createdAt: instantOfDate(row.created_at),
  };
}
