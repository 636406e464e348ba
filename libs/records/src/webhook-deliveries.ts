// Records room. What is on its way to an endpoint, in its order: queued once by the event's id, tried under a lease so
// that one process at a time sends there, and noted with what came of it.
import type { Instant, NoticeType } from '@fairmeter/domain';
import { instantOfDate } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import type { NoticeFacts } from './announcements.js';
import type { DisabledReason } from './webhook-endpoints.js';
import { GIVE_UP } from './webhook-endpoints.js';

export const WEBHOOK_CHANNEL = 'fairmeter_webhooks';

export interface QueuedEvent {
  readonly accountId: string;
  readonly eventId: string;
  readonly type: NoticeType;
  readonly at: Instant;
  readonly data: NoticeFacts;
}

/** For each endpoint of the account that asked for its type and was there by then; once, however often it is queued. */
export async function queueWebhook(tx: EntityManager, event: QueuedEvent): Promise<void> {
  await tx.query('SELECT records.queue_webhook($1, $2, $3, $4, $5)', [
    event.accountId,
    event.eventId,
    event.type,
    new Date(event.at).toISOString(),
    JSON.stringify(event.data),
  ]);
}

/** Since when somebody there has asked for any of the types, by account: of those named, or of all. */
export async function accountsThatAsked(
  tx: EntityManager,
  accountIds: readonly string[] | null,
  types: readonly NoticeType[],
): Promise<ReadonlyMap<string, Instant>> {
  const rows = await tx.query<{ account_id: string; since: Date }[]>(
    `SELECT account_id, min(told_from) AS since FROM records.webhook_endpoints
     WHERE deleted_at IS NULL AND disabled_at IS NULL AND event_types && $2::text[]
       AND ($1::text[] IS NULL OR account_id = ANY ($1)) GROUP BY account_id`,
    [accountIds, types],
  );
  return new Map(rows.map(({ account_id: accountId, since }) => [accountId, instantOfDate(since)]));
}

/** Of an endpoint. */
export const SENDABLE = 'deleted_at IS NULL AND disabled_at IS NULL';

/** An endpoint, and whose it is. */
export interface WebhookPlace {
  readonly accountId: string;
  readonly endpointId: string;
}

/** As the channel says it; null is nobody's message. */
export function placeOfMessage(message: string): WebhookPlace | null {
  const [accountId, endpointId] = message.split('/');
  return accountId === undefined || endpointId === undefined ? null : { accountId, endpointId };
}

/** Where something waits for its first try, the first of each account before its second; one that fails is not due. */
export async function webhooksDue(tx: EntityManager, limit: number): Promise<WebhookPlace[]> {
  const rows = await tx.query<{ account_id: string; id: string }[]>(
    `SELECT e.account_id, e.id FROM records.webhook_endpoints e
     WHERE ${SENDABLE} AND failing_since IS NULL AND (sending_until IS NULL OR sending_until < clock_timestamp())
       AND EXISTS (SELECT FROM records.webhook_deliveries d WHERE d.endpoint_id = e.id AND d.state = 'pending')
     ORDER BY row_number() OVER (PARTITION BY e.account_id ORDER BY e.id) LIMIT $1`,
    [limit],
  );
  return rows.map(({ account_id: accountId, id: endpointId }) => ({ accountId, endpointId }));
}

/** Those whose workflow should be there, so that one that was ended by hand is started anew. */
export async function webhooksFailing(tx: EntityManager): Promise<string[]> {
  const rows = await tx.query<{ id: string }[]>(
    `SELECT id FROM records.webhook_endpoints WHERE ${SENDABLE} AND failing_since IS NOT NULL`,
  );
  return rows.map(({ id }) => id);
}

/** `first`: only where nothing has failed. `again`: whatever happened, and from now on nobody else tries. */
export type WebhookTurn = 'first' | 'again';

/** True where this process alone may send there for that long. */
export async function leaseWebhook(
  tx: EntityManager,
  id: string,
  { turn, leaseMs }: { readonly turn: WebhookTurn; readonly leaseMs: number },
): Promise<boolean> {
  const [rows] = await tx.query<[unknown[], number]>(
    `UPDATE records.webhook_endpoints
     SET sending_until = clock_timestamp() + make_interval(secs => $2::float8 / 1000),
       failing_since = CASE WHEN $3 = 'again' THEN coalesce(failing_since, clock_timestamp()) END
     WHERE id = $1 AND ${SENDABLE} AND (sending_until IS NULL OR sending_until < clock_timestamp())
       AND ($3 = 'again' OR failing_since IS NULL) RETURNING id`,
    [id, leaseMs, turn],
  );
  return rows.length > 0;
}

