// API room. A bundle that is bought by itself, as its owner sets and sees it.
import type { Instant, TopUpState } from '@fairmeter/domain';
import { formatCredits, instantToText, TOP_UP_STATES } from '@fairmeter/domain';
import type { AutoTopUpSettings, FoundStanding } from '@fairmeter/records';
import { z } from 'zod';
import { credits, instantText } from '../jobs/job-body.js';
import { creditAmount } from '../jobs/submit-body.js';
import { coinPrice, PRODUCT_ID, priceField, toCoinPrice } from '../purchases/purchase-body.js';

export const autoTopUpRequest = z
  .strictObject({
    enabled: z.boolean(),
    threshold: creditAmount
      .refine((amount) => amount > 0n, 'must be above 0')
      .describe('A bundle is bought where less than this is available.'),
    product_id: z
      .string()
      .regex(PRODUCT_ID, 'must be the id of an offer')
      .describe('The bundle. Of the list of offers.'),
    monthly_cap: priceField.describe('What it may spend in a calendar month of the time zone of the account.'),
  })
  .transform((asked): Omit<AutoTopUpSettings, 'setBy'> => ({
    enabled: asked.enabled,
    threshold: asked.threshold,
    productId: asked.product_id,
    monthlyCap: asked.monthly_cap,
  }));

export const autoTopUpBody = z.object({
  enabled: z.boolean(),
  state: z
    .enum(TOP_UP_STATES)
    .describe('`ready`: it buys as soon as too little is available. Each of the others says why it does not now.'),
  threshold: credits.nullable().describe('Null, as all that follows, while it was never set.'),
  product_id: z.string().nullable(),
  monthly_cap: coinPrice.nullable(),
  spent_this_month: coinPrice.nullable(),
  month_ends_at: instantText.nullable().describe('When the cap counts anew.'),
  tries_again_at: instantText.nullable().describe('After a payment that failed. Setting it anew has it try at once.'),
});
export type AutoTopUpBody = z.output<typeof autoTopUpBody>;

export interface ShownTopUp {
  readonly standing: FoundStanding;
  readonly state: TopUpState;
  readonly monthEnd: Instant;
  /** Null where nothing failed. */
  readonly triesAgainAt: Instant | null;
}

const NEVER_SET: AutoTopUpBody = {
  enabled: false,
  state: 'off',
  threshold: null,
  product_id: null,
  monthly_cap: null,
  spent_this_month: null,
  month_ends_at: null,
  tries_again_at: null,
};

export function toAutoTopUpBody(shown: ShownTopUp | null): AutoTopUpBody {
  if (shown === null) return NEVER_SET;
  const { standing, state, monthEnd, triesAgainAt } = shown;
  const { enabled, threshold, productId, monthlyCapMinor, currency } = standing.topUp;
  return {
    enabled,
    state,
    threshold: formatCredits(threshold),
    product_id: productId,
    monthly_cap: toCoinPrice({ minor: monthlyCapMinor, currency }),
    spent_this_month: toCoinPrice({ minor: standing.spentMinor, currency }),
    month_ends_at: instantToText(monthEnd),
    tries_again_at: state === 'payment_failed' && triesAgainAt !== null ? instantToText(triesAgainAt) : null,
  };
}
