// Domain room. What a job will cost before it runs: two figures to plan with and one that is a promise. A job that is
// started from a quote has the quote's highest figure for its budget, and the quote's card for its prices.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, largest, MAX_MICRO_CREDITS, microCredits, smallest } from '../amounts/micro-credits.js';
import { subtract, ZERO } from '../amounts/micro-credits.js';
import type { Extra } from '../jobs/extras.js';
import { EXTRAS } from '../jobs/extras.js';
import type { ModelStage, Program } from '../jobs/job.js';
import { STAGE_INSTRUCTIONS, WORKSPACE_INSTRUCTIONS } from '../jobs/prompt-frame.js';
import { NO_TOKENS, NO_USE } from '../metering/meters.js';
import { chargeOf, inputTokensUpTo, tokenCharge, unitWorstCase, worstCase } from '../pricing/charge.js';
import type { ModelPrice, RateCard, UnitPrice } from '../pricing/rate-card.js';
import { unitPriceOf } from '../pricing/rate-card.js';
import type { ItemUse, LikelyCourse } from './course.js';
import { likelyCourse } from './course.js';
import type { LongTurn, Stretch } from './longest-course.js';
import { longestCourse } from './longest-course.js';

export interface QuoteOrder {
  readonly card: RateCard;
  readonly price: ModelPrice;
  readonly program: Program;
  readonly maxIterations: number;
  /** What was asked for, or what the bot may spend: the promise is never above it. */
  readonly budget: MicroCredits;
  /** The whole request, prompt and context: counted by our tokenizer, and its size. */
  readonly request: { readonly tokens: number; readonly bytes: number };
  readonly extras: readonly Extra[];
  /** What the bot is told before every request; an agent of its own is told nothing by us. */
  readonly guide?: { readonly tokens: number; readonly bytes: number } | undefined;
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
  const max = largest(card.minimumCharge, smallest(budget, mostOf(order)));
  const within = (charge: MicroCredits): MicroCredits => smallest(max, largest(card.minimumCharge, charge));
  const expected = within(likely(order, 'usual'));
  return { min: smallest(expected, within(likely(order, 'shortest'))), expected, max };
}

/** For comparing only: where the budget would not do, it gives way to what is expected. */
export function comparedRange(order: QuoteOrder): QuoteRange {
  const { min, expected } = quoteOf({ ...order, budget: microCredits(MAX_MICRO_CREDITS) });
  return { min, expected, max: largest(expected, quoteOf(order).max) };
}

/** What a part of the wish adds to what is expected: the work itself, then each extra that is on. */
export interface QuotePart {
  readonly part: 'work' | Extra;
  readonly expected: MicroCredits;
}

/** Together they are what is expected (A10). */
export function quoteParts(order: QuoteOrder): readonly QuotePart[] {
  const wanted = EXTRAS.filter((extra) => order.extras.includes(extra));
  const expectedWith = (count: number): MicroCredits => quoteOf({ ...order, extras: wanted.slice(0, count) }).expected;
  return [
    { part: 'work', expected: expectedWith(0) },
    ...wanted.map((part, index) => ({ part, expected: subtract(expectedWith(index + 1), expectedWith(index)) })),
  ];
}

/** Each turn reads the request, our frame and what the job brought forth before it. */
function likely(order: QuoteOrder, course: LikelyCourse): MicroCredits {
  const { card, price, program, request } = order;
  const { turns, items } = likelyCourse(course, { ...order, requestTokens: request.tokens });
  return turns.reduce(
    (charge, { stage, outputTokens, reads }) => {
      const input = frameTokens(program, stage) + guideOf(order).tokens + request.tokens + reads;
      const output = Math.min(price.maxOutputTokens, outputTokens);
      return add(charge, tokenCharge(price.rates, { ...NO_TOKENS, input, output }));
    },
    usesOf(card, items, usualUse),
  );
}

const BYTES_PER_FRAME_TOKEN = 4;

/** The description of the tools, by our own count. */
export const TOOLS_TOKENS = 423;

/** What is said of the extras, by our own count: about the same whichever are on, for what is off is named as well. */
export const EXTRAS_TOKENS = 66;

function frameTokens(program: Program, stage: ModelStage): number {
  const withTools = program !== 'answer' && program !== 'review';
  const instructions = withTools ? WORKSPACE_INSTRUCTIONS : STAGE_INSTRUCTIONS;
  const tools = withTools && stage !== 'plan' ? TOOLS_TOKENS : 0;
  const extras = program === 'answer' ? 0 : EXTRAS_TOKENS;
  return Math.ceil(instructions[stage].length / BYTES_PER_FRAME_TOKEN) + tools + extras;
}

function guideOf({ program, guide }: QuoteOrder): { readonly tokens: number; readonly bytes: number } {
  return program === 'reported' || guide === undefined ? { tokens: 0, bytes: 0 } : guide;
}

/** Where every turn is as long as allowed and every use as large as the card allows; an own agent knows no such end. */
function mostOf(order: QuoteOrder): MicroCredits {
  const { program, card, price, budget } = order;
  if (program === 'reported') return budget;
  const { maxOutputTokens } = price;
  const stretches = longestCourse({ ...order, program, maxOutputTokens, dearestTool: dearestTool(card) });
  return stretches.reduce((sum, stretch) => add(sum, mostOfStretch(order, stretch)), ZERO);
}

function mostOfStretch(order: QuoteOrder, { times, turns, items }: Stretch): MicroCredits {
  const { card, price, request } = order;
  const bytes = request.bytes + guideOf(order).bytes;
  const most = (turn: LongTurn): MicroCredits =>
    worstCase(price.rates, inputTokensUpTo(bytes + turn.bytes, turn.messages), turn.outputTokens);
  const uses = usesOf(card, items, (unit, calls) => microCredits(unitWorstCase(unit) * BigInt(calls)));
  return microCredits(turns.reduce((sum, turn) => add(sum, most(turn)), uses) * BigInt(times));
}

function dearestTool({ units }: RateCard): string | undefined {
  const tools = units.filter(({ kind, item }) => kind === 'tool' && item !== 'tool.check');
  return tools.reduce<UnitPrice | undefined>(
    (dearest, tool) => (dearest === undefined || unitWorstCase(tool) > unitWorstCase(dearest) ? tool : dearest),
    undefined,
  )?.item;
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
