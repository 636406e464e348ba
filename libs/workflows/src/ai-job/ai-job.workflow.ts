// Workflows room. One AI request from admission to its one ending: hold, steps, settle. It orders, it decides nothing
// itself: the next step is the domain's word, money is the ledger's.
import type { AdmittedJob, AiJobInput, AiJobResult, RunStepResult } from '@fairmeter/contracts';
import { admitUpdate, PROVIDER_FAULT } from '@fairmeter/contracts';
import type { Ending, EndReason, NextMove, Progress, ProgramState, StepMove } from '@fairmeter/domain';
import { advance, finish, nextMove, NO_PROGRESS, NO_REPORT, unreachable, usualProgram } from '@fairmeter/domain';
import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { ADMIT_PATIENCE_MS } from '../policies.js';
import { runStep, runStepToItsEnd, settleJob } from '../proxies.js';
import { Admission } from './admission.js';
import { JobControl } from './control.js';
import { waitForCredits } from './waiting.js';

export async function aiJob(input: AiJobInput): Promise<AiJobResult> {
  const { resume } = input;
  const admission = new Admission(input, resume && { outcome: 'admitted', job: resume.job });
  setHandler(admitUpdate, (request) => admission.answer(request));
  const control = new JobControl();
  // Cancelled or not, whoever asked gets an answer, and what was set aside gets its one ending.
  const job = await CancellationScope.nonCancellable(() => admittedJob(admission));
  if ('outcome' in job) return job;
  control.begin(job, input.request.accountId);
  const ending = await runSteps(input, { job, control }, resume?.progress ?? NO_PROGRESS);
  control.decide(ending);
  // A cancelled run still settles: what was set aside must not stay so.
  await CancellationScope.nonCancellable(() =>
    settleJob({
      jobId: job.jobId,
      accountId: input.request.accountId,
      workflowId: workflowInfo().workflowId,
      ...ending,
      asOf: Date.now(),
    }),
  );
  control.settled();
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  return { outcome: 'ended', jobId: job.jobId, ...ending };
}

type NotAdmitted = Extract<AiJobResult, { outcome: 'not_admitted' }>;

async function admittedJob(admission: Admission): Promise<AdmittedJob | NotAdmitted> {
  // The request usually comes with the start; only a run that has none yet needs a timer.
  if (!admission.wasAsked) await condition(() => admission.wasAsked, ADMIT_PATIENCE_MS);
  if (!admission.wasAsked) return { outcome: 'not_admitted', why: 'no_request' };
  await condition(() => admission.isDecided);
  const { result } = admission;
  if (result?.outcome === 'admitted') return result.job;
  // The answer must reach whoever asked before the run closes.
  await condition(allHandlersFinished);
  if (admission.broken !== undefined) throw admission.broken;
  return { outcome: 'not_admitted', why: result?.outcome ?? 'no_request' };
}

interface RunningJob {
  readonly job: AdmittedJob;
  readonly control: JobControl;
}

async function runSteps(input: AiJobInput, running: RunningJob, start: Progress): Promise<Ending> {
  const { job, control } = running;
  let progress = start;
  let next = nextMove(stateOf(job, progress));
  while (next.move === 'step') {
    if (workflowInfo().continueAsNewSuggested) {
      // A stop does not follow into the next run, and whoever asked for it waits for this one's end.
      const isQuiet = (): boolean => allHandlersFinished() || control.stopped !== undefined;
      await CancellationScope.nonCancellable(() => condition(isQuiet));
      if (control.stopped !== undefined) return control.stopped;
      await continueAsNew<typeof aiJob>({ ...input, resume: { job, progress } });
    }
    const newsBefore = control.news;
    const result = await tryStep(running, progress, next);
    if ('state' in result) return result;
    if (result.outcome === 'waiting') {
      const ending = await waitForCredits(control, result, newsBefore);
      if (ending === null) continue;
      if (control.stopped !== undefined) return ending;
      next = finish(stateOf(job, progress), ending);
    } else if (result.outcome === 'ended') {
      progress = advance(progress, next, { verdict: result.verdict, report: result.report ?? NO_REPORT });
      next = nextMove(stateOf(job, progress));
    } else next = afterNoStep(stateOf(job, progress), next, result);
  }
  return { state: next.state, reason: next.reason };
}

function stateOf(job: AdmittedJob, progress: Progress): ProgramState {
  const { maxIterations, program = usualProgram(job.botType), zip = false } = job;
  return { program, maxIterations, zip, progress };
}

/** A step that broke to the end, or was cancelled, is the job's ending. */
async function tryStep(running: RunningJob, progress: Progress, step: StepMove): Promise<RunStepResult | Ending> {
  const { jobId, waitMs } = running.job;
  const { stage, kind, iteration, call } = step;
  const { tree } = progress;
  try {
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
    return await running.control.run(() => (waitMs === undefined ? runStep(input) : runStepToItsEnd(input)));
  } catch (error) {
    // Work that is done stays done where only its packing broke.
    return { state: step.ending === undefined ? 'failed' : 'completed_partial', reason: faultOf(error) };
  }
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
      return state.progress.ordinal === 0
        ? { move: 'end', state: 'failed', reason: result.reason }
        : finish(state, { state: 'completed_partial', reason: result.reason });
    case 'provider_refused':
      return { move: 'end', state: 'failed', reason: 'provider_refused' };
    default:
      return unreachable(result);
  }
}
