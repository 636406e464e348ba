// Workflows room. The steps of a job, one after the other: pauses where credits lack, goes on as a new run where its
// history grows long, and stops the spending where a loop shows.
import type { AdmittedJob, AiJobInput, AiJobResult, JobEnding, RunStepResult } from '@fairmeter/contracts';
import { PROVIDER_FAULT } from '@fairmeter/contracts';
import type { Ending, EndReason, NextMove, NoteLoopResult, Progress, ProgramState, StepMove } from '@fairmeter/domain';
import { advance, finish, nextMove, NO_REPORT, passOver, unreachable, usualProgram } from '@fairmeter/domain';
import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  patched,
  workflowInfo,
} from '@temporalio/workflow';
import { PACK_BEFORE_ENDING } from '../patches.js';
import { noteLoop, runStep, runStepAtOnce, runStepToItsEnd } from '../proxies.js';
import type { JobControl } from './control.js';
import type { FoundLoop, Loops } from './loops.js';
import { waitForCredits } from './waiting.js';

/** One run of a job: what it was asked, where it begins, who may stop it, and what watches it. */
export interface Run {
  readonly input: AiJobInput;
  readonly job: AdmittedJob;
  readonly control: JobControl;
  readonly loops: Loops;
  readonly progress: Progress;
}

/** The workflow's own type, as its next run is started. */
type AiJob = (input: AiJobInput) => Promise<AiJobResult>;

export interface Ended {
  readonly ending: JobEnding;
  /** The loop that is written down once the job has settled. */
  readonly stoppedBy: FoundLoop | null;
}

const STOPPED: Ending = { state: 'stopped_loop', reason: 'loop_detected' };

export async function runSteps(run: Run): Promise<Ended> {
  const { job, control } = run;
  let { progress } = run;
  let next = nextMove(stateOf(job, progress));
  let stoppedBy: FoundLoop | null = null;
  // Set once something else than the program ends the job: all that may follow is packing what is there.
  let isClosing = false;
  while (next.move === 'step') {
    const step: StepMove = next;
    const mayRenew = !isClosing && workflowInfo().continueAsNewSuggested;
    const stopped = mayRenew ? await renewed(run, progress) : undefined;
    const stop: JobEnding | undefined = stopped ?? (isClosing || step.ending ? undefined : control.stopped);
    const newsBefore = control.news;
    const result: RunStepResult | JobEnding = stop ?? (await tryStep(run, progress, step));
    if ('state' in result) {
      next = closing(stateOf(job, progress), step, result);
      isClosing = true;
    } else if (result.outcome === 'waiting') {
      const ending = await waitForCredits(control, result, newsBefore);
      if (ending === null) continue;
      const state = stateOf(job, progress);
      next = control.stopped === undefined ? finish(state, ending) : closing(state, step, ending);
      isClosing = true;
    } else if (result.outcome === 'ended') {
      progress = advance(progress, step, { verdict: result.verdict, report: result.report ?? NO_REPORT });
      next = nextMove(stateOf(job, progress));
      const found: FoundLoop | null = stoppedBy === null ? run.loops.observe({ step, next, progress, result }) : null;
      if (found?.finding.remedy === 'record') await noteFound(run, found);
      else if (found !== null) {
        // First the spending stops, then the cause is looked at (F10): all that may follow is packing what is there.
        stoppedBy = found;
        isClosing = true;
        next = finish(stateOf(job, progress), STOPPED);
      }
    } else {
      next = afterNoStep(stateOf(job, progress), step, result);
      isClosing = true;
    }
    // What has not ended may have begun all the same, in a try that was lost: what is packed takes no number of it.
    if (!('outcome' in result && result.outcome === 'ended')) progress = passOver(progress);
  }
  return { ending: { state: next.state, reason: next.reason }, stoppedBy };
}

/**
 * Whoever paid for files gets them, however their job ends; one who cancels wants an end and nothing else. What broke
 * on our side would break the packing as well, and hold up the end as long again: the files can be read even so.
 */
