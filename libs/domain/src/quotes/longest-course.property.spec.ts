// Goal: the highest figure of a quote is a contract that a job can keep without being cut short by it. Method: each
// program is played step by step as its workflow plays it, with answers, calls, results and meters of any size within
// their limits, every step held as the ledger holds it.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cardWith, creditsOf, priceFor, unitPriceFor, use } from '../../../../test/harness/orders.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, MAX_MICRO_CREDITS, microCredits, smallest, subtract, ZERO } from '../amounts/micro-credits.js';
import { EXTRAS } from '../jobs/extras.js';
import { asksModel, PROGRAMS } from '../jobs/job.js';
import type { ModelStage } from '../jobs/job.js';
import type { Progress, StepMove, StepReport } from '../jobs/moves.js';
import { NO_PROGRESS, STAGE_OUTPUT_TOKENS } from '../jobs/moves.js';
import { advance, nextMove } from '../jobs/program.js';
import { PROMPT_FRAME_BYTES } from '../jobs/prompt-frame.js';
import { chargeOf, forecastStep, inputTokensUpTo, minimumLine } from '../pricing/charge.js';
import type { StepPrice, TokenRates, UnitPrice } from '../pricing/rate-card.js';
import { unitPriceOf, unpricedUnit } from '../pricing/rate-card.js';
import { CALLS_OF_AN_ANSWER, FILES_SHOWN_BYTES, RESULTS_SHOWN_BYTES, TOOLS_FRAME_BYTES } from './longest-course.js';
import { quoteOf, quoteParts, type QuoteOrder } from './quote.js';

const BYTES_OF_A_TOKEN = 8;
const UNLIMITED = microCredits(MAX_MICRO_CREDITS);

/** A share of what is allowed, from nothing to all of it. */
type Share = () => number;

interface Answered {
  readonly stage: ModelStage;
  readonly iteration: number;
  readonly bytes: number;
}

class PlayedCourse {
  private spent: MicroCredits = ZERO;
  private progress: Progress = NO_PROGRESS;
  private readonly answers: Answered[] = [];

  constructor(
    private readonly order: QuoteOrder,
    private readonly budget: MicroCredits,
    private readonly share: Share,
  ) {}

  /** What it came to, and whether its budget stopped it. */
  run(): { readonly charge: MicroCredits; readonly isCutShort: boolean } {
    const { program, maxIterations, extras, card } = this.order;
    for (;;) {
      const zip = extras.includes('zip');
      const move = nextMove({ program, maxIterations, zip, progress: this.progress });
      const isCutShort = move.move === 'step' && !this.step(move);
      if (move.move === 'end' || isCutShort) {
        const minimum = minimumLine(card.minimumCharge, this.spent, this.progress.last !== null);
        return { charge: add(this.spent, minimum), isCutShort };
      }
    }
  }

  private step(move: StepMove): boolean {
    return asksModel(move.stage) ? this.ask(move, move.stage) : this.use(move);
  }

  private ask(move: StepMove, stage: ModelStage): boolean {
    const { price, program } = this.order;
    const { bytes, messages } = program === 'workspace' ? this.shownInWorkspace(move) : this.shown(stage);
    const inputTokens = inputTokensUpTo(bytes, messages);
    const step: StepPrice = { pricedBy: 'tokens', price };
    const forecast = forecastStep(step, { inputTokens, outputTokens: STAGE_OUTPUT_TOKENS[stage] }, this.left());
    if ('needs' in forecast) return false;
    const output = this.of(forecast.maxOutputTokens);
    const [read, written] = [this.pool('input', 'cachedInput', 'cacheWrite'), this.pool('output', 'reasoning')];
    this.spend(step, use({ [read]: this.of(inputTokens), [written]: output }));
    this.answers.push({ stage, iteration: move.iteration, bytes: output * BYTES_OF_A_TOKEN });
    const calls = { count: this.of(CALLS_OF_AN_ANSWER), then: this.then() };
    this.advance(move, program === 'workspace' && stage !== 'plan' ? { calls } : {});
    return true;
  }

