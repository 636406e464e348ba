// Workflows room. One AI request from admission to its one ending: hold, steps, settle. It orders, it decides nothing
// itself: the next step is the domain's word, money is the ledger's.
import type { AdmittedJob, AiJobInput, AiJobResult } from '@fairmeter/contracts';
import { admitUpdate } from '@fairmeter/contracts';
import { NO_PROGRESS } from '@fairmeter/domain';
import { allHandlersFinished, CancellationScope, condition, setHandler, workflowInfo } from '@temporalio/workflow';
import { ADMIT_PATIENCE_MS } from '../policies.js';
import { settleJob } from '../proxies.js';
import { ReportedJob } from '../reported-job/reported-job.js';
import { Admission } from './admission.js';
import { JobControl } from './control.js';
import { Loops } from './loops.js';
import { noteFound, runSteps, type Run } from './run-steps.js';

export async function aiJob(input: AiJobInput): Promise<AiJobResult> {
  const { resume } = input;
  const admission = new Admission(input, resume && { outcome: 'admitted', job: resume.job });
  setHandler(admitUpdate, (request) => admission.answer(request));
  const control = new JobControl();
  // What is asked of a run that goes on may come with its very first task: its job is known by then.
  if (resume !== undefined) control.begin(resume.job, input.request.accountId);
  const reported = input.request.mode === 'reported' ? new ReportedJob(resume?.reported) : undefined;
  // Cancelled or not, whoever asked gets an answer, and what was set aside gets its one ending.
  const job = await CancellationScope.nonCancellable(() => admittedJob(admission));
  if ('outcome' in job) return job;
  if (resume === undefined) control.begin(job, input.request.accountId);
  const loops = new Loops(job, resume?.loops);
  const run: Run = { input, job, control, loops, progress: resume?.progress ?? NO_PROGRESS };
  const { ending: sought, stoppedBy } = await (reported === undefined ? runSteps(run) : reported.run(run));
  control.decide(sought);
  // A cancelled run still settles: what was set aside must not stay so.
  const { ending = sought } = await CancellationScope.nonCancellable(() =>
    settleJob({
      jobId: job.jobId,
      accountId: input.request.accountId,
      workflowId: workflowInfo().workflowId,
      ...sought,
      asOf: Date.now(),
    }),
  );
  const noted = stoppedBy === null ? null : await noteFound(run, stoppedBy);
  control.settled(ending);
  await reported?.settled(ending, noted);
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
