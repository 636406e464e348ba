// Bench room, scenarios. `compensate`: an incident hit thousands of jobs and what it cost goes back, while the worker
// is killed three times. Its totals are those of the preview, no job comes back twice, and the ledger holds.
import { setTimeout as sleep } from 'node:timers/promises';
import { formatCredits } from '@fairmeter/domain';
import type { ManagedProcess } from '@fairmeter/platform/embedded';
import { connectTemporal, type TemporalClient } from '@fairmeter/platform/temporal';
import { HitJobs, STEPS_OF_A_JOB } from '../compensate/hit-jobs.js';
import { rounded } from '../measure/percentiles.js';
import { startBenchStack, type BenchStack } from '../stack/bench-stack.js';
import { auditOf } from '../stack/ledger-audit.js';
import { replaceWorkerBy } from '../stack/own-worker.js';
import { describeSettings } from '../stack/settings-page.js';
import type { Scenario, ScenarioContext } from './scenario.js';

const ACCOUNTS = 8;
const JOBS = 5_000;
const QUICK_JOBS = 300;
/** As soon as so much of it is posted. */
const KILLED_AT = [0.2, 0.45, 0.7];
const LOOKS_EVERY_MS = 20;
const POSTED_WITHIN_MS = 600_000;

export const compensate: Scenario = async (context) => {
  const { state, settings, terminal, quick } = context;
  const stack = await startBenchStack({ state, settings, terminal, accounts: ACCOUNTS, programs: ['review'] });
  const temporal = await connectTemporal({
    address: stack.temporal.address,
    namespace: settings.servers.namespace,
  });
  const count = quick ? QUICK_JOBS : JOBS;
  const jobs = await HitJobs.play(stack.urls.writerUrl, stack.bots, count);
  try {
    return await measure(context, { stack, temporal, jobs, count });
  } finally {
    await jobs.close();
    await temporal.close();
  }
};

interface Measuring {
  readonly stack: BenchStack;
  readonly temporal: TemporalClient;
  readonly jobs: HitJobs;
  readonly count: number;
}

async function measure(context: ScenarioContext, measuring: Measuring): ReturnType<Scenario> {
  const { terminal } = context;
  const { stack, temporal, jobs, count } = measuring;
  const page = [...(await describeSettings(stack, { inFlight: 1, accounts: ACCOUNTS }))];
  for (const line of page) terminal.line(line);
  const tell = (line: string): void => {
    terminal.line(line);
    page.push(line);
  };
  const worker = await startWorker(context, stack, 0);
  const previewed = performance.now();
  const { id, totals: foreseen } = await jobs.preview(temporal);
  const previewMs = performance.now() - previewed;
  const ahead = formatCredits(foreseen.foreseen);
  tell(`previewed  ${foreseen.jobsToPost} of ${count} jobs, ${ahead} credits, in ${ms(previewMs)}`);
  if (foreseen.jobsToPost !== count) throw new Error(`the preview is about ${foreseen.jobsToPost} of ${count} jobs`);
  await jobs.ask(temporal, id);
  const run = await postedThroughKills(context, { ...measuring, id, worker, tell });
  const after = await jobs.totals(id);
  const returned = await jobs.returned();
  const came = formatCredits(after.posted);
  tell(`posted     ${after.jobsPosted} jobs, ${came} credits, in ${ms(run.totalMs)}, killed ${KILLED_AT.length} times`);
  const isWhole = after.posted === foreseen.foreseen && returned.credits === foreseen.foreseen;
  if (!isWhole || after.jobsPosted !== count) throw new Error(`posted ${after.posted} of ${foreseen.foreseen}`);
  if (returned.twice > 0) throw new Error(`${returned.twice} jobs came back twice`);
  page.push('', ...(await auditOf(stack.urls.writerUrl, terminal, [{ steps: STEPS_OF_A_JOB, jobs: count }])));
  const summary = {
    scenario: 'compensate',
    jobs_per_s: rounded(count / (run.totalMs / 1_000), 1),
    undisturbed_jobs_per_s: rounded(run.undisturbedPerSecond, 1),
    previewed_jobs_per_s: rounded(count / (previewMs / 1_000), 1),
    jobs: count,
    kills: KILLED_AT.length,
    twice: returned.twice,
    difference: formatCredits(after.difference),
    audit: 'green',
  };
  return { summary, page };
}

interface Posting extends Measuring {
  readonly id: string;
  readonly worker: ManagedProcess;
  readonly tell: (line: string) => void;
}

interface Run {
  /** From asking to the last job, kills and all. */
  readonly totalMs: number;
  /** Until the first kill. */
  readonly undisturbedPerSecond: number;
}

async function postedThroughKills(context: ScenarioContext, posting: Posting): Promise<Run> {
  const { stack, jobs, id, count, tell } = posting;
  const begun = performance.now();
  let { worker } = posting;
  let undisturbedPerSecond = 0;
  for (const [index, share] of KILLED_AT.entries()) {
    const posted = await untilPosted(jobs, id, Math.ceil(count * share));
    const elapsedMs = performance.now() - begun;
    if (index === 0) undisturbedPerSecond = posted / (elapsedMs / 1_000);
    worker.kill();
    await worker.ended;
    tell(`killed     the worker after ${posted} jobs, ${ms(elapsedMs)} on`);
    worker = await startWorker(context, stack, index + 1);
  }
  const deadline = Date.now() + POSTED_WITHIN_MS;
  while (!(await jobs.isPosted(id))) {
    if (Date.now() > deadline) throw new Error('the compensation was not posted in time');
    await sleep(LOOKS_EVERY_MS);
  }
  return { totalMs: performance.now() - begun, undisturbedPerSecond };
}

async function untilPosted(jobs: HitJobs, id: string, wanted: number): Promise<number> {
  const deadline = Date.now() + POSTED_WITHIN_MS;
  for (;;) {
    const { jobsPosted } = await jobs.totals(id);
    if (jobsPosted >= wanted) return jobsPosted;
    if (Date.now() > deadline) throw new Error(`${jobsPosted} of ${wanted} jobs were posted`);
    await sleep(LOOKS_EVERY_MS);
  }
}

/** One person is enough for any amount: what is measured is the posting. */
function startWorker(context: ScenarioContext, stack: BenchStack, number: number): Promise<ManagedProcess> {
  const name = number === 0 ? 'worker of one person' : `worker after kill ${number}`;
  return replaceWorkerBy(context, stack, { name, env: { GRANT_ALONE_ADMIN_CREDITS: '1000000' } });
}

function ms(milliseconds: number): string {
  return `${rounded(milliseconds / 1_000, 1)} s`;
}
