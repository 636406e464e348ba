// Domain room. May this request become a job, on which model and with how much set aside? The API asks it on a read
// snapshot to say a clear no cheaply; the ledger asks it again under the scope's lock, and that answer counts.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { largest, smallest } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { Reach } from '../ledger/reach.js';
import { forecastStep, inputTokensUpTo } from '../pricing/charge.js';
import type { RateCard } from '../pricing/rate-card.js';
import { priceOf } from '../pricing/rate-card.js';
import type { NamedQuote } from '../quotes/pinned-quote.js';
import { underQuote } from '../quotes/pinned-quote.js';
import type { BotType } from './job.js';
import { firstStage, STAGE_OUTPUT_TOKENS } from './program.js';
import { PROMPT_FRAME_BYTES } from './prompt-frame.js';

export interface BotTerms {
  readonly botId: string;
  readonly accountId: string;
  readonly accountStatus: string;
  readonly type: BotType;
  readonly archived: boolean;
  readonly defaultModel: string;
  readonly defaultMaxIterations: number;
  readonly defaultMaxCredits: MicroCredits;
  readonly plan: { readonly name: string; readonly maxIterations: number };
  readonly rateCard: RateCard;
}

export interface AdmissionWish {
  readonly model: string | null;
  readonly maxIterations: number | null;
  readonly maxCredits: MicroCredits | null;
  readonly promptBytes: number;
}

export interface AdmissionSnapshot {
  readonly bot: BotTerms | null;
  readonly wish: AdmissionWish;
  readonly reach: Reach;
  /** Where the request names a quote. */
  readonly quote?: NamedQuote | undefined;
}

export interface AdmissionDecision {
  readonly model: string;
  readonly maxIterations: number;
  readonly maxCredits: MicroCredits;
  readonly rateCardId: string;
  readonly firstHold: MicroCredits;
}

/** Refuses in this order: the bot, its account, the quote, the model, the limits, the budget, the credits. */
export function decideAdmission(snapshot: AdmissionSnapshot): Outcome<AdmissionDecision> {
  const { bot: asked, reach } = snapshot;
  if (asked === null) return refuse({ code: 'bot_not_found' });
  if (asked.accountStatus !== 'active' && asked.accountStatus !== 'past_due') {
    return refuse({ code: 'account_not_active', status: asked.accountStatus });
  }
  if (asked.archived) return refuse({ code: 'bot_archived' });
  const turned =
    snapshot.quote === undefined
      ? accept({ bot: asked, wish: snapshot.wish })
      : underQuote(snapshot.quote, asked, snapshot.wish);
  if (!turned.ok) return turned;
  const { bot, wish } = turned.value;
  const model = wish.model ?? bot.defaultModel;
  const price = priceOf(bot.rateCard, model);
  if (price === undefined) return refuse({ code: 'model_not_priced', model });
  const maxIterations = wish.maxIterations ?? Math.min(bot.defaultMaxIterations, bot.plan.maxIterations);
  if (maxIterations > bot.plan.maxIterations) {
    return refuse({ code: 'iterations_over_plan', limit: bot.plan.maxIterations, plan: bot.plan.name });
  }
  const minimum = bot.rateCard.minimumCharge;
  const maxCredits = wish.maxCredits ?? bot.defaultMaxCredits;
  if (maxCredits < minimum) return refuse({ code: 'budget_below_minimum', minimum });
  const stage = firstStage(bot.type);
  const forecast = forecastStep(
    { pricedBy: 'tokens', price },
    {
      inputTokens: inputTokensUpTo(wish.promptBytes + PROMPT_FRAME_BYTES, 1),
      outputTokens: STAGE_OUTPUT_TOKENS[stage],
    },
    smallest(maxCredits, reach.amount),
  );
  if ('needs' in forecast) {
    const required = largest(forecast.needs, minimum);
    return required > maxCredits
      ? refuse({ code: 'budget_too_small', required, budget: maxCredits })
      : refuse(reach.refusalOf(required));
  }
  const firstHold = largest(forecast.hold, minimum);
  if (firstHold > reach.amount) return refuse(reach.refusalOf(firstHold));
  return accept({ model, maxIterations, maxCredits, rateCardId: bot.rateCard.id, firstHold });
}
