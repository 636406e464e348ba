// Records room. Where an account wants to be told: endpoints with the types they asked for, and the secrets that sign
// what is sent there. Of a secret the API writes the sealed form, and reads nothing back.
import type { Instant, NoticeType } from '@fairmeter/domain';
import { instantOfDate, isLedgerNotice } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

export const DISABLED_REASONS = ['by_owner', 'failing', 'gone'] as const;
export type DisabledReason = (typeof DISABLED_REASONS)[number];

export interface WebhookEndpoint {
  readonly id: string;
  readonly url: string;
  readonly description: string;
  readonly eventTypes: readonly NoticeType[];
  /** Null while it is enabled. */
  readonly disabled: { readonly reason: DisabledReason; readonly at: Instant } | null;
  /** Since when what is sent there does not arrive. */
  readonly failingSince: Instant | null;
  readonly createdAt: Instant;
}

interface EndpointRow {
  readonly id: string;
  readonly url: string;
  readonly description: string;
  readonly event_types: readonly NoticeType[];
  readonly disabled_reason: DisabledReason | null;
  readonly disabled_at: Date | null;
  readonly failing_since: Date | null;
  readonly created_at: Date;
}

const ENDPOINT = `SELECT id, url, description, event_types, disabled_reason, disabled_at, failing_since, created_at
  FROM records.webhook_endpoints WHERE account_id = $1 AND deleted_at IS NULL`;

/** The oldest first: they are few. */
export async function listWebhooks(tx: EntityManager, accountId: string): Promise<WebhookEndpoint[]> {
  return (await tx.query<EndpointRow[]>(`${ENDPOINT} ORDER BY id`, [accountId])).map(endpointOf);
}

export async function findWebhook(tx: EntityManager, accountId: string, id: string): Promise<WebhookEndpoint | null> {
  const [row] = await tx.query<EndpointRow[]>(`${ENDPOINT} AND id = $2`, [accountId, id]);
  return row === undefined ? null : endpointOf(row);
}

export type NewWebhook = Pick<WebhookEndpoint, 'id' | 'url' | 'description' | 'eventTypes'> & {
  readonly accountId: string;
};

export async function addWebhook(tx: EntityManager, endpoint: NewWebhook): Promise<void> {
  await tx.query(
    `INSERT INTO records.webhook_endpoints (id, account_id, url, description, event_types)
     VALUES ($1, $2, $3, $4, $5)`,
    [endpoint.id, endpoint.accountId, endpoint.url, endpoint.description, endpoint.eventTypes],
  );
  await watchResets(tx, endpoint.accountId, endpoint.eventTypes);
}

export interface ChangedWebhook {
  readonly before: WebhookEndpoint;
  readonly after: Pick<WebhookEndpoint, 'url' | 'description' | 'eventTypes'> & { readonly isEnabled: boolean };
}

/** What it is told from now on. Enabled again, it starts with what happens next: nothing was queued meanwhile. */
export async function changeWebhook(
  tx: EntityManager,
  accountId: string,
  { before, after }: ChangedWebhook,
): Promise<void> {
  const { id } = before;
  const { url, description, eventTypes, isEnabled } = after;
  // Where nobody followed the ledger for it until now, what had happened there is not sent.
  const startsAnew = before.disabled !== null || !before.eventTypes.some(isLedgerNotice);
  const asksForResets = before.disabled !== null || !before.eventTypes.includes('credits.reset');
  await tx.query(
    `UPDATE records.webhook_endpoints SET url = $2, description = $3, event_types = $4,
       disabled_reason = CASE WHEN $5 THEN NULL ELSE coalesce(disabled_reason, 'by_owner') END,
       disabled_at = CASE WHEN $5 THEN NULL ELSE coalesce(disabled_at, clock_timestamp()) END,
       told_from = CASE WHEN $6 THEN clock_timestamp() ELSE told_from END,
       resets_from = CASE WHEN $7 THEN clock_timestamp() ELSE resets_from END
     WHERE id = $1`,
    [id, url, description, eventTypes, isEnabled, startsAnew, asksForResets],
  );
  // Enabled again too: what was queued while it was being disabled may wait there still.
  if (!isEnabled || before.disabled !== null) await tx.query(GIVE_UP, [id]);
  await watchResets(tx, accountId, eventTypes);
}

export async function deleteWebhook(tx: EntityManager, id: string): Promise<void> {
  await tx.query('UPDATE records.webhook_endpoints SET deleted_at = clock_timestamp() WHERE id = $1', [id]);
  await tx.query(GIVE_UP, [id]);
}

/** What was not sent before it was disabled is not sent by itself afterwards. */
export const GIVE_UP = `UPDATE records.webhook_deliveries SET state = 'failed'
  WHERE endpoint_id = $1 AND state = 'pending'`;

/** A reset happens without anybody doing anything: only where it was asked for does anybody look. */
async function watchResets(tx: EntityManager, accountId: string, types: readonly NoticeType[]): Promise<void> {
  if (!types.includes('credits.reset')) return;
  await tx.query(
    `INSERT INTO records.reset_watches (account_id) VALUES ($1)
     ON CONFLICT (account_id) DO UPDATE SET look_at = clock_timestamp()`,
    [accountId],
  );
}

/** Since when somebody of the account wants to hear of resets; null where nobody does any more. */
export async function resetsAskedSince(tx: EntityManager, accountId: string): Promise<Instant | null> {
  const [row] = await tx.query<{ since: Date | null }[]>(
    `SELECT min(resets_from) AS since FROM records.webhook_endpoints
     WHERE account_id = $1 AND deleted_at IS NULL AND disabled_at IS NULL AND 'credits.reset' = ANY (event_types)`,
    [accountId],
  );
  const since = row?.since ?? null;
  return since === null ? null : instantOfDate(since);
}

export interface NewWebhookSecret {
  readonly id: string;
  readonly endpointId: string;
  readonly accountId: string;
  readonly sealed: string;
}

/** The others sign on until `othersEndAt`; those that end sooner still do. */
export async function addWebhookSecret(
  tx: EntityManager,
  secret: NewWebhookSecret,
  othersEndAt: Instant | null,
): Promise<void> {
  if (othersEndAt !== null) {
    await tx.query(
      `UPDATE records.webhook_secrets SET expires_at = least(coalesce(expires_at, $2), $2) WHERE endpoint_id = $1`,
      [secret.endpointId, new Date(othersEndAt).toISOString()],
    );
  }
  await tx.query('INSERT INTO records.webhook_secrets (id, endpoint_id, account_id, sealed) VALUES ($1, $2, $3, $4)', [
    secret.id,
    secret.endpointId,
    secret.accountId,
    secret.sealed,
  ]);
}

function endpointOf(row: EndpointRow): WebhookEndpoint {
  const { event_types: eventTypes, disabled_reason: reason, disabled_at: at, failing_since: since } = row;
  return {
    id: row.id,
    url: row.url,
    description: row.description,
    eventTypes,
    disabled: reason === null || at === null ? null : { reason, at: instantOfDate(at) },
    failingSince: since === null ? null : instantOfDate(since),
    createdAt: instantOfDate(row.created_at),
  };
}
