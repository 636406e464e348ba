// Domain room. A job that runs out of credits between two steps pauses: it lets go of all but the smallest charge it
// still owes, says what it lacks and until when it waits, and goes on by itself when something brings it enough.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { formatCredits, shortfall, smallest } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import { Book } from '../ledger/book.js';
import { heldOf } from '../ledger/hold.js';
import { holdAfresh } from '../ledger/hold-verbs.js';
import { reachOf } from '../ledger/reach.js';
import { instant, instantToText } from '../time/instant.js';
import { closeOpenAttempts } from './attempts.js';
import type { LedgerEvent } from './events.js';
import type { JobPosting } from './facts.js';
import { answerOnly } from './facts.js';
import { hasEnded } from './job.js';
import type { JobWaiting, WaitCode } from './pause.js';
import { waitCauseOf } from './pause.js';
import type { StepGround } from './step-ground.js';

export interface WaitOrder {
  readonly ordinal: number;
  readonly code: WaitCode;
  readonly required: MicroCredits;
  readonly minimumCharge: MicroCredits;
  /** How long one pause may last, as it was settled when the job was admitted. */
  readonly waitMs: number;
}

export type WaitResult =
  | { readonly outcome: 'waiting'; readonly until: number; readonly resetsAt: number | null }
  /** What was lacking has come meanwhile: the step may be tried at once. */
  | { readonly outcome: 'enough' };

export function waitForCredits(ground: StepGround, order: WaitOrder): Outcome<JobPosting<WaitResult>> {
  const { job, hold, at } = ground;
  if (job === null || hold === null) return refuse({ code: 'job_not_found' });
  if (hasEnded(job.state)) return refuse({ code: 'job_ended', state: job.state });
  const book = new Book(ground.snapshot, at, { jobId: job.id, stepOrdinal: null });
  const reach = reachOf(book, { before: hold, payer: hold.payer, limits: book.limits(hold.limitRefs) });
  const cause = waitCauseOf(reach.refusalOf(order.required));
  const hasEnough = order.code === 'debt_outstanding' ? book.debt === 0n : order.required <= reach.amount;
  if (hasEnough || cause === null) return accept(ENOUGH);
  // As far as live lots reach: what is owed at least stays set aside, everything else is for others meanwhile.
  const keep = smallest(shortfall(order.minimumCharge, job.charge), reach.amount);
  const held = holdAfresh(book, { holdId: hold.id, jobId: job.id, target: keep });
  if (!held.ok) return held;
  const before = job.state === 'waiting_credits' ? job.waiting : null;
  const waiting: JobWaiting = {
    since: before?.since ?? at,
    // A pause that was woken for too little is still the same pause.
    until: before?.until ?? instant(at + order.waitMs),
    code: cause.code,
    required: cause.required,
    available: reach.amount,
    resetsAt: cause.resetsAt,
  };
  return accept({
    result: { outcome: 'waiting', until: waiting.until, resetsAt: waiting.resetsAt },
    changes: book.changes(),
    job: { ...job, state: 'waiting_credits', held: keep, waiting },
    steps: [],
    // Whoever still works on a lost attempt comes late: there is nothing set aside for it any more.
    attempts: closeOpenAttempts(ground.attempts, at),
    events: [
      {
        type: 'job.awaiting_credits',
        job_id: job.id,
        step: order.ordinal,
        reason: waiting.code,
        required: formatCredits(waiting.required),
        available: formatCredits(waiting.available),
        shortfall: formatCredits(shortfall(waiting.required, waiting.available)),
        released: formatCredits(shortfall(heldOf(hold), keep)),
        resets_at: waiting.resetsAt === null ? null : instantToText(waiting.resetsAt),
        waits_until: instantToText(waiting.until),
      },
    ],
  });
}

const ENOUGH = answerOnly<WaitResult>({ outcome: 'enough' });

/** A step that begins holds afresh, often less than its predecessor; an end gives back what was not used. */
const MAY_BRING: readonly LedgerEvent['type'][] = [
  'credits.granted',
  'credits.grown',
  'terms.changed',
  'limits.changed',
  'subscription.changed',
  'job.refunded',
  'job.ended',
  'step.started',
  'step.abandoned',
];

const NOTHING = '0.000000';

/** Whether what happened in a scope may let one of its waiting jobs go on. */
export function mayBringCredits(event: { readonly type: string; readonly payload: object }): boolean {
  if (event.type === 'job.awaiting_credits') return 'released' in event.payload && event.payload.released !== NOTHING;
  return (MAY_BRING as readonly string[]).includes(event.type);
}
