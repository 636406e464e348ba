// Domain room. A loop that was found: the evidence is kept, and what the platform caused goes back at once, within the
// cap; what would pass the cap goes to a person as a whole.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, formatCredits, ZERO } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept, refuse } from '../failures/refusal.js';
import type { ReverseOrder } from '../ledger/lot-verbs.js';
import { NO_CHANGES } from '../ledger/scope.js';
import type { LoopFinding } from '../loops/finding.js';
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

export interface LoopGround extends StepRefundGround {
  readonly window: RefundWindow;
}

export interface NoteLoopOrder {
  /** The first, the second … of its job. */
  readonly number: number;
  readonly finding: LoopFinding;
  readonly cap: RefundCap;
  readonly compensation: ReverseOrder['compensation'];
}

export type NoteLoopResult = { readonly action: LoopAction; readonly amount: string };

export function noteLoop(ground: LoopGround, order: NoteLoopOrder): Outcome<JobPosting<NoteLoopResult>> {
  const { job } = ground;
  if (job === null || ground.hold === null) return refuse({ code: 'job_not_found' });
  const { finding, compensation } = order;
  const ordinals = finding.repeats.filter((step) => step.jobId === job.id).map((step) => step.ordinal);
  const amount = planStepRefund(ground, ordinals)?.refund.amount ?? ZERO;
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
  const refunded =
    action === 'refunded' && amount > 0n
      ? refundSteps(ground, { ordinals, form: 'origin_while_live', compensation })
      : accept<Pick<JobPosting<object>, 'changes' | 'job' | 'steps' | 'events'>>({
          changes: NO_CHANGES,
          job: null,
          steps: [],
          events: [],
        });
  if (!refunded.ok) return refunded;
  const { changes, steps, events } = refunded.value;
  return accept({
    result: { action, amount: formatCredits(noted.amount) },
    changes,
    job: refunded.value.job,
    steps,
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
        steps: finding.steps.map((step) => step.ordinal),
        amount: formatCredits(noted.amount),
      },
      ...events,
    ],
  });
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
      const asked = { amount, charged: add(window.charged, charge), alreadyRefunded: window.refunded, cap };
      return capRefund(asked) === 'refund' ? 'refunded' : 'review';
    }
  }
}
