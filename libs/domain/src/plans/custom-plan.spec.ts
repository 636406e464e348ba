// Goal: a second person looks by the most that a custom plan can bring, and it is a plan like any other. Method:
// figures by hand, and the check that every set of plans has to pass.
import { describe, expect, it } from '@jest/globals';
import { credits, ZERO } from '../amounts/micro-credits.js';
import { instant } from '../time/instant.js';
import { ANNUAL, MONTHLY } from '../time/period-rule.js';
import { wrongWithPlans } from './check-plans.js';
import type { CustomPlanFigures } from './custom-plan.js';
import { CUSTOM_PLAN_STATES, customPlanOf, isOpenCustomPlan, mostOfPeriod } from './custom-plan.js';
import { versionInForce } from './plan-version.js';

const FIGURES: CustomPlanFigures = {
  periodAllowance: credits(600n),
  dailyAllowance: credits(10n),
  creditPeriod: MONTHLY,
  billingPeriod: ANNUAL,
  price: { minor: 39_900n, currency: 'eur' },
  teamSeats: 12,
  features: ['by_agreement'],
  limits: {
    maxIterations: 10,
    maxConcurrentJobs: 10,
    maxContextTokens: 10,
    maxCredits: credits(10n),
    maxDeadlineMs: 60_000,
    models: { tiers: ['standard'], names: [] },
    artefacts: { allowed: false, maxFiles: 0, maxBytes: 0 },
  },
};

describe('a custom plan', () => {
  it('[E22] brings at most its allowance and every day of the longest period', () => {
    expect(mostOfPeriod(FIGURES)).toBe(credits(910n));
    expect(mostOfPeriod({ ...FIGURES, dailyAllowance: ZERO })).toBe(credits(600n));
    expect(mostOfPeriod({ ...FIGURES, creditPeriod: ANNUAL })).toBe(credits(4_260n));
  });

  it('[E22] is a version in force since it was asked for, which fits every other plan of its currency', () => {
    const asked = { id: 'cpr_1', createdAt: instant(1_000) };
    const plan = customPlanOf(asked, FIGURES);
    expect(versionInForce([plan], 'plan_cpr_1', asked.createdAt)).toEqual(plan);
    expect(wrongWithPlans([plan])).toBeNull();
    expect(
      wrongWithPlans([customPlanOf(asked, { ...FIGURES, creditPeriod: ANNUAL, billingPeriod: MONTHLY })]),
    ).toContain('does not fit');
    const other = customPlanOf({ ...asked, id: 'cpr_2' }, { ...FIGURES, price: { minor: 1n, currency: 'usd' } });
    expect(wrongWithPlans([plan, other])).toContain('several currencies');
  });

  it('is waited for while it is asked for or offered, and never again after that', () => {
    expect(CUSTOM_PLAN_STATES.filter(isOpenCustomPlan)).toEqual(['requested', 'offered']);
  });
});
