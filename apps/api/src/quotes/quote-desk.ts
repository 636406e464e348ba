// API room. Gives quotes: counts the request, decides as an admission would, and writes down what it promised. All it
// says of prices, lots and earlier requests is from one snapshot. Nothing is held and nothing is started.
import type { AdmissionDecision, BotTerms, Instant, LotKind, MicroCredits, Outcome, Payer } from '@fairmeter/domain';
import type { QuoteHint, QuotePart, QuoteRange, Reach } from '@fairmeter/domain';
import {
  accountScopeIn,
  comparedRange,
  decideAdmission,
  endUserScope,
  EXTRAS,
  guideSize,
  hintsFor,
  instant,
  MAX_MICRO_CREDITS,
  microCredits,
  OWNER,
} from '@fairmeter/domain';
import { payingLots, priceOf, programOf, quoteOf, quoteParts } from '@fairmeter/domain';
import { requestText, usualKind, withWholeFiles } from '@fairmeter/domain';
import { readLots, readPresent, readSpendable, type LotView } from '@fairmeter/ledger/reads';
import type { ApiConfig, Clock } from '@fairmeter/platform';
import type { EntityManager } from '@fairmeter/platform/database';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import { isCountedExactly } from '@fairmeter/providers/tokens';
import type { Quote } from '@fairmeter/records';
import { readBotForAdmission, saveQuote, wasAskedBefore } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { environmentOfAsking } from '../callers/environment.js';
import { personShown } from '../callers/own-jobs.js';
import type { Measured } from '../jobs/admission-wish.js';
import { countText, isCountedAtOnce, measure, standsUncounted, wishOf } from '../jobs/admission-wish.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { API_CLOCK, API_CONFIG } from '../tokens.js';
import { hiddenAsked } from '../visitors/hidden.js';
import type { QuoteRequest } from './quote-request.js';

export interface QuoteAsk {
  readonly caller: Caller;
  readonly botId: string;
  readonly request: Omit<QuoteRequest, 'bot_id'>;
}

export interface PayingLot {
  readonly id: string;
  readonly kind: LotKind;
  readonly expiresAt: Instant | null;
  readonly expected: MicroCredits;
  readonly max: MicroCredits;
}

export interface QuoteGiven {
  readonly quote: Quote;
  readonly parts: readonly QuotePart[];
  readonly tokens: { readonly prompt: number; readonly context: number; readonly exact: boolean };
  readonly pays: {
    readonly available: MicroCredits;
    readonly lots: readonly PayingLot[];
    readonly missingOfExpected: MicroCredits;
    readonly missingOfMax: MicroCredits;
  };
  /** What the same request would come to with every file whole; null where nothing is selected. */
  readonly wholeFiles: QuoteRange | null;
  readonly hints: readonly QuoteHint[];
}

/** One request, counted. */
interface Counted extends Measured {
  readonly bytes: number;
  readonly promptTokens: number;
  readonly tokens: number;
  readonly whole: { readonly tokens: number; readonly bytes: number } | null;
}

/** No credits are asked for: a quote refuses what no credits would help against. */
const NO_LIMIT: Reach = {
  amount: microCredits(MAX_MICRO_CREDITS),
  refusalOf: () => ({ code: 'amount_out_of_range', field: 'max_credits' }),
};

