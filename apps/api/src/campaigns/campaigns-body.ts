// API room. Giveaways of a bot as owners open and see them.
import { add, formatCredits, instantToText, shortfall, type MicroCredits } from '@fairmeter/domain';
import type { LimitView } from '@fairmeter/ledger/reads';
import type { Campaign } from '@fairmeter/records';
import { z } from 'zod';
import { credits, instantText } from '../jobs/job-body.js';
import { creditAmount } from '../jobs/submit-body.js';
import { botIdField, instantField } from '../requests/fields.js';
import { pageShape } from '../requests/page.js';
import { nameText } from '../requests/texts.js';

const MAX_NAME_CHARACTERS = 120;

const wish = {
  name: nameText(MAX_NAME_CHARACTERS),
  limit: creditAmount.describe('All that the campaign may give, in credits.'),
  per_visitor: creditAmount.nullable().optional().describe('What each visitor may have of it; null is no such limit.'),
  starts_at: instantField.optional().describe('Default: now.'),
  ends_at: instantField.nullable().optional().describe('The first instant at which it gives nothing more.'),
};

export const openCampaignBody = z.strictObject({ bot_id: botIdField, ...wish });
export type OpenCampaign = z.output<typeof openCampaignBody>;

export const changeCampaignBody = z
  .strictObject(wish)
  .partial()
  .refine((body) => Object.keys(body).length > 0, 'must say something');
export type ChangeCampaign = z.output<typeof changeCampaignBody>;

export const campaignsQuery = z.strictObject({
  ...pageShape,
  bot_id: botIdField.optional().describe('Only campaigns of this bot.'),
});

export const campaignBody = z.object({
  id: z.string(),
  bot_id: z.string(),
  name: z.string(),
  starts_at: instantText,
  ends_at: instantText.nullable(),
  runs: z.boolean().describe('Whether its window is open now.'),
  limit: credits,
  used: credits,
  held: credits.describe('Set aside for jobs that run.'),
  remaining: credits,
  per_visitor: credits.nullable(),
});
export type CampaignBody = z.output<typeof campaignBody>;

export const campaignsBody = z.object({ data: z.array(campaignBody), next_cursor: z.string().nullable() });
export type CampaignsBody = z.output<typeof campaignsBody>;

export const campaignPreviewBody = z.object({
  limit: credits,
  per_visitor: credits.nullable(),
  available: credits.describe('What the account could give to a campaign now.'),
  covered: z.boolean().describe('Whether that reaches for all of the limit.'),
  visitors: z.int().nullable().describe('How many can have their full share; null where there is no share.'),
});
export type CampaignPreviewBody = z.output<typeof campaignPreviewBody>;

const NONE = '0.000000';

export function toCampaignBody(campaign: Campaign, limits: readonly LimitView[], now: number): CampaignBody {
  const { id, botId, name, startsAt, endsAt } = campaign;
  const of = (kind: LimitView['kind']): LimitView | undefined =>
    limits.find((one) => one.kind === kind && one.subject === id);
  const all = of('campaign');
  const share = of('visitor');
  return {
    id,
    bot_id: botId,
    name,
    starts_at: instantToText(startsAt),
    ends_at: endsAt === null ? null : instantToText(endsAt),
    runs: startsAt <= now && (endsAt === null || now < endsAt),
    limit: all === undefined ? NONE : formatCredits(all.amount),
    used: all === undefined ? NONE : formatCredits(all.used),
    held: all === undefined ? NONE : formatCredits(all.held),
    remaining: all === undefined ? NONE : formatCredits(shortfall(all.amount, add(all.used, all.held))),
    per_visitor: share === undefined ? null : formatCredits(share.amount),
  };
}

export function toCampaignPreview(
  { limit, per_visitor: share = null }: Pick<OpenCampaign, 'limit' | 'per_visitor'>,
  available: MicroCredits,
): CampaignPreviewBody {
  return {
    limit: formatCredits(limit),
    per_visitor: share === null ? null : formatCredits(share),
    available: formatCredits(available),
    covered: limit <= available,
    visitors: share === null || share === 0n ? null : Number(limit / share),
  };
}
