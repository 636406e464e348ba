// Domain room. A quote that was given, and what becomes of a request that names it: the quote's card, and a budget of
// at most its highest figure. The API asks it on a snapshot, and the ledger again at admission.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { smallest } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { RateCard } from '../pricing/rate-card.js';
import type { Instant } from '../time/instant.js';

export interface QuoteTerms {
  readonly id: string;
  readonly accountId: string;
  readonly botId: string;
  readonly model: string;
  readonly maxIterations: number;
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
}

interface QuotableBot {
  readonly botId: string;
  readonly accountId: string;
  readonly rateCard: RateCard;
}

/** The request as the quote turns it. What was quoted may be lowered, and nothing else about it may differ. */
export function underQuote<Bot extends QuotableBot, Wish extends QuotableWish>(
  { terms, at }: NamedQuote,
  bot: Bot,
  wish: Wish,
): Outcome<{ readonly bot: Bot; readonly wish: Wish }> {
  if (terms === null || terms.botId !== bot.botId || terms.accountId !== bot.accountId) {
    return refuse({ code: 'quote_not_found' });
  }
  if (at >= terms.expiresAt) return refuse({ code: 'quote_expired', expiredAt: terms.expiresAt });
  if (wish.model !== null && wish.model !== terms.model) return refuse({ code: 'quote_mismatch', field: 'model' });
  if (wish.maxIterations !== null && wish.maxIterations > terms.maxIterations) {
    return refuse({ code: 'quote_mismatch', field: 'max_iterations' });
  }
  return accept({
    bot: { ...bot, rateCard: terms.rateCard },
    wish: {
      ...wish,
      model: terms.model,
      maxIterations: wish.maxIterations ?? terms.maxIterations,
      maxCredits: wish.maxCredits === null ? terms.max : smallest(wish.maxCredits, terms.max),
    },
  });
}