@Injectable()
export class QuoteDesk {
  constructor(
    private readonly database: TenantDatabase,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  /** A long request is counted between two looks, and only where the first one saw nothing against it. */
  async give(ask: QuoteAsk): Promise<QuoteGiven> {
    const measured = measure(ask.request, this.config.inputLimitBytes);
    const at = instant(this.clock.now());
    const tenant = { accountId: ask.caller.accountId, subject: ask.botId };
    if (!isCountedAtOnce(measured)) {
      await this.database.asTenant(tenant, async (tx) => {
        const { decided } = await decide(tx, ask, { measured, tokens: 0, at });
        if (!decided.ok && standsUncounted(decided.refusal)) throw refusalProblem(decided.refusal, at);
      });
    }
    const counted = await countRequest(ask.request, measured);
    return this.database.asTenant(tenant, async (tx) => this.giveIn(tx, ask, { counted, at }));
  }

  private async giveIn(
    tx: EntityManager,
    ask: QuoteAsk,
    { counted, at }: { readonly counted: Counted; readonly at: Instant },
  ): Promise<QuoteGiven> {
    const { caller, botId, request } = ask;
    const { prompt, context = [] } = request;
    const { bot, decided } = await decide(tx, ask, { measured: counted, tokens: counted.tokens, at });
    if (!decided.ok) throw refusalProblem(decided.refusal, at);
    const { model, maxIterations, maxCredits: budget } = decided.value;
    const price = bot === null ? undefined : priceOf(bot.rateCard, model);
    if (bot === null || price === undefined) throw refusalProblem({ code: 'bot_not_found' }, at);
    const program = programOf(bot, request);
    const extras = EXTRAS.filter((extra) => decided.value.extras[extra]);
    const guide = guideSize(bot.guide);
    const order = { card: bot.rateCard, price, program, maxIterations, budget, extras, guide, request: counted };
    const range = quoteOf(order);
    const requestKind = request.request_kind ?? usualKind(bot.type);
    const asked = {
      accountId: caller.accountId,
      botId,
      askedHash: hiddenAsked(this.config, requestKind, counted.text),
    };
    const askedBefore = await wasAskedBefore(tx, asked, personShown(caller));
    const quote: Quote = {
      id: newId('quo'),
      ...asked,
      askedBy: caller.kind === 'person' ? caller.userId : null,
      requestKind,
      model,
      program,
      extras: decided.value.extras,
      rateCardId: bot.rateCard.id,
      maxIterations,
      deadline: request.deadline ?? null,
      ...range,
      createdAt: at,
      expiresAt: instant(at + this.config.quoteValidMs),
    };
    await saveQuote(tx, quote);
    const pays = await readPaying(tx, shownScope(ask), { range, at });
    return {
      quote,
      parts: quoteParts(order),
      tokens: {
        prompt: counted.promptTokens,
        context: counted.tokens - counted.promptTokens,
        exact: isCountedExactly(price.family),
      },
      pays,
      wholeFiles: counted.whole === null ? null : comparedRange({ ...order, request: counted.whole }),
      hints: hintsFor({ prompt, context, askedBefore, isBeyondCredits: isBeyondCredits(ask, pays) }),
    };
  }
}

interface Decided {
  readonly bot: BotTerms | null;
  readonly decided: Outcome<AdmissionDecision>;
}

/** As an admission would decide, credits aside. */
async function decide(
  tx: EntityManager,
  { caller, botId, request }: QuoteAsk,
  { measured, tokens, at }: { readonly measured: Measured; readonly tokens: number; readonly at: Instant },
): Promise<Decided> {
  const bot = await readBotForAdmission(tx, botId, at);
  const wish = wishOf(request, measured, tokens);
  const byVisitor = caller.kind === 'visitor';
  return { bot, decided: decideAdmission({ bot, wish, reach: NO_LIMIT, openJobs: 0, now: at, byVisitor }) };
}

async function countRequest({ prompt, context = [] }: QuoteAsk['request'], measured: Measured): Promise<Counted> {
  const bytes = measured.promptBytes + measured.contextBytes;
  const [promptTokens, tokens] = [await countText(prompt), await countText(measured.text)];
  const counted = { ...measured, bytes, promptTokens, tokens };
  if (context.every(({ selection }) => selection === null)) return { ...counted, whole: null };
  const wholeText = requestText(prompt, withWholeFiles(context));
  return { ...counted, whole: { tokens: await countText(wholeText), bytes: Buffer.byteLength(wholeText) } };
}

/** A visitor is shown what is the visitor's own, also where somebody else would pay: the owner's lots are nobody's. */
function shownScope({ caller, botId }: QuoteAsk): { readonly scopeId: string; readonly payer: Payer } {
  return caller.kind === 'visitor'
    ? {
        scopeId: endUserScope(botId, caller.visitorId),
        payer: { funding: 'end_user', publicMayUseBonus: false },
      }
    : { scopeId: accountScopeIn(environmentOfAsking(caller), caller.accountId), payer: OWNER };
}

const LOTS_A_PAGE = 200;

/** In draw order, from the same snapshot. Where a debt stands in the way, no lot pays. */
async function readPaying(
  tx: EntityManager,
  { scopeId, payer }: ReturnType<typeof shownScope>,
  { range, at }: { readonly range: QuoteRange; readonly at: Instant },
): Promise<QuoteGiven['pays']> {
  const { reach } = await readSpendable(tx, { scopeId, clockNow: at, payer });
  const lots = reach.amount <= 0n ? [] : await readLiveLots(tx, scopeId, at);
  const expected = payingLots(lots, range.expected);
  const max = payingLots(lots, range.max);
  const ofExpected = new Map(expected.lines.map(({ lot, amount }) => [lot.id, amount]));
  return {
    available: reach.amount,
    lots: max.lines.map(({ lot, amount }) => ({
      id: lot.id,
      kind: lot.kind,
      expiresAt: lot.expiresAt,
      expected: ofExpected.get(lot.id) ?? microCredits(0n),
      max: amount,
    })),
    missingOfExpected: expected.missing,
    missingOfMax: max.missing,
  };
}

/** Bundles are bought for what is live, by an account for itself. */
function isBeyondCredits({ caller }: QuoteAsk, { missingOfExpected }: QuoteGiven['pays']): boolean {
  return missingOfExpected > 0n && caller.kind !== 'visitor' && environmentOfAsking(caller) === 'live';
}

async function readLiveLots(tx: EntityManager, scopeId: string, at: Instant): Promise<readonly LotView[]> {
  const point = await readPresent(tx, scopeId, at);
  const { lots } = await readLots(tx, point, { includeEnded: false, after: null, limit: LOTS_A_PAGE });
  return lots.filter(({ state }) => state === 'live');
}
