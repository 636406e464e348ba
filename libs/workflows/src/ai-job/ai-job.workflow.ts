// Workflows room. One AI request from admission to its one ending: hold, steps, settle. It orders, it decides nothing
// itself: the next step is the domain's word, money is the ledger's.
import type { AdmittedJob, AiJobInput, AiJobResult, AiJobProgress, RunStepResult } from '@fairmeter/contracts';
import { admitUpdate, PROVIDER_FAULT } from '@fairmeter/contracts';
import type { EndedJobState, EndReason } from '@fairmeter/domain';
import { nextMove, unreachable } from '@fairmeter/domain';
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
import { runStep, settleJob } from '../proxies.js';
import { Admission } from './admission.js';

export async function aiJob(input: AiJobInput): Promise<AiJobResult> {
  const { resume } = input;
  const admission = new Admission(input, resume && { outcome: 'admitted', job: resume.job });
  setHandler(admitUpdate, (request) => admission.answer(request));
  // Cancelled or not, whoever asked gets an answer, and what was set aside gets its one ending.
  const job = await CancellationScope.nonCancellable(() => admittedJob(admission));
  if ('outcome' in job) return job;
  const ending = await runSteps(input, job, resume?.progress ?? NO_PROGRESS);
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
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  return { outcome: 'ended', jobId: job.jobId, ...ending };
}

const NO_PROGRESS: AiJobProgress = { ordinal: 0, last: null };

interface Ending {
  readonly state: EndedJobState;
  readonly reason: EndReason;
}

const CANCELLED: Ending = { state: 'cancelled', reason: 'cancelled' };

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

async function runSteps(input: AiJobInput, job: AdmittedJob, start: AiJobProgress): Promise<Ending> {
  let progress = start;
  for (;;) {
    const next = nextMove({ botType: job.botType, maxIterations: job.maxIterations, last: progress.last });
    if (next.move === 'end') return { state: next.state, reason: next.reason };
    if (workflowInfo().continueAsNewSuggested) {
      await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
      // A request to cancel does not follow into the next run.
      if (CancellationScope.current().consideredCancelled) return CANCELLED;
      await continueAsNew<typeof aiJob>({ ...input, resume: { job, progress } });
    }
    const ordinal = progress.ordinal + 1;
    const { stage, kind, iteration } = next;
    let result: RunStepResult;
    try {
      result = await runStep({ jobId: job.jobId, ordinal, iteration, stage, kind, asOf: Date.now() });
    } catch (error) {
      return isCancellation(error) ? CANCELLED : { state: 'failed', reason: faultOf(error) };
    }
    const ending = endingOf(result, ordinal);
    if (ending !== null) return ending;
    if (result.outcome === 'ended') progress = { ordinal, last: { stage, iteration, verdict: result.verdict } };
  }
}

/** A provider that failed to the end is named; everything else that broke is ours, and reads so. */
function faultOf(error: unknown): EndReason {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === PROVIDER_FAULT ? 'provider_failed' : 'platform_failed';
}

/** Null where the job goes on. What was done before a job runs dry is kept: it is partial, not failed. */
function endingOf(result: RunStepResult, ordinal: number): Ending | null {
  switch (result.outcome) {
    case 'ended':
      return null;
    case 'not_held':
      return { state: ordinal === 1 ? 'failed' : 'completed_partial', reason: result.reason };
    case 'provider_refused':
      return { state: 'failed', reason: 'provider_refused' };
    default:
      return unreachable(result);
  }
}
