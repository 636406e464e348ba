// API room. The plan of one visitor at one bot, in words of usage: units, allowance, when it is full again.
import type { PlanVersion } from '@fairmeter/domain';
import { formatCredits, instantToText, subscriptionState } from '@fairmeter/domain';
import type { ChangePreview, NextRenewal } from '@fairmeter/domain/subscriptions';
import { z } from 'zod';
import { credits, instantText } from '../jobs/job-body.js';
import { coinPrice, toCoinPrice } from '../purchases/purchase-body.js';
import { planIdField, previewedPeriodField, TAKES_EFFECT } from '../subscription/subscription-body.js';
import type { Standing } from '../subscription/subscription-reader.js';
import type { Language } from '../wording/catalogue.js';
import { LANGUAGES } from '../wording/catalogue.js';
import type { BotOfVisitor } from './at-zero.js';
import { toldBody, toldOf } from './at-zero.js';
import type { BotLimiting } from './visitor-limits.js';
import { limitedPlan, toLimitedPlan, toVisitorLimits, visitorLimits } from './visitor-limits.js';

const units = credits.describe('Usage units of this bot.');
const checkoutUrl = z.string().nullable().describe('Where it is to be paid; null where there is no such page.');

const refill = z.object({
  at: instantText,
  plan_id: z.string().nullable().describe('Null where no allowance follows.'),
  units,
  price: coinPrice.nullable(),
});

export const MY_PLAN_STATES = ['none', 'active', 'ends', 'not_paid'] as const;

export const myPlanBody = z.object({
  bot_id: z.string(),
  language: z.enum(LANGUAGES),
  state: z.enum(MY_PLAN_STATES).describe('`ends`: at `next_refill.at` no allowance follows.'),
  plan_id: z.string().nullable(),
  limits: visitorLimits.nullable().describe('What a request may use under this plan; null without one.'),
  period: z.object({ start: instantText, end: instantText }).nullable().describe('Of the present allowance.'),
  ordered: z
    .object({ plan_id: z.string(), price: coinPrice, checkout_url: checkoutUrl })
    .nullable()
    .describe('It begins once it is paid.'),
  follows: z.string().nullable().describe('Another plan that follows when the paid time is over.'),
  owed: z
    .object({ price: coinPrice, until: instantText, checkout_url: checkoutUrl })
    .nullable()
    .describe('Of a period that has begun: its allowance comes when it is paid.'),
  next_refill: refill.nullable(),
  offered: z.array(limitedPlan).describe('None unless the bot\u2019s owner offers some.'),
  told: z.array(toldBody).describe('To be shown before anything is ordered.'),
});
export type MyPlanBody = z.output<typeof myPlanBody>;

export const orderMyPlanBody = z.strictObject({ plan_id: planIdField, previewed_period: previewedPeriodField });

export const myPlanPreviewBody = z.object({
  period_start: instantText.nullable().describe('To be sent along with the order, as `previewed_period`.'),
  takes_effect: z.enum(TAKES_EFFECT),
  units: credits.describe('Added: now, or once it is paid.'),
  ends_units: credits.describe('Left of the present allowance now: they end where a period of its own begins.'),
  owed_units: credits.describe('Of `units`, what is owed takes this first.'),
  remaining_change: credits.describe('By how much `remaining` changes: `units`, less `ends_units` and `owed_units`.'),
  price: coinPrice.nullable().describe('To be paid for it now.'),
  ends_present_period: z.boolean(),
  drops_pending: z.boolean().describe('What was ordered or planned before is given up.'),
  next_refill: refill.nullable(),
  told: z.array(toldBody).describe('To be shown before anything is ordered.'),
});
export type MyPlanPreviewBody = z.output<typeof myPlanPreviewBody>;

export interface MyPlan {
  readonly botId: string;
  readonly bot: BotOfVisitor;
  /** Null where the bot is gone. */
  readonly limiting: BotLimiting | null;
  readonly standing: Standing;
  readonly offered: readonly PlanVersion[];
}

export function toMyPlanBody(my: MyPlan, language: Language): MyPlanBody {
  const { botId, bot, limiting, standing, offered: plans } = my;
  const { subscription, nextRenewal, checkoutUrlOf } = standing;
  const { current, scheduled, order, arrears } = subscription;
  return {
    bot_id: botId,
    language,
    state: stateOf(standing),
    plan_id: current?.plan.planId ?? null,
    limits: limitsOf(my),
    period:
      current === null ? null : { start: instantToText(current.period.start), end: instantToText(current.period.end) },
    ordered:
      order === null
        ? null
        : {
            plan_id: order.plan.planId,
            price: toCoinPrice(order.payment.price),
            checkout_url: checkoutUrlOf(order.payment.key),
          },
    follows: scheduled?.to === 'plan' ? scheduled.planId : null,
    owed:
      arrears === null
        ? null
        : {
            price: toCoinPrice(arrears.payment.price),
            until: instantToText(arrears.graceUntil),
            checkout_url: checkoutUrlOf(arrears.payment.key),
          },
    next_refill: toRefill(nextRenewal),
    offered: limiting === null ? [] : plans.map((plan) => toLimitedPlan(plan, limiting)),
    told: toldOf(language, bot),
  };
}

export function toMyPlanPreview(preview: ChangePreview, bot: BotOfVisitor, language: Language): MyPlanPreviewBody {
  const { periodStart, takesEffect, price } = preview;
  return {
    period_start: periodStart === null ? null : instantToText(periodStart),
    takes_effect: takesEffect,
    units: formatCredits(preview.credits),
    ends_units: formatCredits(preview.endsCredits),
    owed_units: formatCredits(preview.paysDebt),
    remaining_change: formatCredits(preview.availableChange),
    price: price === null ? null : toCoinPrice(price),
    ends_present_period: preview.endsPresentPeriod,
    drops_pending: preview.dropsPending,
    next_refill: toRefill(preview.nextRenewal),
    told: toldOf(language, bot),
  };
}

function limitsOf({ limiting, standing: { subscription, ground } }: MyPlan): MyPlanBody['limits'] {
  const present = subscription.current?.plan;
  const plan = ground.plans.find(({ planId, version }) => planId === present?.planId && version === present.version);
  return limiting === null || plan === undefined ? null : toVisitorLimits(plan.limits, limiting);
}

function stateOf({ subscription }: Standing): MyPlanBody['state'] {
  switch (subscriptionState(subscription)) {
    case 'ended':
      return 'none';
    case 'cancel_scheduled':
      return 'ends';
    case 'past_due':
    case 'suspended':
      return 'not_paid';
    case 'free':
    case 'active':
      return 'active';
  }
}

function toRefill(renewal: NextRenewal | null): z.output<typeof refill> | null {
  if (renewal === null) return null;
  const { at, plan, credits: coming, price } = renewal;
  return {
    at: instantToText(at),
    plan_id: plan?.planId ?? null,
    units: formatCredits(coming),
    price: price === null ? null : toCoinPrice(price),
  };
}