export async function extendLease(tx: EntityManager, id: string, leaseMs: number): Promise<void> {
  await tx.query(
    `UPDATE records.webhook_endpoints SET sending_until = clock_timestamp() + make_interval(secs => $2::float8 / 1000)
     WHERE id = $1`,
    [id, leaseMs],
  );
}

/** `failing`: its workflow has it from now on. */
export async function endLease(tx: EntityManager, id: string, wish: { readonly isFailing: boolean }): Promise<void> {
  await tx.query(
    `UPDATE records.webhook_endpoints SET sending_until = NULL,
       failing_since = CASE WHEN $2 THEN coalesce(failing_since, clock_timestamp()) ELSE failing_since END
     WHERE id = $1`,
    [id, wish.isFailing],
  );
}

/** Nothing waits there any more, and so nothing fails. False where something came in between. */
export async function noteCaughtUp(tx: EntityManager, id: string): Promise<boolean> {
  const [rows] = await tx.query<[unknown[], number]>(
    `UPDATE records.webhook_endpoints e SET sending_until = NULL, failing_since = NULL
     WHERE id = $1 AND NOT EXISTS (SELECT FROM records.webhook_deliveries d
       WHERE d.endpoint_id = e.id AND d.state = 'pending') RETURNING id`,
    [id],
  );
  return rows.length > 0;
}

/**
 * Whether anything may be sent there; where nothing may, nobody is at it any more either, and what was queued while it
 * was being disabled or deleted is given up.
 */
export async function isSendable(tx: EntityManager, id: string): Promise<boolean> {
  const rows = await tx.query<unknown[]>(`SELECT FROM records.webhook_endpoints WHERE id = $1 AND ${SENDABLE}`, [id]);
  if (rows.length === 0) {
    await tx.query('UPDATE records.webhook_endpoints SET failing_since = NULL WHERE id = $1', [id]);
    const isNot = `NOT EXISTS (SELECT FROM records.webhook_endpoints WHERE id = $1 AND ${SENDABLE})`;
    await tx.query(`${GIVE_UP} AND ${isNot}`, [id]);
  }
  return rows.length > 0;
}

export interface NextDelivery {
  readonly eventId: string;
  readonly accountId: string;
  readonly url: string;
  readonly type: NoticeType;
  readonly at: Instant;
  readonly data: NoticeFacts;
  /** How often its owner had asked for it again by then. */
  readonly askedAgain: number;
  /** Of all secrets that live, the newest first. */
  readonly secrets: readonly { readonly id: string; readonly sealed: string }[];
}

interface NextRow extends Omit<NextDelivery, 'eventId' | 'accountId' | 'at' | 'askedAgain'> {
  readonly event_id: string;
  readonly asked_again: number;
  readonly account_id: string;
  readonly at: Date;
}

export async function nextDelivery(tx: EntityManager, endpointId: string): Promise<NextDelivery | null> {
  const [row] = await tx.query<NextRow[]>(
    `SELECT d.event_id, d.account_id, e.url, d.type, d.at, d.data, d.asked_again, (
       SELECT jsonb_agg(jsonb_build_object('id', s.id, 'sealed', s.sealed) ORDER BY s.id DESC)
       FROM records.webhook_secrets s
       WHERE s.endpoint_id = e.id AND (s.expires_at IS NULL OR s.expires_at > clock_timestamp())) AS secrets
     FROM records.webhook_deliveries d JOIN records.webhook_endpoints e ON e.id = d.endpoint_id
     WHERE d.endpoint_id = $1 AND d.state = 'pending' AND ${SENDABLE} ORDER BY d.seq LIMIT 1`,
    [endpointId],
  );
  if (row === undefined) return null;
  const { event_id: eventId, account_id: accountId, asked_again: askedAgain, at, ...rest } = row;
  return { ...rest, eventId, accountId, askedAgain, at: instantOfDate(at) };
}

export interface TriedDelivery {
  readonly endpointId: string;
  readonly eventId: string;
  /** As the try found it. */
  readonly askedAgain: number;
  readonly isDelivered: boolean;
  readonly status: number | null;
  readonly problem: string | null;
}

