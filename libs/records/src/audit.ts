// Records room. The audit: one line for each change that a person or a key made, written in the change's transaction.
import type { Instant, JsonValue } from '@fairmeter/domain';
import { instantOfDate } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { EntityManager } from 'typeorm';
import { saveText } from './texts.js';

/** What stood and what stands, of what was changed: ids, settings and figures, never words or addresses of people. */
export type AuditedState = Readonly<Record<string, JsonValue>>;

/** The words, or where they were kept before by whoever heard them. */
export type AuditReason = { readonly subject: string; readonly text: string } | { readonly ref: string };

export interface AuditEvent {
  readonly accountId: string;
  /** As the table of rights names the role. */
  readonly actor: { readonly role: string; readonly id: string };
  /** A noun and what was done to it: `bot.archived`, `key.revoked`. */
  readonly action: string;
  readonly targetId: string;
  /** Null where there was nothing before, or is nothing after. */
  readonly before: AuditedState | null;
  readonly after: AuditedState | null;
  /** In the actor's own words, which are kept where they can be erased; `subject` is the tenant's who writes. */
  readonly reason?: AuditReason;
  readonly requestId?: string;
}

/** Its commit is on disk when it is told, also on a connection that does not wait for that by itself. */
export async function waitForDisk(tx: EntityManager): Promise<void> {
  await tx.query(`SELECT set_config('synchronous_commit', 'on', true)`);
}

