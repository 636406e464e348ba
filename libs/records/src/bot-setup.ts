// Records room. Bots as their owner sets them up: what they are, what they do where nobody says, and what they may.
import type { BotGuide, BotLimits, BotType, Extras, Instant, MicroCredits, Program } from '@fairmeter/domain';
import type { Plan, PublicationAnswers, Visibility } from '@fairmeter/domain';
import { instantOfDate, parseMicroCredits } from '@fairmeter/domain';
import type { EntityManager } from 'typeorm';
import { planOf } from './plans.js';
import { AccountRow, PlanRow } from './rows/account.row.js';

/** Kept with who answered and when: that is what the owner stands for. */
export interface Publication {
  readonly answers: PublicationAnswers;
  readonly by: { readonly role: string; readonly id: string };
  readonly at: Instant;
}

export interface BotView {
  readonly id: string;
  readonly accountId: string;
  readonly type: BotType;
  /** Null: the usual one of its type. */
  readonly program: Program | null;
  readonly name: string;
  readonly domain: string | null;
  readonly defaultModel: string;
  readonly defaultMaxIterations: number;
  readonly defaultMaxCredits: MicroCredits;
  readonly extras: Extras;
  readonly limits: BotLimits;
  readonly visibility: Visibility;
  readonly publication: Publication | null;
  readonly guide: BotGuide;
  readonly archivedAt: Instant | null;
  readonly createdAt: Instant;
}

interface Row {
  readonly id: string;
  readonly account_id: string;
  readonly type: BotType;
  readonly program: Program | null;
  readonly name: string;
  readonly domain: string | null;
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
  readonly visibility: Visibility;
  readonly publication: Publication | null;
  readonly guide: BotGuide;
  readonly archived_at: Date | null;
  readonly created_at: Date;
}

const SHOWN = `id, account_id, type, program, name, domain, default_model, default_max_iterations,
  default_max_credits::text, extras, max_iterations, max_context_tokens, max_credits::text, max_deadline_ms::text,
  models, artefacts, visibility, publication, guide, archived_at, created_at`;

export async function findBot(tx: EntityManager, id: string): Promise<BotView | null> {
  const rows = await tx.query<Row[]>(`SELECT ${SHOWN} FROM records.bots WHERE id = $1`, [id]);
  return rows[0] === undefined ? null : viewOf(rows[0]);
}

/** Until the transaction ends nobody else changes it, and nobody moves it away. */
export async function lockBot(tx: EntityManager, id: string): Promise<BotView | null> {
  const rows = await tx.query<Row[]>(`SELECT ${SHOWN} FROM records.bots WHERE id = $1 FOR UPDATE`, [id]);
  return rows[0] === undefined ? null : viewOf(rows[0]);
}

/** Those of an account that are not archived, held as `lockBot` holds one. */
export async function lockBotsOf(tx: EntityManager, accountId: string): Promise<BotView[]> {
  const rows = await tx.query<Row[]>(
    `SELECT ${SHOWN} FROM records.bots WHERE account_id = $1 AND archived_at IS NULL ORDER BY id FOR UPDATE`,
    [accountId],
  );
  return rows.map(viewOf);
}

export interface BotsQuery {
  /** The id of the last bot seen; null begins. */
  readonly before: string | null;
  readonly limit: number;
  readonly type?: BotType | undefined;
  readonly includeArchived: boolean;
}

/** The newest first. */
export async function listBots(tx: EntityManager, query: BotsQuery): Promise<BotView[]> {
  const rows = await tx.query<Row[]>(
    `SELECT ${SHOWN} FROM records.bots
     WHERE ($1::text IS NULL OR id < $1) AND ($2::text IS NULL OR type = $2) AND ($3 OR archived_at IS NULL)
     ORDER BY id DESC LIMIT $4`,
    [query.before, query.type ?? null, query.includeArchived, query.limit],
  );
  return rows.map(viewOf);
}

