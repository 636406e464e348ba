// Bench room, scenarios. `subscriptions`: thousands of subscriptions whose period ends at one instant, in real time.
// First without any spread, all at the boundary, compared with bare workflows that wake at one instant and run one
// activity that does nothing. Then as they are: renewed ahead, each at a moment of its own, while jobs are admitted and
// people wish something of their plans.
import { setTimeout as sleep } from 'node:timers/promises';
import { instant, USUAL_SUBSCRIPTION_POLICY, type Instant } from '@fairmeter/domain';
import { connectTemporal, type TemporalClient } from '@fairmeter/platform/temporal';
import { BACKGROUND_TUNING } from '../../apps/worker/src/worker-host.js';
import { TestIssuer } from '../../test/harness/signed-in.js';
import type { BareSide } from '../bare/bare-side.js';
import { openLoop } from '../measure/open-loop.js';
import { percentile, rounded } from '../measure/percentiles.js';
import type { Side } from '../measure/side.js';
import { benchScript, startBenchStack, workerEnvironment, type BenchStack } from '../stack/bench-stack.js';
import { openCompared } from '../stack/compared-sides.js';
import { auditOf } from '../stack/ledger-audit.js';
import { replaceWorkerBy } from '../stack/own-worker.js';
import { describeSettings } from '../stack/settings-page.js';
import { JobSide } from '../submit/job-side.js';
import type { SettleWatch } from '../submit/settle-watch.js';
import { STARTS_AT_ONCE, Subscribers } from '../subscriptions/subscribers.js';
import { Wishers } from '../subscriptions/wishers.js';
import type { Scenario, ScenarioContext } from './scenario.js';

interface Plan {
  readonly subscriptions: number;
  readonly periodMs: number;
  /** From the start of all workflows to the first boundary's wave: they are to be idle by then. */
  readonly beginWithinMs: number;
  readonly admissionsPerSecond: number;
  readonly quietMs: number;
  readonly lateByMs: number;
}

const FULL: Plan = {
  subscriptions: 10_000,
  periodMs: 300_000,
  beginWithinMs: 150_000,
  admissionsPerSecond: 2,
  quietMs: 60_000,
  lateByMs: 600_000,
};
/** An hour for a period, in the second half of which as many can be renewed; and hours to begin them. */
const LONG: Plan = {
  ...FULL,
  subscriptions: 100_000,
  periodMs: 3_600_000,
  beginWithinMs: 3_600_000,
  lateByMs: 7_200_000,
};
const QUICK: Plan = {
  ...FULL,
  subscriptions: 200,
  periodMs: 30_000,
  beginWithinMs: 15_000,
  quietMs: 10_000,
  lateByMs: 60_000,
};
/** The seed of the arrivals: two runs meet the same ones. */
const ARRIVALS_SEED = 20_261_123;
/** One in five seconds, whatever is due beside it. */
const WISHES_PER_SECOND = 0.2;
/** By which bare workflows wake fastest; by the ten of the product's jobs queue they are half as fast. */
const BARE_WORKFLOW_TASKS = 40;
const JOB_STEPS = 3;
const LOOKS_EVERY_MS = 2_000;
/** Those that renew at once have a period so much longer: the next one is not ahead of its boundary before all ends. */
const PERIODS_APART = 24;

export const subscriptions: Scenario = async (context) => {
  const plan = context.quick ? QUICK : context.long ? LONG : FULL;
  const { state, settings, terminal } = context;
  const issuer = await TestIssuer.open();
  const people = { oidcIssuers: issuer.setting };
  const stack = await startBenchStack({ state, settings, terminal, accounts: 8, programs: ['review'], ...people });
  const { bare, watch } = await openCompared(context, stack, { workflowTasks: BARE_WORKFLOW_TASKS });
  const { namespace } = settings.servers;
  const temporal = await connectTemporal({ address: stack.temporal.address, namespace });
  const jobs = new JobSide(stack.apiUrl, watch, { bots: stack.bots });
  try {
    return await measure(context, { plan, stack, bare, watch, temporal, jobs, issuer });
  } finally {
    jobs.close();
    await temporal.close();
    await bare.close();
    await watch.close();
    await issuer.close();
  }
};

interface Measuring {
  readonly plan: Plan;
  readonly stack: BenchStack;
  readonly bare: BareSide;
  readonly watch: SettleWatch;
  readonly temporal: TemporalClient;
  readonly jobs: JobSide;
  readonly issuer: TestIssuer;
}

