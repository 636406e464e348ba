// Domain room. May this request become a job, on which model and with how much set aside? The API asks it on a read
// snapshot to say a clear no cheaply; the ledger asks it again under the scope's lock, and that answer counts.
import type { AccountStatus } from '../accounts/status.js';
import { accountMay } from '../accounts/status.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import { largest, smallest } from '../amounts/micro-credits.js';
import { fallbackModel } from '../bots/bot-setup.js';
import type { BotGuide } from '../bots/guide.js';
import { guideSize } from '../bots/guide.js';
import type { Visibility } from '../bots/publication.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { BotFunding } from '../ledger/choose-payer.js';
import type { Reach } from '../ledger/reach.js';
import { decideLimits } from '../plans/job-limits.js';
import type { BotLimits, Plan } from '../plans/plan.js';
import { hasModel, namedBy, tighter } from '../plans/plan.js';
import { forecastStep, inputTokensUpTo } from '../pricing/charge.js';
import type { ModelPrice, RateCard } from '../pricing/rate-card.js';
import { priceOf } from '../pricing/rate-card.js';
import type { NamedQuote } from '../quotes/pinned-quote.js';
import { underQuote } from '../quotes/pinned-quote.js';
import type { Instant } from '../time/instant.js';
import type { Extras, ExtrasAsked } from './extras.js';
import { chosenExtras } from './extras.js';
import type { BotType, JobMode, Program } from './job.js';
import { programOf } from './job.js';
import { firstStage, STAGE_OUTPUT_TOKENS } from './moves.js';
import { PROMPT_FRAME_BYTES } from './prompt-frame.js';
import type { Reserve } from './reserve.js';
import { reserved } from './reserve.js';

export interface BotTerms {
  readonly botId: string;
  readonly accountId: string;
  readonly accountStatus: AccountStatus;
  readonly type: BotType;
  readonly program: Program;
  readonly archived: boolean;
  readonly visibility: Visibility;
  /** What it is told before every request, as it stands now. */
  readonly guide: BotGuide;
  readonly defaultModel: string;
  readonly defaultMaxIterations: number;
  readonly defaultMaxCredits: MicroCredits;
  readonly extras: Extras;
  readonly funding: BotFunding;
  readonly plan: Plan;
  readonly limits: BotLimits;
  readonly rateCard: RateCard;
}

export interface AdmissionWish {
  readonly model: string | null;
  readonly maxIterations: number | null;
  readonly maxCredits: MicroCredits | null;
  readonly promptBytes: number;
  /** Of the files that came along, as a model is shown them. */
  readonly contextBytes: number;
  /** Prompt and files together, by our own count. */
  readonly contextTokens: number;
  readonly deadline: Instant | null;
  readonly extras: ExtrasAsked;
  readonly reserve: Reserve;
  /** Absent: managed. */
  readonly mode?: JobMode | undefined;
}

export interface AdmissionSnapshot {
  readonly bot: BotTerms | null;
  readonly wish: AdmissionWish;
  readonly reach: Reach;
  /** Jobs of the payer that have not ended, as far as they take a place that this one would take: see `openBeside`. */
  readonly openJobs: number;
  readonly now: Instant;
  /** A visitor is let in to a public bot alone; absent: somebody of the account. */
  readonly byVisitor?: boolean | undefined;
  /** Of the visitor whose own credits pay, at this bot. Absent or null where somebody else pays, or there is none. */
  readonly visitorPlan?: Plan | null | undefined;
  /** Where the request names a quote. */
  readonly quote?: NamedQuote | undefined;
}

export interface AdmissionDecision {
  readonly model: string;
  readonly maxIterations: number;
  readonly maxCredits: MicroCredits;
  /** Of the request or its quote. */
  readonly deadline: Instant | null;
  /** By plan and bot, where the request names no deadline. */
  readonly lastsAtMostMs: number;
  readonly extras: Extras;
  readonly rateCardId: string;
  readonly firstHold: MicroCredits;
}

/**
 * Visitors take no places of the people and keys of an account, who go on when the public is served (B9). Each side has
 * as many places as the plan says.
 */
export function openBeside(
  { openJobs, visitorJobs }: { readonly openJobs: number; readonly visitorJobs: number },
  byVisitor = false,
): number {
  return byVisitor ? visitorJobs : openJobs - visitorJobs;
}

/**
 * Refuses in this order: the bot, its account, the quote, the model's price, what plan and bot allow (see
 * `decideLimits`), a budget that buys nothing, then what waiting may mend: too many jobs at once, and last the credits.
 */
