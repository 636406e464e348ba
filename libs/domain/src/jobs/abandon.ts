// Domain room. A step that its bot began and never ended: once an attempt may last no longer it is let go, uncharged,
// and what was set aside for it goes back. Should its end still come, it comes late.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { formatCredits, largest, shortfall, subtract, ZERO } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import { Book } from '../ledger/book.js';
import { heldOf } from '../ledger/hold.js';
import { holdAfresh } from '../ledger/hold-verbs.js';
import { reachOf } from '../ledger/reach.js';
import type { JobPosting } from './facts.js';
import { answerOnly } from './facts.js';
import { hasEnded } from './job.js';
import type { StepGround } from './step-ground.js';

export interface AbandonOrder {
  readonly ordinal: number;
  readonly attempt: number;
  /** What stays set aside for other steps of the job that are under way. */
  readonly heldByOthers: MicroCredits;
  readonly minimumCharge: MicroCredits;
}

/** Late: it had ended, or its job had, before it was let go. */
export interface AbandonResult {
  readonly outcome: 'abandoned' | 'late';
}

const ABANDONED = 'abandoned';

export function abandonStep(ground: StepGround, order: AbandonOrder): Outcome<JobPosting<AbandonResult>> {
  const { job, step, hold, at } = ground;
  if (job === null || step === null || hold === null) return refuse({ code: 'job_not_found' });
  const attempt = ground.attempts.find(({ number }) => number === order.attempt);
  if (attempt?.state !== 'open' || hasEnded(job.state)) return accept(LATE);
  const book = new Book(ground.snapshot, at, { jobId: job.id, stepOrdinal: order.ordinal });
  const reach = reachOf(book, { before: hold, payer: hold.payer, limits: book.limits(hold.limitRefs) });
  const forSteps = job.reserve === 'full' ? subtract(job.maxCredits, job.charge) : order.heldByOthers;
  const target = largest(forSteps, shortfall(order.minimumCharge, job.charge));
  const before = heldOf(hold);
  // Where live lots do not reach for the others any more, theirs stays where it is until the next step begins.
  const isFreed = target < before && target <= reach.amount;
  if (isFreed) {
    const held = holdAfresh(book, { holdId: hold.id, jobId: job.id, target });
    if (!held.ok) return held;
  }
  const held = isFreed ? target : before;
  return accept({
    result: { outcome: 'abandoned' },
    changes: book.changes(),
    job: { ...job, held },
    steps: [{ ...step, state: 'abandoned', chargeClass: 'user_fault', endedAt: at }],
    attempts: [{ ...attempt, state: 'closed', chargeClass: 'user_fault', fault: ABANDONED, endedAt: at }],
    events: [
      {
        type: 'step.abandoned',
        job_id: job.id,
        step: step.ordinal,
        iteration: step.iteration,
        stage: step.stage,
        kind: step.kind,
        attempt: attempt.number,
        charge: formatCredits(ZERO),
        released: formatCredits(subtract(before, held)),
      },
    ],
  });
}

const LATE = answerOnly<AbandonResult>({ outcome: 'late' });
