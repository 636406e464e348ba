// Test harness. Accounts with bots, keys and credits, with defaults for whatever a test does not care about.
import type { BotType, Instant, LotKind, MicroCredits, Program } from '@fairmeter/domain';
import { instant, parseCredits } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { hashApiKey } from '@fairmeter/records';
import type { TestStack } from './test-stack.js';

export interface TestBot {
  readonly accountId: string;
  readonly botId: string;
  readonly key: string;
}

export interface BotWish {
  readonly type?: BotType;
  readonly program?: Program;
  readonly model?: string;
  readonly plan?: 'plan_free' | 'plan_standard' | 'plan_premium' | 'plan_custom';
  readonly maxIterations?: number;
  readonly maxCredits?: string;
  /** What the account has to spend; nothing by default makes no lot at all. */
  readonly credits?: string | LotWish;
  /** Another bot of the same account. */
  readonly accountId?: string;
}

export function amount(text: string): MicroCredits {
  const parsed = parseCredits(text);
  if (parsed === undefined) throw new Error(`not an amount of credits: ${text}`);
  return parsed;
}

/** The three answers that let visitors in, and whose they are. */
const PUBLISHED = {
  answers: { purpose_clear: true, trained_enough: true, results_reviewable: true },
  by: { role: 'owner', id: 'usr_test' },
  at: 0,
};

/** Open to visitors, as most tests that have any want it. */
export async function openBot(stack: TestStack, wish: BotWish = {}): Promise<TestBot> {
  const { type = 'coding', plan = 'plan_premium', maxIterations = 5, maxCredits = '20' } = wish;
  const accountId = wish.accountId ?? newId('acc');
  const botId = newId('bot');
  const key = `fm_live_${newId('key')}`;
  const { manager } = stack.entities;
  if (wish.accountId === undefined) {
    await manager.query(
      `INSERT INTO records.accounts (id, name, status, time_zone, plan_id) VALUES ($1, 'Test', 'active', 'UTC', $2)`,
      [accountId, plan],
    );
  }
  await manager.query(
    `INSERT INTO records.bots (id, account_id, type, name, default_model, default_max_iterations, default_max_credits,
       program, visibility, publication)
     VALUES ($1, $2, $3, 'Test bot', $4, $5, $6, $7, 'public', $8)`,
    [
      botId,
      accountId,
      type,
      wish.model ?? (type === 'chat' ? 'demo-chat' : 'demo-coder'),
      maxIterations,
      amount(maxCredits).toString(),
      wish.program ?? null,
      JSON.stringify(PUBLISHED),
    ],
  );
  await addKey(stack, { accountId, botId, key });
  if (wish.credits !== undefined) await giveCredits(stack, accountId, wish.credits);
  return { accountId, botId, key };
}

/** A further key of the same bot: another key, the same caller. */
export async function addKey(
  stack: TestStack,
  bot: TestBot,
  scopes: readonly string[] = ['submit', 'read', 'visitors'],
): Promise<void> {
  await stack.entities.manager.query(
    `INSERT INTO records.api_keys (id, account_id, bot_id, prefix, secret_hash, scopes)
     VALUES ($1, $2, $3, 'fm_live', $4, $5)`,
    [newId('key'), bot.accountId, bot.botId, hashApiKey(bot.key), scopes],
  );
}

/** A key of the account itself. */
export async function openAccountKey(
  stack: TestStack,
  accountId: string,
  scopes: readonly string[] = ['submit', 'read', 'account'],
): Promise<string> {
  const key = `fm_live_${newId('key')}`;
  await stack.entities.manager.query(
    `INSERT INTO records.api_keys (id, account_id, bot_id, prefix, secret_hash, scopes)
     VALUES ($1, $2, NULL, 'fm_live', $3, $4)`,
    [newId('key'), accountId, hashApiKey(key), scopes],
  );
  return key;
}

/** A key of the test environment: of one bot, or of the whole account. */
export async function openTestKey(
  stack: TestStack,
  { accountId, botId = null }: { readonly accountId: string; readonly botId?: string | null },
  scopes: readonly string[] = ['submit', 'read', 'report', 'account'],
): Promise<string> {
  const key = `fm_test_${newId('key')}`;
  await stack.entities.manager.query(
    `INSERT INTO records.api_keys (id, account_id, bot_id, environment, prefix, secret_hash, scopes)
     VALUES ($1, $2, $3, 'test', 'fm_test_', $4, $5)`,
    [newId('key'), accountId, botId, hashApiKey(key), scopes],
  );
  return key;
}

export interface LotWish {
  readonly credits: string;
  readonly kind?: LotKind;
  readonly sourceRef?: string;
  readonly validFrom?: Instant;
  readonly expiresAt?: Instant | null;
}

export async function giveCredits(stack: TestStack, accountId: string, lot: string | LotWish): Promise<string> {
  const wish = typeof lot === 'string' ? { credits: lot } : lot;
  const { credits, kind = 'subscription', sourceRef = newId('lot') } = wish;
  const { validFrom = instant(0), expiresAt = null } = wish;
  const granted = await stack.grants.grantToAccount(accountId, instant(0), {
    kind,
    amount: amount(credits),
    validFrom,
    expiresAt,
    sourceRef,
  });
  if (!granted.ok) throw new Error(`the grant was refused: ${granted.refusal.code}`);
  return granted.value.result.lotId;
}

/** As if it had subscribed: what its plan allows, without its credits. */
export async function putOnPlan(stack: TestStack, accountId: string, planId: string): Promise<void> {
  await stack.entities.manager.query('UPDATE records.accounts SET plan_id = $2, plan_version = 1 WHERE id = $1', [
    accountId,
    planId,
  ]);
}