/** With it the transaction waits for the disk, also where its connection usually does not: what was told stays. */
export async function writeAudit(tx: EntityManager, event: AuditEvent): Promise<void> {
  const { accountId, reason } = event;
  await waitForDisk(tx);
  const reasonRef = reason === undefined ? null : await refOfReason(tx, accountId, reason);
  await tx.query(
    `INSERT INTO records.audit
       (id, account_id, actor_role, actor_id, action, target_id, reason_ref, before, after, request_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      newId('aud'),
      accountId,
      event.actor.role,
      event.actor.id,
      event.action,
      event.targetId,
      reasonRef,
      event.before === null ? null : JSON.stringify(event.before),
      event.after === null ? null : JSON.stringify(event.after),
      event.requestId ?? null,
    ],
  );
}

/**
 * For whoever is asked again by itself: not where the same request has left such a line before. What was done before
 * (`isRepeated`) may be of an earlier request, which has left the same one.
 */
export async function writeAuditOnce(
  tx: EntityManager,
  event: AuditEvent & { readonly requestId: string },
  isRepeated: boolean,
): Promise<void> {
  const { accountId, targetId, action, requestId, after } = event;
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`audit/${targetId}`]);
  const known = await tx.query<unknown[]>(
    `SELECT 1 FROM records.audit WHERE target_id = $1 AND account_id = $2 AND action = $3
       AND (request_id = $4 OR ($5 AND after = $6::jsonb)) LIMIT 1`,
    [targetId, accountId, action, requestId, isRepeated, JSON.stringify(after)],
  );
  if (known.length === 0) await writeAudit(tx, event);
}

/** Many lines by one statement, of what one step changed in many places; their reason, if any, was kept before. */
export async function writeAuditLines(tx: EntityManager, events: readonly AuditLineToWrite[]): Promise<void> {
  if (events.length === 0) return;
  await waitForDisk(tx);
  const rows = events.map((event) => ({
    id: newId('aud'),
    account_id: event.accountId,
    actor_role: event.actor.role,
    actor_id: event.actor.id,
    action: event.action,
    target_id: event.targetId,
    reason_ref: event.reason?.ref ?? null,
    before: event.before,
    after: event.after,
    request_id: event.requestId ?? null,
  }));
  await tx.query(
    `INSERT INTO records.audit
       (id, account_id, actor_role, actor_id, action, target_id, reason_ref, before, after, request_id)
     SELECT id, account_id, actor_role, actor_id, action, target_id, reason_ref, before, after, request_id
     FROM jsonb_to_recordset($1::jsonb) AS line (id text, account_id text, actor_role text, actor_id text, action text,
       target_id text, reason_ref text, before jsonb, after jsonb, request_id text)`,
    [JSON.stringify(rows)],
  );
}

export type AuditLineToWrite = Omit<AuditEvent, 'reason'> & { readonly reason?: { readonly ref: string } };

async function refOfReason(tx: EntityManager, accountId: string, reason: AuditReason): Promise<string> {
  if ('ref' in reason) return reason.ref;
  return keepReason(tx, accountId, reason);
}

/** For a reason that has to be handed on before its line is written. */
export async function keepReason(
  tx: EntityManager,
  accountId: string,
  { subject, text }: { readonly subject: string; readonly text: string },
): Promise<string> {
  const id = newId('txt');
  await saveText(tx, { id, accountId, subject, purpose: 'reason', body: text });
  return id;
}

export interface AuditLine {
  readonly id: string;
  readonly at: Instant;
  readonly actor: AuditEvent['actor'];
  readonly action: string;
  readonly targetId: string;
  /** Null where none was given, and where it was erased. */
  readonly reason: string | null;
  readonly before: AuditedState | null;
  readonly after: AuditedState | null;
  readonly requestId: string | null;
}

interface AuditPage {
  /** The id of the last line seen; null begins. */
  readonly before: string | null;
  readonly limit: number;
  readonly action?: string | undefined;
  readonly targetId?: string | undefined;
}

export interface AuditQuery extends AuditPage {
  readonly accountId: string;
}

/** What is left out is of any. */
export interface StaffAuditQuery extends AuditPage {
  /** Empty: what is of no account. */
  readonly accountId?: string | undefined;
  readonly actorId?: string | undefined;
}

/** Reasons of the staff alone are told; what others wrote is theirs. */
export interface StaffAuditLine extends AuditLine {
  /** Empty where it is of no account. */
  readonly accountId: string;
}

interface AuditRow {
  readonly id: string;
  readonly at: Date;
  readonly actor_role: string;
  readonly actor_id: string;
  readonly action: string;
  readonly target_id: string;
  readonly reason: string | null;
  readonly before: AuditedState | null;
  readonly after: AuditedState | null;
  readonly request_id: string | null;
}

/** The newest first. */
export async function readAudit(tx: EntityManager, query: AuditQuery): Promise<AuditLine[]> {
  const rows = await tx.query<AuditRow[]>(
    `SELECT a.id, a.at, a.actor_role, a.actor_id, a.action, a.target_id, t.body AS reason, a.before, a.after,
       a.request_id
     FROM records.audit a LEFT JOIN records.texts t ON t.id = a.reason_ref
     WHERE a.account_id = $1 AND ($2::text IS NULL OR a.id < $2) AND ($3::text IS NULL OR a.action = $3)
       AND ($4::text IS NULL OR a.target_id = $4)
     ORDER BY a.id DESC LIMIT $5`,
    [query.accountId, query.before, query.action ?? null, query.targetId ?? null, query.limit],
  );
  return rows.map(lineOf);
}

/** Of all accounts and of none, the newest first; shown where the subject of the transaction is of the staff. */
export async function readAuditForStaff(tx: EntityManager, query: StaffAuditQuery): Promise<StaffAuditLine[]> {
  const { accountId, actorId, action, targetId, before, limit } = query;
  const rows = await tx.query<(AuditRow & { readonly account_id: string })[]>(
    'SELECT * FROM records.audit_for_staff($1, $2, $3, $4, $5, $6)',
    [accountId ?? null, actorId ?? null, action ?? null, targetId ?? null, before, limit],
  );
  return rows.map((row) => ({ ...lineOf(row), accountId: row.account_id }));
}

function lineOf(row: AuditRow): AuditLine {
  const { id, action, reason, before, after } = row;
  return {
    ...{ id, action, reason, before, after },
    at: instantOfDate(row.at),
    actor: { role: row.actor_role, id: row.actor_id },
    targetId: row.target_id,
    requestId: row.request_id,
  };
}