  private use(move: StepMove): boolean {
    const { card } = this.order;
    const tools = card.units.filter(({ kind, item }) => kind === 'tool' && item !== 'tool.check');
    const item = { check: 'tool.check', preview: 'preview.build', package: 'packaging' }[String(move.stage)];
    const called: UnitPrice | undefined =
      item === undefined ? tools[this.of(tools.length - 1)] : unitPriceOf(card, item);
    const price = called ?? unpricedUnit('none', 'tool');
    const step: StepPrice = { pricedBy: 'units', price };
    if ('needs' in forecastStep(step, null, this.left())) return false;
    const { seconds, bytes } = price.most;
    this.spend(step, use({ calls: 1, milliseconds: this.of(seconds * 1_000), bytes: this.of(bytes) }));
    this.advance(move, { tree: 'some' });
    return true;
  }

  /** Only the latest result of each kind that the stage goes on from. */
  private shown(stage: ModelStage): { readonly bytes: number; readonly messages: number } {
    const latest = (...kinds: readonly ModelStage[]): Answered[] =>
      this.answers.filter((answer) => kinds.includes(answer.stage)).slice(-1);
    const code = latest('generate', 'repair');
    const read =
      { generate: latest('plan'), review: code, repair: [...code, ...latest('review')] }[String(stage)] ?? [];
    const answered = read.reduce((sum, { bytes }) => sum + bytes + 'Go on.'.length, 0);
    const frame = this.of(PROMPT_FRAME_BYTES[this.order.program]);
    return { bytes: this.order.request.bytes + frame + answered, messages: 1 + 2 * read.length };
  }

  /** The plan, the files with what was found in them, and this iteration's answers with what came of their calls. */
  private shownInWorkspace({ stage, iteration }: StepMove): { readonly bytes: number; readonly messages: number } {
    const { request } = this.order;
    if (stage === 'plan') return { bytes: request.bytes + this.of(PROMPT_FRAME_BYTES.workspace), messages: 1 };
    const plan = this.answers[0]?.bytes ?? 0;
    const state = iteration > 1 ? this.of(RESULTS_SHOWN_BYTES) + this.of(FILES_SHOWN_BYTES) : 0;
    const turns = this.answers.filter((answer) => answer.stage !== 'plan' && answer.iteration === iteration);
    const told = turns.reduce((sum, { bytes }) => sum + bytes + this.of(RESULTS_SHOWN_BYTES), 0);
    const frame = this.of(TOOLS_FRAME_BYTES) + 'Go on.'.length;
    return { bytes: request.bytes + frame + plan + state + told, messages: 3 + 2 * turns.length };
  }

  private advance(move: StepMove, report: StepReport): void {
    const verdict = this.share() > 0.1 ? 'changes_requested' : 'approved';
    this.progress = advance(this.progress, move, { verdict, report });
  }

  private spend(step: StepPrice, meters: Parameters<typeof chargeOf>[1]): void {
    this.spent = add(this.spent, smallest(chargeOf(step, meters), this.left()));
  }

  private left(): MicroCredits {
    return subtract(this.budget, this.spent);
  }

  private then(): 'check' | 'clarify' | 'look' {
    const at = this.share();
    return at < 0.25 ? 'check' : at < 0.5 ? 'clarify' : 'look';
  }

  /** The dearest of them, or now and then the first. */
  private pool(first: keyof TokenRates, ...others: readonly (keyof TokenRates)[]): keyof TokenRates {
    const { rates } = this.order.price;
    if (this.share() < 0.5) return first;
    return others.reduce((dearest, pool) => (rates[pool] > rates[dearest] ? pool : dearest), first);
  }

  private of(most: number): number {
    return Math.floor(most * this.share());
  }
}

