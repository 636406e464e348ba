// Domain room. May these plans be published? What would let an upgrade take something away, or a price be asked that
// nobody can reckon with, is refused in words that name the plan.
import { periodText } from '../time/period-rule.js';
import type { Instant } from '../time/instant.js';
import { instant } from '../time/instant.js';
import type { PlanTerms } from './plan-version.js';
import { plansInForce } from './plan-version.js';

/** The first thing that is wrong, or null. All versions of all plans are looked at together. */
export function wrongWithPlans(plans: readonly PlanTerms[]): string | null {
  return first([
    ...plans.map(wrongWithPlan),
    ...plans.map((plan) => wrongWithSuccessor(plans, plan)),
    wrongCurrencies(plans),
    ...changeDates(plans).map((at) => wrongOrder(plansInForce(plans, at))),
  ]);
}

function first(found: readonly (string | null)[]): string | null {
  return found.find((wrong) => wrong !== null) ?? null;
}

function named({ planId, version }: PlanTerms): string {
  return `${planId} version ${version}`;
}

function wrongWithPlan(plan: PlanTerms): string | null {
  const { scope, tier, custom, price, billingPeriod, creditPeriod } = plan;
  const credits = periodText(creditPeriod);
  const billing = billingPeriod === null ? null : periodText(billingPeriod);
  const wrong = (why: string): string => `${named(plan)}: ${why}`;
  if (custom) {
    if (billing === null) return wrong('only tier 0 is not billed: a contract has a period and no price');
  } else if (tier === 0) {
    if (scope === 'end_user') return wrong('visitors get free answers without a plan: tier 0 is for accounts');
    if (price !== null || billing !== null) return wrong('tier 0 costs nothing and is not billed');
  } else {
    if (price === null || billing === null) return wrong('a tier above 0 has a price and a billing period');
    if (credits !== 'P1M') return wrong(`credits come by the month (P1M), not ${credits}, unless a plan is custom`);
  }
  if (billing !== null && billing !== credits && !(billing === 'P1Y' && credits === 'P1M')) {
    return wrong(`a billing period of ${billing} does not fit credits each ${credits}`);
  }
  if (scope === 'end_user' && (plan.dailyAllowance > 0n || plan.teamSeats !== 1)) {
    return wrong('a visitor has no daily credits and no team');
  }
  return null;
}

/** A later version takes over from the earlier ones of its plan: same kind of plan, later date. */
function wrongWithSuccessor(plans: readonly PlanTerms[], plan: PlanTerms): string | null {
  const others = plans.filter((one) => one !== plan && one.planId === plan.planId);
  if (others.some(({ version }) => version === plan.version)) return `${named(plan)} is there twice`;
  const [before] = others.filter(({ version }) => version < plan.version).sort((a, b) => b.version - a.version);
  if (before === undefined) return plan.version === 1 ? null : `${named(plan)}: the first version of a plan is 1`;
  if (before.version !== plan.version - 1) return `${named(plan)}: version ${plan.version - 1} is missing`;
  if (before.effectiveFrom >= plan.effectiveFrom) return `${named(plan)}: takes effect no later than ${named(before)}`;
  const same =
    before.scope === plan.scope &&
    before.custom === plan.custom &&
    periodText(before.creditPeriod) === periodText(plan.creditPeriod);
  return same ? null : `${named(plan)}: scope, custom and credit period stay those of ${named(before)}`;
}

/** What is left of one plan's price pays part of another's. */
function wrongCurrencies(plans: readonly PlanTerms[]): string | null {
  const currencies = new Set(plans.flatMap(({ price }) => (price === null ? [] : [price.currency])));
  return currencies.size > 1 ? `prices in several currencies: ${[...currencies].sort().join(', ')}` : null;
}

function changeDates(plans: readonly PlanTerms[]): readonly Instant[] {
  return [...new Set(plans.map(({ effectiveFrom }) => effectiveFrom))].sort((a, b) => a - b).map(instant);
}

/** Nobody gets less by paying for more. One plan of an account costs nothing: that is where the others end. */
function wrongOrder(plans: readonly PlanTerms[]): string | null {
  const family = plans.filter(({ custom }) => !custom);
  const free = family.filter(({ tier }) => tier === 0);
  if (free.length > 1) return `${free.map(named).join(' and ')}: tier 0 is one plan`;
  for (const lower of family) {
    for (const higher of family.filter(({ scope, tier }) => scope === lower.scope && tier > lower.tier)) {
      const less = (what: string): string => `${named(higher)} has a smaller ${what} allowance than ${named(lower)}`;
      if (higher.periodAllowance < lower.periodAllowance) return less('period');
      if (higher.dailyAllowance < lower.dailyAllowance) return less('daily');
    }
  }
  return null;
}
