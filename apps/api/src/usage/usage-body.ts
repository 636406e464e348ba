// API room. Usage as owners see it: credits, and the real meters beside them. What it cost us is not told here.
import type { Meters, MicroCredits, UsageFigures, UsageGrouping } from '@fairmeter/domain';
import {
  averageCharge,
  formatCredits,
  FUNDINGS,
  instantToText,
  netOf,
  REQUEST_KINDS,
  showCharge,
  systemShareOf,
  tipsOf,
  USAGE_GROUPINGS,
  usageBeyond,
  WORK_TIPS,
} from '@fairmeter/domain';
import type { UsageRow } from '@fairmeter/ledger/reads';
import { z } from 'zod';
import { shownCredits } from '../jobs/card-lines-body.js';
import { factList, factsBody } from '../jobs/coding-body.js';
import { credits, instantText } from '../jobs/job-body.js';
import { used, usedBody } from '../jobs/meters-body.js';
import { givenTips, toGivenTips } from '../tips/tips-body.js';
import type { UsageAnswer } from './usage-reader.js';

const money = {
  charged: credits,
  refunded: credits,
  net: credits.describe('Charged without refunded: what the ledger moved in that time.'),
  net_shown: shownCredits,
};

const metered = {
  ...used,
  system_share: z.number().nullable().describe('System and auxiliary context among all that was read, 0 to 1.'),
};

const figures = {
  jobs: z.int().describe('Different jobs with a part in it.'),
  ...money,
  average_charge: credits.nullable().describe('Charged per job, rounded half up to six decimals.'),
  ...metered,
};

const usageKey = z.object({
  bot: z.string().optional(),
  type: z.enum(['chat', 'coding']).optional(),
  kind: z.enum(REQUEST_KINDS).optional(),
  model: z.string().nullable().optional().describe('Null is what no model did: tools, checks, builds.'),
  thread: z.string().nullable().optional().describe('Null is what belongs to no thread.'),
  day: z.iso.date().optional().describe('A local date in `time_zone`.'),
  funding: z.enum(FUNDINGS).optional(),
  campaign: z.string().nullable().optional().describe('Null is what no campaign paid.'),
  artefact: z.boolean().optional().describe('Whether the job packed its files.'),
});

export const usageBody = z.object({
  account_id: z.string(),
  time_zone: z.string().describe('The zone of the account, in which days are counted.'),
  from: instantText,
  to: instantText.describe('Not counted in.'),
  group_by: z.array(z.enum(USAGE_GROUPINGS)),
  total: z.object(figures),
  data: z
    .array(z.object({ key: usageKey, ...figures }))
    .describe('The dearest first; grouped by day, the newest day first.'),
  rest: z
    .object({ rows: z.int(), ...money, ...metered })
    .nullable()
    .describe('What the rows beyond `limit` add up to: with it the rows are the total. Null where all are shown.'),
  tips: givenTips,
  facts: factsBody,
});
export type UsageBody = z.output<typeof usageBody>;

export function toUsageBody(answer: UsageAnswer): UsageBody {
  const { accountId, zone, query, view, work } = answer;
  const { total, rows, groups } = view;
  const beyond = usageBeyond(total, rows);
  const hidden = groups - rows.length;
  return {
    account_id: accountId,
    time_zone: zone,
    from: instantToText(query.from),
    to: instantToText(query.to),
    group_by: [...query.groupings],
    total: figuresBody(total),
    data: query.groupings.length === 0 ? [] : rows.map((row) => ({ key: keyOf(row, answer), ...figuresBody(row) })),
    rest: hidden > 0 ? { rows: hidden, ...moneyBody(beyond), ...meteredBody(beyond.used) } : null,
    tips: toGivenTips(tipsOf(WORK_TIPS, work)),
    facts: factList(query.botType ?? 'coding'),
  };
}

function figuresBody(row: UsageFigures): UsageBody['total'] {
  const average = averageCharge(row);
  return {
    jobs: row.jobs,
    ...moneyBody(row),
    average_charge: average === null ? null : formatCredits(average),
    ...meteredBody(row.used),
  };
}

function moneyBody(row: { readonly charged: MicroCredits; readonly refunded: MicroCredits }) {
  const net = netOf(row);
  return {
    charged: formatCredits(row.charged),
    refunded: formatCredits(row.refunded),
    net: formatCredits(net),
    net_shown: showCharge(net),
  } satisfies Partial<UsageBody['total']>;
}

function meteredBody(meters: Meters) {
  return { ...usedBody(meters), system_share: systemShareOf(meters) } satisfies Partial<UsageBody['total']>;
}

/** The ledger says keys as text; the schema says what each of them can be. */
function keyOf({ keys }: UsageRow, { query, days }: UsageAnswer): z.output<typeof usageKey> {
  const told = query.groupings.map((grouping, index) => {
    return [grouping, keyValue(grouping, keys[index] ?? null, days)] as const;
  });
  return usageKey.parse(Object.fromEntries(told));
}

function keyValue(grouping: UsageGrouping, key: string | null, days: UsageAnswer['days']): string | boolean | null {
  if (grouping === 'artefact') return key === 'true';
  return grouping === 'day' ? (days[Number(key)]?.date ?? null) : key;
}
