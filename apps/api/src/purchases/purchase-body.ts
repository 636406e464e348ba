// API room. What may be bought and what was bought, in credits and in the smallest coin.
import type { CreditRate, UpgradeCheaper } from '@fairmeter/domain';
import { formatCredits, instant, instantToText, microCredits, PURCHASE_STATES } from '@fairmeter/domain';
import type { Price, Product, Purchase } from '@fairmeter/records';
import { z } from 'zod';
import { credits, instantText } from '../jobs/job-body.js';
import { freeText } from '../requests/texts.js';
import { FAULTS } from '../wording/fault-words.js';

export const PRODUCT_ID = /^[a-z]+_[0-9A-Za-z_-]{1,64}$/;
const MAX_OTHER_BOTS = 19;
const MAX_TOKEN_CHARACTERS = 2_000;
const MAX_REASON_CHARACTERS = 2_000;

/** Visitors read it too: it speaks of coins, and never of what the units themselves might be taken for. */
export const coinPrice = z.object({
  amount_minor: z.string().describe('In the smallest coin: cents of a euro.'),
  iso_4217: z.string().describe('Which coin: `eur`, lower case.'),
});

/** As it is asked for: no more than any provider takes at once. */
export const priceField = z
  .strictObject({
    amount_minor: z.string().regex(/^[1-9]\d{0,7}$/, 'must be a whole number from 1 to 99999999, as a text'),
    iso_4217: z.string().regex(/^[a-z]{3}$/, 'must be three lower case letters'),
  })
  .transform(({ amount_minor: minor, iso_4217: currency }): Price => ({ minor: BigInt(minor), currency }));

export function toCoinPrice({ minor, currency }: Price): z.output<typeof coinPrice> {
  return { amount_minor: minor.toString(), iso_4217: currency };
}

const offer = z.object({
  id: z.string(),
  name: z.string().nullable(),
  credits: credits.describe('They never expire.'),
  allowances: z
    .array(z.object({ bot_id: z.string(), credits }))
    .describe('Of a pack: what it gives at each bot, usable there alone.'),
  price: coinPrice,
});

export const offersBody = z.object({ data: z.array(offer) });
export type OffersBody = z.output<typeof offersBody>;

export const purchaseRequest = z.strictObject({
  product_id: z.string().regex(PRODUCT_ID, FAULTS.offer_id).describe('Of the list of offers.'),
  visitor_tokens: z
    .array(z.string().min(1).max(MAX_TOKEN_CHARACTERS))
    .max(MAX_OTHER_BOTS)
    .default([])
    .describe('Of a pack of several bots: a token of the same visitor at each of the others.'),
});

const purchaseShape = {
  id: z.string(),
  product_id: z.string(),
  state: z.enum(PURCHASE_STATES),
  credits,
  price: coinPrice,
  lots: z
    .array(
      z.object({
        bot_id: z.string().nullable().describe('Where they are usable; null for those of the account.'),
        credits,
        lot_id: z.string().nullable().describe('The credits it became; null while there are none.'),
      }),
    )
    .describe('One for each bot of a pack.'),
  automatic: z.boolean().describe('Bought by itself, as set with `PUT /v1/account/auto-top-up`.'),
  checkout_url: z.string().nullable().describe('Where it is to be paid, while it is pending.'),
  created_at: instantText,
};

export const purchaseBody = z.object(purchaseShape);
export type PurchaseBody = z.output<typeof purchaseBody>;

const rate = {
  minor_per_credit: z.string().describe('What one credit costs, in the smallest coin.'),
  iso_4217: z.string(),
};

const boughtHint = z.object({
  code: z.literal('upgrade_cheaper'),
  text: z.string().describe('For people.'),
  bundle: z.object(rate),
  plan: z.object({ plan_id: z.string(), ...rate }),
});

export const boughtBody = z.object({
  ...purchaseShape,
  hints: z
    .array(boughtHint)
    .optional()
    .describe('Of bundles: with the second of a period, where the next plan would cost less for each credit.'),
});
export type BoughtBody = z.output<typeof boughtBody>;

export const purchasesBody = z.object({
  data: z.array(purchaseBody).describe('The newest first.'),
  next_cursor: z.string().nullable(),
});
export type PurchasesBody = z.output<typeof purchasesBody>;

/** As staff see it: also whose it is. */
export const soldBody = z.object({
  ...purchaseShape,
  buyer_id: z.string(),
  reversal_id: z
    .string()
    .nullable()
    .describe('Of `GET /v1/staff/reversals`: asked for, and waiting for a second person.'),
});
export type SoldBody = z.output<typeof soldBody>;

export const allSoldBody = z.object({
  data: z.array(soldBody).describe('The newest first.'),
  next_cursor: z.string().nullable(),
});
export type AllSoldBody = z.output<typeof allSoldBody>;

export const reversalRequest = z.strictObject({
  reason: freeText(MAX_REASON_CHARACTERS).describe('Why; it stands in the audit of the account.'),
});

export function toOffersBody(offers: readonly Product[]): OffersBody {
  return {
    data: offers.map((product) => ({
      id: product.id,
      name: product.kind === 'pack' ? product.name : null,
      credits: formatCredits(product.credits),
      allowances: (product.kind === 'pack' ? product.allowances : []).map(({ botId, credits: of }) => ({
        bot_id: botId,
        credits: formatCredits(of),
      })),
      price: toCoinPrice(product.price),
    })),
  };
}

export function toPurchaseBody(purchase: Purchase): PurchaseBody {
  const { state, parts } = purchase;
  return {
    id: purchase.id,
    product_id: purchase.productId,
    state,
    credits: formatCredits(purchase.credits),
    price: toCoinPrice(purchase.price),
    lots: parts.map(({ bot, credits: of, lotId }) => ({
      bot_id: bot?.botId ?? null,
      credits: formatCredits(of),
      lot_id: lotId,
    })),
    automatic: purchase.automatic,
    checkout_url: state === 'pending' ? purchase.checkoutUrl : null,
    created_at: instantToText(instant(purchase.createdAt.getTime())),
  };
}

export function toBoughtBody(purchase: Purchase, cheaper: UpgradeCheaper | null): BoughtBody {
  const body = toPurchaseBody(purchase);
  // A visitor has no next tier, and buys no bundle.
  if (purchase.lotKind !== 'bundle') return body;
  return { ...body, hints: cheaper === null ? [] : [upgradeHint(cheaper)] };
}

function upgradeHint({ bundle, planId, plan }: UpgradeCheaper): z.output<typeof boughtHint> {
  return {
    code: 'upgrade_cheaper',
    text: 'This is not the first bundle of the period. In the next plan a credit costs less.',
    bundle: rateBody(bundle),
    plan: { plan_id: planId, ...rateBody(plan) },
  };
}

function rateBody({ microMinor, currency }: CreditRate): z.output<z.ZodObject<typeof rate>> {
  // Millionths, as credits are written.
  return { minor_per_credit: formatCredits(microCredits(microMinor)), iso_4217: currency };
}

export function toSoldBody({
  purchase,
  reversalId,
}: {
  readonly purchase: Purchase;
  readonly reversalId: string | null;
}): SoldBody {
  return { ...toPurchaseBody(purchase), buyer_id: purchase.buyerId, reversal_id: reversalId };
}
