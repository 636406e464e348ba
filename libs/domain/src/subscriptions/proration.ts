// Domain room. What the rest of a period is worth under another plan: credits rounded up to 0.1, prices up to a coin.
import { ceilDiv } from '../amounts/division.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import { microCredits, shortfall } from '../amounts/micro-credits.js';
import type { PlanPrice, PlanTerms } from '../plans/plan-version.js';
import type { Instant } from '../time/instant.js';
import type { PeriodRule } from '../time/period-rule.js';
import type { CountedPeriod } from './subscription.js';

const TENTH_OF_A_CREDIT = 100_000n;

/** (to - from) x remaining / whole, rounded up to 0.1; never below nothing. */
export function proratedCredits(
  { from, to }: { readonly from: MicroCredits; readonly to: MicroCredits },
  { start, end }: CountedPeriod,
  at: Instant,
): MicroCredits {
  const tenths = ceilDiv(shortfall(to, from) * BigInt(end - at), BigInt(end - start) * TENTH_OF_A_CREDIT);
  return microCredits(tenths * TENTH_OF_A_CREDIT);
}

/**
 * What is to be paid for the rest of the time that is paid for already, under the dearer plan. A plan that is paid by
 * the year and one by the month are compared by the month. Null where nothing is left to pay.
 */
export function proratedPrice(
  { from, to }: { readonly from: PlanTerms; readonly to: PlanTerms },
  { start, end }: CountedPeriod,
  at: Instant,
): PlanPrice | null {
  if (to.price === null) return null;
  const oldMonths = monthsOf(from.billingPeriod);
  const newMonths = monthsOf(to.billingPeriod);
  const more = to.price.minor * oldMonths - (from.price?.minor ?? 0n) * newMonths;
  if (more <= 0n) return null;
  return { ...to.price, minor: ceilDiv(more * BigInt(end - at), BigInt(end - start) * newMonths) };
}

const MONTHS_OF_A_YEAR = 12n;

function monthsOf(rule: PeriodRule | null): bigint {
  return rule?.every === 'year' ? MONTHS_OF_A_YEAR : 1n;
}
