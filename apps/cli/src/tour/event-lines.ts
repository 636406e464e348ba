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

export function advance(progress: JobProgress, event: JobEvent): JobProgress {
  return {
    iteration: Math.max(progress.iteration, event.iteration ?? 0),
    maxIterations: event.maxIterations ?? progress.maxIterations,
    stepsEnded: progress.stepsEnded + (event.type === eventTypes.stepEnded ? 1 : 0),
    chargedSoFar: event.chargedSoFar ?? progress.chargedSoFar,
    stage: event.stage ?? progress.stage,
    over: progress.over || event.type === eventTypes.ended,
  };
}

export function eventLine(event: JobEvent): string {
  switch (event.type) {
    case eventTypes.accepted:
      return 'accepted   credits are held for the first step';
    case eventTypes.stepStarted:
      return `step ${label(event)}started`;
    case eventTypes.stepEnded:
      return `step ${label(event)}ended      ${credits(event.charge)}, ${credits(event.chargedSoFar)} so far`;
    case eventTypes.attemptFailed:
      return `step ${label(event)}attempt failed: ${event.fault ?? 'unknown fault'}, not charged`;
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

function credits(amount: string | undefined): string {
  return `${amount ?? '?'} credits`;
}