async function measure(context: ScenarioContext, measuring: Measuring): ReturnType<Scenario> {
  const { terminal } = context;
  const { plan, stack, jobs } = measuring;
  const { maxConcurrentWorkflowTaskExecutions: tasks, maxConcurrentLocalActivityExecutions: local } = BACKGROUND_TUNING;
  const page = [
    ...(await describeSettings(stack, { inFlight: 1, accounts: 8, bareWorkflowTasks: BARE_WORKFLOW_TASKS })),
    `renewals   ${plan.subscriptions} subscriptions, a period of ${plan.periodMs / 1_000} s, one anchor; ` +
      `${tasks} workflow tasks and ${local} local activities at once; beside them ${plan.admissionsPerSecond} jobs ` +
      `submitted and ${WISHES_PER_SECOND} wishes asked a second`,
  ];
  for (const line of page) terminal.line(line);
  const tell = (line: string): void => {
    terminal.line(line);
    page.push(line);
  };
  const bare = await measureBare(measuring, tell);
  const atOnce = await measureAtOnce(context, measuring, tell);
  await workBy(context, stack, { name: 'worker with spread', renewAheadMs: USUAL_SUBSCRIPTION_POLICY.renewAheadMs });
  const spread = await measureSpread(measuring, tell);
  page.push('', ...(await auditOf(stack.urls.writerUrl, terminal, [{ steps: JOB_STEPS, jobs: jobs.count }])));
  const summary = {
    scenario: 'subscriptions',
    renewals_per_s: rounded(atOnce.perSecond, 1),
    ratio: rounded(atOnce.perSecond / bare.perSecond, 3),
    bytes_per_idle: Math.round(spread.bytesPerIdle),
    wave_p95_ratio: rounded(spread.wave.admission / spread.quiet.admission, 2),
    bare_per_s: rounded(bare.perSecond, 1),
    quiet_p95_ms: rounded(spread.quiet.admission, 1),
    wave_p95_ms: rounded(spread.wave.admission, 1),
    quiet_wish_p95_ms: rounded(spread.quiet.wish, 1),
    wish_p95_ms: rounded(spread.wave.wish, 1),
    spread_ahead: spread.ahead,
    spread_renewals_per_s: rounded(spread.perSecond, 1),
    subscriptions: plan.subscriptions,
    audit: 'green',
  };
  return { summary, page };
}

/** How long nineteen of twenty waited, in milliseconds. */
interface Waits {
  readonly admission: number;
  readonly wish: number;
}

interface Spread {
  readonly bytesPerIdle: number;
  readonly quiet: Waits;
  readonly wave: Waits;
  readonly ahead: number;
  readonly perSecond: number;
}

type Tell = (line: string) => void;

/** Both go on for so long, beside whatever is due. */
async function waits({ plan, jobs }: Measuring, wishers: Wishers, forMs: number): Promise<Waits> {
  const p95 = async (side: Side, perSecond: number): Promise<number> => {
    const submissions = Math.max(1, Math.round((forMs / 1_000) * perSecond));
    return percentile((await openLoop(side, { perSecond, submissions, seed: ARRIVALS_SEED })).admittedMs, 95);
  };
  const [admission, wish] = await Promise.all([p95(jobs, plan.admissionsPerSecond), p95(wishers, WISHES_PER_SECOND)]);
  return { admission, wish };
}

