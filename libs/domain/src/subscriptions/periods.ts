// Domain room, with the calendar. Where the periods of a subscription begin and end. Months and years are counted in
// months from one anchor, so that a change between them leaves every boundary where it was.
import type { PlanTerms } from '../plans/plan-version.js';
import type { Instant } from '../time/instant.js';
import { anchorAt, boundary } from '../time/month.js';
import type { PeriodAnchor, PeriodRule } from '../time/period-rule.js';
import { MONTHLY, periodText } from '../time/period-rule.js';
import type { CountedPeriod, CurrentPlan } from './subscription.js';

const MONTHS_OF_A_YEAR = 12;

function unitOf(rule: PeriodRule): PeriodRule {
  return rule.every === 'year' ? MONTHLY : rule;
}

function unitsOf(rule: PeriodRule): number {
  return rule.every === 'year' ? MONTHS_OF_A_YEAR : 1;
}

/** The time that is paid for ends with this period: what follows is decided, and paid, anew. */
export function endsPaidTime({ period, billing }: CurrentPlan): boolean {
  return billing === null || billing.until === period.until;
}

/** The first period of a plan, from `at` on, by the clocks of `zone` for good. */
export function firstPeriodOf(terms: PlanTerms, zone: string, at: Instant): CurrentPlan {
  return counted(terms, anchorAt(zone, at), { from: 0, start: at });
}

/** The period behind the present one, on the same anchor where both are counted alike. */
export function periodAfter(
  current: CurrentPlan,
  plans: { from: PlanTerms; to: PlanTerms },
  zone: string,
): CurrentPlan {
  const { from, to } = plans;
  const { until, end } = current.period;
  const alike = periodText(unitOf(from.creditPeriod)) === periodText(unitOf(to.creditPeriod));
  // The end that was announced stands, also where a later time-zone release would have moved it.
  if (!alike || (from.billingPeriod === null) !== (to.billingPeriod === null)) return firstPeriodOf(to, zone, end);
  const next = counted(to, current.anchor, { from: until, start: end });
  const { billing, paidBy } = current;
  return endsPaidTime(current) ? next : byRulesOfToday({ ...next, billing, paidBy }, to);
}

/** Whether an end was reckoned that has not been announced: that of the paid time, where it is beyond this period's. */
export function reckonsAhead(current: CurrentPlan): boolean {
  return !endsPaidTime(current);
}

/**
 * A time-zone release moves what was not announced, and nothing else: the end of the paid time is reckoned anew until
 * it is that of the present period, which stands.
 */
export function byRulesOfToday(current: CurrentPlan, { creditPeriod }: PlanTerms): CurrentPlan {
  const { anchor, period, billing } = current;
  if (billing === null) return current;
  const end = reckonsAhead(current) ? boundary(anchor, unitOf(creditPeriod), billing.until) : period.end;
  return { ...current, billing: { ...billing, end } };
}

function counted(terms: PlanTerms, anchor: PeriodAnchor, at: Pick<CountedPeriod, 'from' | 'start'>): CurrentPlan {
  const { planId, version, creditPeriod, billingPeriod } = terms;
  const lasting = (rule: PeriodRule): CountedPeriod => {
    const until = at.from + unitsOf(rule);
    return { ...at, until, end: boundary(anchor, unitOf(rule), until) };
  };
  return {
    plan: { planId, version },
    anchor,
    period: lasting(creditPeriod),
    billing: billingPeriod === null ? null : lasting(billingPeriod),
    paidBy: [],
    lot: null,
    isWithheld: false,
    lotsNamed: 0,
  };
}
