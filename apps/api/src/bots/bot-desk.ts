// API room. Makes and changes bots. Nothing here changes what somebody pays for a job: limits bound single jobs, and a
// bot that goes private or is archived lets those that run go on to their end.
import type { BotSetup, Extras, Instant, JsonValue, Outcome } from '@fairmeter/domain';
import {
  ALL_EXTRAS,
  decideBotSetup,
  decidePublication,
  formatCredits,
  instant,
  NO_BOT_LIMITS,
} from '@fairmeter/domain';
import { NO_GUIDE, parseCredits, smallest } from '@fairmeter/domain';
import type { Clock } from '@fairmeter/platform';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import type { BotView, PublicBot } from '@fairmeter/records';
import { addBot, changeBot, currentRateCardId, findBot, findPublicBot, listBots, lockBot } from '@fairmeter/records';
import { readPlanOfAccount, readRateCard } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Caller } from '../callers/caller.js';
import { actorOf, tenantOf } from '../callers/caller.js';
import type { Asked, Changing } from '../changes/changes.js';
import { Changes, ending, note } from '../changes/changes.js';
import { validationFailed } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { badCursor, readCursor, writeCursor } from '../requests/cursor.js';
import { pageSize } from '../requests/page.js';
import { API_CLOCK } from '../tokens.js';
import type { BotBody, botsQuery, ChangeBotBody, NewBotBody, PublicationBody } from './bot-body.js';
import { toBotBody } from './bot-body.js';

const BOTS = 'bots';
const USUAL_ITERATIONS = { chat: 1, coding: 5 } as const;
const USUAL_BUDGET = parseCredits('20');

