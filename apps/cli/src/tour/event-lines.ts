// Tour: from a job event to what the screen shows. Pure. Promises one line per event, and one bar for where the job
// stands.
import { eventTypes, type JobEvent } from './fields.js';

export interface JobProgress {
  readonly iteration: number;
  readonly maxIterations: number;
  readonly stepsEnded: number;
  readonly chargedSoFar: string;
  readonly stage: string;
  readonly over: boolean;
}

export const noProgress: JobProgress = {
  iteration: 0,
  maxIterations: 0,
  stepsEnded: 0,
  chargedSoFar: '0.000000',
  stage: '',
  over: false,
};

const waitingStage = 'waiting for credits';

export function isWaiting(progress: JobProgress): boolean {
  return !progress.over && progress.stage === waitingStage;
}

export function advance(progress: JobProgress, event: JobEvent): JobProgress {
  return {
    iteration: Math.max(progress.iteration, event.iteration ?? 0),
    maxIterations: event.maxIterations ?? progress.maxIterations,
    stepsEnded: progress.stepsEnded + (endsStep(event) ? 1 : 0),
    chargedSoFar: event.chargedSoFar ?? progress.chargedSoFar,
    stage: event.type === eventTypes.awaitingCredits ? waitingStage : (event.stage ?? progress.stage),
    over: progress.over || event.type === eventTypes.ended,
  };
}

function endsStep({ type }: JobEvent): boolean {
  return type === eventTypes.stepEnded || type === eventTypes.stepCancelled;
}

export function eventLine(event: JobEvent): string {
  switch (event.type) {
    case eventTypes.accepted:
      return 'accepted   credits are held for the first step';
    case eventTypes.stepStarted:
      return `step ${label(event)}started`;
    case eventTypes.stepEnded:
      return `step ${label(event)}${verdictWord(event)}${credits(event.charge)}, ${credits(event.chargedSoFar)} so far`;
    case eventTypes.stepCancelled:
      return `step ${label(event)}cancelled  ${credits(event.charge)}, ${credits(event.chargedSoFar)} so far`;
    case eventTypes.attemptFailed:
      return `step ${label(event)}attempt failed: ${event.fault ?? 'unknown fault'}, not charged`;
    case eventTypes.awaitingCredits:
      return (
        `job waits  step ${event.step ?? '?'} needs ${credits(event.required)}, ${event.available ?? '?'} are there: ` +
        `${event.shortfall ?? '?'} lacking (${event.reason ?? 'unknown'})`
      );
    case eventTypes.budgetChanged:
      return `budget     at most ${credits(event.maxCredits)} from now on, ${event.before ?? '?'} before`;
    case eventTypes.loopFound:
      return `loop found ${event.signal ?? 'unknown'} at step ${event.step ?? '?'}, cause ${event.cause ?? 'unknown'}: ${event.action ?? 'unknown'}`;
    case eventTypes.refunded:
      return `refunded   ${credits(event.amount)} of ${event.charge ?? '?'} charged; ${event.available ?? '?'} available again`;
    case eventTypes.ended:
      return `job ended  ${event.state ?? 'unknown'}${event.endReason === undefined ? '' : ` (${event.endReason})`}`;
    default:
      return `${event.type}${event.state === undefined ? '' : `  ${event.state}`}`;
  }
}

const barWidth = 24;

/** A finished job fills the bar: it needed no more iterations, however many it was allowed. */
export function progressBar(progress: JobProgress): string {
  const share = progress.over ? 1 : progress.maxIterations === 0 ? 0 : progress.iteration / progress.maxIterations;
  const filled = Math.round(Math.min(1, share) * barWidth);
  const bar = `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}]`;
  const most = progress.maxIterations === 0 ? '?' : String(progress.maxIterations);
  const stage = progress.over || progress.stage === '' ? '' : `  ${progress.stage}`;
  const steps = `${progress.stepsEnded} ${progress.stepsEnded === 1 ? 'step' : 'steps'}`;
  return `${bar} iteration ${progress.iteration}/${most}  ${steps}  ${progress.chargedSoFar} credits${stage}`;
}

function label(event: JobEvent): string {
  const number = String(event.step ?? '?').padStart(2);
  const iteration = event.iteration === undefined ? '' : `iteration ${event.iteration}`;
  return `${number}  ${iteration.padEnd(13)}${(event.stage ?? '').padEnd(9)}`;
}

/** Our own checks and builds say red or green; a turn or a tool call ends with no verdict. */
function verdictWord({ stage, verdict }: JobEvent): string {
  const judges = stage === 'check' || stage === 'preview';
  const word = judges && verdict === 'changes_requested' ? 'red' : judges && verdict === 'approved' ? 'green' : 'ended';
  return word.padEnd(11);
}

function credits(amount: string | undefined): string {
  return `${amount ?? '?'} credits`;
}
