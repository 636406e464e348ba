// API room. A step of a job with its attempts: what each used, what the card asks for it, and who paid.
import type { MicroCredits, RateCard } from '@fairmeter/domain';
import {
  add,
  CHARGE_CLASSES,
  formatCredits,
  formatExactCredits,
  instantToText,
  reckonStep,
  STAGES,
  STEP_KINDS,
  ZERO,
} from '@fairmeter/domain';
import type { AttemptView, LotShare, RefundView, StepView } from '@fairmeter/ledger/reads';
import { z } from 'zod';
import { cardLine, charged, chargedBody, exactCredits, linesBody } from './card-lines-body.js';
import { credits, instantText } from './job-body.js';
import { used, usedBody } from './meters-body.js';

export const lotShare = z.object({
  lot_id: z.string(),
  kind: z.string(),
  amount: credits,
});
const capture = lotShare.extend({ entry_seq: z.string().describe('The entry of `/v1/account/ledger` that took it.') });

export const attemptBody = z.object({
  attempt: z.int(),
  state: z.enum(['open', 'ended', 'closed']),
  charge_class: z.enum(CHARGE_CLASSES).nullable(),
  fault: z.string().nullable(),
  ...used,
  unmetered: z.boolean().describe('The provider told no usage; our own count stands in.'),
  latency_ms: z.int().nullable(),
  region: z.string().nullable(),
  provider_request_id: z.string().nullable(),
  started_at: instantText,
  ended_at: instantText.nullable(),
  lines: z.array(cardLine).describe('Each meter that was used times its rate on the pinned card.'),
  rounding: exactCredits.describe('What rounding the sum half up to a millionth of a credit added or took.'),
  priced: credits.nullable().describe('The lines and their rounding, charged or not; null: the card has no price.'),
});
export type AttemptBody = z.output<typeof attemptBody>;

export const stepBody = z.object({
  id: z.string().describe('Stable.'),
  step: z.int(),
  iteration: z.int(),
  stage: z.enum(STAGES),
  kind: z.enum(STEP_KINDS),
  model: z.string().nullable().describe('The model that was asked, or null where a tool ran.'),
  tool: z.string().nullable(),
  state: z.enum(['running', 'ended', 'abandoned']),
  charge_class: z.enum(CHARGE_CLASSES).nullable(),
  ...charged,
  written_off: credits.describe('Used and not charged: neither hold nor budget reached so far.'),
  refunded: credits,
  retries: z.int().describe('Attempts beyond the first: retries of the infrastructure, never charged.'),
  refused_calls: z.int().describe('Calls that the model wrote and that are none it may make: none was carried out.'),
  started_at: instantText,
  ended_at: instantText.nullable(),
  paid_from: z.array(capture),
  attempts: z.array(attemptBody),
});
export type StepBody = z.output<typeof stepBody>;

/** What was given back of each step; of the job as a whole under null. */
export type RefundedBySteps = ReadonlyMap<number | null, MicroCredits>;

export function refundedBySteps(refunds: readonly RefundView[]): RefundedBySteps {
  const sums = new Map<number | null, MicroCredits>();
  for (const { stepOrdinal, amount } of refunds.flatMap(({ parts }) => parts)) {
    sums.set(stepOrdinal, add(sums.get(stepOrdinal) ?? ZERO, amount));
  }
  return sums;
}

/** What a step is shown with besides itself. */
export interface StepGround {
  readonly jobId: string;
  readonly card: RateCard;
  readonly refunded: RefundedBySteps;
}

export function stepId(jobId: string, ordinal: number): string {
  return `${jobId}/steps/${ordinal}`;
}

export function toStepBody(step: StepView, { jobId, card, refunded }: StepGround): StepBody {
  return {
    id: stepId(jobId, step.ordinal),
    step: step.ordinal,
    iteration: step.iteration,
    stage: step.stage,
    kind: step.kind,
    model: step.model,
    tool: step.tool,
    state: step.state,
    charge_class: step.chargeClass,
    ...chargedBody(step.charge),
    written_off: formatCredits(step.writtenOff),
    refunded: formatCredits(refunded.get(step.ordinal) ?? ZERO),
    retries: Math.max(0, step.attempts.length - 1),
    refused_calls: step.report.refusedCalls ?? 0,
    started_at: instantToText(step.startedAt),
    ended_at: step.endedAt === null ? null : instantToText(step.endedAt),
    paid_from: step.paidFrom.map((share) => ({ ...shareBody(share), entry_seq: share.seq.toString() })),
    attempts: step.attempts.map((tried) => toAttemptBody(tried, step, card)),
  };
}

export function toAttemptBody(tried: AttemptView, step: StepView, card: RateCard): AttemptBody {
  const reckoned = reckonStep(card, step, tried.meters);
  return {
    attempt: tried.attempt,
    state: tried.state,
    charge_class: tried.chargeClass,
    fault: tried.fault,
    ...usedBody(tried.meters),
    unmetered: tried.unmetered,
    latency_ms: tried.latencyMs,
    region: tried.region,
    provider_request_id: tried.providerRequestId,
    started_at: instantToText(tried.startedAt),
    ended_at: tried.endedAt === null ? null : instantToText(tried.endedAt),
    lines: linesBody(reckoned?.lines ?? []),
    rounding: formatExactCredits(reckoned?.rounding ?? 0n),
    priced: reckoned === null ? null : formatCredits(reckoned.rounded),
  };
}

export function shareBody(share: Pick<LotShare, 'lotId' | 'lotKind' | 'amount'>): z.output<typeof lotShare> {
  return { lot_id: share.lotId, kind: share.lotKind, amount: formatCredits(share.amount) };
}

/** The same lots, each once, with all that it paid. */
export function byLot(shares: readonly LotShare[]): z.output<typeof lotShare>[] {
  const lots = new Map<string, LotShare>();
  for (const share of shares) {
    const known = lots.get(share.lotId);
    lots.set(share.lotId, known === undefined ? share : { ...share, amount: add(known.amount, share.amount) });
  }
  return [...lots.values()].map(shareBody);
}
