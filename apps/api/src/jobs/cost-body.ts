// API room. What a job cost and why: every attempt, who paid it, what was not charged, and what came back.
import type { JobState, NotCharged, RateCard } from '@fairmeter/domain';
import {
  BANDS,
  bandOf,
  billableAttempts,
  CHARGE_CLASSES,
  END_REASONS,
  formatCredits,
  FUNDINGS,
  hasEnded,
  instantToText,
  JOB_TIPS,
  LOOP_CAUSES,
  measureJob,
  NOT_CHARGED_REASONS,
  notChargedOf,
  REQUEST_KINDS,
  showCharge,
  shortfall,
  subtract,
  sumMeters,
  tipsOf,
  unitPriceOf,
} from '@fairmeter/domain';
import type { FindingView, JobCostView, JobView, RealCostView, StepView } from '@fairmeter/ledger/reads';
import type { ArtefactView, SaidCause } from '@fairmeter/records';
import { z } from 'zod';
import { charged, chargedBody, shownCredits } from './card-lines-body.js';
import { artefactBody, factsBody, noticesBody, noticeList, factList, toArtefactBody } from './coding-body.js';
import { credits, instantText, jobState } from './job-body.js';
import { tokens, tokensBody, used, usedBody } from './meters-body.js';
import { findingBody, refundBody, toFindingBody, toRefundBody } from './refund-body.js';
import { byLot, lotShare, refundedBySteps, shareBody, stepBody, toStepBody } from './step-body.js';
import { totalsBody, toTotalsBody } from './totals-body.js';
import { givenTips, toGivenTips } from '../tips/tips-body.js';

const notCharged = z.object({
  step: z.int(),
  attempt: z.int(),
  reason: z.enum(NOT_CHARGED_REASONS),
  charge_class: z.enum(CHARGE_CLASSES),
  fault: z.string().nullable(),
  tokens,
  amount: credits.nullable().describe('What the card would have asked; null where it has no price.'),
});

const loop = findingBody.extend({
  reclassified: z
    .object({ cause: z.enum(LOOP_CAUSES), at: instantText })
    .nullable()
    .describe('The cause as our staff said it since, where they looked into it; `cause` is as it was found.'),
});

export const costBody = z.object({
  job_id: z.string(),
  account_id: z.string(),
  bot_id: z.string(),
  bot_type: z.enum(['chat', 'coding']),
  request_kind: z.enum(REQUEST_KINDS),
  funding_source: z.enum(FUNDINGS).describe('Whose credits paid, and by which rule.'),
  state: jobState,
  status: z.enum(['running', 'success', 'error', 'cancelled']),
  end_reason: z.enum(END_REASONS).nullable(),
  final: z.boolean().describe('False while the job runs: the figures may still grow.'),
  created_at: instantText,
  started_at: instantText.nullable(),
  ended_at: instantText.nullable(),
  latency_ms: z.int().nullable().describe('From submit to end.'),
  rate_card_id: z.string(),
  ...charged,
  band: z.enum(BANDS).nullable().describe('Describes the charge and never changes it.'),
  so_far: credits.optional().describe('While it runs: captured so far.'),
  budget: credits.optional().describe('While it runs: what is left of max_credits.'),
  max_credits: credits,
  held: credits,
  refunded: credits,
  net: credits.describe('The charge without what was refunded.'),
  net_shown: shownCredits,
  minimum: z
    .object({ amount: credits, amount_shown: shownCredits, paid_from: z.array(lotShare) })
    .describe('What the smallest charge added.'),
  written_off: credits,
  paid_from: z.array(lotShare).describe('The whole charge, by the lots that paid it.'),
  ...used,
  context: z.object({
    request_sha256: z
      .string()
      .describe(
        'Of what was asked, prompt and options. Where a visitor asked it is keyed, and random after an erasure.',
      ),
    prompt_bytes: z.int(),
    input_tokens: z.int().describe('All three input pools.'),
    system_tokens: z.int(),
    output_tokens: z.int().describe('With reasoning.'),
  }),
  retries: z.int().describe('Attempts beyond the first of each step; never charged.'),
  iterations: z.int(),
  outside_calls: z.int().describe('Calls of providers, agents and outside services, retries included.'),
  regions: z.array(z.string()),
  totals: totalsBody,
  artefact: artefactBody.nullable(),
  steps: z.array(stepBody),
  not_charged: z.array(notCharged).describe('What was used and not charged, or not in full, and why.'),
  refunds: z.array(refundBody),
  loops: z.array(loop),
  tips: givenTips,
  notices: noticesBody,
  facts: factsBody,
});
export type CostBody = z.output<typeof costBody>;

/** All that a cost is told from. */
export interface JobCost {
  readonly cost: JobCostView;
  readonly card: RateCard;
  readonly artefact: ArtefactView | null;
  /** As its last step left them; none once they are no more kept. */
  readonly outputFiles: number;
  /** How often its bot was asked for exactly the same shortly before. */
  readonly askedBefore: number;
  /** What staff said of its loops since they were found, by the numbers of the findings. */
  readonly saidCauses: ReadonlyMap<number, SaidCause>;
}

