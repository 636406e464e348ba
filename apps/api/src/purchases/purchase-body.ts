// API room. What may be bought and what was bought, in credits and in the smallest coin of a currency.
import { formatCredits, instant, instantToText, PURCHASE_STATES } from '@fairmeter/domain';
import type { Product, Purchase } from '@fairmeter/records';
import { z } from 'zod';
import { credits, instantText } from '../jobs/job-body.js';
import { pageQuery } from '../requests/page.js';

const PRODUCT_ID = /^[a-z]+_[0-9A-Za-z_-]{1,64}$/;

const price = z.object({
  amount_minor: z.string().describe('In the smallest coin: cents of a euro.'),
  currency: z.string().describe('ISO 4217, lower case.'),
});

const offer = z.object({
  id: z.string(),
  credits: credits.describe('They never expire.'),
  price,
});

export const offersBody = z.object({ data: z.array(offer) });
export type OffersBody = z.output<typeof offersBody>;

export const purchaseRequest = z.strictObject({
  product_id: z.string().regex(PRODUCT_ID, 'must be the id of an offer').describe('Of the list of offers.'),
});

const purchaseShape = {
  id: z.string(),
  product_id: z.string(),
  state: z.enum(PURCHASE_STATES),
  credits,
  price,
  lot_id: z.string().nullable().describe('The credits it became; null until it is paid.'),
  checkout_url: z.string().nullable().describe('Where it is to be paid, while it is pending.'),
  created_at: instantText,
};

export const purchaseBody = z.object(purchaseShape);
export type PurchaseBody = z.output<typeof purchaseBody>;

export const purchasesBody = z.object({
  data: z.array(purchaseBody).describe('The newest first.'),
  next_cursor: z.string().nullable(),
});
export type PurchasesBody = z.output<typeof purchasesBody>;

export const purchasesQuery = pageQuery;

export function toOffersBody(offers: readonly Product[]): OffersBody {
  return {
    data: offers.map(({ id, credits: amount, price: { minor, currency } }) => ({
      id,
      credits: formatCredits(amount),
      price: { amount_minor: minor.toString(), currency },
    })),
  };
}

export function toPurchaseBody(purchase: Purchase): PurchaseBody {
  const { minor, currency } = purchase.price;
  return {
    id: purchase.id,
    product_id: purchase.productId,
    state: purchase.state,
    credits: formatCredits(purchase.credits),
    price: { amount_minor: minor.toString(), currency },
    lot_id: purchase.lotId,
    checkout_url: purchase.state === 'pending' ? purchase.checkoutUrl : null,
    created_at: instantToText(instant(purchase.createdAt.getTime())),
  };
}
