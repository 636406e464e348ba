// API room. The subscription of an account as its owner sees it, and what is asked of it.
import type { ChangePreview, NextRenewal, PreviewedChange } from '@fairmeter/domain/subscriptions';
import type { CountedPeriod, PlanRef } from '@fairmeter/domain';
import { formatCredits, instantToText, SUBSCRIPTION_STATES, subscriptionState } from '@fairmeter/domain';
import { z } from 'zod';
import { credits, instantText } from '../jobs/job-body.js';
import { coinPrice, toCoinPrice } from '../purchases/purchase-body.js';
import { instantField } from '../requests/fields.js';
import { FAULTS } from '../wording/fault-words.js';
import type { Standing } from './subscription-reader.js';

export const PLAN_ID = /^plan_[0-9A-Za-z_-]{1,64}$/;
export const planIdField = z.string().regex(PLAN_ID, FAULTS.plan_id).describe('Of `GET /v1/plans`.');

const planBody = z.object({ id: z.string(), version: z.int(), name: z.string() });
const periodBody = z.object({ start: instantText, end: instantText });
const checkoutUrl = z.string().nullable().describe('Where it is to be paid; null where there is no such page.');

const renewalBody = z.object({
  at: instantText,
  plan: planBody.nullable().describe('Null where nothing follows.'),
  credits,
  price: coinPrice.nullable().describe('Null where this one is not paid for: credits by the month of a year that is.'),
});

export const TAKES_EFFECT = ['now', 'when_paid', 'at_end_of_paid_time'] as const;

export const subscriptionBody = z.object({
  state: z.enum(SUBSCRIPTION_STATES),
  plan: planBody.nullable(),
  period: periodBody.nullable().describe('For which the present credits are.'),
  billing_period: periodBody.nullable().describe('The time that is paid for; null where nobody pays.'),
  scheduled: z
    .object({ to: z.enum(['plan', 'end']), plan_id: z.string().nullable(), at: instantText })
    .nullable()
    .describe('What happens at the end of the paid time; `undo` takes it back.'),
  order: z
    .object({
      state: z.literal('pending_payment'),
      plan: planBody,
      price: coinPrice,
      credits: credits.nullable().describe('Added once it is paid; null where a period of its own begins then.'),
      checkout_url: checkoutUrl,
    })
    .nullable()
    .describe('A plan that begins once it is paid; until then the present one is in force.'),
  arrears: z
    .object({ price: coinPrice, grace_until: instantText, suspended: z.boolean(), checkout_url: checkoutUrl })
    .nullable()
    .describe('A period that has begun and is not paid.'),
  next_renewal: renewalBody.nullable(),
  time_zone: z.string().describe('Of the days, and of what begins from now on; a period that runs keeps its own.'),
});
export type SubscriptionBody = z.output<typeof subscriptionBody>;

const yes = z.literal(true).optional();

/** Named one by one and not as a choice of three: a fault is told of the field it is in. */
export const previewChangeBody = z
  .strictObject({ plan_id: planIdField.optional(), cancel: yes, undo: yes })
  .refine((asked) => Object.values(asked).filter(Boolean).length === 1, FAULTS.one_change)
  .transform(({ plan_id: planId, cancel }): PreviewedChange => {
    if (planId !== undefined) return { type: 'change', planId };
    return { type: cancel === true ? 'cancel' : 'undo' };
  });

export const previewedPeriodField = instantField
  .nullable()
  .describe('`period_start` of the preview: in another period its figures do not hold.');

export const changePlanBody = z.strictObject({ plan_id: planIdField, previewed_period: previewedPeriodField });

export const changePreviewBody = z.object({
  period_start: instantText.nullable().describe('To be sent along with the change, as `previewed_period`.'),
  takes_effect: z.enum(TAKES_EFFECT),
  credits: credits.describe('Added by the change to those of a period: now, or once it is paid.'),
  daily_credits: credits.describe('Added to those of today at the same time; a smaller plan takes none away today.'),
  ends_credits: credits.describe(
    'Of the present period, and left of it now: they end where a period of its own begins.',
  ),
  pays_debt: credits.describe('Of `credits`, what is owed takes this first.'),
  available_change: credits.describe(
    'By how much `available` changes: `credits` and `daily_credits`, less `ends_credits` and `pays_debt`.',
  ),
  price: coinPrice.nullable().describe('To be paid for it now.'),
  ends_present_period: z.boolean().describe('A period of its own begins, and what is left of the present one ends.'),
  drops_pending: z.boolean().describe('A change that was pending is given up by this one.'),
  next_renewal: renewalBody.nullable(),
});
export type ChangePreviewBody = z.output<typeof changePreviewBody>;

export function toSubscriptionBody(standing: Standing): SubscriptionBody {
  const { subscription, nextRenewal } = standing;
  const { current, scheduled, order, arrears, zone } = subscription;
  return {
    state: subscriptionState(subscription),
    plan: current === null ? null : toPlan(standing, current.plan),
    period: current === null ? null : toPeriod(current.period),
    billing_period: current === null || current.billing === null ? null : toPeriod(current.billing),
    scheduled:
      scheduled === null || current === null
        ? null
        : {
            to: scheduled.to,
            plan_id: scheduled.to === 'plan' ? scheduled.planId : null,
            at: instantToText((current.billing ?? current.period).end),
          },
    order:
      order === null
        ? null
        : {
            state: 'pending_payment',
            plan: toPlan(standing, order.plan),
            price: toCoinPrice(order.payment.price),
            credits: order.growth === null ? null : formatCredits(order.growth),
            checkout_url: standing.checkoutUrlOf(order.payment.key),
          },
    arrears:
      arrears === null
        ? null
        : {
            price: toCoinPrice(arrears.payment.price),
            grace_until: instantToText(arrears.graceUntil),
            suspended: arrears.suspended,
            checkout_url: standing.checkoutUrlOf(arrears.payment.key),
          },
    next_renewal: toRenewal(standing, nextRenewal),
    time_zone: zone,
  };
}

export function toChangePreview(standing: Standing, preview: ChangePreview): ChangePreviewBody {
  const { periodStart, takesEffect, price } = preview;
  return {
    period_start: periodStart === null ? null : instantToText(periodStart),
    takes_effect: takesEffect,
    credits: formatCredits(preview.credits),
    daily_credits: formatCredits(preview.dailyCredits),
    ends_credits: formatCredits(preview.endsCredits),
    pays_debt: formatCredits(preview.paysDebt),
    available_change: formatCredits(preview.availableChange),
    price: price === null ? null : toCoinPrice(price),
    ends_present_period: preview.endsPresentPeriod,
    drops_pending: preview.dropsPending,
    next_renewal: toRenewal(standing, preview.nextRenewal),
  };
}

function toPlan({ nameOf }: Standing, plan: PlanRef): z.output<typeof planBody> {
  return { id: plan.planId, version: plan.version, name: nameOf(plan) };
}

function toPeriod({ start, end }: CountedPeriod): z.output<typeof periodBody> {
  return { start: instantToText(start), end: instantToText(end) };
}

function toRenewal(standing: Standing, renewal: NextRenewal | null): z.output<typeof renewalBody> | null {
  if (renewal === null) return null;
  const { at, plan, credits: coming, price } = renewal;
  return {
    at: instantToText(at),
    plan: plan === null ? null : toPlan(standing, plan),
    credits: formatCredits(coming),
    price: price === null ? null : toCoinPrice(price),
  };
}
