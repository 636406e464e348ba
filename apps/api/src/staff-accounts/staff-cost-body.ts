// API room. What a job cost and its charge made anew, as staff see them: what its account is told, and beside it what
// the job really cost us. This is the one place of the API that shows that.
import { formatDollars, microDollars } from '@fairmeter/domain';
import type { RealCostView } from '@fairmeter/ledger/reads';
import { z } from 'zod';
import type { ForStaff, JobCost } from '../jobs/cost-body.js';
import { costBody, toCostBody } from '../jobs/cost-body.js';
import type { ExplainedJob } from '../jobs/explain-body.js';
import { explainBody, toExplainBody } from '../jobs/explain-body.js';

const dollars = z.string().describe('Dollars as a decimal string with six decimals.');

const besideIt = {
  real_cost: z
    .object({
      usd: dollars,
      attempts: z
        .array(z.object({ step: z.int(), attempt: z.int(), usd: dollars }))
        .describe('Those that cost us something, charged or not.'),
    })
    .describe('What it cost us, by the meters and the pinned card. Nobody of an account is shown it.'),
};

export const staffCostBody = costBody.extend(besideIt);
export type StaffCostBody = z.output<typeof staffCostBody>;

export const staffExplainBody = explainBody.extend(besideIt);
export type StaffExplainBody = z.output<typeof staffExplainBody>;

export function toStaffCostBody({ real, ...cost }: ForStaff<JobCost>): StaffCostBody {
  return { ...toCostBody(cost), real_cost: realCostBody(real) };
}

export function toStaffExplainBody({ real, ...explained }: ForStaff<ExplainedJob>): StaffExplainBody {
  return { ...toExplainBody(explained), real_cost: realCostBody(real) };
}

function realCostBody(real: readonly RealCostView[]): StaffCostBody['real_cost'] {
  const all = microDollars(real.reduce((sum, { realCost }) => sum + realCost, 0n));
  return {
    usd: formatDollars(all),
    attempts: real.map(({ ordinal, attempt, realCost }) => ({ step: ordinal, attempt, usd: formatDollars(realCost) })),
  };
}
