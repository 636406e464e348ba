// Records room. The audit: one line for each change that a person or a key made, written in the change's transaction.
import type { JsonValue } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { EntityManager } from 'typeorm';
import { saveText } from './texts.js';

/** What stood and what stands, of what was changed: ids, settings and figures, never words or addresses of people. */
export type AuditedState = Readonly<Record<string, JsonValue>>;

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
  readonly reason?: { readonly subject: string; readonly text: string };
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
  const reasonRef = reason === undefined ? null : newId('txt');
  if (reason !== undefined && reasonRef !== null) {
    await saveText(tx, { id: reasonRef, accountId, subject: reason.subject, purpose: 'reason', body: reason.text });
  }
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
