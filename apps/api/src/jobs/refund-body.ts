// API room. What came back of a job's charge, and the loops that were found in it with their evidence (F12).
import {
  add,
  formatCredits,
  groupBy,
  instantToText,
  LOOP_ACTIONS,
  LOOP_CAUSES,
  REFUND_LANES,
  refundOriginOf,
  showCharge,
  ZERO,
} from '@fairmeter/domain';
import type { FindingView, RefundView } from '@fairmeter/ledger/reads';
import { z } from 'zod';
import { shownCredits } from './card-lines-body.js';
import { credits, instantText } from './job-body.js';
import { lotShare, shareBody } from './step-body.js';

const refundPart = lotShare.extend({
  step: z.int().nullable().describe('The step whose charge it was; null stands for the job as a whole.'),
  entry_seq: z.string(),
});

export const refundBody = z.object({
  key: z.string().describe('Unique inside the job.'),
  lane: z.enum(REFUND_LANES).nullable().describe('Who decided: the platform by itself, support, or a review.'),
  finding: z.int().nullable().describe('The loop finding that it returns the repeats of.'),
  case_ref: z.string().nullable().describe('The compensation or the review that decided it.'),
  form: z
    .enum(['origin_while_live', 'compensation'])
    .describe('Back to the lots it came from, or as a lot of its own.'),
  at: instantText,
  amount: credits,
  amount_shown: shownCredits,
  steps: z.array(z.object({ step: z.int().nullable(), amount: credits })).describe('What came back of which step.'),
  to_lots: z.array(refundPart),
});
export type RefundBody = z.output<typeof refundBody>;

export function toRefundBody({ refundKey, form, at, amount, parts }: RefundView): RefundBody {
  const { lane, finding, caseRef } = refundOriginOf(refundKey);
  const ofSteps = groupBy(parts, ({ stepOrdinal }) => stepOrdinal ?? 0);
  return {
    key: refundKey,
    lane,
    finding,
    case_ref: caseRef,
    form,
    at: instantToText(at),
    amount: formatCredits(amount),
    amount_shown: showCharge(amount),
    steps: [...ofSteps].map(([ordinal, own]) => ({
      step: ordinal === 0 ? null : ordinal,
      amount: formatCredits(add(ZERO, ...own.map((part) => part.amount))),
    })),
    to_lots: parts.map((part) => ({ ...shareBody(part), step: part.stepOrdinal, entry_seq: part.seq.toString() })),
  };
}

const stepRef = z.object({ job_id: z.string(), step: z.int() });

export const findingBody = z.object({
  finding: z.int(),
  code: z.string().describe('`loop_` and the signal.'),
  signal: z.string(),
  subject: z.string().nullable().describe('The tool or check that repeats.'),
  fingerprint: z.string().nullable().describe('The hash of the call or error that repeats.'),
  threshold: z.int().nullable(),
  period: z.int().nullable().describe('Of an alternation.'),
  cause: z.enum(LOOP_CAUSES),
  confidence: z.string().nullable(),
  action: z.enum(LOOP_ACTIONS).describe('`nothing_to_refund`: it was ours, and its repeats were charged nothing.'),
  found_at_step: z.int(),
  found_at: instantText,
  first_honest_step: stepRef.nullable().describe('Charged whatever the cause.'),
  steps: z.array(stepRef).describe('The counted occurrences, in order.'),
  repeats: z.array(stepRef).describe('Charged steps after the first honest one.'),
  refunded_steps: z.array(stepRef),
  incidents: z.array(z.string()).describe('Those in whose window its repeats lie, where that made it ours.'),
  amount: credits,
});
export type FindingBody = z.output<typeof findingBody>;

// Evidence is read as it was written down, also by a release that wrote less of it: what is missing shows as missing.
const storedRef = z
  .object({ jobId: z.string(), ordinal: z.int() })
  .transform(({ jobId, ordinal }) => ({ job_id: jobId, step: ordinal }));
const storedEvidence = z.object({
  subject: z.string().nullable().catch(null),
  fingerprint: z.string().nullable().catch(null),
  threshold: z.int().nullable().catch(null),
  period: z.int().nullable().catch(null),
  confidence: z.string().nullable().catch(null),
  firstHonestStep: storedRef.nullable().catch(null),
  steps: z.array(storedRef).catch([]),
  repeats: z.array(storedRef).catch([]),
  refundableSteps: z.array(storedRef).catch([]),
  incidents: z.array(z.string()).catch([]),
});

export function toFindingBody(found: FindingView): FindingBody {
  const { firstHonestStep, refundableSteps, ...evidence } = storedEvidence.parse(found.evidence);
  return {
    finding: found.number,
    code: `loop_${found.signal}`,
    signal: found.signal,
    ...evidence,
    cause: found.cause,
    action: found.action,
    found_at_step: found.foundAtStep,
    found_at: instantToText(found.foundAt),
    first_honest_step: firstHonestStep,
    refunded_steps: found.action === 'refunded' ? refundableSteps : [],
    amount: formatCredits(found.amount),
  };
}
