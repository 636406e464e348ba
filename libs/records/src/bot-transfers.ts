// Records room. A bot goes to another account by both owners' consent: one offers it, the other accepts. What the bot
// did before stays with whoever owned it then.
import type { Instant } from '@fairmeter/domain';
import { instantOfDate } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { EntityManager } from 'typeorm';

export type TransferState = 'offered' | 'accepted' | 'withdrawn';

export interface BotTransfer {
  readonly id: string;
  readonly botId: string;
  readonly fromAccount: string;
  readonly toAccount: string;
  readonly state: TransferState;
  readonly offeredAt: Instant;
  readonly endedAt: Instant | null;
}

interface Row {
  readonly id: string;
  readonly bot_id: string;
  readonly from_account: string;
  readonly to_account: string;
  readonly state: TransferState;
  readonly offered_at: Date;
  readonly ended_at: Date | null;
}

const SHOWN = 'id, bot_id, from_account, to_account, state, offered_at, ended_at';

export interface Offer {
  readonly botId: string;
  readonly fromAccount: string;
  readonly toAccount: string;
  readonly by: string;
}

/** Null where the bot is offered to somebody already. */
export async function offerBot(tx: EntityManager, offer: Offer): Promise<BotTransfer | null> {
  const rows = await tx.query<Row[]>(
    `INSERT INTO records.bot_transfers (id, bot_id, from_account, to_account, state, offered_by)
     VALUES ($1, $2, $3, $4, 'offered', $5)
     ON CONFLICT (bot_id) WHERE state = 'offered' DO NOTHING RETURNING ${SHOWN}`,
    [newId('trf'), offer.botId, offer.fromAccount, offer.toAccount, offer.by],
  );
  return rows[0] === undefined ? null : viewOf(rows[0]);
}

export async function findTransfer(tx: EntityManager, id: string): Promise<BotTransfer | null> {
  const rows = await tx.query<Row[]>(`SELECT ${SHOWN} FROM records.bot_transfers WHERE id = $1`, [id]);
  return rows[0] === undefined ? null : viewOf(rows[0]);
}

/** From and to the tenant, the newest first. */
export async function listTransfers(tx: EntityManager, before: string | null, limit: number): Promise<BotTransfer[]> {
  const rows = await tx.query<Row[]>(
    `SELECT ${SHOWN} FROM records.bot_transfers WHERE $1::text IS NULL OR id < $1 ORDER BY id DESC LIMIT $2`,
    [before, limit],
  );
  return rows.map(viewOf);
}

export type Acceptance = 'accepted' | 'over' | 'not_found';

/** The bot, its keys and the other owner's audit change with it, or nothing does. */
export async function acceptTransfer(tx: EntityManager, id: string, by: string): Promise<Acceptance> {
  const rows = await tx.query<{ outcome: Acceptance }[]>('SELECT records.accept_bot_transfer($1, $2, $3) AS outcome', [
    id,
    by,
    newId('aud'),
  ]);
  return rows[0]?.outcome ?? 'not_found';
}

/** By either side; false where it is over already. */
export async function withdrawTransfer(tx: EntityManager, id: string, by: string): Promise<boolean> {
  const [rows] = await tx.query<[unknown[], number]>(
    `UPDATE records.bot_transfers SET state = 'withdrawn', ended_by = $2, ended_at = clock_timestamp()
     WHERE id = $1 AND state = 'offered' RETURNING id`,
    [id, by],
  );
  return rows.length > 0;
}

function viewOf(row: Row): BotTransfer {
  return {
    id: row.id,
    botId: row.bot_id,
    fromAccount: row.from_account,
    toAccount: row.to_account,
    state: row.state,
    offeredAt: instantOfDate(row.offered_at),
    endedAt: row.ended_at === null ? null : instantOfDate(row.ended_at),
  };
}
