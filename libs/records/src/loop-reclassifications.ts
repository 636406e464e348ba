// Records room. Loops of all accounts as staff look through them, and what staff say of their causes: what was found
// stays as the ledger noted it, what is said of it later comes on top.
import type {
  CompensationState,
  Instant,
  LoopAction,
  LoopCause,
  MicroCredits,
  StaffMember,
  StaffRole,
} from '@fairmeter/domain';
import { instant, instantOfDate, parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

/** The first, the second … finding of its job. */
export interface LoopRef {
  readonly jobId: string;
  readonly number: number;
}

export interface Reclassified {
  readonly before: LoopCause;
  readonly after: LoopCause;
  readonly by: StaffMember;
  /** Null where the words were erased. */
  readonly reason: string | null;
  readonly at: Instant;
  /** By which its repeats go back; null where nothing does. */
  readonly compensation: { readonly id: string; readonly state: CompensationState } | null;
}

export interface StaffLoop extends LoopRef {
  readonly accountId: string;
  readonly scopeId: string;
  /** Whether its job has. */
  readonly hasEnded: boolean;
  readonly signal: string;
  readonly foundCause: LoopCause;
  /** As it was said last. */
  readonly cause: LoopCause;
  readonly action: LoopAction;
  readonly foundAtStep: number;
  /** What went back when it was found. */
  readonly amount: MicroCredits;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly foundAt: Instant;
  /** What its repeats were charged. */
  readonly charged: MicroCredits;
  /** What of that came back, by whichever lane. */
  readonly refunded: MicroCredits;
  /** The oldest first. */
  readonly reclassifications: readonly Reclassified[];
}

interface LoopRow {
  readonly job_id: string;
  readonly number: number;
  readonly account_id: string;
  readonly scope_id: string;
  readonly has_ended: boolean;
  readonly signal: string;
  readonly found_cause: LoopCause;
  readonly cause: LoopCause;
  readonly action: LoopAction;
  readonly found_at_step: number;
  readonly amount: string;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly found_at: Date;
  readonly charged: string;
  readonly refunded: string;
  readonly reclassifications: readonly SaidLine[];
}

interface SaidLine extends Pick<Reclassified, 'before' | 'after' | 'reason'> {
  readonly by: string;
  readonly role: StaffRole;
  readonly at: number;
  readonly compensationId: string | null;
  readonly compensationState: CompensationState | null;
}

export interface StaffLoopsQuery {
  readonly cause: LoopCause | null;
  readonly accountId: string | null;
  /** The last one seen; null begins. */
  readonly after: (LoopRef & Pick<StaffLoop, 'foundAt'>) | null;
  readonly limit: number;
}

/** Of all accounts, the newest first; shown where the subject of the transaction is somebody of the staff. */
export async function readLoopsForStaff(tx: EntityManager, query: StaffLoopsQuery): Promise<StaffLoop[]> {
  const { cause, accountId, after, limit } = query;
  const rows = await tx.query<LoopRow[]>('SELECT * FROM records.loops_for_staff(NULL, NULL, $1, $2, $3, $4, $5, $6)', [
    ...[cause, accountId, after === null ? null : new Date(after.foundAt)],
    ...[after?.jobId ?? null, after?.number ?? null, limit],
  ]);
  return rows.map(loopOf);
}

/** Likewise. */
export async function findLoopForStaff(tx: EntityManager, { jobId, number }: LoopRef): Promise<StaffLoop | null> {
  const [row] = await tx.query<LoopRow[]>(
    'SELECT * FROM records.loops_for_staff($1, $2, NULL, NULL, NULL, NULL, NULL, 1)',
    [jobId, number],
  );
  return row === undefined ? null : loopOf(row);
}

export interface NewReclassification {
  readonly loop: Pick<StaffLoop, 'jobId' | 'number' | 'accountId' | 'cause' | 'reclassifications'>;
  readonly cause: LoopCause;
  readonly by: StaffMember;
  readonly reasonRef: string;
  readonly compensationId: string | null;
  readonly keyHash: string;
  readonly bodyHash: string;
}

/** Where somebody else says something of the same loop meanwhile, the transaction fails and is made again. */
export async function saveReclassification(tx: EntityManager, said: NewReclassification): Promise<void> {
  const { loop, cause, by, reasonRef, compensationId, keyHash, bodyHash } = said;
  await tx.query(
    `INSERT INTO records.loop_reclassifications (job_id, finding, number, account_id, cause_before, cause_after,
       decided_by, decided_role, reason_ref, compensation_id, key_hash, body_hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING`,
    [
      ...[loop.jobId, loop.number, loop.reclassifications.length + 1, loop.accountId, loop.cause, cause],
      ...[by.id, by.role, reasonRef, compensationId, keyHash, bodyHash],
    ],
  );
}

export interface SaidCause {
  readonly cause: LoopCause;
  readonly at: Instant;
}

/** What was said last of the causes of a job's loops, by the numbers of the findings: for whoever sees the job. */
export async function readSaidCauses(tx: EntityManager, jobId: string): Promise<ReadonlyMap<number, SaidCause>> {
  const rows = await tx.query<{ finding: number; cause: LoopCause; at: Date }[]>(
    `SELECT DISTINCT ON (finding) finding, cause_after AS cause, decided_at AS at
     FROM records.loop_reclassifications WHERE job_id = $1 ORDER BY finding, number DESC`,
    [jobId],
  );
  return new Map(rows.map(({ finding, cause, at }) => [finding, { cause, at: instantOfDate(at) }]));
}

/** The last word on each loop of an account of which anything was said. */
export async function readSaidOfLoops(
  tx: EntityManager,
  accountId: string,
): Promise<readonly (LoopRef & Pick<SaidCause, 'cause'>)[]> {
  return tx.query(
    `SELECT DISTINCT ON (r.job_id, r.finding) r.job_id AS "jobId", r.finding AS number, r.cause_after AS cause
     FROM records.loop_reclassifications r WHERE r.account_id = $1 ORDER BY r.job_id, r.finding, r.number DESC`,
    [accountId],
  );
}

export interface SaidBefore {
  readonly bodyHash: string;
  readonly compensationId: string | null;
}

export async function findReclassificationByKey(tx: EntityManager, keyHash: string): Promise<SaidBefore | null> {
  const [row] = await tx.query<{ body_hash: string; compensation_id: string | null }[]>(
    'SELECT body_hash, compensation_id FROM records.loop_reclassifications WHERE key_hash = $1',
    [keyHash],
  );
  return row === undefined ? null : { bodyHash: row.body_hash, compensationId: row.compensation_id };
}

function loopOf(row: LoopRow): StaffLoop {
  return {
    jobId: row.job_id,
    number: row.number,
    accountId: row.account_id,
    scopeId: row.scope_id,
    hasEnded: row.has_ended,
    signal: row.signal,
    foundCause: row.found_cause,
    cause: row.cause,
    action: row.action,
    foundAtStep: row.found_at_step,
    amount: parseMicroCredits(row.amount),
    evidence: row.evidence,
    foundAt: instantOfDate(row.found_at),
    charged: parseMicroCredits(row.charged),
    refunded: parseMicroCredits(row.refunded),
    reclassifications: row.reclassifications.map(saidOf),
  };
}

function saidOf({ by: id, role, at, compensationId, compensationState, ...said }: SaidLine): Reclassified {
  const compensation =
    compensationId === null || compensationState === null ? null : { id: compensationId, state: compensationState };
  return { ...said, by: { id, role }, at: instant(at), compensation };
}
