// API room. What may be asked of an account's usage. Text in, domain types out.
import type { UsageGrouping } from '@fairmeter/domain';
import { FUNDINGS, JOB_MARKERS, MOST_USAGE_GROUPINGS, USAGE_GROUPINGS } from '@fairmeter/domain';
import { z } from 'zod';
import { environmentField } from '../callers/environment.js';
import { jobsQuery } from '../jobs/jobs-query.js';
import { campaignField, pastInstantField, threadField, yesOrNo } from '../requests/fields.js';
import { limitUpTo } from '../requests/page.js';

const DEFAULT_ROWS = 200;
const MOST_ROWS = 1_000;

const { bot_id: botId, type, kind, model } = jobsQuery.shape;

const isGrouping = (text: string): text is UsageGrouping => (USAGE_GROUPINGS as readonly string[]).includes(text);

const groupings = z.string().transform((text, context): readonly UsageGrouping[] => {
  const names = text.split(',');
  const known = names.filter(isGrouping);
  if (known.length < names.length || names.length > MOST_USAGE_GROUPINGS || new Set(known).size < names.length) {
    const message = `must be one or two different of ${USAGE_GROUPINGS.join(', ')}, with a comma between`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  }
  return known;
});

export const usageQuery = z.strictObject({
  group_by: groupings.optional().meta({
    description: `One or two of ${USAGE_GROUPINGS.join(', ')}; only the total without it.`,
    examples: ['kind,day', 'artefact'],
  }),
  from: pastInstantField.optional().meta({
    description: 'The first instant counted in; 30 local days before `to` by default.',
    examples: ['2027-01-01T00:00:00Z'],
  }),
  to: pastInstantField.optional().describe('The first instant not counted in; the present by default.'),
  environment: environmentField,
  bot_id: botId.describe('Only usage of this bot.'),
  type: type.describe('Only usage of bots of this type.'),
  kind,
  model: model.describe('Only what this model did.'),
  thread_id: threadField.optional().describe('Only jobs of this thread.'),
  funding: z.enum(FUNDINGS).optional().describe('Only jobs paid by this rule.'),
  campaign_id: campaignField.optional().describe('Only what this campaign paid.'),
  purpose: z.enum(JOB_MARKERS).optional().describe('Only training, or only tests.'),
  artefact: yesOrNo.optional().describe('Only jobs that packed their files, or only the others.'),
  limit: limitUpTo(MOST_ROWS).optional().describe(`Rows of the answer: 1 to ${MOST_ROWS}, ${DEFAULT_ROWS} by default.`),
});
export type UsageAsked = z.output<typeof usageQuery>;

export function rowsAsked({ limit }: UsageAsked): number {
  return limit ?? DEFAULT_ROWS;
}
