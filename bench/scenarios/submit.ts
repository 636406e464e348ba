// Bench room, scenarios. `submit`: jobs of three steps through the real API and worker, beside a bare workflow of
// the same shape on the same server. Promises both sides the same worker host, queues' settings, client library and
// load.
import { setTimeout as sleep } from 'node:timers/promises';
import type { BareSide } from '../bare/bare-side.js';
import { closedLoop } from '../measure/closed-loop.js';
import { openLoop } from '../measure/open-loop.js';
import { median, percentile, rounded } from '../measure/percentiles.js';
import { residentMb } from '../measure/processes.js';
import { alternate, medianRatio, type RoundPair } from '../measure/rounds.js';
import type { Side } from '../measure/side.js';
import { startBenchStack, type BenchStack } from '../stack/bench-stack.js';
import { openCompared } from '../stack/compared-sides.js';
import { auditOf } from '../stack/ledger-audit.js';
import { describeSettings } from '../stack/settings-page.js';
import { JobSide } from '../submit/job-side.js';
import type { SettleWatch } from '../submit/settle-watch.js';
import { measureRound, roundLine, roundTable, type Round } from '../submit/round.js';
import type { Scenario, ScenarioContext } from './scenario.js';

interface Plan {
  readonly accounts: number;
  readonly inFlight: number;
  readonly warmUpMs: number;
  readonly rampMs: number;
  readonly windowMs: number;
  readonly pairs: number;
  readonly aloneSamples: number;
  readonly openSubmissions: number;
  readonly idleMs: number;
}

const FULL: Plan = {
  accounts: 8,
  inFlight: 64,
  warmUpMs: 15_000,
  rampMs: 5_000,
  windowMs: 20_000,
  pairs: 3,
  aloneSamples: 100,
  openSubmissions: 300,
  idleMs: 5_000,
};
const QUICK: Plan = {
  ...FULL,
  warmUpMs: 4_000,
  rampMs: 3_000,
  windowMs: 8_000,
  pairs: 1,
  aloneSamples: 10,
  openSubmissions: 20,
  idleMs: 2_000,
};
/** The seed of the arrivals: two runs meet the same ones. */
const ARRIVALS_SEED = 20_261_121;
/** Plan, generate, review. */
const JOB_STEPS = 3;

export const submit: Scenario = async (context) => {
  const plan = context.quick ? QUICK : FULL;
  const { state, settings, terminal } = context;
  const stack = await startBenchStack({ state, settings, terminal, accounts: plan.accounts, programs: ['review'] });
  await sleep(plan.idleMs);
  const idleRssMb = residentMb(pidOf(stack, 'API')) + residentMb(pidOf(stack, 'worker'));
  const sides = await openSides(context, stack);
  try {
    return await measure(context, { plan, stack, idleRssMb, ...sides });
  } finally {
    sides.jobs.close();
    await sides.bareWorker.close();
    await sides.watch.close();
  }
};

interface Sides {
  readonly jobs: JobSide;
  readonly bare: Side;
  readonly bareWorker: BareSide;
  readonly watch: SettleWatch;
}

async function openSides(context: ScenarioContext, stack: BenchStack): Promise<Sides> {
  const { bare, watch } = await openCompared(context, stack);
  return {
    jobs: new JobSide(stack.apiUrl, watch, { bots: stack.bots }),
    bare: bare.ofSteps(JOB_STEPS),
    bareWorker: bare,
    watch,
  };
}

interface Measuring extends Sides {
  readonly plan: Plan;
  readonly stack: BenchStack;
  readonly idleRssMb: number;
}

async function measure(context: ScenarioContext, measuring: Measuring): ReturnType<Scenario> {
  const { terminal } = context;
  const { plan, stack, jobs, bare } = measuring;
  const settingsPage = await describeSettings(stack, { inFlight: plan.inFlight, accounts: plan.accounts });
  for (const line of settingsPage) terminal.line(line);
  terminal.line('warming up');
  for (const side of [jobs, bare]) {
    await closedLoop(side, { inFlight: plan.inFlight, rampMs: plan.rampMs, windowMs: plan.warmUpMs });
  }
  const rounds = await runRounds(context, measuring);
  const jobsPerSecond = median(rounds.map(({ a }) => a.perSecond));
  terminal.line('one at a time, in turn');
  const alone = await admittedAlone(jobs, bare, plan.aloneSamples);
  terminal.line(`arrivals at half the rate, ${rounded(jobsPerSecond / 2, 2)} per second`);
  const open = await openLoop(jobs, {
    perSecond: jobsPerSecond / 2,
    submissions: plan.openSubmissions,
    seed: ARRIVALS_SEED,
  });
  const audit = await auditOf(stack.urls.writerUrl, terminal, [{ steps: JOB_STEPS, jobs: jobs.count }]);
  const summary = {
    scenario: 'submit',
    jobs_per_s: rounded(jobsPerSecond, 2),
    bare_per_s: rounded(median(rounds.map(({ b }) => b.perSecond)), 2),
    ratio: rounded(
      medianRatio(rounds, (round) => round.perSecond),
      3,
    ),
    admit_p50_ms: rounded(percentile(alone.jobs, 50), 1),
    bare_admit_p50_ms: rounded(percentile(alone.bare, 50), 1),
    admit_p95_ms_at_half_rate: rounded(percentile(open.admittedMs, 95), 1),
    idle_rss_mb: Math.round(measuring.idleRssMb),
    admit_p95_ms: rounded(percentile(alone.jobs, 95), 1),
    bare_admit_p95_ms: rounded(percentile(alone.bare, 95), 1),
    admit_p50_ms_at_half_rate: rounded(percentile(open.admittedMs, 50), 1),
    ratios: rounds.map(({ a, b }) => rounded(a.perSecond / b.perSecond, 3)),
    jobs: jobs.count,
    answers_503: jobs.repeats,
    audit: 'green',
  };
  return { summary, page: [...settingsPage, '', ...roundTable(rounds), '', ...audit] };
}

async function runRounds(
  { terminal }: ScenarioContext,
  { plan, stack, jobs, bare, bareWorker }: Measuring,
): Promise<readonly RoundPair<Round>[]> {
  const pids = new Map([...stack.pids, ['bare worker', bareWorker.workerPid], ['bench', process.pid]]);
  const one = async (side: Side, pair: number): Promise<Round> => {
    const round = await measureRound(side, plan, pids);
    terminal.line(`round ${pair} ${roundLine(side.name, round)}`);
    return round;
  };
  return alternate(
    plan.pairs,
    (pair) => one(jobs, pair),
    (pair) => one(bare, pair),
  );
}

/** One in flight, the sides in turn: each waits for an idle server. */
async function admittedAlone(
  jobs: Side,
  bare: Side,
  samples: number,
): Promise<{ readonly jobs: readonly number[]; readonly bare: readonly number[] }> {
  const measured = { jobs: [] as number[], bare: [] as number[] };
  const one = async (side: Side, into: number[]): Promise<void> => {
    const { admittedMs, done } = await side.submit();
    await done;
    into.push(admittedMs);
  };
  for (let sample = 0; sample < samples; sample += 1) {
    await one(jobs, measured.jobs);
    await one(bare, measured.bare);
  }
  return measured;
}

function pidOf(stack: BenchStack, name: string): number {
  const pid = stack.pids.get(name);
  if (pid === undefined) throw new Error(`the stack has no process called ${name}`);
  return pid;
}