async function measureSpread(measuring: Measuring, tell: Tell): Promise<Spread> {
  const { plan, stack, temporal, issuer } = measuring;
  const { subscriptions: count, periodMs } = plan;
  const wishers = await Wishers.begin(stack, issuer);
  await waits(measuring, wishers, plan.quietMs / 2);
  // The second half of a period is its wave: the first one is for beginning them all and for what is measured quiet.
  const anchor = instant(Date.now() + plan.beginWithinMs + plan.quietMs - periodMs / 2);
  const boundary = instant(anchor + periodMs);
  const { renewAheadMs } = USUAL_SUBSCRIPTION_POLICY;
  const wish = { name: 'spread', count, periodMs, anchor, renewAheadMs };
  const subscribers = await Subscribers.seed(stack.urls.writerUrl, wish);
  const before = await subscribers.bytes();
  await begin(subscribers, temporal, tell);
  const bytesPerIdle = ((await subscribers.bytes()) - before) / count;
  const waveFrom = boundary - periodMs / 2;
  if (Date.now() > waveFrom - plan.quietMs) throw new Error('the subscriptions were not begun in time');
  const quiet = await waits(measuring, wishers, plan.quietMs * 0.9);
  await sleep(Math.max(0, waveFrom - Date.now()));
  const wave = await waits(measuring, wishers, periodMs / 2);
  const { ahead, lastAt } = await allRenewed(subscribers, boundary, plan);
  // All that came until then count: this wave may not be over when the next one begins.
  const perSecond = (await subscribers.posted(waveFrom, lastAt)) / ((lastAt - waveFrom) / 1_000);
  const lateMs = Math.max(0, lastAt - boundary);
  tell(`spread     ${ahead} of ${count} posted ahead of the boundary, ${rounded(perSecond, 1)} a second`);
  tell(`last       ${rounded(lateMs / 1_000, 1)} s after the boundary`);
  tell(`admission  p95 ${rounded(quiet.admission, 1)} ms quiet, ${rounded(wave.admission, 1)} ms beside the wave`);
  tell(`wishes     p95 ${rounded(quiet.wish, 1)} ms quiet, ${rounded(wave.wish, 1)} ms beside the wave`);
  wishers.close();
  await subscribers.close();
  return { bytesPerIdle, quiet, wave, ahead, perSecond };
}

/** From here on: one that renews so long ahead. */
async function workBy(
  context: ScenarioContext,
  stack: BenchStack,
  { name, renewAheadMs }: { readonly name: string; readonly renewAheadMs: number },
): Promise<void> {
  const usual = workerEnvironment(benchScript(context.settings.checkout));
  await replaceWorkerBy(context, stack, { name, env: { ...usual, RENEW_AHEAD_MS: String(renewAheadMs) } });
}

async function begin(subscribers: Subscribers, temporal: TemporalClient, tell: Tell): Promise<void> {
  const began = performance.now();
  await subscribers.begin(temporal);
  tell(`begun      ${subscribers.count} in ${rounded((performance.now() - began) / 1_000, 1)} s`);
}

async function measureBare({ plan, bare }: Measuring, tell: Tell): Promise<{ readonly perSecond: number }> {
  const { subscriptions: count } = plan;
  const dueAt = Date.now() + plan.beginWithinMs;
  const done: Promise<void>[] = [];
  let left = count;
  const beginNext = async (): Promise<void> => {
    while (left-- > 0) {
      const entity = await bare.beginEntity(dueAt);
      done.push(entity.done);
    }
  };
  await Promise.all(Array.from({ length: STARTS_AT_ONCE }, beginNext));
  if (Date.now() > dueAt) throw new Error('the bare workflows were not begun in time');
  await Promise.all(done);
  const perSecond = done.length / ((Date.now() - dueAt) / 1_000);
  tell(`bare       ${done.length} woken at once, ${rounded(perSecond, 1)} a second`);
  return { perSecond };
}

async function measureAtOnce(
  context: ScenarioContext,
  { plan, stack, temporal }: Measuring,
  tell: Tell,
): Promise<{ readonly perSecond: number }> {
  const { subscriptions: count, beginWithinMs } = plan;
  await workBy(context, stack, { name: 'worker without spread', renewAheadMs: 0 });
  const periodMs = plan.periodMs * PERIODS_APART;
  const boundary = instant(Date.now() + beginWithinMs);
  const anchor = instant(boundary - periodMs);
  const wish = { name: 'at once', count, periodMs, anchor, renewAheadMs: 0 };
  const subscribers = await Subscribers.seed(stack.urls.writerUrl, wish);
  await begin(subscribers, temporal, tell);
  if (Date.now() > boundary) throw new Error('the subscriptions were not begun in time');
  await sleep(boundary - Date.now());
  const { lastAt } = await allRenewed(subscribers, boundary, plan);
  const perSecond = count / ((lastAt - boundary) / 1_000);
  tell(`at once    ${count} renewed from the boundary on, ${rounded(perSecond, 1)} a second`);
  await subscribers.close();
  return { perSecond };
}

async function allRenewed(
  subscribers: Subscribers,
  boundary: Instant,
  plan: Plan,
): Promise<{ readonly ahead: number; readonly lastAt: number }> {
  const deadline = boundary + plan.lateByMs;
  for (;;) {
    const lots = await subscribers.lots(boundary);
    if (lots === plan.subscriptions) return subscribers.renewed(boundary);
    if (Date.now() > deadline) throw new Error(`${lots} of ${plan.subscriptions} subscriptions were renewed`);
    await sleep(LOOKS_EVERY_MS);
  }
}
