// API room. Whether a bot pays off, in credits: repeated requests, the cost of a kept result, and what a change did.
import type { AverageJob, MicroCredits } from '@fairmeter/domain';
import { formatCredits, GUIDE_KINDS, instantToText } from '@fairmeter/domain';
import { z } from 'zod';
import { factList, factsBody } from '../jobs/coding-body.js';
import { credits, instantText } from '../jobs/job-body.js';
import type { EconomicsAnswer } from './economics-reader.js';

const averages = z.object({
  jobs: z.int(),
  average_net: credits.nullable().describe('Charged less refunded per job, rounded half up. Null without a job.'),
  average_repairs: z.number().nullable().describe('Repair steps per job, to two decimals.'),
  average_clarifications: z.number().nullable().describe('Questions back per job, to two decimals.'),
});

export const economicsBody = z.object({
  bot_id: z.string(),
  type: z.enum(['chat', 'coding']),
  from: instantText,
  to: instantText.describe('Not counted in.'),
  complete: z.boolean().describe('False: there were more jobs in that time, and only the newest of them are counted.'),
  net: credits.describe('Charged less refunded.'),
  all: averages,
  requests: z.object({
    repeated: z.int().describe('Requests for the same action on the same content, each of them asked at least twice.'),
    one_off: z.int(),
    unknown: z.int().describe('Their texts were erased: nobody can tell any more.'),
    repeat_share: z.number().nullable().describe('Repeated among those that can be told, 0 to 1.'),
  }),
  kept_results: z.object({
    results: z.int().describe('Of jobs that completed and of which nothing was refunded.'),
    cost_per_result: credits.nullable().describe('All of `net`, by result, rounded half up. Null without a result.'),
  }),
  artefact: z.object({
    with: averages.describe('Jobs that packed their files.'),
    without: averages,
  }),
  versions: z
    .array(
      z.object({
        kind: z.enum(GUIDE_KINDS),
        version: z.int().describe('The newest.'),
        before: averages.describe('Jobs with any other version, or with none.'),
        after: averages.describe('Jobs with this version.'),
      }),
    )
    .describe('One for each that the bot has.'),
  facts: factsBody,
});
export type EconomicsBody = z.output<typeof economicsBody>;

export function toEconomicsBody({ bot, from, to, complete, economics: of }: EconomicsAnswer): EconomicsBody {
  const { requests } = of;
  return {
    bot_id: bot.id,
    type: bot.type,
    from: instantToText(from),
    to: instantToText(to),
    complete,
    net: formatCredits(of.net),
    all: averagesBody(of.all),
    requests: {
      repeated: requests.repeated,
      one_off: requests.oneOff,
      unknown: requests.unknown,
      repeat_share: requests.repeatShare,
    },
    kept_results: { results: of.kept, cost_per_result: orNull(of.netPerKept) },
    artefact: { with: averagesBody(of.withZip), without: averagesBody(of.withoutZip) },
    versions: of.versions.map(({ kind, version, before, after }) => ({
      kind,
      version,
      before: averagesBody(before),
      after: averagesBody(after),
    })),
    facts: factList(bot.type),
  };
}

function averagesBody({ jobs, net, repairs, clarifications }: AverageJob): EconomicsBody['all'] {
  return {
    jobs,
    average_net: orNull(net),
    average_repairs: repairs,
    average_clarifications: clarifications,
  };
}

function orNull(amount: MicroCredits | null): string | null {
  return amount === null ? null : formatCredits(amount);
}
