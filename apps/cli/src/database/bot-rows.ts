// Command line. The rows behind a demo bot: account, bot and key. Inserting again what is there changes nothing.
import type { BotType, Environment, Program } from '@fairmeter/domain';
import { credits } from '@fairmeter/domain';
import { hashApiKey } from '@fairmeter/records';
import type { EntityManager } from 'typeorm';

export interface AccountToSeed {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  /** Some plan that is shipped. */
  readonly planId: string;
}

export interface BotToSeed {
  readonly id: string;
  readonly accountId: string;
  readonly type: BotType;
  readonly program: Program;
  readonly name: string;
  readonly model: string;
  readonly iterations: number;
}

export interface KeyToSeed {
  readonly key: string;
  /** Live where nothing is said. */
  readonly environment?: Environment;
  readonly accountId: string;
  /** Null for a key of the whole account. */
  readonly botId: string | null;
  readonly scopes: readonly string[];
}

export async function seedAccount(tx: EntityManager, { id, name, zone, planId }: AccountToSeed): Promise<void> {
  await tx.query(
    `INSERT INTO records.accounts (id, name, status, time_zone, plan_id)
     VALUES ($1, $2, 'active', $3, $4) ON CONFLICT (id) DO NOTHING`,
    [id, name, zone, planId],
  );
}

/** Its plan is begun, and renews, as that of any account that somebody signed up for; one that has begun goes on. */
export async function awaitSubscription(tx: EntityManager, accountId: string): Promise<void> {
  await tx.query(
    `UPDATE records.accounts SET subscription = 'awaited'
     WHERE id = $1 AND subscription = 'none' AND status <> 'closed'`,
    [accountId],
  );
}

export async function seedBot(tx: EntityManager, bot: BotToSeed): Promise<void> {
  await tx.query(
    `INSERT INTO records.bots
       (id, account_id, type, program, name, default_model, default_max_iterations, default_max_credits)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`,
    [bot.id, bot.accountId, bot.type, bot.program, bot.name, bot.model, bot.iterations, credits(20n).toString()],
  );
  // A bot of an earlier version has none: what an owner chose stays.
  await tx.query('UPDATE records.bots SET program = $2 WHERE id = $1 AND program IS NULL', [bot.id, bot.program]);
}

export async function seedKey(tx: EntityManager, seed: KeyToSeed): Promise<void> {
  const { key, environment = 'live', accountId, botId, scopes } = seed;
  const hash = hashApiKey(key);
  await tx.query(
    `INSERT INTO records.api_keys (id, account_id, bot_id, prefix, secret_hash, scopes, environment)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
    [`key_${hash.slice(0, 26)}`, accountId, botId, key.slice(0, 12), hash, scopes, environment],
  );
  // A key of an earlier version lacks the scopes that came later.
  await tx.query('UPDATE records.api_keys SET scopes = $2 WHERE secret_hash = $1 AND NOT scopes @> $2', [hash, scopes]);
}
