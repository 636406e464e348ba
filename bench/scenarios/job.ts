// Bench room, scenarios. `job`: whole jobs of three and of ten steps with a provider that answers at once, beside bare
// workflows of as many do-nothing activities on the same server; then what one job costs in history and round trips,
// and what a thousand open ones cost in memory.
import { join } from 'node:path';
import { connectTemporal, type TemporalClient } from '@fairmeter/platform/temporal';
import type { BareSide } from '../bare/bare-side.js';
import { figuresLine, lookAtJobs, tripsOf, type JobFigures } from '../job/alone.js';
import { FIFTY_STEPS, TEN_STEPS, WAITS, writeScripts } from '../job/job-scripts.js';
import { replaceWorker, type MeasuredWorker } from '../job/measured-worker.js';
import { measureOpenJobs, type OpenJobs } from '../job/open-jobs.js';
import { closedLoop } from '../measure/closed-loop.js';
import { median, rounded } from '../measure/percentiles.js';
import { alternate, medianRatio, type RoundPair } from '../measure/rounds.js';
import type { Side } from '../measure/side.js';
import { benchScript, startBenchStack, type BenchStack } from '../stack/bench-stack.js';
import { openCompared } from '../stack/compared-sides.js';
import { auditOf } from '../stack/ledger-audit.js';
import { describeSettings } from '../stack/settings-page.js';
import { JobSide } from '../submit/job-side.js';
import { measureRound, roundLine, roundTable, type Round } from '../submit/round.js';
import type { SettleWatch } from '../submit/settle-watch.js';
import type { Scenario, ScenarioContext } from './scenario.js';

interface Plan {
  readonly accounts: number;
  readonly inFlight: number;
  readonly three: Rounds;
  readonly ten: Rounds;
  readonly pairs: number;
  readonly aloneJobs: number;
  readonly longJobs: number;
  readonly openJobs: number;
  readonly watchMs: number;
}

/** What is asked at one time ends at one time: a round that is no longer than its jobs counts a wave or misses it. */
interface Rounds {
  readonly warmUpMs: number;
  readonly rampMs: number;
  readonly windowMs: number;
}

const FULL: Plan = {
  accounts: 8,
  inFlight: 64,
  three: { warmUpMs: 6_000, rampMs: 8_000, windowMs: 16_000 },
  ten: { warmUpMs: 6_000, rampMs: 20_000, windowMs: 40_000 },
  pairs: 3,
  aloneJobs: 20,
  longJobs: 3,
  openJobs: 1_000,
  watchMs: 15_000,
};
const QUICK: Plan = {
  ...FULL,
  inFlight: 16,
  three: { warmUpMs: 3_000, rampMs: 3_000, windowMs: 6_000 },
  ten: { warmUpMs: 3_000, rampMs: 3_000, windowMs: 6_000 },
  pairs: 1,
  aloneJobs: 3,
  longJobs: 1,
  openJobs: 50,
  watchMs: 2_000,
};
const LONG_STEPS = 50;

export const job: Scenario = async (context) => {
  const plan = context.quick ? QUICK : FULL;
  const { state, settings, terminal } = context;
  const scriptFile = join(state.folder.path, 'job-script.json');
  writeScripts(scriptFile, benchScript(settings.checkout));
  const stack = await startBenchStack({
    state,
    settings,
    terminal,
    accounts: plan.accounts,
    programs: ['review', 'workspace'],
    scriptFile,
  });
  const sides = await openSides(context, stack);
  try {
    return await measure(context, { plan, stack, scriptFile, ...sides });
  } finally {
    for (const jobs of Object.values(sides.jobs)) jobs.close();
    await sides.bare.close();
    await sides.temporal.close();
    await sides.watch.close();
  }
};

interface Sides {
  readonly jobs: Readonly<Record<'three' | 'ten' | 'fifty' | 'waiting', JobSide>>;
  readonly bare: BareSide;
  readonly watch: SettleWatch;
  readonly temporal: TemporalClient;
}

async function openSides(context: ScenarioContext, stack: BenchStack): Promise<Sides> {
  const { bare, watch } = await openCompared(context, stack);
  const { namespace } = context.settings.servers;
  const temporal = await connectTemporal({ address: stack.temporal.address, namespace });
  const reviewers = stack.bots.filter(({ program }) => program === 'review');
  const agents = stack.bots.filter(({ program }) => program === 'workspace');
  const jobs = {
    three: new JobSide(stack.apiUrl, watch, { bots: reviewers }),
    ten: new JobSide(stack.apiUrl, watch, { bots: agents, mark: TEN_STEPS, zip: false }),
    fifty: new JobSide(stack.apiUrl, watch, { bots: agents, mark: FIFTY_STEPS, zip: false }),
    waiting: new JobSide(stack.apiUrl, watch, { bots: reviewers, mark: WAITS }),
  };
  return { jobs, bare, watch, temporal };
}

interface Measuring extends Sides {
  readonly plan: Plan;
  readonly stack: BenchStack;
  readonly scriptFile: string;
}

async function measure(context: ScenarioContext, measuring: Measuring): ReturnType<Scenario> {
  const { terminal } = context;
  const { plan, stack, jobs } = measuring;
  const settings = [
    ...(await describeSettings(stack, { inFlight: plan.inFlight, accounts: plan.accounts })),
    'steps      of three: plan, generate, review; of ten: plan, generate, six written files, check, preview',
  ];
  for (const line of settings) terminal.line(line);
  const three = await compare(context, measuring, { steps: 3, jobs: jobs.three, rounds: plan.three });
  const ten = await compare(context, measuring, { steps: 10, jobs: jobs.ten, rounds: plan.ten });
  const worker = await replaceWorker(context, stack, { scriptFile: measuring.scriptFile });
  const single = await lookCloser(context, measuring, worker).finally(() => worker.proxy.close());
  const page = [...settings, '', 'Three steps:', '', ...roundTable(three), '', 'Ten steps:', '', ...roundTable(ten)];
  return {
    summary: { ...summaryOf({ three, ten, ...single }), jobs: jobs.three.count + jobs.ten.count, audit: 'green' },
    page: [...page, '', ...single.lines],
  };
}

