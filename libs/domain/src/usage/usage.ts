// Domain room. What was used and charged over a stretch of time, told by up to two properties of it: the figures of one
// row, and what follows from them.
import { halfUpDiv } from '../amounts/division.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, microCredits, subtract, ZERO } from '../amounts/micro-credits.js';
import { sumMeters } from '../costs/totals.js';
import type { Meters } from '../metering/meters.js';

/** By what usage can be told. A charge has exactly one value of each, so every way adds up to the same. */
export const USAGE_GROUPINGS = [
  'bot',
  'type',
  'kind',
  'model',
  'thread',
  'day',
  'funding',
  'campaign',
  'artefact',
] as const;
export type UsageGrouping = (typeof USAGE_GROUPINGS)[number];

/** More than two make rows that nobody reads, and as many of them as there are jobs. */
export const MOST_USAGE_GROUPINGS = 2;

export interface UsageFigures {
  /** Different jobs that began, used or were charged something: one that is in two rows counts in both. */
  readonly jobs: number;
  readonly charged: MicroCredits;
  readonly refunded: MicroCredits;
  /** Of the attempts that were charged. */
  readonly used: Meters;
}

export function netOf({ charged, refunded }: Pick<UsageFigures, 'charged' | 'refunded'>): MicroCredits {
  return subtract(charged, refunded);
}

/** To compare with only: rounded half up to a micro-credit. Null where there was no job. */
export function averageCharge({ charged, jobs }: Pick<UsageFigures, 'charged' | 'jobs'>): MicroCredits | null {
  return jobs === 0 ? null : microCredits(halfUpDiv(charged, BigInt(jobs)));
}

/** System and auxiliary context among all that models read, from 0 to 1 in steps of a ten-thousandth. */
export function systemShareOf({ system, input, cachedInput, cacheWrite }: Meters): number | null {
  const read = input + cachedInput + cacheWrite;
  return read === 0 ? null : Math.round((10_000 * Math.min(system, read)) / read) / 10_000;
}

/** What `total` has and `rows` have not: the rows that a bounded answer left out. */
export function usageBeyond(
  total: UsageFigures,
  rows: readonly UsageFigures[],
): Pick<UsageFigures, 'charged' | 'refunded' | 'used'> {
  const shown = sumMeters(rows.map(({ used }) => used));
  return {
    charged: subtract(total.charged, add(ZERO, ...rows.map(({ charged }) => charged))),
    refunded: subtract(total.refunded, add(ZERO, ...rows.map(({ refunded }) => refunded))),
    used: lessMeters(total.used, shown),
  };
}

function lessMeters(from: Meters, amount: Meters): Meters {
  const left: Record<keyof Meters, number> = { ...from };
  for (const meter of Object.keys(amount) as (keyof Meters)[]) left[meter] -= amount[meter];
  return left;
}
