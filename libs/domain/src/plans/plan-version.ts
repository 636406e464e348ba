// Domain room. What a plan is sold as: a dated version of its figures. A version never changes once it is published;
// a subscription stays on its version until it is renewed.
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { Instant } from '../time/instant.js';
import type { PeriodRule } from '../time/period-rule.js';
import type { Plan } from './plan.js';

/** An account's plan feeds the owner's pool; an end user's belongs to one visitor at one bot. */
export const PLAN_SCOPES = ['account', 'end_user'] as const;
export type PlanScope = (typeof PLAN_SCOPES)[number];

/** In the smallest coin of its currency, as the payment port is asked for it. */
export interface PlanPrice {
  readonly minor: bigint;
  /** ISO 4217, in small letters. */
  readonly currency: string;
}

/** What can be told of a plan beside its limits, so that people may compare. */
export const PLAN_FEATURES = ['premium_models', 'artefacts', 'team', 'sales_export', 'by_agreement'] as const;
export type PlanFeature = (typeof PLAN_FEATURES)[number];

/** One version of a plan: together they are its name for good. */
export interface PlanRef {
  readonly planId: string;
  readonly version: number;
}

export interface PlanTerms extends PlanRef {
  readonly name: string;
  /** Subscriptions that start or renew from here on get this version. */
  readonly effectiveFrom: Instant;
  readonly scope: PlanScope;
  /** 0 costs nothing. Of two plans of a scope the higher one is an upgrade; custom plans stand outside this order. */
  readonly tier: number;
  readonly custom: boolean;
  /** What each credit period is granted. */
  readonly periodAllowance: MicroCredits;
  readonly dailyAllowance: MicroCredits;
  /** How often credits come; a year that is paid at once may still bring them by the month. */
  readonly creditPeriod: PeriodRule;
  /** How often it is paid. Null where nobody pays. */
  readonly billingPeriod: PeriodRule | null;
  /** Of one billing period. Null where nothing is asked for through the payment port. */
  readonly price: PlanPrice | null;
  /** People who may draw on the pool, the owner among them. */
  readonly teamSeats: number;
  readonly features: readonly PlanFeature[];
}

/** What one job under the plan may use. */
export type PlanLimits = Omit<Plan, 'id' | 'name'>;

export interface PlanVersion extends PlanTerms {
  readonly limits: PlanLimits;
}

/** As admissions know it. */
export function limitsOfVersion({ planId, name, limits }: PlanVersion): Plan {
  return { id: planId, name, ...limits };
}

/** The newest version whose date has come; undefined where the plan has none by then. */
export function versionInForce<T extends PlanTerms>(plans: readonly T[], planId: string, at: Instant): T | undefined {
  return plans
    .filter((plan) => plan.planId === planId && plan.effectiveFrom <= at)
    .reduce<T | undefined>(
      (newest, plan) => (newest === undefined || plan.version > newest.version ? plan : newest),
      undefined,
    );
}

/** Each plan as it is sold at `at`. */
export function plansInForce<T extends PlanTerms>(plans: readonly T[], at: Instant): readonly T[] {
  const ids = [...new Set(plans.map(({ planId }) => planId))];
  return ids.flatMap((planId) => versionInForce(plans, planId, at) ?? []);
}
