// API room. What a bot offers to its visitors, as its owner sets it: packs that are bought once, and plans opted in.
import type { PlanVersion } from '@fairmeter/domain';
import { formatCredits, periodText } from '@fairmeter/domain';
import type { Pack } from '@fairmeter/records';
import { z } from 'zod';
import { credits } from '../jobs/job-body.js';
import { coinPrice, toCoinPrice } from '../purchases/purchase-body.js';
import { packBody, toPackBody } from './pack-body.js';

const PLAN_ID = /^plan_[0-9a-z_]{1,64}$/;
const MAX_PLANS = 20;

/** Visitors read it too: see the wording of `coinPrice`. */
export const visitorPlan = z.object({
  id: z.string(),
  version: z.int().describe('A subscription begins with this one.'),
  name: z.string(),
  allowance: credits.describe('Usage units of each period, at this bot alone. What is left ends with the period.'),
  period: z.string().describe('How often the allowance comes; an ISO 8601 duration.'),
  price: coinPrice.nullable(),
  billing_period: z.string().nullable().describe('For how long the price is; an ISO 8601 duration.'),
});

export const setBotOffersBody = z.strictObject({
  plans: z
    .array(z.string().regex(PLAN_ID, 'must be the id of a plan'))
    .max(MAX_PLANS)
    .refine((all) => new Set(all).size === all.length, 'must not name a plan twice')
    .describe('Plans of `GET /v1/plans?scope=end_user`; none but these are offered from then on.'),
});
export type SetBotOffers = z.output<typeof setBotOffersBody>;

export const botOffersBody = z.object({
  bot_id: z.string(),
  one_off: z
    .object({ active: z.boolean(), packs: z.array(packBody) })
    .describe('Active unless the business sells direct; `POST /v1/bot-packs` makes packs.'),
  plans: z.array(visitorPlan).describe('Empty until the owner opts some in.'),
});
export type BotOffersBody = z.output<typeof botOffersBody>;

export interface BotOffers {
  readonly botId: string;
  readonly isActive: boolean;
  readonly packs: readonly Pack[];
  readonly plans: readonly PlanVersion[];
}

export function toBotOffersBody({ botId, isActive, packs, plans }: BotOffers): BotOffersBody {
  return {
    bot_id: botId,
    one_off: { active: isActive, packs: packs.map(toPackBody) },
    plans: plans.map(toVisitorPlan),
  };
}

export function toVisitorPlan(plan: PlanVersion): z.output<typeof visitorPlan> {
  const { planId: id, version, name, billingPeriod, price } = plan;
  return {
    id,
    version,
    name,
    allowance: formatCredits(plan.periodAllowance),
    period: periodText(plan.creditPeriod),
    price: price === null ? null : toCoinPrice(price),
    billing_period: billingPeriod === null ? null : periodText(billingPeriod),
  };
}
