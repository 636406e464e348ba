// API room. What a job cost and why: every attempt, who paid it, and what was not charged.
import type { MicroCredits } from '@fairmeter/domain';
import { add, CHARGE_CLASSES, formatCredits, hasEnded, STAGES, STEP_KINDS } from '@fairmeter/domain';
import type { AttemptView, JobCostView, LotShare, StepView } from '@fairmeter/ledger/reads';
import { z } from 'zod';
import { credits, jobState } from './job-body.js';

const tokens = z
  .object({
    input: z.int(),
    cached_input: z.int(),
    cache_write: z.int(),
    output: z.int(),
    reasoning: z.int(),
  })
  .describe('Exclusive pools: no token is counted in two of them.');
type Tokens = z.output<typeof tokens>;

const lotShare = z.object({ lot_id: z.string(), kind: z.string(), amount: credits });
type LotShareBody = z.output<typeof lotShare>;

const attempt = z.object({
  attempt: z.int(),
  state: z.enum(['open', 'ended', 'closed']),
  charge_class: z.enum(CHARGE_CLASSES).nullable(),
  fault: z.string().nullable(),
  tokens,
  latency_ms: z.int().nullable(),
  provider_request_id: z.string().nullable(),
});
type AttemptBody = z.output<typeof attempt>;

const step = z.object({
  step: z.int(),
  iteration: z.int(),
  stage: z.enum(STAGES),
  kind: z.enum(STEP_KINDS),
  model: z.string().nullable().describe('The model that was asked, or null where a tool ran.'),
  tool: z.string().nullable(),
  state: z.enum(['running', 'ended', 'abandoned']),
  charge_class: z.enum(CHARGE_CLASSES).nullable(),
  charge: credits,
  written_off: credits.describe('Used and not charged: neither hold nor budget reached so far.'),
  paid_from: z.array(lotShare),
  attempts: z.array(attempt),
});
type StepBody = z.output<typeof step>;

const notCharged = z.object({
  step: z.int(),
  attempt: z.int(),
  charge_class: z.enum(CHARGE_CLASSES),
  fault: z.string().nullable(),
  tokens,
});

export const costBody = z.object({
  job_id: z.string(),
  state: jobState,
  final: z.boolean().describe('False while the job runs: the figures may still grow.'),
  charge: credits,
  refunded: credits,
  held: credits,
  minimum: z.object({ amount: credits, paid_from: z.array(lotShare) }).describe('What the smallest charge added.'),
  written_off: credits,
  paid_from: z.array(lotShare).describe('The whole charge, by the lots that paid it.'),
  tokens,
  steps: z.array(step),
  not_charged: z.array(notCharged).describe('Attempts that used tokens or time and cost nothing.'),
});
export type CostBody = z.output<typeof costBody>;

export function toCostBody(cost: JobCostView): CostBody {
  const { job, steps } = cost;
  const shares = [...steps.flatMap((one) => one.paidFrom), ...cost.minimumPaidFrom];
  return {
    job_id: job.id,
    state: job.state,
    final: hasEnded(job.state),
    charge: formatCredits(job.charge),
    refunded: formatCredits(job.refunded),
    held: formatCredits(job.held),
    minimum: { amount: formatCredits(cost.minimum), paid_from: cost.minimumPaidFrom.map(shareBody) },
    written_off: formatCredits(add(...steps.map((one) => one.writtenOff))),
    paid_from: byLot(shares),
    tokens: sumTokens(steps.flatMap((one) => one.attempts.filter(isCharged))),
    steps: steps.map(stepBody),
    not_charged: steps.flatMap((one) =>
      one.attempts.flatMap((tried) =>
        tried.chargeClass === null || isCharged(tried)
          ? []
          : [
              {
                step: one.ordinal,
                attempt: tried.attempt,
                charge_class: tried.chargeClass,
                fault: tried.fault,
                tokens: tokensOf(tried),
              },
            ],
      ),
    ),
  };
}

const isCharged = (tried: AttemptView): boolean => tried.chargeClass !== 'platform_fault' && tried.state !== 'open';

function stepBody(one: StepView): StepBody {
  return {
    step: one.ordinal,
    iteration: one.iteration,
    stage: one.stage,
    kind: one.kind,
    model: one.model,
    tool: one.tool,
    state: one.state,
    charge_class: one.chargeClass,
    charge: formatCredits(one.charge),
    written_off: formatCredits(one.writtenOff),
    paid_from: one.paidFrom.map(shareBody),
    attempts: one.attempts.map(attemptBody),
  };
}

function attemptBody(tried: AttemptView): AttemptBody {
  return {
    attempt: tried.attempt,
    state: tried.state,
    charge_class: tried.chargeClass,
    fault: tried.fault,
    tokens: tokensOf(tried),
    latency_ms: tried.latencyMs,
    provider_request_id: tried.providerRequestId,
  };
}

function tokensOf({ meters }: AttemptView): Tokens {
  return {
    input: meters.input,
    cached_input: meters.cachedInput,
    cache_write: meters.cacheWrite,
    output: meters.output,
    reasoning: meters.reasoning,
  };
}

function sumTokens(attempts: readonly AttemptView[]): Tokens {
  const sum: Tokens = { input: 0, cached_input: 0, cache_write: 0, output: 0, reasoning: 0 };
  for (const used of attempts.map(tokensOf)) {
    sum.input += used.input;
    sum.cached_input += used.cached_input;
    sum.cache_write += used.cache_write;
    sum.output += used.output;
    sum.reasoning += used.reasoning;
  }
  return sum;
}

function shareBody(share: LotShare): LotShareBody {
  return { lot_id: share.lotId, kind: share.lotKind, amount: formatCredits(share.amount) };
}

function byLot(shares: readonly LotShare[]): LotShareBody[] {
  const lots = new Map<string, { kind: string; amount: MicroCredits }>();
  for (const share of shares) {
    const sum = lots.get(share.lotId)?.amount;
    lots.set(share.lotId, { kind: share.lotKind, amount: sum === undefined ? share.amount : add(sum, share.amount) });
  }
  return [...lots].map(([lotId, { kind, amount }]) => ({ lot_id: lotId, kind, amount: formatCredits(amount) }));
}
