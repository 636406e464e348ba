// API room. Who pays for a bot's visitors, as its owner sets and sees it.
import { formatCredits, FUNDING_MODES, SALES_MODES, type MicroCredits } from '@fairmeter/domain';
import type { FundingSettings } from '@fairmeter/records';
import { z } from 'zod';
import { credits } from '../jobs/job-body.js';

const settings = {
  sales_mode: z
    .enum(SALES_MODES)
    .describe('platform_sells: a purchase covers the use. business_direct: the owner sells, and the account pays.'),
  funding_mode: z
    .enum(FUNDING_MODES)
    .describe('owner_pool: visitors without purchases are answered. end_user_credits: only with credits of their own.'),
  public_may_use_bonus: z
    .boolean()
    .describe('Whether free visitors and campaigns may eat bonus credits once the subscription is used up.'),
};

export const changeFundingBody = z
  .strictObject(settings)
  .partial()
  .refine((body) => Object.keys(body).length > 0, 'must say something');
export type ChangeFunding = z.output<typeof changeFundingBody>;

export const fundingBody = z.object(settings);
export type FundingBody = z.output<typeof fundingBody>;

export const fundingPreviewBody = z.object({
  before: fundingBody,
  after: fundingBody,
  visitors_with_credits: z.int(),
  visitors_credits: credits.describe('What these visitors have left. It is used first, whatever the mode.'),
  warnings: z.array(z.enum(['visitors_hold_credits', 'account_pays_visitors', 'visitors_need_credits'])),
});
export type FundingPreviewBody = z.output<typeof fundingPreviewBody>;

export function toFundingBody({ salesMode, fundingMode, publicMayUseBonus }: FundingSettings): FundingBody {
  return { sales_mode: salesMode, funding_mode: fundingMode, public_may_use_bonus: publicMayUseBonus };
}

interface Own {
  readonly visitors: number;
  readonly credits: MicroCredits;
}

export function toFundingPreview(before: FundingSettings, asked: ChangeFunding, own: Own): FundingPreviewBody {
  const now = toFundingBody(before);
  const after: FundingBody = {
    sales_mode: asked.sales_mode ?? now.sales_mode,
    funding_mode: asked.funding_mode ?? now.funding_mode,
    public_may_use_bonus: asked.public_may_use_bonus ?? now.public_may_use_bonus,
  };
  const goesDirect = after.sales_mode === 'business_direct' && now.sales_mode !== after.sales_mode;
  const needsCredits = after.sales_mode === 'platform_sells' && after.funding_mode === 'end_user_credits';
  return {
    before: now,
    after,
    visitors_with_credits: own.visitors,
    visitors_credits: formatCredits(own.credits),
    warnings: [
      ...(goesDirect && own.visitors > 0 ? (['visitors_hold_credits'] as const) : []),
      ...(goesDirect ? (['account_pays_visitors'] as const) : []),
      ...(needsCredits && now.funding_mode !== after.funding_mode ? (['visitors_need_credits'] as const) : []),
    ],
  };
}
