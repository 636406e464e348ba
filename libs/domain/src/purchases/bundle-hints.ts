// Domain room. When an account is shown that a bundle would help, and when that the next plan would cost less. Hints
// advise; the figure that called for each is told with it, and nothing is ever bought because of one.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { microCredits } from '../amounts/micro-credits.js';
import { floorDiv } from '../amounts/division.js';
import type { PlanTerms } from '../plans/plan-version.js';
import type { Instant } from '../time/instant.js';
import { periodText } from '../time/period-rule.js';
import type { PeriodRule } from '../time/period-rule.js';
import type { Tip, TipRule } from '../tips/tips.js';
import { tipsOf } from '../tips/tips.js';

export const BUNDLE_HINT_CODES = ['bundle_for_spike', 'bundle_before_renewal'] as const;
export type BundleHintCode = (typeof BUNDLE_HINT_CODES)[number];
export type BundleHint = Tip<BundleHintCode>;

/** The present period of the plan. */
export interface PeriodPace {
  readonly start: Instant;
  readonly end: Instant;
  readonly granted: MicroCredits;
  readonly left: MicroCredits;
}

export interface CreditsPace {
  readonly now: Instant;
  readonly available: MicroCredits;
  /** Null where no plan brings credits by the period. */
  readonly period: PeriodPace | null;
  /** In the last 24 hours. */
  readonly lastDay: MicroCredits;
  /** In the days before them, together, and how many those were. */
  readonly before: { readonly spent: MicroCredits; readonly days: number };
}

interface BundleMeasures {
  /** Of the period's credits, in its last quarter; 0 before. */
  readonly spentNearEndPercent: number;
  /** The last day beside an average one before, where at its pace the credits end before the period does; else 0. */
  readonly spikePercent: number;
}

/** The one table of thresholds. 20 percent left is where an account is warned. */
const BUNDLE_HINTS: readonly TipRule<BundleMeasures, BundleHintCode>[] = [
  {
    code: 'bundle_for_spike',
    measure: 'last_day_percent_of_average',
    from: 300,
    figure: ({ spikePercent }) => spikePercent,
  },
  {
    code: 'bundle_before_renewal',
    measure: 'period_spent_percent',
    from: 80,
    figure: ({ spentNearEndPercent }) => spentNearEndPercent,
  },
];

export function bundleHints(pace: CreditsPace): readonly BundleHint[] {
  const spikePercent = lastsToTheEnd(pace) ? 0 : spikeOf(pace);
  return tipsOf(BUNDLE_HINTS, { spikePercent, spentNearEndPercent: spentNearEnd(pace) });
}

function spentNearEnd({ now, period }: CreditsPace): number {
  if (period === null || period.granted <= 0n) return 0;
  const isLastQuarter = period.end - now <= (period.end - period.start) / 4;
  return isLastQuarter ? Number((100n * (period.granted - period.left)) / period.granted) : 0;
}

const DAY_MS = 86_400_000;

/** Without a period there is nothing to wait for: a spike is one. */
function lastsToTheEnd({ now, period, lastDay, available }: CreditsPace): boolean {
  return period !== null && lastDay * BigInt(Math.max(0, period.end - now)) <= available * BigInt(DAY_MS);
}

/** Who spends for the first time has no average to be above. */
function spikeOf({ lastDay, before: { spent, days } }: CreditsPace): number {
  return spent <= 0n || days <= 0 ? 0 : Number((100n * lastDay * BigInt(days)) / spent);
}

/** What a credit costs: millionths of the smallest coin, rounded down. */
export interface CreditRate {
  readonly microMinor: bigint;
  readonly currency: string;
}

interface Sold {
  readonly credits: MicroCredits;
  readonly price: { readonly minor: bigint; readonly currency: string };
}

export function rateOf({ credits, price }: Sold): CreditRate {
  return { microMinor: floorDiv(price.minor * 1_000_000_000_000n, credits), currency: price.currency };
}

export interface UpgradeCheaper {
  readonly bundle: CreditRate;
  readonly planId: string;
  readonly plan: CreditRate;
}

/** Bought so often in one period, a bundle is a habit. */
export const BUNDLES_OF_A_HABIT = 2;

/** The next tier, where a credit of it costs less than one of the bundle; null where not, or where there is none. */
export function upgradeCheaper(
  bundle: Sold,
  plan: PlanTerms | undefined,
  plans: readonly PlanTerms[],
): UpgradeCheaper | null {
  const next = plan === undefined ? undefined : nextTier(plan, plans);
  const sold = next === undefined ? null : soldByPlan(next);
  if (next === undefined || sold === null) return null;
  const rates = { bundle: rateOf(bundle), planId: next.planId, plan: rateOf(sold) };
  const isCheaper = rates.plan.currency === rates.bundle.currency && rates.plan.microMinor < rates.bundle.microMinor;
  return isCheaper ? rates : null;
}

/** Of those above in the order of tiers the lowest; billed as the present one is, or else by the month. */
export function nextTier(plan: PlanTerms, plans: readonly PlanTerms[]): PlanTerms | undefined {
  if (plan.custom) return undefined;
  const above = plans.filter(({ scope, custom, tier }) => scope === plan.scope && !custom && tier > plan.tier);
  const lowest = above.filter(({ tier }) => above.every((other) => other.tier >= tier));
  const billed = (every: PeriodRule['every']): PlanTerms | undefined =>
    lowest.find(({ billingPeriod }) => billingPeriod?.every === every);
  return billed(plan.billingPeriod?.every ?? 'month') ?? billed('month') ?? lowest[0];
}

const MONTHS_OF_A_YEAR = 12n;

/** What is paid at a time, and the credits of that time; null where nobody pays, or the two do not divide. */
function soldByPlan({ price, billingPeriod, creditPeriod, periodAllowance }: PlanTerms): Sold | null {
  if (price === null || billingPeriod === null || periodAllowance <= 0n) return null;
  if (billingPeriod.every === 'year' && creditPeriod.every === 'month') {
    return { price, credits: microCredits(MONTHS_OF_A_YEAR * periodAllowance) };
  }
  return periodText(billingPeriod) === periodText(creditPeriod) ? { price, credits: periodAllowance } : null;
}
