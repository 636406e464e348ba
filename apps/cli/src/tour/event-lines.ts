// Tour: from a job event to what the screen shows. Pure. Promises one line per event, and one bar for where the job
// stands.
import { endStates, eventTypes, type JobEvent } from './fields.js';

export interface JobProgress {
  readonly iteration: number;
  readonly maxIterations: number;
  readonly stepsEnded: number;
  readonly chargedSoFar: string;
  readonly stage: string;
  readonly over: boolean;
  /** As the last event named it. */
  readonly state: string;
  /** What came of a loop that was found; empty where none was. */
  readonly loopAction: string;
  readonly refunded: boolean;
}

export const noProgress: JobProgress = {
  iteration: 0,
  maxIterations: 0,
  stepsEnded: 0,
  chargedSoFar: '0.000000',
  stage: '',
  over: false,
  state: 'unknown',
  loopAction: '',
  refunded: false,
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
    state: event.state ?? progress.state,
    loopAction: event.action ?? progress.loopAction,
    refunded: progress.refunded || event.type === eventTypes.refunded,
  };
}

/** A loop is told after the end of its job: first the spending stops, then its cause is looked at. */
export function isToldToTheEnd({ over, state, loopAction, refunded }: JobProgress): boolean {
  if (!over) return false;
  if (state !== endStates.stoppedLoop) return true;
  return loopAction === 'refunded' ? refunded : loopAction !== '';
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
      return `step ${label(event)}${outcomeWord(event)}${chargeWords(event)}`;
    case eventTypes.stepCancelled:
      return `step ${label(event)}cancelled  ${chargeWords(event)}`;
    case eventTypes.attemptFailed:
      return `step ${label(event)}attempt failed: ${event.fault ?? 'unknown fault'}, not charged`;
    case eventTypes.ended:
      return `job ended  ${event.state ?? 'unknown'}${event.endReason === undefined ? '' : ` (${event.endReason})`}`;
    default:
      return moneyLine(event) ?? `${event.type}${event.state === undefined ? '' : `  ${event.state}`}`;
  }
}

/** Of an event that is about credits and no step; undefined for one that is not known. */
function moneyLine(event: JobEvent): string | undefined {
  const { step = '?', reason = 'unknown', available = '?' } = event;
  switch (event.type) {
    case eventTypes.awaitingCredits: {
      const gap = `has ${available}, lacks ${event.shortfall ?? '?'}`;
      return `job waits  step ${step} needs ${credits(event.required)}, ${gap} (${reason})`;
    }
    case eventTypes.budgetChanged:
      return `budget     at most ${credits(event.maxCredits)} from now on, ${event.before ?? '?'} before`;
    case eventTypes.loopFound: {
      const { signal = 'unknown', cause = 'unknown', action = 'unknown' } = event;
      return `loop found ${signal} at step ${step}, cause ${cause}: ${action}`;
    }
    case eventTypes.refunded:
      return `refunded   ${credits(event.amount)} of ${event.charge ?? '?'} charged; ${available} available again`;
    default:
      return undefined;
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

/** Our own checks and builds say red or green, if they do not crash; a turn or a tool call has no verdict to show. */
function outcomeWord({ stage, verdict, chargeClass }: JobEvent): string {
  return word(chargeClass === 'platform_fault', stage === 'check' || stage === 'preview', verdict).padEnd(11);
}

function word(isOurFault: boolean, isJudge: boolean, verdict: string | undefined): string {
  if (isOurFault) return 'our fault';
  if (isJudge && verdict === 'changes_requested') return 'red';
  return isJudge && verdict === 'approved' ? 'green' : 'ended';
}

function chargeWords({ charge, chargedSoFar }: JobEvent): string {
  return `${credits(charge)}, ${credits(chargedSoFar)} so far`;
}

function credits(amount: string | undefined): string {
  return `${amount ?? '?'} credits`;
}
