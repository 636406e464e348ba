// Bench room, the stack. Accounts with coding bots and more credits than a bench can spend.
import { randomBytes } from 'node:crypto';
import { credits, instant, type Program } from '@fairmeter/domain';
import { LotLedger, LedgerStore } from '@fairmeter/ledger';
import { newId, WriterDatabase } from '@fairmeter/platform/database';
import { hashApiKey } from '@fairmeter/records';

export interface BenchBot {
  readonly accountId: string;
  readonly botId: string;
  readonly key: string;
  readonly program: Program;
}

/** A key of the account itself, and whom it is known as. */
export interface BenchAccountKey {
  readonly accountId: string;
  readonly keyId: string;
  readonly scopes: readonly string[];
}

const CREDITS = credits(1_000_000_000n);

/** Each account gets a bot of each program. */
export async function seedBench(
  writerUrl: string,
  accounts: number,
  programs: readonly Program[],
): Promise<BenchBot[]> {
  const writer = await openSeed(writerUrl);
  try {
    const bots: BenchBot[] = [];
    for (let number = 1; number <= accounts; number += 1) {
      const accountId = await seedAccount(writer);
      for (const program of programs) bots.push(await seedBot(writer, accountId, program));
    }
    return bots;
  } finally {
    await writer.close();
  }
}

/** Another account, without bots, and its key. */
export async function seedAccountKey(writerUrl: string): Promise<BenchAccountKey & { readonly key: string }> {
  const writer = await openSeed(writerUrl);
  try {
    const accountId = await seedAccount(writer);
    const scopes = ['account'];
    return { accountId, scopes, ...(await seedKey(writer, { accountId, botId: null, scopes })) };
  } finally {
    await writer.close();
  }
}

function openSeed(writerUrl: string): Promise<WriterDatabase> {
  return WriterDatabase.open({ url: writerUrl, maxConnections: 1, applicationName: 'bench-seed' });
}

/** On a plan whose limits no bench meets. */
async function seedAccount(writer: WriterDatabase): Promise<string> {
  const accountId = newId('acc');
  await writer.query({
    text: `INSERT INTO records.accounts (id, name, status, time_zone, plan_id)
      VALUES ($1, 'Bench account', 'active', 'UTC', 'plan_custom')`,
    values: [accountId],
  });
  const now = instant(Date.now());
  const granted = await new LotLedger(new LedgerStore(writer)).grantToAccount(accountId, now, {
    kind: 'subscription',
    amount: CREDITS,
    validFrom: now,
    expiresAt: null,
    sourceRef: 'bench',
  });
  if (!granted.ok) throw new Error(`the credits of the bench were refused: ${granted.refusal.code}`);
  return accountId;
}

async function seedBot(writer: WriterDatabase, accountId: string, program: Program): Promise<BenchBot> {
  const botId = newId('bot');
  await writer.query({
    text: `INSERT INTO records.bots (id, account_id, type, name, default_model, default_max_iterations,
      default_max_credits, program) VALUES ($1, $2, 'coding', 'Bench bot', 'demo-coder', 5, $3, $4)`,
    values: [botId, accountId, credits(20n).toString(), program],
  });
  const { key } = await seedKey(writer, { accountId, botId, scopes: ['submit', 'read'] });
  return { accountId, botId, key, program };
}

interface KeyHolder {
  readonly accountId: string;
  readonly botId: string | null;
  readonly scopes: readonly string[];
}

async function seedKey(
  writer: WriterDatabase,
  { accountId, botId, scopes }: KeyHolder,
): Promise<{ readonly keyId: string; readonly key: string }> {
  const keyId = newId('key');
  const key = `fm_live_${randomBytes(24).toString('base64url')}`;
  await writer.query({
    text: `INSERT INTO records.api_keys (id, account_id, bot_id, prefix, secret_hash, scopes)
      VALUES ($1, $2, $3, $4, $5, $6)`,
    values: [keyId, accountId, botId, key.slice(0, 12), hashApiKey(key), scopes],
  });
  return { keyId, key };
}