function closing(state: ProgramState, step: StepMove, ending: Ending): NextMove {
  const isOver = step.ending !== undefined || ending.state === 'cancelled' || ending.reason === 'platform_failed';
  return isOver ? { move: 'end', ...ending } : packedFirst(state, ending);
}

/** Jobs of before it existed end as they did. */
function packedFirst(state: ProgramState, ending: Ending): NextMove {
  const next = finish(state, ending);
  return next.move === 'end' || patched(PACK_BEFORE_ENDING) ? next : { move: 'end', ...ending };
}

/** Goes on as a new run where the history has grown long; the ending of a job that was stopped meanwhile. */
async function renewed({ input, control, loops }: Run, progress: Progress): Promise<JobEnding | undefined> {
  // A stop does not follow into the next run, and whoever asked for it waits for this one's end.
  const isQuiet = (): boolean => allHandlersFinished() || control.stopped !== undefined;
  await CancellationScope.nonCancellable(() => condition(isQuiet));
  if (control.stopped !== undefined) return control.stopped;
  return continueAsNew<AiJob>({ ...input, resume: { progress, ...loops.carried() } });
}

export async function noteFound({ input, job }: Run, { number, finding }: FoundLoop): Promise<NoteLoopResult> {
  const { accountId } = input.request;
  return CancellationScope.nonCancellable(() =>
    noteLoop({ jobId: job.jobId, accountId, number, finding, asOf: Date.now() }),
  );
}

function stateOf(job: AdmittedJob, progress: Progress): ProgramState {
  const { maxIterations, program = usualProgram(job.botType), zip = false } = job;
  return { program, maxIterations, zip, progress };
}

/** A step that broke to the end, or a job that was stopped, is the job's ending. */
async function tryStep({ job, control }: Run, progress: Progress, step: StepMove): Promise<RunStepResult | JobEnding> {
  const { jobId, waitMs } = job;
  const { stage, kind, iteration, call } = step;
  const { tree } = progress;
  const input = {
    jobId,
    ordinal: progress.ordinal + 1,
    iteration,
    stage,
    kind,
    asOf: Date.now(),
    ...(call === undefined ? {} : { call }),
    ...(tree === undefined ? {} : { tree }),
    // Packing is part of an ending, and no ending waits.
    ...(waitMs === undefined || step.ending !== undefined ? {} : { waitMs }),
  };
  try {
    // What the answer promised stands in the history, so a job of before goes on as it began.
    const isAtOnce = call !== undefined && progress.calls?.atOnce === true;
    const asUsual = waitMs === undefined ? runStep : runStepToItsEnd;
    return await control.run(() => (isAtOnce ? runStepAtOnce : asUsual)(input), step.ending !== undefined);
  } catch (error) {
    return brokenEnding(step.ending, faultOf(error));
  }
}

/** Work that is done stays done where only its packing broke; what ended it otherwise stays its reason. */
function brokenEnding(packing: Ending | undefined, reason: EndReason): Ending {
  if (packing === undefined) return { state: 'failed', reason };
  return packing.state === 'completed' ? { state: 'completed_partial', reason } : packing;
}

/** A provider that failed to the end is named; everything else that broke is ours, and reads so. */
function faultOf(error: unknown): EndReason {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === PROVIDER_FAULT ? 'provider_failed' : 'platform_failed';
}

type NoStep = Exclude<RunStepResult, { outcome: 'ended' | 'waiting' }>;

/** What was done before a job runs dry is kept: it is partial, not failed, and its files are packed. */
function afterNoStep(state: ProgramState, step: StepMove, result: NoStep): NextMove {
  switch (result.outcome) {
    case 'not_held':
      if (step.ending !== undefined) return { move: 'end', ...step.ending };
      // A deadline ends a job in one way, whoever notices first that it has passed.
      return state.progress.ordinal === 0 && result.reason !== 'deadline_reached'
        ? { move: 'end', state: 'failed', reason: result.reason }
        : finish(state, { state: 'completed_partial', reason: result.reason });
    case 'provider_refused':
      return packedFirst(state, { state: 'failed', reason: 'provider_refused' });
    default:
      return unreachable(result);
  }
}
