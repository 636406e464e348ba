// Bench room, scenarios. `auth`: what knowing who asks costs. `GET /v1/account/credits` with an API key, beside the
// same route of the same build where the caller is known beforehand. Promises both sides the same database, settings
// and load.
import { parseApiConfig } from '@fairmeter/platform';
import { authRound, authRoundLine, authTable, type AuthRound } from '../auth/auth-round.js';
import { startBenchApis, type BenchApis } from '../auth/bench-apis.js';
import { CreditsSide } from '../auth/credits-side.js';
import { startBenchPostgres, type BenchDatabase } from '../ledger/bench-postgres.js';
import { closedLoop, type ClosedLoop } from '../measure/closed-loop.js';
import { openLoop } from '../measure/open-loop.js';
import { median, percentile, rounded } from '../measure/percentiles.js';
import { alternate, medianRatio, type RoundPair } from '../measure/rounds.js';
import { auditOf } from '../stack/ledger-audit.js';
import { machineLine } from '../stack/machine.js';
import { postgresSettings } from '../stack/postgres-settings.js';
import { seedAccountKey } from '../stack/seed-bench.js';
import type { Scenario, ScenarioContext } from './scenario.js';

interface Plan {
  readonly loop: ClosedLoop;
  readonly warmUpMs: number;
  readonly pairs: number;
  readonly openRequests: number;
}

const FULL: Plan = {
  loop: { inFlight: 64, rampMs: 2_000, windowMs: 15_000 },
  warmUpMs: 10_000,
  pairs: 3,
  openRequests: 5_000,
};
const QUICK: Plan = {
  loop: { ...FULL.loop, rampMs: 1_000, windowMs: 4_000 },
  warmUpMs: 3_000,
  pairs: 1,
  openRequests: 500,
};
/** The seed of the arrivals: two runs meet the same ones. */
const ARRIVALS_SEED = 20_261_122;

export const auth: Scenario = async (context) => {
  const plan = context.quick ? QUICK : FULL;
  const postgres = await startBenchPostgres(context);
  const database = await postgres.newDatabase('bench_auth');
  const { key, ...holder } = await seedAccountKey(database.writerUrl);
  const apis = await startBenchApis(context, database.readerUrl, holder);
  const sides = await CreditsSide.pair(apis, key);
  try {
    return await measure(context, { plan, database, apis, postgresPid: postgres.pid, ...sides });
  } finally {
    sides.checked.close();
    sides.bare.close();
  }
};

interface Measuring {
  readonly plan: Plan;
  readonly database: BenchDatabase;
  readonly postgresPid: number;
  readonly apis: BenchApis;
  readonly checked: CreditsSide;
  readonly bare: CreditsSide;
}

async function measure(context: ScenarioContext, measuring: Measuring): ReturnType<Scenario> {
  const { terminal } = context;
  const { plan, database, checked, bare } = measuring;
  const settingsPage = await describeSettings(measuring);
  for (const line of settingsPage) terminal.line(line);
  terminal.line('warming up');
  for (const side of [checked, bare]) await closedLoop(side, { ...plan.loop, windowMs: plan.warmUpMs });
  const rounds = await runRounds(context, measuring);
  const perSecond = median(rounds.map(({ a }) => a.perSecond));
  terminal.line(`arrivals at half the rate, ${rounded(perSecond / 2, 0)} per second`);
  const open = await openLoop(checked, {
    perSecond: perSecond / 2,
    submissions: plan.openRequests,
    seed: ARRIVALS_SEED,
  });
  const audit = await auditOf(database.writerUrl, terminal, []);
  const summary = {
    scenario: 'auth',
    rps: rounded(perSecond, 1),
    ratio: rounded(
      medianRatio(rounds, (round) => round.perSecond),
      3,
    ),
    p99_ms: rounded(median(rounds.map(({ a }) => a.p99Ms)), 1),
    p50_ms: rounded(median(rounds.map(({ a }) => a.p50Ms)), 1),
    bare_rps: rounded(median(rounds.map(({ b }) => b.perSecond)), 1),
    bare_p99_ms: rounded(median(rounds.map(({ b }) => b.p99Ms)), 1),
    p99_ms_at_half_rate: rounded(percentile(open.admittedMs, 99), 1),
    ratios: rounds.map(({ a, b }) => rounded(a.perSecond / b.perSecond, 3)),
    requests: checked.count + bare.count,
    audit: 'green',
  };
  return { summary, page: [...settingsPage, '', ...authTable(rounds), '', ...audit] };
}

async function runRounds(
  { terminal }: ScenarioContext,
  { plan, apis, postgresPid, checked, bare }: Measuring,
): Promise<readonly RoundPair<AuthRound>[]> {
  const pids = new Map([
    ...[apis.checked, apis.bare].map(({ name, pid }): [string, number] => [name, pid]),
    ['Postgres', postgresPid],
    ['bench', process.pid],
  ]);
  const one = async (side: CreditsSide, pair: number): Promise<AuthRound> => {
    const round = await authRound(side, plan.loop, pids);
    terminal.line(`round ${pair} ${authRoundLine(side.name, round)}`);
    return round;
  };
  return alternate(
    plan.pairs,
    (pair) => one(checked, pair),
    (pair) => one(bare, pair),
  );
}

async function describeSettings({ plan, database, apis }: Measuring): Promise<readonly string[]> {
  const postgres = Object.entries(await postgresSettings(database.adminUrl)).map(([name, value]) => `${name} ${value}`);
  const { databasePoolMax, keyUseEveryMs } = parseApiConfig(apis.env);
  const { inFlight, windowMs, rampMs } = plan.loop;
  return [
    machineLine(),
    `load       ${inFlight} clients, each on a connection it keeps and asking again once answered; ${plan.pairs} ` +
      `rounds of each side in turn, ${windowMs / 1000} s each after ${rampMs / 1000} s`,
    'account    one lot, one key',
    `API        both: the same build, ${databasePoolMax} connections to Postgres, last use of keys written every ` +
      `${keyUseEveryMs / 1000} s; no Temporal beside it`,
    `Postgres   embedded; ${postgres.join(', ')}`,
  ];
}
