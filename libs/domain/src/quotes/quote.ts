// Domain room. What a job will cost before it runs: two figures to plan with and one that is a promise. A job that is
// started from a quote has the quote's highest figure for its budget, and the quote's card for its prices.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, largest, MAX_MICRO_CREDITS, microCredits, smallest, ZERO } from '../amounts/micro-credits.js';
import { PROMPT_FRAME_BYTES, STAGE_INSTRUCTIONS } from '../jobs/prompt-frame.js';
import type { BotType } from '../jobs/job.js';
import { usualProgram } from '../jobs/job.js';
import { NO_TOKENS, NO_USE } from '../metering/meters.js';
import { chargeOf, inputTokensUpTo, tokenCharge, unitWorstCase, worstCase } from '../pricing/charge.js';
import type { ModelPrice, RateCard, UnitPrice } from '../pricing/rate-card.js';
import { unitPriceOf } from '../pricing/rate-card.js';
import type { CoursePlan, ItemUse } from './course.js';
import { planOf } from './course.js';
import type { Extra } from '../jobs/extras.js';

export interface QuoteOrder {
  readonly card: RateCard;
  readonly price: ModelPrice;
  readonly botType: BotType;
  readonly maxIterations: number;
  /** What was asked for, or what the bot may spend: the promise is never above it. */
  readonly budget: MicroCredits;
  /** The whole request, prompt and context: counted by our tokenizer, and its size. */
  readonly request: { readonly tokens: number; readonly bytes: number };
  readonly extras: readonly Extra[];
}

export interface QuoteRange {
  /** The least that is likely; indicative. */
  readonly min: MicroCredits;
  /** Indicative. */
  readonly expected: MicroCredits;
  /** The promise: the budget of a job that is started from this quote. */
  readonly max: MicroCredits;
}

export function quoteOf(order: QuoteOrder): QuoteRange {
  const { card, budget } = order;
  const most = worstCourse(order);
  const max = largest(card.minimumCharge, smallest(budget, most));
  const within = (charge: MicroCredits): MicroCredits => smallest(max, largest(card.minimumCharge, charge));
  const expected = within(likely(order, plan(order, 'usual')));
  return { min: smallest(expected, within(likely(order, plan(order, 'shortest')))), expected, max };
}

/** For comparing only: where the budget would not do, it gives way to what is expected. */
export function comparedRange(order: QuoteOrder): QuoteRange {
  const { min, expected } = quoteOf({ ...order, budget: microCredits(MAX_MICRO_CREDITS) });
  return { min, expected, max: largest(expected, quoteOf(order).max) };
}

function plan(order: QuoteOrder, course: Parameters<typeof planOf>[0]): CoursePlan {
  const { botType, maxIterations, extras } = order;
  return planOf(course, { botType, maxIterations, extras, requestTokens: order.request.tokens });
}

/** Each turn reads the request, our frame and what was answered before it. */
function likely(order: QuoteOrder, { turns, items }: CoursePlan): MicroCredits {
  const { rates, maxOutputTokens } = order.price;
  let answered = 0;
  let charge = usesOf(order.card, items, usualUse);
  for (const turn of turns) {
    const output = Math.min(maxOutputTokens, turn.outputTokens);
    const input = frameTokens(turn.stage) + order.request.tokens + answered;
    charge = add(charge, tokenCharge(rates, { ...NO_TOKENS, input, output }));
    answered = turn.stage === 'plan' ? 0 : output;
  }
  return charge;
}

const BYTES_PER_FRAME_TOKEN = 4;

function frameTokens(stage: keyof typeof STAGE_INSTRUCTIONS): number {
  return Math.ceil(STAGE_INSTRUCTIONS[stage].length / BYTES_PER_FRAME_TOKEN);
}

/** A turn's input is bounded by its bytes as its hold will be; an answer's token is taken for this many of them. */
const MOST_BYTES_OF_A_TOKEN = 8;
/** A turn goes on from the answers of its round and of the one before, not from all that were ever given. */
const MOST_EARLIER_ANSWERS = 6;
const MESSAGES_OF_A_TURN = 2 * MOST_EARLIER_ANSWERS;

/** Where every turn is as long as allowed and every use as large as the card allows. */
function worstCourse(order: QuoteOrder): MicroCredits {
  const { price, request } = order;
  const { turns, items } = plan(order, 'longest');
  const frame = PROMPT_FRAME_BYTES[usualProgram(order.botType)];
  let answered: readonly number[] = [];
  let charge = usesOf(order.card, items, (unit, calls) => microCredits(unitWorstCase(unit) * BigInt(calls)));
  for (const { outputTokens } of turns) {
    const bytes = request.bytes + frame + answered.reduce((sum, one) => sum + one, 0);
    const output = Math.min(price.maxOutputTokens, outputTokens);
    charge = add(charge, worstCase(price.rates, inputTokensUpTo(bytes, MESSAGES_OF_A_TURN), output));
    answered = [...answered, output * MOST_BYTES_OF_A_TOKEN].slice(-MOST_EARLIER_ANSWERS);
  }
  return charge;
}

/** A usual call takes a second and some kilobytes. */
function usualUse(price: UnitPrice, calls: number): MicroCredits {
  const one = chargeOf({ pricedBy: 'units', price }, { ...NO_USE, calls: 1, milliseconds: 1_000, bytes: 4_000 });
  return microCredits(one * BigInt(calls));
}

type PriceUses = (price: UnitPrice, calls: number) => MicroCredits;

function usesOf(card: RateCard, items: readonly ItemUse[], priced: PriceUses): MicroCredits {
  return items.reduce((sum, { item, calls }) => {
    const price = unitPriceOf(card, item);
    return price === undefined ? sum : add(sum, priced(price, calls));
  }, ZERO);
}