interface Closer {
  readonly alone: Alone;
  readonly open: OpenJobs;
  readonly lines: readonly string[];
}

/** Job by job, then the audit of all that ran, and last the jobs that stay open. */
async function lookCloser(
  { terminal }: ScenarioContext,
  measuring: Measuring,
  worker: MeasuredWorker,
): Promise<Closer> {
  const { plan, stack, jobs } = measuring;
  const alone = await lookAlone(measuring, worker);
  const figures = linesOf(alone);
  for (const line of figures) terminal.line(line);
  const audit = await auditOf(stack.urls.writerUrl, terminal, [
    { steps: 3, jobs: jobs.three.count },
    { steps: 10, jobs: jobs.ten.count },
    { steps: LONG_STEPS, jobs: jobs.fifty.count },
  ]);
  const open = await measureOpenJobs(jobs.waiting, worker, {
    jobs: plan.openJobs,
    watchMs: plan.watchMs,
    writerUrl: stack.urls.writerUrl,
  });
  const memory =
    `${open.jobs} open jobs: worker ${rounded(open.openMb, 0)} MB, ${rounded(open.beforeMb, 0)} MB before them; ` +
    `${rounded(open.workerMsPerSecond, 0)} ms of processor time per second to keep them`;
  terminal.line(memory);
  return { alone, open, lines: [...figures, '', memory, '', ...audit] };
}

interface Compared {
  readonly steps: number;
  readonly jobs: JobSide;
  readonly rounds: Rounds;
}

async function compare(
  { terminal }: ScenarioContext,
  { plan, stack, bare: bareSide }: Measuring,
  { steps, jobs, rounds }: Compared,
): Promise<readonly RoundPair<Round>[]> {
  const bare = bareSide.ofSteps(steps);
  terminal.line(`${steps} steps: warming up`);
  for (const side of [jobs, bare]) {
    await closedLoop(side, { ...rounds, inFlight: plan.inFlight, windowMs: rounds.warmUpMs });
  }
  const pids = new Map([...stack.pids, ['bare worker', bareSide.workerPid], ['bench', process.pid]]);
  const one = async (side: Side, pair: number): Promise<Round> => {
    const round = await measureRound(side, { ...rounds, inFlight: plan.inFlight }, pids);
    terminal.line(`${steps} steps, round ${pair} ${roundLine(side.name, round)}`);
    return round;
  };
  return alternate(
    plan.pairs,
    (pair) => one(jobs, pair),
    (pair) => one(bare, pair),
  );
}

type Alone = Readonly<Record<'three' | 'ten' | 'fifty', JobFigures>>;

async function lookAlone({ plan, stack, jobs, temporal }: Measuring, worker: MeasuredWorker): Promise<Alone> {
  const looking = { proxy: worker.proxy, temporal, writerUrl: stack.urls.writerUrl };
  return {
    three: await lookAtJobs(jobs.three, plan.aloneJobs, looking),
    ten: await lookAtJobs(jobs.ten, plan.aloneJobs, looking),
    fifty: await lookAtJobs(jobs.fifty, plan.longJobs, looking),
  };
}

function linesOf({ three, ten, fifty }: Alone): readonly string[] {
  return [
    figuresLine('three steps', 3, three),
    figuresLine('ten steps', 10, ten),
    figuresLine('fifty steps', LONG_STEPS, fifty),
  ];
}

interface Measured {
  readonly three: readonly RoundPair<Round>[];
  readonly ten: readonly RoundPair<Round>[];
  readonly alone: Alone;
  readonly open: OpenJobs;
}

function summaryOf({ three, ten, alone, open }: Measured): Readonly<Record<string, unknown>> {
  const ratio = (rounds: readonly RoundPair<Round>[]): number =>
    rounded(
      medianRatio(rounds, (round) => round.perSecond),
      3,
    );
  const perSecond = (rounds: readonly Round[]): number => rounded(median(rounds.map((round) => round.perSecond)), 2);
  return {
    scenario: 'job',
    ratio3: ratio(three),
    ratio10: ratio(ten),
    jobs3_per_s: perSecond(three.map(({ a }) => a)),
    jobs10_per_s: perSecond(ten.map(({ a }) => a)),
    bare3_per_s: perSecond(three.map(({ b }) => b)),
    bare10_per_s: perSecond(ten.map(({ b }) => b)),
    history_kb_50_steps: rounded(alone.fifty.historyBytes / 1_000, 1),
    // Those of admission and ending are in it, spread over the steps.
    round_trips_per_step: rounded(tripsOf(alone.ten) / 10, 2),
    round_trips_per_step_of_3: rounded(tripsOf(alone.three) / 3, 2),
    rss_mb_1000_open: Math.round(open.openMb),
    rss_mb_before: Math.round(open.beforeMb),
    open_jobs: open.jobs,
    events_per_job: { three: alone.three.events, ten: alone.ten.events, fifty: alone.fifty.events },
    history_bytes_per_job: {
      three: alone.three.historyBytes,
      ten: alone.ten.historyBytes,
      fifty: alone.fifty.historyBytes,
    },
  };
}
