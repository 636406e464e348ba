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
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { ADMIT_PATIENCE_MS } from '../policies.js';
import { noteLoop, runStep, settleJob } from '../proxies.js';
import { Admission } from './admission.js';
import type { FoundLoop } from './loops.js';
import { Loops } from './loops.js';

export async function aiJob(input: AiJobInput): Promise<AiJobResult> {
  const { resume } = input;
  const admission = new Admission(input, resume && { outcome: 'admitted', job: resume.job });
  setHandler(admitUpdate, (request) => admission.answer(request));
  // Cancelled or not, whoever asked gets an answer, and what was set aside gets its one ending.
  const job = await CancellationScope.nonCancellable(() => admittedJob(admission));
  if ('outcome' in job) return job;
  const run: Run = { input, job, progress: resume?.progress ?? NO_PROGRESS, loops: new Loops(job, resume?.loops) };
  const { ending, stoppedBy } = await runSteps(run);
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
  if (stoppedBy !== null) await note(run, stoppedBy);
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  return { outcome: 'ended', jobId: job.jobId, ...ending };
}

const CANCELLED: Ending = { state: 'cancelled', reason: 'cancelled' };
const STOPPED: Ending = { state: 'stopped_loop', reason: 'loop_detected' };

/** One run of a job: what it was asked, where it begins, and what watches it. */
interface Run {
  readonly input: AiJobInput;
  readonly job: AdmittedJob;
  readonly progress: Progress;
  readonly loops: Loops;
}

interface Ended {
  readonly ending: Ending;
  readonly stoppedBy: FoundLoop | null;
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

async function runSteps(run: Run): Promise<Ended> {
  const { job, loops } = run;
  let { progress } = run;
  let next = nextMove(stateOf(job, progress));
  let stoppedBy: FoundLoop | null = null;
  while (next.move === 'step') {
    if (workflowInfo().continueAsNewSuggested && stoppedBy === null) {
      await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
      // A request to cancel does not follow into the next run.
      if (CancellationScope.current().consideredCancelled) return { ending: CANCELLED, stoppedBy: null };
      await continueAsNew<typeof aiJob>({ ...run.input, resume: { job, progress, ...loops.snapshot() } });
    }
    const result = await tryStep(job, progress, next);
    if ('state' in result) return { ending: result, stoppedBy };
    if (result.outcome !== 'ended') {
      next = afterNoStep(stateOf(job, progress), next, result);
      continue;
    }
    const step = next;
    progress = advance(progress, step, { verdict: result.verdict, report: result.report ?? NO_REPORT });
    next = nextMove(stateOf(job, progress));
    const found: FoundLoop | null =
      stoppedBy === null ? (loops.observe(step, progress.ordinal, result) ?? atIterationEnd(loops, step, next)) : null;
    if (found?.finding.remedy === 'record') await note(run, found);
    else if (found !== null) {
      // First the spending stops, then the cause is looked at (F10): all that may follow is the packing of what is there.
      stoppedBy = found;
      next = finish(stateOf(job, progress), STOPPED);
    }
  }
  return { ending: { state: next.state, reason: next.reason }, stoppedBy };
}

function atIterationEnd(loops: Loops, step: StepMove, next: NextMove): FoundLoop | null {
  return next.move === 'end' || next.iteration !== step.iteration ? loops.endIteration() : null;
}

async function note({ input, job }: Run, { number, finding }: FoundLoop): Promise<void> {
  const { accountId } = input.request;
  await CancellationScope.nonCancellable(() =>
    noteLoop({ jobId: job.jobId, accountId, number, finding, asOf: Date.now() }),
  );
}

function stateOf(job: AdmittedJob, progress: Progress): ProgramState {
  const { maxIterations, program = usualProgram(job.botType), zip = false } = job;
  return { program, maxIterations, zip, progress };
}

/** A step that broke to the end, or was cancelled, is the job's ending. */
async function tryStep(job: AdmittedJob, progress: Progress, step: StepMove): Promise<RunStepResult | Ending> {
  const { stage, kind, iteration, call } = step;
  const { tree } = progress;
  try {
    return await runStep({
      jobId: job.jobId,
      ordinal: progress.ordinal + 1,
      iteration,
      stage,
      kind,
      asOf: Date.now(),
      ...(call === undefined ? {} : { call }),
      ...(tree === undefined ? {} : { tree }),
    });
  } catch (error) {
    if (isCancellation(error)) return CANCELLED;
    // Work that is done stays done where only its packing broke.
    return { state: step.ending === undefined ? 'failed' : 'completed_partial', reason: faultOf(error) };
  }
}

/** A provider that failed to the end is named; everything else that broke is ours, and reads so. */
function faultOf(error: unknown): EndReason {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === PROVIDER_FAULT ? 'provider_failed' : 'platform_failed';
}

type NoStep = Exclude<RunStepResult, { outcome: 'ended' }>;

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
