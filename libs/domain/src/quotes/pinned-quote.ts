// Domain room. A quote that was given, and what becomes of a request that names it: the quote's card, and a budget of
// at most its highest figure. The API asks it on a snapshot, and the ledger again at admission.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { smallest } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { Extras, ExtrasAsked } from '../jobs/extras.js';
import { EXTRAS } from '../jobs/extras.js';
import type { BotType, JobMode, Program } from '../jobs/job.js';
import { programOf } from '../jobs/job.js';
import type { RateCard } from '../pricing/rate-card.js';
import type { Instant } from '../time/instant.js';

export interface QuoteTerms {
  readonly id: string;
  readonly accountId: string;
  readonly botId: string;
  readonly model: string;
  readonly program: Program;
  readonly extras: Extras;
  readonly maxIterations: number;
  /** Null where the request named none. */
  readonly deadline: Instant | null;
  readonly max: MicroCredits;
  readonly expiresAt: Instant;
  readonly rateCard: RateCard;
}

/** What a request names: null where there is no such quote. */
export interface NamedQuote {
  readonly terms: QuoteTerms | null;
  /** By the clock: a quote's end is a promise to people and follows their time. */
  readonly at: Instant;
}

interface QuotableWish {
  readonly model: string | null;
  readonly maxIterations: number | null;
  readonly maxCredits: MicroCredits | null;
  readonly deadline: Instant | null;
  readonly extras: ExtrasAsked;
  readonly mode?: JobMode | undefined;
}

interface QuotableBot {
  readonly botId: string;
  readonly accountId: string;
  readonly type: BotType;
  readonly program: Program;
  readonly rateCard: RateCard;
}

/**
 * The request as the quote turns it. What it does not say is as it was quoted; iterations, budget and deadline may be
 * lowered, and nothing else about it may differ.
 */
export function underQuote<Bot extends QuotableBot, Wish extends QuotableWish>(
  { terms, at }: NamedQuote,
  bot: Bot,
  wish: Wish,
): Outcome<{ readonly bot: Bot; readonly wish: Wish }> {
  if (terms === null || terms.botId !== bot.botId || terms.accountId !== bot.accountId) {
    return refuse({ code: 'quote_not_found' });
  }
  if (at >= terms.expiresAt) return refuse({ code: 'quote_expired', expiredAt: terms.expiresAt });
  const field = differingField(terms, bot, wish);
  if (field !== undefined) return refuse({ code: 'quote_mismatch', field });
  return accept({
    bot: { ...bot, rateCard: terms.rateCard },
    wish: {
      ...wish,
      model: terms.model,
      extras: terms.extras,
      maxIterations: wish.maxIterations ?? terms.maxIterations,
      deadline: wish.deadline ?? terms.deadline,
      maxCredits: wish.maxCredits === null ? terms.max : smallest(wish.maxCredits, terms.max),
    },
  });
}

/** The first part of the request, or of how its bot works by now, that is not what was quoted. */
function differingField(terms: QuoteTerms, bot: QuotableBot, wish: QuotableWish): string | undefined {
  const { model, maxIterations, deadline, extras } = wish;
  if ((wish.mode === 'reported') !== (terms.program === 'reported')) return 'mode';
  if (programOf(bot, wish) !== terms.program) return 'program';
  if (model !== null && model !== terms.model) return 'model';
  if (maxIterations !== null && maxIterations > terms.maxIterations) return 'max_iterations';
  // A chat bot answers and nothing besides, whatever is asked of it.
  const differs = EXTRAS.some((extra) => extras[extra] !== undefined && extras[extra] !== terms.extras[extra]);
  if (bot.type === 'coding' && differs) return 'extras';
  if (deadline !== null && terms.deadline !== null && deadline > terms.deadline) return 'deadline';
  return undefined;
}
