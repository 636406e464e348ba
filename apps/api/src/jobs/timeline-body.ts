// API room. A job as a visualizer draws it: iterations, steps and attempts in milliseconds since it was made, with what
// they cost, how they ended, where loops were seen, when it waited and what came back.
import type { Instant } from '@fairmeter/domain';
import {
  add,
  CHARGE_CLASSES,
  END_REASONS,
  formatCredits,
  groupBy,
  instantToText,
  LOOP_CAUSES,
  REFUND_LANES,
  refundOriginOf,
  STAGES,
  STEP_KINDS,
  ZERO,
} from '@fairmeter/domain';
import type { PauseView, RefundView, TimelineAttempt, TimelineStep, TimelineView } from '@fairmeter/ledger/reads';
import { z } from 'zod';
import { charged, chargedBody } from './card-lines-body.js';
import { credits, instantText, jobState } from './job-body.js';
import type { FindingBody } from './refund-body.js';
import { toFindingBody } from './refund-body.js';
import { refundedBySteps, stepId } from './step-body.js';

const span = {
  start_ms: z.int().describe('Milliseconds since `origin`.'),
  end_ms: z.int().nullable().describe('Null while it lasts.'),
};

const OUTCOMES = ['running', 'done', 'approved', 'changes_requested', 'faulted', 'stopped'] as const;
const MARKS = ['honest', 'counted', 'repeat', 'refunded', 'found_here'] as const;

const attempt = z.object({
  id: z.string(),
  attempt: z.int(),
  ...span,
  state: z.enum(['open', 'ended', 'closed']),
  charge_class: z.enum(CHARGE_CLASSES).nullable(),
  fault: z.string().nullable(),
});

const step = z.object({
  id: z.string(),
  step: z.int(),
  iteration: z.int(),
  stage: z.enum(STAGES),
  kind: z.enum(STEP_KINDS),
  model: z.string().nullable(),
  tool: z.string().nullable(),
  ...span,
  outcome: z.enum(OUTCOMES),
  charge_class: z.enum(CHARGE_CLASSES).nullable(),
  ...charged,
  refunded: credits,
  marks: z.array(z.object({ finding: z.int(), mark: z.enum(MARKS) })).describe('What loop findings say of the step.'),
  attempts: z.array(attempt),
});
type TimelineStepBody = z.output<typeof step>;

export const timelineBody = z.object({
  job_id: z.string(),
  state: jobState,
  end_reason: z.enum(END_REASONS).nullable(),
  origin: instantText.describe('When the job was made: every `_ms` counts from here.'),
  end_ms: z.int().nullable(),
  max_iterations: z.int(),
  ...charged,
  refunded: credits,
  iterations: z
    .array(
      z.object({
        id: z.string(),
        iteration: z.int(),
        ...span,
        ...charged,
        refunded: credits,
        steps: z.array(z.string()),
      }),
    )
    .describe('Of the steps on this page.'),
  steps: z.array(step),
  pauses: z.array(
    z.object({ id: z.string(), ...span, reason: z.string().nullable(), required: z.string().nullable() }),
  ),
  refunds: z.array(
    z.object({
      id: z.string(),
      at_ms: z.int(),
      lane: z.enum(REFUND_LANES).nullable(),
      finding: z.int().nullable(),
      case_ref: z.string().nullable(),
      amount: credits,
      steps: z.array(z.string()),
    }),
  ),
  loops: z.array(
    z.object({
      id: z.string(),
      finding: z.int(),
      signal: z.string(),
      cause: z.enum(LOOP_CAUSES),
      action: z.string(),
      at_ms: z.int(),
      found_at: z.string(),
      amount: credits,
    }),
  ),
  next_cursor: z.string().nullable(),
});
export type TimelineBody = z.output<typeof timelineBody>;

export function toTimelineBody(view: TimelineView, nextCursor: string | null): TimelineBody {
  const { job } = view;
  const since = sinceOf(job.createdAt);
  const findings = view.findings.map(toFindingBody);
  const refunded = refundedBySteps(view.refunds);
  const marks = marksOf(job.id, findings);
  const steps = view.steps.map((one): TimelineStepBody => ({
    ...stepHeadBody(job.id, one),
    ...spanOf(since, one),
    refunded: formatCredits(refunded.get(one.ordinal) ?? ZERO),
    marks: marks.get(one.ordinal) ?? [],
    attempts: one.attempts.map((tried) => attemptBody(stepId(job.id, one.ordinal), since, tried)),
  }));
  return {
    job_id: job.id,
    state: job.state,
    end_reason: job.endReason,
    origin: instantToText(job.createdAt),
    end_ms: since(job.endedAt),
    max_iterations: job.maxIterations,
    ...chargedBody(job.charge),
    refunded: formatCredits(job.refunded),
    iterations: iterationsBody(view, since),
    steps,
    pauses: view.pauses.map((pause) => pauseBody(job.id, since, pause)),
    refunds: view.refunds.map((refund) => refundMark(job.id, since, refund)),
    loops: findings.map(({ finding, signal, cause, action, found_at_step: at, amount }, index) => ({
      id: `${job.id}/findings/${finding}`,
      finding,
      signal,
      cause,
      action,
      at_ms: since(view.findings[index]?.foundAt ?? job.createdAt) ?? 0,
      found_at: stepId(job.id, at),
      amount,
    })),
    next_cursor: nextCursor,
  };
}

