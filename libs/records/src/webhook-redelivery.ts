// Records room. What an owner asks for once more: sent again, also where it is on its way at that moment.
import type { Instant } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { SENDABLE, WEBHOOK_CHANNEL } from './webhook-deliveries.js';

export type Redelivery = { readonly eventId: string } | { readonly since: Instant };

/** Sent once more under their own ids, in their own order; says how many. */
export async function redeliver(tx: EntityManager, endpointId: string, wish: Redelivery): Promise<number> {
  const [column, value] =
    'eventId' in wish ? ['event_id =', wish.eventId] : ['at >=', new Date(wish.since).toISOString()];
  const [rows] = await tx.query<[{ account_id: string }[], number]>(
    `UPDATE records.webhook_deliveries SET state = 'pending', asked_again = asked_again + 1
     WHERE endpoint_id = $1 AND ${column} $2
       AND EXISTS (SELECT FROM records.webhook_endpoints WHERE id = $1 AND ${SENDABLE}) RETURNING account_id`,
    [endpointId, value],
  );
  const [row] = rows;
  const message = row === undefined ? null : `${row.account_id}/${endpointId}`;
  if (message !== null) await tx.query('SELECT pg_notify($1, $2)', [WEBHOOK_CHANNEL, message]);
  return rows.length;
}
