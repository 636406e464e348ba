// Records room. Packs of several bots: what an owner offers, with an allowance for each bot of its own. That a bought
// pack becomes one lot for each (visitor, bot) is the ledger's; here is only what is on offer.
import type { Instant, MicroCredits } from '@fairmeter/domain';
import { formatMicroCredits, instantOfDate, parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';

export interface BotAllowance {
  readonly botId: string;
  readonly credits: MicroCredits;
}

export interface BotPack {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  /** Each bot once: none is usable at another. */
  readonly allowances: readonly BotAllowance[];
  readonly madeAt: Instant;
  readonly withdrawnAt: Instant | null;
}

interface Row {
  readonly id: string;
  readonly account_id: string;
  readonly name: string;
  readonly allowances: { readonly botId: string; readonly microCredits: string }[];
  readonly made_at: Date;
  readonly withdrawn_at: Date | null;
}

export async function addBotPack(tx: EntityManager, pack: Omit<BotPack, 'madeAt' | 'withdrawnAt'>): Promise<void> {
  const allowances = pack.allowances.map(({ botId, credits }) => ({
    botId,
    microCredits: formatMicroCredits(credits),
  }));
  await tx.query('INSERT INTO records.bot_packs (id, account_id, name, allowances) VALUES ($1, $2, $3, $4)', [
    pack.id,
    pack.accountId,
    pack.name,
    JSON.stringify(allowances),
  ]);
}

/** Those on offer, the newest first. */
export async function listBotPacks(tx: EntityManager, limit: number): Promise<BotPack[]> {
  const rows = await tx.query<Row[]>(
    `SELECT id, account_id, name, allowances, made_at, withdrawn_at FROM records.bot_packs
     WHERE withdrawn_at IS NULL ORDER BY id DESC LIMIT $1`,
    [limit],
  );
  return rows.map((row) => ({
    id: row.id,
    accountId: row.account_id,
    name: row.name,
    allowances: row.allowances.map(({ botId, microCredits }) => ({ botId, credits: parseMicroCredits(microCredits) })),
    madeAt: instantOfDate(row.made_at),
    withdrawnAt: row.withdrawn_at === null ? null : instantOfDate(row.withdrawn_at),
  }));
}

/** False where it is not on offer. */
export async function withdrawBotPack(tx: EntityManager, id: string): Promise<boolean> {
  const [rows] = await tx.query<[unknown[], number]>(
    `UPDATE records.bot_packs SET withdrawn_at = clock_timestamp()
     WHERE id = $1 AND withdrawn_at IS NULL RETURNING id`,
    [id],
  );
  return rows.length > 0;
}