/** And beside what its account is told what it really cost us. */
export type ForStaff<Told> = Told & { readonly real: readonly RealCostView[] };

export function toCostBody({ cost, card, artefact, saidCauses, ...beside }: JobCost): CostBody {
  const { job, steps, refunds } = cost;
  const ground = { jobId: job.id, card, refunded: refundedBySteps(refunds) };
  return {
    ...headBody(cost),
    ...amountsBody(cost),
    ...useBody(cost, card),
    totals: toTotalsBody(cost, card),
    artefact: artefact === null ? null : toArtefactBody(artefact),
    steps: steps.map((step) => toStepBody(step, ground)),
    not_charged: steps.flatMap((step) => notChargedOf(step, card).map((one) => notChargedBody(step, one))),
    refunds: refunds.map(toRefundBody),
    loops: cost.findings.map((found) => loopBody(found, saidCauses.get(found.number))),
    tips: toGivenTips(tipsOf(JOB_TIPS, measureJob(cost, { card, saidCauses, ...beside }))),
    notices: noticeList(job.botType),
    facts: factList(job.botType),
  };
}

function loopBody(found: FindingView, said: SaidCause | undefined): z.output<typeof loop> {
  const reclassified = said === undefined ? null : { cause: said.cause, at: instantToText(said.at) };
  return { ...toFindingBody(found), reclassified };
}

const STATUS_OF: Readonly<Partial<Record<JobState, CostBody['status']>>> = {
  completed: 'success',
  completed_partial: 'success',
  failed: 'error',
  stopped_loop: 'error',
  cancelled: 'cancelled',
};

function headBody({ job, funding }: JobCostView) {
  return {
    job_id: job.id,
    account_id: job.accountId,
    bot_id: job.botId,
    bot_type: job.botType,
    request_kind: job.requestKind,
    funding_source: funding,
    state: job.state,
    status: STATUS_OF[job.state] ?? ('running' as const),
    end_reason: job.endReason,
    final: hasEnded(job.state),
    created_at: instantToText(job.createdAt),
    started_at: job.startedAt === null ? null : instantToText(job.startedAt),
    ended_at: job.endedAt === null ? null : instantToText(job.endedAt),
    latency_ms: job.endedAt === null ? null : job.endedAt - job.createdAt,
    rate_card_id: job.rateCardId,
  } satisfies Partial<CostBody>;
}

function amountsBody({ job, steps, minimum, minimumPaidFrom, writtenOff }: JobCostView) {
  const net = subtract(job.charge, job.refunded);
  return {
    ...chargedBody(job.charge),
    band: bandOf(job.charge),
    ...runningBody(job),
    max_credits: formatCredits(job.maxCredits),
    held: formatCredits(job.held),
    refunded: formatCredits(job.refunded),
    net: formatCredits(net),
    net_shown: showCharge(net),
    minimum: {
      amount: formatCredits(minimum),
      amount_shown: showCharge(minimum),
      paid_from: minimumPaidFrom.map(shareBody),
    },
    written_off: formatCredits(writtenOff),
    paid_from: byLot([...steps.flatMap((step) => step.paidFrom), ...minimumPaidFrom]),
  } satisfies Partial<CostBody>;
}

function runningBody({ state, charge, maxCredits }: JobView): { so_far?: string; budget?: string } {
  if (hasEnded(state)) return {};
  return { so_far: formatCredits(charge), budget: formatCredits(shortfall(maxCredits, charge)) };
}

function useBody({ job, steps }: JobCostView, card: RateCard) {
  const sum = sumMeters(steps.flatMap((step) => billableAttempts(step).map(({ meters }) => meters)));
  const attempts = steps.flatMap((step) => step.attempts);
  return {
    ...usedBody(sum),
    context: {
      request_sha256: job.bodyHash,
      prompt_bytes: job.promptBytes,
      input_tokens: sum.input + sum.cachedInput + sum.cacheWrite,
      system_tokens: sum.system,
      output_tokens: sum.output + sum.reasoning,
    },
    retries: steps.reduce((count, step) => count + Math.max(0, step.attempts.length - 1), 0),
    iterations: job.iteration,
    outside_calls: steps.filter((step) => isOutside(step, card)).reduce((count, step) => count + callsOf(step), 0),
    regions: [...new Set(attempts.flatMap(({ region }) => region ?? []))],
  } satisfies Partial<CostBody>;
}

function isOutside({ model, tool }: StepView, card: RateCard): boolean {
  if (model !== null || tool === null) return true;
  const kind = unitPriceOf(card, tool)?.kind;
  return kind === 'agent' || kind === 'service';
}

function callsOf({ attempts }: StepView): number {
  return attempts.reduce((count, { meters }) => count + meters.calls, 0);
}

function notChargedBody(step: StepView, { attempt, reason, amount }: NotCharged): z.output<typeof notCharged> {
  return {
    step: step.ordinal,
    attempt: attempt.attempt,
    reason,
    charge_class: attempt.chargeClass ?? 'unclear',
    fault: attempt.fault,
    tokens: tokensBody(attempt.meters),
    amount: amount === null ? null : formatCredits(amount),
  };
}
