// Records room. Bots with everything an admission must know of them, and the keys that speak for them.
import { createHash } from 'node:crypto';
import type {
  AccountStatus,
  BotGuide,
  BotTerms,
  BotType,
  Environment,
  Extras,
  FundingMode,
  Instant,
  Program,
  SalesMode,
  Visibility,
} from '@fairmeter/domain';
import { instantOfDate, parseMicroCredits, usualProgram } from '@fairmeter/domain';
import { plannedOnce } from '@fairmeter/platform/database';
import type { EntityManager } from 'typeorm';
import { fundingOf } from './payers.js';
import { PLAN_JSON, type PlanJson, planOfJson } from './plan-json.js';
import { readRateCard } from './rate-cards.js';

export interface ApiKeyIdentity {
  readonly keyId: string;
  readonly accountId: string;
  /** Null for a key of the whole account. */
  readonly botId: string | null;
  readonly environment: Environment;
  readonly scopes: readonly string[];
  readonly expiresAt: Instant | null;
  readonly revokedAt: Instant | null;
}

/** Only the hash of a key is kept; a key has enough entropy of its own to need no salt. */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Each by its name: a plan that is kept does not outlive a column that comes to what all of them are. */
const API_KEY = plannedOnce(`
SELECT id, account_id, bot_id, scopes, expires_at, revoked_at, environment FROM records.find_api_key($1)`);

export async function findApiKey(tx: EntityManager, secretHash: string): Promise<ApiKeyIdentity | null> {
  const rows = await tx.query<
    {
      id: string;
      account_id: string;
      bot_id: string | null;
      scopes: string[];
      expires_at: Date | null;
      revoked_at: Date | null;
      environment: Environment;
    }[]
  >(API_KEY, [secretHash]);
  const row = rows[0];
  if (row === undefined) return null;
  return {
    keyId: row.id,
    accountId: row.account_id,
    botId: row.bot_id,
    environment: row.environment,
    scopes: row.scopes,
    expiresAt: row.expires_at === null ? null : instantOfDate(row.expires_at),
    revokedAt: row.revoked_at === null ? null : instantOfDate(row.revoked_at),
  };
}

interface BotTermsRow {
  readonly id: string;
  readonly account_id: string;
  readonly status: AccountStatus;
  readonly type: BotType;
  readonly program: Program | null;
  readonly archived: boolean;
  readonly visibility: Visibility;
  readonly guide: BotGuide;
  readonly default_model: string;
  readonly default_max_iterations: number;
  readonly default_max_credits: string;
  readonly extras: Extras;
  readonly max_iterations: number | null;
  readonly max_context_tokens: number | null;
  readonly max_credits: string | null;
  readonly max_deadline_ms: string | null;
  readonly models: string[] | null;
  readonly artefacts: boolean | null;
  readonly sales_mode: SalesMode;
  readonly funding_mode: FundingMode;
  readonly public_may_use_bonus: boolean;
  readonly plan: PlanJson;
  readonly rate_card_id: string;
}

/** Null where there is no such bot. */
export async function readAccountOfBot(tx: EntityManager, botId: string): Promise<string | null> {
  const [row] = await tx.query<{ account_id: string }[]>('SELECT account_id FROM records.bots WHERE id = $1', [botId]);
  return row?.account_id ?? null;
}

const BOT_TERMS = plannedOnce(`
SELECT b.id, b.account_id, a.status, b.type, b.program, b.archived_at IS NOT NULL AS archived, b.visibility, b.guide,
  b.default_model,
  b.default_max_iterations, b.default_max_credits::text, b.extras, b.max_iterations, b.max_context_tokens,
  b.max_credits::text, b.max_deadline_ms::text, b.models, b.artefacts, b.sales_mode, b.funding_mode,
  b.public_may_use_bonus,
  ${PLAN_JSON} AS plan,
  (SELECT c.id FROM records.rate_cards c WHERE c.effective_from <= $2 ORDER BY c.effective_from DESC LIMIT 1)
    AS rate_card_id
FROM records.bots b JOIN records.accounts a ON a.id = b.account_id
  JOIN records.plans p ON p.id = a.plan_id AND p.version = a.plan_version
WHERE b.id = $1`);

export async function readBotForAdmission(tx: EntityManager, botId: string, asOf: Instant): Promise<BotTerms | null> {
  const rows = await tx.query<BotTermsRow[]>(BOT_TERMS, [botId, new Date(asOf)]);
  const row = rows[0];
  if (row === undefined) return null;
  return {
    botId: row.id,
    accountId: row.account_id,
    accountStatus: row.status,
    type: row.type,
    program: row.program ?? usualProgram(row.type),
    archived: row.archived,
    visibility: row.visibility,
    guide: row.guide,
    defaultModel: row.default_model,
    defaultMaxIterations: row.default_max_iterations,
    defaultMaxCredits: parseMicroCredits(row.default_max_credits),
    extras: row.extras,
    funding: fundingOf(row),
    plan: planOfJson(row.plan),
    limits: {
      maxIterations: row.max_iterations,
      maxContextTokens: row.max_context_tokens,
      maxCredits: row.max_credits === null ? null : parseMicroCredits(row.max_credits),
      maxDeadlineMs: row.max_deadline_ms === null ? null : Number(row.max_deadline_ms),
      models: row.models,
      artefacts: row.artefacts,
    },
    rateCard: await readRateCard(tx, row.rate_card_id),
  };
}

/** All of an account's, archived ones too. */
export async function readBotIds(tx: EntityManager, accountId: string): Promise<string[]> {
  const rows = await tx.query<{ id: string }[]>('SELECT id FROM records.bots WHERE account_id = $1 ORDER BY id', [
    accountId,
  ]);
  return rows.map(({ id }) => id);
}