@Injectable()
export class BotDesk {
  constructor(
    private readonly changes: Changes,
    private readonly database: TenantDatabase,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async make(asked: Asked & { readonly idempotencyKey: Uint8Array }, body: NewBotBody): Promise<BotBody> {
    const once = { place: 'bots', idempotencyKey: asked.idempotencyKey, body };
    const { answer } = await this.changes.makeOnce(asked, once, async (changing) => {
      const bot = await newBot(changing, body);
      await admitSetup(changing, bot);
      await addBot(changing.tx, bot);
      await note(changing, { action: 'bot.made', targetId: bot.id, before: null, after: audited(bot) });
      const shown = toBotBody(bot);
      return { answer: shown, kept: shown };
    });
    return answer;
  }

  async bot(caller: Caller, botId: string): Promise<BotView> {
    return found(await this.database.asTenant(tenantOf(caller), async (tx) => findBot(tx, botId)));
  }

  async publicBot(botId: string): Promise<PublicBot> {
    return found(await this.database.beforeTenant(async (tx) => findPublicBot(tx, botId)));
  }

  async list(
    caller: Caller,
    query: z.output<typeof botsQuery>,
  ): Promise<{ readonly bots: readonly BotView[]; readonly nextCursor: string | null }> {
    const before = query.cursor === undefined ? null : (readCursor(BOTS, query.cursor)[0] ?? null);
    if (query.cursor !== undefined && before === null) throw badCursor();
    const limit = pageSize(query.limit);
    const { type, include_archived: includeArchived = false } = query;
    const all = await this.database.asTenant(tenantOf(caller), async (tx) =>
      listBots(tx, { before, limit: limit + 1, type, includeArchived }),
    );
    const bots = all.slice(0, limit);
    const last = bots.at(-1);
    return { bots, nextCursor: all.length > limit && last !== undefined ? writeCursor(BOTS, [last.id]) : null };
  }

  async change(asked: Asked, botId: string, body: ChangeBotBody): Promise<BotBody> {
    return this.alter(asked, { botId, action: 'bot.changed' }, async (changing, bot) => {
      const changed = withChanges(bot, body);
      if (isOfSetup(body)) await admitSetup(changing, changed);
      if (body.visibility === 'private') return { ...changed, visibility: 'private' };
      return body.publication === undefined ? changed : published(changing, changed, body.publication);
    });
  }

  async publish(asked: Asked, botId: string, answers: PublicationBody): Promise<BotBody> {
    return this.alter(asked, { botId, action: 'bot.published' }, async (changing, bot) =>
      published(changing, bot, answers),
    );
  }

  async unpublish(asked: Asked, botId: string): Promise<BotBody> {
    return this.alter(ending(asked), { botId, action: 'bot.unpublished' }, async (_, bot) => ({
      ...bot,
      visibility: 'private',
    }));
  }

  async archive(asked: Asked, botId: string): Promise<BotBody> {
    return this.alter(ending(asked), { botId, action: 'bot.archived' }, async ({ now }, bot) => ({
      ...bot,
      archivedAt: bot.archivedAt ?? now,
    }));
  }

  async unarchive(asked: Asked, botId: string): Promise<BotBody> {
    return this.alter(asked, { botId, action: 'bot.unarchived' }, async (_, bot) => ({ ...bot, archivedAt: null }));
  }

  /** What comes out as it went in is written nowhere. */
  private async alter(
    asked: Asked,
    { botId, action }: { readonly botId: string; readonly action: string },
    to: (changing: Changing, bot: BotView) => Promise<BotView>,
  ): Promise<BotBody> {
    return this.changes.make(asked, async (changing) => {
      const before = found(await lockBot(changing.tx, botId));
      const after = await to(changing, before);
      const [was, is] = [toBotBody(before), toBotBody(after)];
      if (JSON.stringify(was) === JSON.stringify(is)) return is;
      await changeBot(changing.tx, after);
      await note(changing, { action, targetId: botId, before: audited(before), after: audited(after) });
      return is;
    });
  }
}

export function found<T>(bot: T | null): T {
  if (bot === null) throw refusalProblem({ code: 'bot_not_found' }, 0);
  return bot;
}

async function newBot(changing: Changing, body: NewBotBody): Promise<BotView> {
  const { tx, caller, now } = changing;
  const plan = await readPlanOfAccount(tx, caller.accountId);
  if (plan === null || USUAL_BUDGET === undefined) throw new Error('an account has no plan');
  const bot: BotView = {
    id: newId('bot'),
    accountId: caller.accountId,
    type: body.type,
    program: body.program ?? null,
    name: body.name,
    domain: body.domain ?? null,
    defaultModel: body.default_model,
    defaultMaxIterations: Math.min(USUAL_ITERATIONS[body.type], plan.maxIterations),
    defaultMaxCredits: smallest(USUAL_BUDGET, plan.maxCredits),
    extras: ALL_EXTRAS,
    limits: NO_BOT_LIMITS,
    visibility: 'private',
    publication: null,
    guide: NO_GUIDE,
    archivedAt: null,
    createdAt: now,
  };
  return withChanges(bot, body);
}

type Settings = Omit<ChangeBotBody, 'visibility' | 'publication'>;

function withChanges(bot: BotView, body: Settings): BotView {
  const { program = bot.program } = body;
  const answersOnly = program === 'answer';
  if (program !== null && answersOnly !== (bot.type === 'chat')) {
    throw validationFailed([{ pointer: '/program', message: `is no program of a ${bot.type} bot` }]);
  }
  return {
    ...bot,
    program,
    name: body.name ?? bot.name,
    domain: body.domain === undefined ? bot.domain : body.domain,
    defaultModel: body.default_model ?? bot.defaultModel,
    defaultMaxIterations: body.default_max_iterations ?? bot.defaultMaxIterations,
    defaultMaxCredits: body.default_max_credits ?? bot.defaultMaxCredits,
    extras: withExtras(bot.extras, body.extras ?? {}),
    limits: withLimits(bot.limits, body.limits ?? {}),
  };
}

function withExtras(extras: Extras, asked: NonNullable<Settings['extras']>): Extras {
  const said = Object.entries(asked).filter(([, value]) => value !== undefined);
  return { ...extras, ...Object.fromEntries(said) };
}

function withLimits(limits: BotView['limits'], asked: NonNullable<Settings['limits']>): BotView['limits'] {
  const { max_deadline_seconds: seconds } = asked;
  return {
    maxIterations: asked.max_iterations === undefined ? limits.maxIterations : asked.max_iterations,
    maxContextTokens: asked.max_context_tokens === undefined ? limits.maxContextTokens : asked.max_context_tokens,
    maxCredits: asked.max_credits === undefined ? limits.maxCredits : asked.max_credits,
    maxDeadlineMs: seconds === undefined ? limits.maxDeadlineMs : seconds === null ? null : seconds * 1_000,
    models: asked.models === undefined ? limits.models : asked.models,
    artefacts: asked.artefacts === undefined ? limits.artefacts : asked.artefacts,
  };
}

/** A name may be changed also where a later plan allows less than the bot was set to. */
function isOfSetup(body: ChangeBotBody): boolean {
  const {
    name: _name,
    domain: _domain,
    extras: _extras,
    visibility: _visibility,
    publication: _answers,
    ...rest
  } = body;
  return Object.keys(rest).length > 0;
}

async function admitSetup({ tx, caller, now }: Changing, bot: BotSetup): Promise<void> {
  const plan = await readPlanOfAccount(tx, caller.accountId);
  const cardId = await currentRateCardId(tx, now);
  if (plan === null || cardId === null) throw new Error('an account has no plan, or there is no rate card');
  accepted(decideBotSetup(bot, { plan, rateCard: await readRateCard(tx, cardId), now }), now);
}

function published(changing: Changing, bot: BotView, answers: PublicationBody): BotView {
  const { now, caller } = changing;
  const visibility = accepted(decidePublication(answers), now);
  return { ...bot, visibility, publication: { answers, by: actorOf(caller), at: now } };
}

function accepted<T>(outcome: Outcome<T>, now: Instant): T {
  if (outcome.ok) return outcome.value;
  throw refusalProblem(outcome.refusal, instant(now));
}

/** Names of bots are their owners' words and stay out. */
function audited({ publication, limits, ...bot }: BotView): Record<string, JsonValue> {
  return {
    visibility: bot.visibility,
    answers: publication === null ? null : { ...publication.answers },
    program: bot.program,
    default_model: bot.defaultModel,
    default_max_iterations: bot.defaultMaxIterations,
    default_max_credits: formatCredits(bot.defaultMaxCredits),
    extras: { ...bot.extras },
    max_iterations: limits.maxIterations,
    max_context_tokens: limits.maxContextTokens,
    max_credits: limits.maxCredits === null ? null : formatCredits(limits.maxCredits),
    max_deadline_ms: limits.maxDeadlineMs,
    models: limits.models === null ? null : [...limits.models],
    artefacts: limits.artefacts,
    archived_at: bot.archivedAt,
  };
}
