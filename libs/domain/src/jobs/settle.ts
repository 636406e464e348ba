// Domain room. The one ending of a job: the exact charge stands, the rest goes back, in one posting (F6).
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, formatCredits, formatMicroCredits, ZERO } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import { Book } from '../ledger/book.js';
import type { Hold } from '../ledger/hold.js';
import { capture, endHold } from '../ledger/hold-verbs.js';
import type { ScopeSnapshot } from '../ledger/scope.js';
import { minimumLine } from '../pricing/charge.js';
import type { Instant } from '../time/instant.js';
import { closeOpenAttempts } from './attempts.js';
import type { AttemptFacts, JobFacts, JobPosting, Share, StepFacts } from './facts.js';
import { shareOf } from './shares.js';
import type { EndedJobState, EndReason } from './job.js';
import { hasEnded } from './job.js';

export interface SettleGround {
  readonly snapshot: ScopeSnapshot;
  readonly at: Instant;
  readonly job: JobFacts | null;
  readonly hold: Hold | null;
  readonly runningSteps: readonly StepFacts[];
  readonly openAttempts: readonly AttemptFacts[];
}

export interface SettleOrder {
  readonly state: EndedJobState;
  readonly reason: EndReason;
  readonly minimumCharge: MicroCredits;
}

export interface SettleResult {
  readonly charge: string;
}

export function settle(ground: SettleGround, order: SettleOrder): Outcome<JobPosting<SettleResult>> {
  const { job, hold, at } = ground;
  if (job === null || hold === null) return refuse({ code: 'job_not_found' });
  if (hasEnded(job.state)) return refuse({ code: 'job_ended', state: job.state });
  const book = new Book(ground.snapshot, at, { jobId: job.id, stepOrdinal: null });
  const topUp = minimumLine(order.minimumCharge, job.charge, job.billableSteps > 0);
  let minimumCharge: MicroCredits = ZERO;
  let minimumPaidFrom: readonly Share[] = [];
  let writtenOff = job.writtenOff;
  if (topUp > 0n) {
    const captured = capture(book, { holdId: hold.id, amount: topUp, mayOverrunBy: ZERO });
    if (!captured.ok) return captured;
    minimumCharge = captured.value.paid;
    minimumPaidFrom = captured.value.paidFrom.map(shareOf);
    writtenOff = add(writtenOff, captured.value.writtenOff);
  }
  const charge = add(job.charge, minimumCharge);
  const ended = endHold(book, hold.id, charge > 0n ? 'settled' : 'released');
  if (!ended.ok) return ended;
  return accept({
    result: { charge: formatMicroCredits(charge) },
    changes: book.changes(),
    job: {
      ...job,
      state: order.state,
      endReason: order.reason,
      charge,
      minimumCharge,
      minimumPaidFrom,
      writtenOff,
      held: ZERO,
      waiting: null,
      startedAt: job.startedAt ?? at,
      endedAt: at,
    },
    steps: ground.runningSteps.map((step) => ({ ...step, state: 'abandoned', endedAt: at })),
    attempts: closeOpenAttempts(ground.openAttempts, at),
    events: [
      {
        type: 'job.ended',
        job_id: job.id,
        state: order.state,
        end_reason: order.reason,
        charge: formatCredits(charge),
        iterations: job.iteration,
        steps: job.stepsEnded,
        available: formatCredits(book.availableToAll),
      },
    ],
  });
}
