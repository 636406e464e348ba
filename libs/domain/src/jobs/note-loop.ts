// Domain room. A loop that was found: the evidence is kept, and what the platform caused goes back at once, within the
// cap and in settled jobs of the thread too; what would pass the cap goes to a person as a whole.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, formatCredits, ZERO } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { ReverseOrder } from '../ledger/lot-verbs.js';
import { applyChanges, NO_CHANGES } from '../ledger/scope.js';
import type { LoopCause, LoopFinding } from '../loops/finding.js';
import type { RefundCap } from '../loops/refund.js';
import { capRefund } from '../loops/refund.js';
import type { JobPosting, LoopFindingFacts } from './facts.js';
import type { LoopAction } from './job.js';
import type { StepRefundGround } from './refund-steps.js';
import { planStepRefund, refundSteps } from './refund-steps.js';

/** What counts against the cap: of the scope, in its window, beside the job itself. */
export interface RefundWindow {
  readonly charged: MicroCredits;
  readonly refunded: MicroCredits;
}

/** A job whose steps may go back, with all of them. */
export type RefundableJob = Pick<StepRefundGround, 'job' | 'hold' | 'steps'>;

export interface LoopGround extends StepRefundGround {
  readonly window: RefundWindow;
  /** Settled jobs of its thread that the same scope paid for. */
  readonly others: readonly RefundableJob[];
}

export interface NoteLoopOrder {
  /** The first, the second … of its job. */
  readonly number: number;
  readonly finding: LoopFinding;
  readonly cap: RefundCap;
  /** Lots of its own for each job that something goes back in. */
  readonly compensationFor: (jobId: string) => ReverseOrder['compensation'];
}

export type NoteLoopResult = {
  readonly action: LoopAction;
  readonly amount: string;
  /** As judged when it was noted; absent from answers of before it was judged again. */
  readonly cause?: LoopCause;
};

export function noteLoop(ground: LoopGround, order: NoteLoopOrder): Outcome<JobPosting<NoteLoopResult>> {
  const { job } = ground;
  if (job === null || ground.hold === null) return refuse({ code: 'job_not_found' });
  const { finding } = order;
  const parts = partsOf(ground, finding);
  const amount = add(ZERO, ...parts.map((part) => part.amount));
  const action = actionOn(ground, order, { amount, charge: job.charge });
  const noted: LoopFindingFacts = {
    jobId: job.id,
    number: order.number,
    signal: finding.signal,
    cause: finding.cause,
    action,
    foundAtStep: finding.foundAt.ordinal,
    amount: action === 'refunded' ? amount : ZERO,
    evidence: finding,
    foundAt: ground.at,
  };
  const refunded = action === 'refunded' ? refundAll(ground, order, parts) : accept(NOTHING_MOVES);
  if (!refunded.ok) return refunded;
  const { events, jobs, ...moved } = refunded.value;
  return accept({
    result: { action, amount: formatCredits(noted.amount), cause: finding.cause },
    ...moved,
    job: jobs.find(({ id }) => id === job.id) ?? null,
    otherJobs: jobs.filter(({ id }) => id !== job.id),
    attempts: [],
    findings: [noted],
    events: [
      {
        type: 'loop.found',
        job_id: job.id,
        signal: finding.signal,
        cause: finding.cause,
        action,
        step: finding.foundAt.ordinal,
        steps: finding.steps.filter((step) => step.jobId === job.id).map((step) => step.ordinal),
        amount: formatCredits(noted.amount),
      },
      ...events,
    ],
  });
}

/** What goes back in one job. */
interface Part {
  readonly from: RefundableJob;
  readonly ordinals: readonly number[];
  readonly amount: MicroCredits;
}

/** Of the jobs that the steps to give back are in, those that have something left to give back. */
function partsOf(ground: LoopGround, finding: LoopFinding): readonly Part[] {
  return [ground, ...ground.others]
    .map((from) => {
      const own = finding.refundableSteps.filter((step) => step.jobId === from.job?.id);
      const ordinals = own.map((step) => step.ordinal);
      const amount = planStepRefund({ ...ground, ...from }, ordinals)?.refund.amount ?? ZERO;
      return { from, ordinals, amount };
    })
    .filter(({ amount }) => amount > 0n);
}

interface Moved extends Pick<JobPosting<object>, 'changes' | 'steps' | 'events'> {
  readonly jobs: readonly NonNullable<JobPosting<object>['job']>[];
}

const NOTHING_MOVES: Moved = { changes: NO_CHANGES, jobs: [], steps: [], events: [] };

/** One job after the other, each on what the one before left of the scope; all of it is one operation. */
function refundAll(ground: LoopGround, { compensationFor }: NoteLoopOrder, parts: readonly Part[]): Outcome<Moved> {
  let moved = NOTHING_MOVES;
  let { snapshot } = ground;
  for (const { from, ordinals } of parts) {
    const compensation = compensationFor(from.job?.id ?? '');
    const refunded = refundSteps(
      { ...ground, ...from, snapshot },
      { ordinals, form: 'origin_while_live', compensation },
    );
    if (!refunded.ok) return refunded;
    const { changes, job, steps, events } = refunded.value;
    snapshot = applyChanges(snapshot, changes);
    moved = {
      changes: bothOf(moved.changes, changes),
      jobs: job === null ? moved.jobs : [...moved.jobs, job],
      steps: [...moved.steps, ...steps],
      events: [...moved.events, ...events],
    };
  }
  return accept(moved);
}

type Changes = Moved['changes'];

/** The later of two rows with one id is the one that is written. */
function bothOf(first: Changes, then: Changes): Changes {
  return {
    debt: then.debt ?? first.debt,
    lots: [...first.lots, ...then.lots],
    holds: [...first.holds, ...then.holds],
    counters: [...first.counters, ...then.counters],
    entries: [...first.entries, ...then.entries],
    terms: {
      rows: [...first.terms.rows, ...then.terms.rows],
      limits: [...first.terms.limits, ...then.terms.limits],
      dayOpened: then.terms.dayOpened ?? first.terms.dayOpened,
    },
  };
}

function actionOn(
  { window }: LoopGround,
  { finding, cap }: NoteLoopOrder,
  { amount, charge }: { readonly amount: MicroCredits; readonly charge: MicroCredits },
): LoopAction {
  switch (finding.remedy) {
    case 'record':
      return 'recorded';
    case 'offer_review':
      return 'stopped';
    case 'open_review':
      return 'review';
    case 'refund': {
      if (amount === 0n) return 'nothing_to_refund';
      const asked = { amount, charged: add(window.charged, charge), alreadyRefunded: window.refunded, cap };
      return capRefund(asked) === 'refund' ? 'refunded' : 'review';
    }
  }
}
