// Tour: what it reads of a job and its events. The names of their JSON fields stand here alone, those of its cost in
// `cost-fields.ts`; everything else of the tour works on these types.
import { compact, parsed, record, text, whole } from './json.js';

export interface JobEvent {
  /** SSE id, to resume from. */
  readonly id: string;
  readonly type: string;
  readonly iteration?: number;
  readonly maxIterations?: number;
  readonly step?: number;
  readonly stage?: string;
  readonly charge?: string;
  readonly chargedSoFar?: string;
  readonly state?: string;
  readonly endReason?: string;
  readonly fault?: string;
  readonly verdict?: string;
  readonly chargeClass?: string;
  /** Of a pause: why, what was lacking, and what the pause gave back. */
  readonly reason?: string;
  readonly required?: string;
  readonly available?: string;
  readonly shortfall?: string;
  readonly released?: string;
  readonly waitsUntil?: string;
  /** Of a budget: as it is now, and as it was. */
  readonly maxCredits?: string;
  readonly before?: string;
  /** Of a loop. */
  readonly signal?: string;
  readonly cause?: string;
  readonly action?: string;
  /** Given back, or to be. */
  readonly amount?: string;
}

export interface AcceptedJob {
  readonly id: string;
  readonly state: string;
  readonly replayed: boolean;
  readonly events: string;
  readonly cost: string;
  readonly explain: string;
  readonly artefact: string;
}

/** The states in which the jobs of the tour end. */
export const endStates = { completed: 'completed', stoppedLoop: 'stopped_loop' } as const;

export const eventTypes = {
  accepted: 'job.accepted',
  stepStarted: 'step.started',
  stepEnded: 'step.ended',
  stepCancelled: 'step.cancelled',
  attemptFailed: 'attempt.failed',
  awaitingCredits: 'job.awaiting_credits',
  budgetChanged: 'job.budget_changed',
  loopFound: 'loop.found',
  refunded: 'job.refunded',
  ended: 'job.ended',
} as const;

export function toAcceptedJob(body: unknown): AcceptedJob {
  const job = record(body);
  const links = record(job['links']);
  const id = text(job['id']) ?? '';
  const cost = text(links['cost']) ?? `/v1/jobs/${id}/cost`;
  return {
    id,
    state: text(job['state']) ?? 'unknown',
    replayed: job['replayed'] === true,
    events: text(links['events']) ?? `/v1/jobs/${id}/events`,
    cost,
    explain: `${cost}/explain`,
    artefact: `/v1/jobs/${id}/artefact`,
  };
}

export function toJobEvent(id: string, type: string, data: string): JobEvent {
  const fields = record(parsed(data));
  return compact({
    id,
    type,
    iteration: whole(fields['iteration']),
    maxIterations: whole(fields['max_iterations']),
    step: whole(fields['step']),
    stage: text(fields['stage']),
    charge: text(fields['charge']),
    // The end of a job names the whole charge only.
    chargedSoFar: text(fields['charged_so_far']) ?? (type === eventTypes.ended ? text(fields['charge']) : undefined),
    state: text(fields['state']),
    endReason: text(fields['end_reason']),
    fault: text(fields['fault']),
    verdict: text(fields['verdict']),
    chargeClass: text(fields['charge_class']),
    reason: text(fields['reason']),
    required: text(fields['required']),
    available: text(fields['available']),
    shortfall: text(fields['shortfall']),
    released: text(fields['released']),
    waitsUntil: text(fields['waits_until']),
    maxCredits: text(fields['max_credits']),
    before: text(fields['before']),
    signal: text(fields['signal']),
    cause: text(fields['cause']),
    action: text(fields['action']),
    amount: text(fields['amount']),
  });
}
