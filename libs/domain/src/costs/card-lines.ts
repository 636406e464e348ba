// Domain room. A step's use, line by line on its card: each meter times its rate, exact, and one line for the rounding.
// It reckons beside `chargeOf` and not through it, so that the two can be held against each other (C28).
import { halfUpDiv } from '../amounts/division.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import { microCredits } from '../amounts/micro-credits.js';
import type { Meters } from '../metering/meters.js';
import type { RateCard, StepPrice } from '../pricing/rate-card.js';
import { priceOf, unitPriceOf } from '../pricing/rate-card.js';

/** Millionths of a micro-credit: what a token at a rate per million comes to, without any rounding. */
const PER_MICRO_CREDIT = 1_000_000n;

export const LINE_METERS = [
  'input',
  'cached_input',
  'cache_write',
  'output',
  'reasoning',
  'calls',
  'milliseconds',
  'bytes',
] as const;
export type LineMeter = (typeof LINE_METERS)[number];

export const RATE_UNITS = ['million_tokens', 'call', 'second', 'million_bytes'] as const;
export type RateUnit = (typeof RATE_UNITS)[number];

export interface CardLine {
  readonly meter: LineMeter;
  readonly quantity: number;
  readonly rate: MicroCredits;
  readonly per: RateUnit;
  /** In millionths of a micro-credit. */
  readonly exact: bigint;
}

export interface Reckoning {
  /** Every meter the price knows, also where nothing was used. */
  readonly lines: readonly CardLine[];
  readonly exact: bigint;
  /** What rounding added, or took where it is negative; in millionths of a micro-credit. */
  readonly rounding: bigint;
  readonly rounded: MicroCredits;
}

export function reckon(price: StepPrice, used: Meters): Reckoning {
  const lines = price.pricedBy === 'tokens' ? tokenLines(price, used) : unitLines(price, used);
  const exact = lines.reduce((sum, line) => sum + line.exact, 0n);
  const rounded = microCredits(halfUpDiv(exact, PER_MICRO_CREDIT));
  return { lines, exact, rounded, rounding: rounded * PER_MICRO_CREDIT - exact };
}

type Priced<By extends StepPrice['pricedBy']> = Extract<StepPrice, { readonly pricedBy: By }>;

function tokenLines({ price: { rates } }: Priced<'tokens'>, used: Meters): CardLine[] {
  const line = (meter: LineMeter, quantity: number, rate: MicroCredits): CardLine => {
    return { meter, quantity, rate, per: 'million_tokens', exact: BigInt(quantity) * rate };
  };
  return [
    line('input', used.input, rates.input),
    line('cached_input', used.cachedInput, rates.cachedInput),
    line('cache_write', used.cacheWrite, rates.cacheWrite),
    line('output', used.output, rates.output),
    line('reasoning', used.reasoning, rates.reasoning),
  ];
}

function unitLines({ price: { rates } }: Priced<'units'>, used: Meters): CardLine[] {
  const { perCall, perSecond, perMillionBytes } = rates;
  const times = (quantity: number, rate: bigint, share: bigint): bigint => BigInt(quantity) * rate * share;
  return [
    { meter: 'calls', quantity: used.calls, rate: perCall, per: 'call', exact: times(used.calls, perCall, 1_000_000n) },
    {
      meter: 'milliseconds',
      quantity: used.milliseconds,
      rate: perSecond,
      per: 'second',
      exact: times(used.milliseconds, perSecond, 1_000n),
    },
    {
      meter: 'bytes',
      quantity: used.bytes,
      rate: perMillionBytes,
      per: 'million_bytes',
      exact: times(used.bytes, perMillionBytes, 1n),
    },
  ];
}

/** What a step was priced by; a tool that the card does not name was free on it (`price.pinned`). */
export function priceOfStep(
  card: RateCard,
  step: { readonly model: string | null; readonly tool: string | null },
): StepPrice | 'free' | 'not_on_card' {
  if (step.model !== null) {
    const price = priceOf(card, step.model);
    return price === undefined ? 'not_on_card' : { pricedBy: 'tokens', price };
  }
  const price = step.tool === null ? undefined : unitPriceOf(card, step.tool);
  return price === undefined ? 'free' : { pricedBy: 'units', price };
}

export const NOTHING_RECKONED: Reckoning = Object.freeze({
  lines: [],
  exact: 0n,
  rounding: 0n,
  rounded: microCredits(0n),
});

/** What the use would come to on the card; null where the card does not know the model. */
export function reckonStep(card: RateCard, step: Parameters<typeof priceOfStep>[1], used: Meters): Reckoning | null {
  const price = priceOfStep(card, step);
  if (price === 'not_on_card') return null;
  return price === 'free' ? NOTHING_RECKONED : reckon(price, used);
}

/** Credits with twelve decimals: a line of a card is exact, whatever it comes to. */
export function formatExactCredits(exact: bigint): string {
  const magnitude = exact < 0n ? -exact : exact;
  const whole = magnitude / 1_000_000_000_000n;
  const fraction = (magnitude % 1_000_000_000_000n).toString().padStart(12, '0');
  return `${exact < 0n ? '-' : ''}${whole}.${fraction}`;
}