const rate = fc.bigInt(0n, 3_000_000_000n).map((value) => value as MicroCredits);
const items = ['tool.write', 'tool.search', 'tool.check', 'preview.build', 'packaging'] as const;
const KINDS = { 'tool.check': 'tool', 'preview.build': 'build', packaging: 'packaging' } as const;
const orders: fc.Arbitrary<QuoteOrder> = fc
  .record({
    rates: fc.record({ input: rate, cachedInput: rate, cacheWrite: rate, output: rate, reasoning: rate }),
    maxOutputTokens: fc.integer({ min: 1, max: 64_000 }),
    program: fc.constantFrom(...PROGRAMS),
    maxIterations: fc.integer({ min: 1, max: 5 }),
    budget: fc.bigInt(100_000n, 100_000_000_000n).map((value) => value as MicroCredits),
    bytes: fc.nat(1_000_000),
    extras: fc.subarray([...EXTRAS]),
    priced: fc.subarray([...items]),
  })
  .map(({ rates, maxOutputTokens, bytes, priced, ...rest }) => ({
    ...rest,
    card: {
      ...cardWith(),
      units: priced.map((item, index) => {
        const kind = item === 'tool.write' || item === 'tool.search' ? 'tool' : KINDS[item];
        const perCall = creditsOf(`0.0${index + 1}`);
        return unitPriceFor({ item, kind, rates: { ...unitPriceFor().rates, perCall } });
      }),
    },
    price: priceFor({ rates, maxOutputTokens }),
    request: { bytes, tokens: Math.ceil(bytes / 4) },
  }));

/** Mostly the ends of what is allowed: there the bounds are tried. */
const shares = fc.infiniteStream(
  fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.double({ min: 0, max: 1, noNaN: true })),
);

const sharesOf = (stream: fc.Stream<number>): Share => {
  return () => {
    const next = stream.next();
    return next.done === true ? 1 : next.value;
  };
};

describe('the highest figure of a quote', () => {
  it('[X19] is not passed, nor is a job cut short by it that only does what its program allows', () => {
    fc.assert(
      fc.property(orders, shares, (order, stream) => {
        const { max } = quoteOf({ ...order, budget: UNLIMITED });
        const { charge, isCutShort } = new PlayedCourse(order, max, sharesOf(stream)).run();
        expect(isCutShort).toBe(false);
        expect(charge <= max).toBe(true);
      }),
    );
  });

  it('is what a job comes to that uses all it may', () => {
    fc.assert(
      fc.property(orders, (order) => {
        const { max } = quoteOf({ ...order, budget: UNLIMITED });
        const { charge, isCutShort } = new PlayedCourse(order, max, () => 1).run();
        expect(isCutShort).toBe(false);
        // Less only by the rounding of each step and some bytes between messages.
        expect(charge <= max && (charge + 200n) * 100n >= max * 95n).toBe(true);
      }),
    );
  });

  it('[C9] stops at the budget a job that would pass it', () => {
    fc.assert(
      fc.property(orders, shares, (order, stream) => {
        const { max } = quoteOf(order);
        expect(max <= order.budget).toBe(true);
        expect(new PlayedCourse(order, max, sharesOf(stream)).run().charge <= max).toBe(true);
      }),
    );
  });

  it('is the budget itself where a bot runs an agent of its own', () => {
    fc.assert(
      fc.property(orders, (order) => {
        const { min, expected, max } = quoteOf({ ...order, program: 'reported' });
        expect(max).toBe(order.budget);
        expect(min <= expected && expected <= max).toBe(true);
      }),
    );
  });
});

describe('the parts of a quote', () => {
  it('[A6] [A10] add up to what is expected, each extra with what it adds', () => {
    fc.assert(
      fc.property(orders, (order) => {
        const parts = quoteParts(order);
        expect(parts.map(({ part }) => part)).toEqual(['work', ...EXTRAS.filter((one) => order.extras.includes(one))]);
        expect(add(...parts.map(({ expected }) => expected))).toBe(quoteOf(order).expected);
        expect(parts.every(({ expected }) => expected >= ZERO)).toBe(true);
      }),
    );
  });
});
