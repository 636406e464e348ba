// API room. What a job cost, as staff see it: what its account is told, and beside it what it really cost us. This is
// the one place of the API that shows that.
import { formatDollars, microDollars } from '@fairmeter/domain';
import { z } from 'zod';
import type { JobCostForStaff } from '../jobs/cost-body.js';
import { costBody, toCostBody } from '../jobs/cost-body.js';

const dollars = z.string().describe('Dollars as a decimal string with six decimals.');

export const staffCostBody = costBody.extend({
  real_cost: z
    .object({
      usd: dollars,
      attempts: z
        .array(z.object({ step: z.int(), attempt: z.int(), usd: dollars }))
        .describe('Those that cost us something, charged or not.'),
    })
    .describe('What it cost us, by the meters and the pinned card. Nobody of an account is shown it.'),
});
export type StaffCostBody = z.output<typeof staffCostBody>;

export function toStaffCostBody({ real, ...cost }: JobCostForStaff): StaffCostBody {
  const all = microDollars(real.reduce((sum, { realCost }) => sum + realCost, 0n));
  return {
    ...toCostBody(cost),
    real_cost: {
      usd: formatDollars(all),
      attempts: real.map(({ ordinal, attempt, realCost }) => ({
        step: ordinal,
        attempt,
        usd: formatDollars(realCost),
      })),
    },
  };
}