type Since = (at: Instant | null) => number | null;

function sinceOf(origin: Instant): Since {
  return (at) => (at === null ? null : at - origin);
}

interface Lasting {
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
}

function spanOf(since: Since, { startedAt, endedAt }: Lasting): { start_ms: number; end_ms: number | null } {
  return { start_ms: since(startedAt) ?? 0, end_ms: since(endedAt) };
}

function stepHeadBody(jobId: string, one: TimelineStep) {
  return {
    id: stepId(jobId, one.ordinal),
    step: one.ordinal,
    iteration: one.iteration,
    stage: one.stage,
    kind: one.kind,
    model: one.model,
    tool: one.tool,
    outcome: outcomeOf(one),
    charge_class: one.chargeClass,
    ...chargedBody(one.charge),
  } satisfies Partial<TimelineStepBody>;
}

function outcomeOf({ state, chargeClass, verdict }: TimelineStep): TimelineStepBody['outcome'] {
  if (state === 'running') return 'running';
  if (state === 'abandoned') return 'stopped';
  if (chargeClass === 'platform_fault') return 'faulted';
  return verdict === null || verdict === 'go_on' ? 'done' : verdict;
}

function attemptBody(ofStep: string, since: Since, tried: TimelineAttempt): z.output<typeof attempt> {
  return {
    id: `${ofStep}/attempts/${tried.attempt}`,
    attempt: tried.attempt,
    ...spanOf(since, tried),
    state: tried.state,
    charge_class: tried.chargeClass,
    fault: tried.fault,
  };
}

function iterationsBody({ job, steps, refunds }: TimelineView, since: Since): TimelineBody['iterations'] {
  const refunded = refundedBySteps(refunds);
  return [...groupBy(steps, ({ iteration }) => iteration)].map(([iteration, group]) => {
    const ends = group.map(({ endedAt }) => since(endedAt));
    return {
      id: `${job.id}/iterations/${iteration}`,
      iteration,
      start_ms: Math.min(...group.map(({ startedAt }) => since(startedAt) ?? 0)),
      end_ms: ends.includes(null) ? null : Math.max(...ends.map((end) => end ?? 0)),
      ...chargedBody(add(ZERO, ...group.map(({ charge }) => charge))),
      refunded: formatCredits(add(ZERO, ...group.map(({ ordinal }) => refunded.get(ordinal) ?? ZERO))),
      steps: group.map(({ ordinal }) => stepId(job.id, ordinal)),
    };
  });
}

function pauseBody(jobId: string, since: Since, pause: PauseView): TimelineBody['pauses'][number] {
  const text = (name: string): string | null => {
    const value = pause.payload[name];
    return typeof value === 'string' ? value : null;
  };
  return {
    id: `${jobId}/pauses/${pause.seq}`,
    ...spanOf(since, { startedAt: pause.from, endedAt: pause.to }),
    reason: text('reason'),
    required: text('required'),
  };
}

function refundMark(jobId: string, since: Since, refund: RefundView): TimelineBody['refunds'][number] {
  const ordinals = new Set(refund.parts.flatMap(({ stepOrdinal }) => stepOrdinal ?? []));
  const { lane, finding, caseRef } = refundOriginOf(refund.refundKey);
  return {
    id: `${jobId}/refunds/${refund.refundKey}`,
    at_ms: since(refund.at) ?? 0,
    lane,
    finding,
    case_ref: caseRef,
    amount: formatCredits(refund.amount),
    steps: [...ordinals].map((ordinal) => stepId(jobId, ordinal)),
  };
}

type Marks = TimelineStepBody['marks'];

/** A step may be several things to a finding: the last counted occurrence is where it was found, and a repeat. */
function marksOf(jobId: string, findings: readonly FindingBody[]): ReadonlyMap<number, Marks> {
  const marks = new Map<number, Marks>();
  const put = (ordinal: number, finding: number, mark: (typeof MARKS)[number]): void => {
    marks.set(ordinal, [...(marks.get(ordinal) ?? []), { finding, mark }]);
  };
  for (const { finding, first_honest_step: honest, found_at_step: foundAt, ...lists } of findings) {
    const refs = [
      ...(honest === null ? [] : [{ ...honest, mark: 'honest' as const }]),
      ...lists.steps.map((ref) => ({ ...ref, mark: 'counted' as const })),
      ...lists.repeats.map((ref) => ({ ...ref, mark: 'repeat' as const })),
      ...lists.refunded_steps.map((ref) => ({ ...ref, mark: 'refunded' as const })),
    ];
    for (const { job_id: of, step: ordinal, mark } of refs) if (of === jobId) put(ordinal, finding, mark);
    put(foundAt, finding, 'found_here');
  }
  return marks;
}