/** One that was given up meanwhile stays so, unless it arrived; one that was asked for again meanwhile still waits. */
export async function noteTry(tx: EntityManager, tried: TriedDelivery): Promise<void> {
  await tx.query(
    `UPDATE records.webhook_deliveries SET tries = tries + 1, last_try_at = clock_timestamp(), last_status = $4,
       last_problem = $5, state = CASE WHEN $3 AND asked_again = $6 THEN 'delivered' ELSE state END,
       delivered_at = CASE WHEN $3 THEN clock_timestamp() ELSE delivered_at END
     WHERE endpoint_id = $1 AND event_id = $2`,
    [tried.endpointId, tried.eventId, tried.isDelivered, tried.status, tried.problem, tried.askedAgain],
  );
}

/** Null where it was disabled or deleted before: then there is nothing to tell. */
export async function disableWebhook(
  tx: EntityManager,
  id: string,
  reason: DisabledReason,
): Promise<{ readonly accountId: string; readonly url: string } | null> {
  // Whoever queues takes this lock: until the commit nothing comes that would not be given up with the rest.
  await tx.query(
    `SELECT pg_advisory_xact_lock(hashtextextended('announce/' || account_id, 0)) FROM records.webhook_endpoints
     WHERE id = $1`,
    [id],
  );
  const [[row]] = await tx.query<[{ account_id: string; url: string }[], number]>(
    `UPDATE records.webhook_endpoints SET disabled_reason = $2, disabled_at = clock_timestamp(), failing_since = NULL,
       sending_until = NULL WHERE id = $1 AND ${SENDABLE} RETURNING account_id, url`,
    [id, reason],
  );
  if (row === undefined) return null;
  await tx.query(GIVE_UP, [id]);
  return { accountId: row.account_id, url: row.url };
}

export interface WebhookDelivery {
  readonly eventId: string;
  readonly seq: bigint;
  readonly type: NoticeType;
  readonly at: Instant;
  readonly data: NoticeFacts;
  readonly state: 'pending' | 'delivered' | 'failed';
  readonly tries: number;
  readonly lastStatus: number | null;
  readonly lastProblem: string | null;
  readonly lastTryAt: Instant | null;
}

interface DeliveryRow {
  readonly event_id: string;
  readonly seq: string;
  readonly type: NoticeType;
  readonly at: Date;
  readonly data: NoticeFacts;
  readonly state: WebhookDelivery['state'];
  readonly tries: number;
  readonly last_status: number | null;
  readonly last_problem: string | null;
  readonly last_try_at: Date | null;
}

export interface DeliveryQuery {
  readonly endpointId: string;
  /** The number of the last one seen; null begins with the newest. */
  readonly before: bigint | null;
  readonly limit: number;
}

/** The newest first. */
export async function listDeliveries(tx: EntityManager, query: DeliveryQuery): Promise<WebhookDelivery[]> {
  const rows = await tx.query<DeliveryRow[]>(
    `SELECT event_id, seq::text, type, at, data, state, tries, last_status, last_problem, last_try_at
     FROM records.webhook_deliveries WHERE endpoint_id = $1 AND ($2::bigint IS NULL OR seq < $2)
     ORDER BY seq DESC LIMIT $3`,
    [query.endpointId, query.before?.toString() ?? null, query.limit],
  );
  return rows.map((row) => ({
    eventId: row.event_id,
    seq: BigInt(row.seq),
    type: row.type,
    at: instantOfDate(row.at),
    data: row.data,
    state: row.state,
    tries: row.tries,
    lastStatus: row.last_status,
    lastProblem: row.last_problem,
    lastTryAt: row.last_try_at === null ? null : instantOfDate(row.last_try_at),
  }));
}

/** What arrived, or was given up, is kept for so long; says how many went. */
export async function sweepDeliveries(tx: EntityManager, before: Instant): Promise<number> {
  const [, deleted] = await tx.query<[unknown[], number]>(
    `DELETE FROM records.webhook_deliveries WHERE (endpoint_id, event_id) IN (
       SELECT endpoint_id, event_id FROM records.webhook_deliveries WHERE state <> 'pending' AND at < $1
       ORDER BY at LIMIT 1000)`,
    [new Date(before).toISOString()],
  );
  return deleted;
}
