// API room. What a job cost, added up in the ways people ask: by part of the answer, by kind of step, by model, by tool
// and by iteration. Each way adds up to what the steps cost.
import type { RateCard, StepTotals } from '@fairmeter/domain';
import { COST_PARTS, costByPart, groupBy, priceOf, STEP_KINDS, totalsOf, unitPriceOf } from '@fairmeter/domain';
import type { JobCostView, StepView } from '@fairmeter/ledger/reads';
import { z } from 'zod';
import { charged, chargedBody } from './card-lines-body.js';
import { used, usedBody } from './meters-body.js';

const total = { steps: z.int(), retries: z.int(), ...charged, ...used };

export const totalsBody = z.object({
  by_part: z
    .array(z.object({ part: z.enum(COST_PARTS), output_tokens: z.int(), ...charged }))
    .describe('With `input`, `tools` and `minimum` they add up to the charge.'),
  by_kind: z.array(z.object({ kind: z.enum(STEP_KINDS), ...total })),
  by_model: z.array(
    z.object({ model: z.string(), family: z.string().nullable(), tier: z.string().nullable(), ...total }),
  ),
  by_tool: z.array(z.object({ tool: z.string(), unit_kind: z.string().nullable(), ...total })),
  by_iteration: z.array(z.object({ iteration: z.int(), step_numbers: z.array(z.int()), ...total })),
});
export type TotalsBody = z.output<typeof totalsBody>;

export function toTotalsBody(cost: JobCostView, card: RateCard): TotalsBody {
  const { steps } = cost;
  const parts = costByPart(cost, card);
  const ofKind = groupBy(steps, ({ kind }) => kind);
  return {
    by_part: COST_PARTS.map((part) => ({
      part,
      output_tokens: Number(parts[part].outputTokens),
      ...chargedBody(parts[part].charge),
    })),
    by_kind: STEP_KINDS.map((kind) => ({ kind, ...totalBody(ofKind.get(kind) ?? []) })),
    by_model: [...groupBy(steps, ({ model }) => model)].map(([model, group]) => {
      const price = priceOf(card, model);
      return { model, family: price?.family ?? null, tier: price?.tier ?? null, ...totalBody(group) };
    }),
    by_tool: [...groupBy(steps, ({ tool }) => tool)].map(([tool, group]) => ({
      tool,
      unit_kind: unitPriceOf(card, tool)?.kind ?? null,
      ...totalBody(group),
    })),
    by_iteration: [...groupBy(steps, ({ iteration }) => iteration)].map(([iteration, group]) => ({
      iteration,
      step_numbers: group.map(({ ordinal }) => ordinal),
      ...totalBody(group),
    })),
  };
}

type TotalBody = z.output<z.ZodObject<typeof total>>;

function totalBody(group: readonly StepView[]): TotalBody {
  const sums: StepTotals = totalsOf(group);
  return {
    steps: sums.steps,
    retries: group.reduce((count, { attempts }) => count + Math.max(0, attempts.length - 1), 0),
    ...chargedBody(sums.charge),
    ...usedBody(sums.used),
  };
}