export function decideAdmission(snapshot: AdmissionSnapshot): Outcome<AdmissionDecision> {
  const { bot: asked, now } = snapshot;
  if (asked === null) return refuse({ code: 'bot_not_found' });
  if (!accountMay(asked.accountStatus, 'start_work')) {
    return refuse({ code: 'account_not_active', status: asked.accountStatus });
  }
  if (asked.archived) return refuse({ code: 'bot_archived' });
  if (snapshot.byVisitor === true && asked.visibility === 'private') return refuse({ code: 'bot_private' });
  const turned =
    snapshot.quote === undefined
      ? accept({ bot: asked, wish: snapshot.wish })
      : underQuote(snapshot.quote, asked, snapshot.wish);
  if (!turned.ok) return turned;
  const { bot, wish } = turned.value;
  const { visitorPlan } = snapshot;
  const model = wish.model ?? usualModel(bot, visitorPlan);
  const price = priceOf(bot.rateCard, model);
  if (price === undefined) return refuse({ code: 'model_not_priced', model });
  const { plan, type: botType } = bot;
  const within = decideLimits(
    {
      ...wish,
      price,
      contextBytes: wish.promptBytes + wish.contextBytes,
      asksForZip: botType === 'coding' && wish.extras.zip === true,
    },
    {
      plan,
      bot: bot.limits,
      visitorPlan,
      usual: { maxIterations: bot.defaultMaxIterations, maxCredits: bot.defaultMaxCredits },
      now,
    },
  );
  if (!within.ok) return within;
  const { mayPack, ...limits } = within.value;
  const { maxCredits } = limits;
  const held = firstHoldOf({ ...snapshot, wish }, { bot, price, maxCredits });
  if (!held.ok) return held;
  const extras = chosenExtras({ botType, usual: bot.extras, asked: wish.extras, mayPack });
  const rateCardId = bot.rateCard.id;
  return accept({ ...limits, model, extras, rateCardId, firstHold: held.value });
}

/** As every default, that of a bot gives way to the plan of the visitor who pays: the nearest that this plan has. */
function usualModel(bot: BotTerms, visitorPlan: Plan | null = null): string {
  const usual = priceOf(bot.rateCard, bot.defaultModel);
  if (visitorPlan === null || usual === undefined || hasModel(visitorPlan, usual)) return bot.defaultModel;
  return fallbackModel(bot, { plan: bot.plan, rateCard: bot.rateCard, visitorPlan }) ?? bot.defaultModel;
}

interface Budgeted {
  readonly bot: BotTerms;
  readonly price: ModelPrice;
  readonly maxCredits: MicroCredits;
}

function firstHoldOf(snapshot: AdmissionSnapshot, { bot, price, maxCredits }: Budgeted): Outcome<MicroCredits> {
  const { wish, reach, openJobs, visitorPlan } = snapshot;
  const program = programOf(bot, wish);
  const minimum = bot.rateCard.minimumCharge;
  if (maxCredits < minimum) return refuse({ code: 'budget_below_minimum', minimum });
  const forecast = forecastStep(
    { pricedBy: 'tokens', price },
    {
      inputTokens: inputTokensUpTo(wish.promptBytes + wish.contextBytes + frameBytes(program, bot), 1),
      outputTokens: STAGE_OUTPUT_TOKENS[firstStage(program)],
    },
    smallest(maxCredits, reach.amount),
  );
  const least = 'needs' in forecast ? largest(forecast.needs, minimum) : minimum;
  if (least > maxCredits) return refuse({ code: 'budget_too_small', required: least, budget: maxCredits });
  const { limit, by } = tighter(bot.plan.maxConcurrentJobs, null, visitorPlan?.maxConcurrentJobs);
  if (openJobs >= limit) {
    return refuse({
      code: 'concurrency_limit',
      limit,
      open: openJobs,
      ...namedBy(by, { plan: bot.plan, visitorPlan }),
    });
  }
  if ('needs' in forecast) return refuse(reach.refusalOf(wish.reserve === 'full' ? maxCredits : least));
  const firstHold = largest(reserved(wish.reserve, forecast.hold, maxCredits), minimum);
  return firstHold > reach.amount ? refuse(reach.refusalOf(firstHold)) : accept(firstHold);
}

/** An agent of the bot's own is told nothing by us. */
function frameBytes(program: Program, { guide }: BotTerms): number {
  return program === 'reported' ? 0 : PROMPT_FRAME_BYTES[program] + guideSize(guide).bytes;
}
