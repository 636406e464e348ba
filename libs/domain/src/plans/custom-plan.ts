// Domain room. A plan that is agreed with one account: asked for by its owner, offered by the staff, looked at by a
// second person where it brings many credits, and published as a version that never changes, as any other plan.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, microCredits } from '../amounts/micro-credits.js';
import type { Instant } from '../time/instant.js';
import type { PlanVersion } from './plan-version.js';

export const CUSTOM_PLAN_STATES = ['requested', 'offered', 'published', 'declined', 'withdrawn'] as const;
export type CustomPlanState = (typeof CUSTOM_PLAN_STATES)[number];

/** While somebody has still to decide: an account has one such request at a time. */
export const OPEN_CUSTOM_PLAN_STATES: readonly CustomPlanState[] = ['requested', 'offered'];

export function isOpenCustomPlan(state: CustomPlanState): boolean {
  return OPEN_CUSTOM_PLAN_STATES.includes(state);
}

/** What is agreed; the rest of a version follows. */
export type CustomPlanFigures = Pick<
  PlanVersion,
  | 'periodAllowance'
  | 'dailyAllowance'
  | 'creditPeriod'
  | 'billingPeriod'
  | 'price'
  | 'teamSeats'
  | 'features'
  | 'limits'
>;

export interface CustomPlanRequestRef {
  readonly id: string;
  readonly createdAt: Instant;
}

/** Each request makes a plan of its own. */
export function customPlanId(requestId: string): string {
  return `plan_${requestId}`;
}

/** In force since it was asked for: whoever goes by a slower clock finds it too. */
export function customPlanOf({ id, createdAt }: CustomPlanRequestRef, figures: CustomPlanFigures): PlanVersion {
  return {
    ...figures,
    planId: customPlanId(id),
    version: 1,
    name: 'custom',
    effectiveFrom: createdAt,
    scope: 'account',
    tier: 0,
    custom: true,
  };
}

const DAYS_OF_YEAR = 366n;
const DAYS_OF_MONTH = 31n;

/** What it may bring in one of its credit periods, every day of it included: by that a second person is asked for. */
export function mostOfPeriod({ periodAllowance, dailyAllowance, creditPeriod }: CustomPlanFigures): MicroCredits {
  const days = creditPeriod.every === 'year' ? DAYS_OF_YEAR : DAYS_OF_MONTH;
  return add(periodAllowance, microCredits(dailyAllowance * days));
}