/** What every change of a bot may touch. */
type Settable = Omit<BotView, 'id' | 'accountId' | 'type' | 'createdAt' | 'guide' | 'visibility' | 'publication'>;
export type NewBot = Omit<Settable, 'archivedAt'> & Pick<BotView, 'id' | 'accountId' | 'type'>;

export async function addBot(tx: EntityManager, bot: NewBot): Promise<void> {
  await tx.query(
    `INSERT INTO records.bots (name, domain, program, default_model, default_max_iterations, default_max_credits,
       extras, max_iterations, max_context_tokens, max_credits, max_deadline_ms, models, artefacts, id, account_id,
       type)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
    [...settings(bot), bot.id, bot.accountId, bot.type],
  );
}

export async function changeBot(tx: EntityManager, bot: BotView): Promise<void> {
  await tx.query(
    `UPDATE records.bots SET name = $1, domain = $2, program = $3, default_model = $4, default_max_iterations = $5,
       default_max_credits = $6, extras = $7, max_iterations = $8, max_context_tokens = $9, max_credits = $10,
       max_deadline_ms = $11, models = $12, artefacts = $13, visibility = $14, publication = $15, guide = $16,
       archived_at = $17
     WHERE id = $18`,
    [
      ...settings(bot),
      bot.visibility,
      bot.publication === null ? null : JSON.stringify(bot.publication),
      JSON.stringify(bot.guide),
      bot.archivedAt === null ? null : new Date(bot.archivedAt),
      bot.id,
    ],
  );
}

/** The plan that limits what its bots may be set to. */
export async function readPlanOfAccount(tx: EntityManager, accountId: string): Promise<Plan | null> {
  const account = await tx.getRepository(AccountRow).findOneBy({ id: accountId });
  if (account === null) return null;
  const plan = await tx.getRepository(PlanRow).findOneBy({ id: account.planId, version: account.planVersion });
  return plan === null ? null : planOf(plan);
}

/** What anybody may see of a bot that is public, whoever's it is; null where it is not. */
export type PublicBot = Pick<BotView, 'id' | 'type' | 'name' | 'domain'> & { readonly archived: boolean };

export async function findPublicBot(tx: EntityManager, id: string): Promise<PublicBot | null> {
  const rows = await tx.query<PublicBot[]>('SELECT * FROM records.public_bot($1)', [id]);
  return rows[0] ?? null;
}

function settings(bot: Omit<Settable, 'archivedAt'>): unknown[] {
  const { limits } = bot;
  return [
    bot.name,
    bot.domain,
    bot.program,
    bot.defaultModel,
    bot.defaultMaxIterations,
    bot.defaultMaxCredits.toString(),
    JSON.stringify(bot.extras),
    limits.maxIterations,
    limits.maxContextTokens,
    limits.maxCredits === null ? null : limits.maxCredits.toString(),
    limits.maxDeadlineMs,
    limits.models,
    limits.artefacts,
  ];
}

function viewOf(row: Row): BotView {
  return {
    id: row.id,
    accountId: row.account_id,
    type: row.type,
    program: row.program,
    name: row.name,
    domain: row.domain,
    defaultModel: row.default_model,
    defaultMaxIterations: row.default_max_iterations,
    defaultMaxCredits: parseMicroCredits(row.default_max_credits),
    extras: row.extras,
    limits: {
      maxIterations: row.max_iterations,
      maxContextTokens: row.max_context_tokens,
      maxCredits: row.max_credits === null ? null : parseMicroCredits(row.max_credits),
      maxDeadlineMs: row.max_deadline_ms === null ? null : Number(row.max_deadline_ms),
      models: row.models,
      artefacts: row.artefacts,
    },
    visibility: row.visibility,
    publication: row.publication,
    guide: row.guide,
    archivedAt: row.archived_at === null ? null : instantOfDate(row.archived_at),
    createdAt: instantOfDate(row.created_at),
  };
}
