// Bench room, scenarios. `ledger`: hold, capture and release through the ledger store, beside the same work done
// naively on the same tables. Promises both sides the same server, rows, keys and pure decisions.
import { openAccounts, crowdAccount, numbered } from '../ledger/accounts.js';
import { startBenchPostgres, type BenchDatabase } from '../ledger/bench-postgres.js';
import { coldRatio, measureCold, type ColdLoad, type ColdResult } from '../ledger/cold-accounts.js';
import { auditCycles } from '../ledger/cycles-audit.js';
import { measureGrowth, type Growth } from '../ledger/growth.js';
import {
  FULL,
  HOT_LOAD_CALLERS,
  MEMORY_CALLERS,
  NAIVE_CONNECTIONS,
  OUR_CONNECTIONS,
  QUICK,
  type LedgerPlan,
} from '../ledger/ledger-plan.js';
import { checkRows, measureRates, naiveOf, oursOf, ratioOf, type Rates, type RateCell } from '../ledger/rates.js';
import { measureMemory, type Memory } from '../ledger/memory.js';
import { cellTable, coldTable } from '../ledger/tables.js';
import { createBalance } from '../ledger/single-row-debit.js';
import { median, rounded } from '../measure/percentiles.js';
import { machineLine } from '../stack/machine.js';
import { postgresSettings } from '../stack/postgres-settings.js';
import type { Scenario, ScenarioContext } from './scenario.js';

const HOT = 'acc_hot';
const CROWDED = 'acc_crowded';
const MEMORY = 'acc_memory';

export const ledger: Scenario = async (context) => {
  const plan = context.quick ? QUICK : FULL;
  const { terminal } = context;
  const postgres = await startBenchPostgres(context);
  const database = await postgres.newDatabase('bench_ledger');
  const settings = await describeSettings(database, plan);
  for (const line of settings) terminal.line(line);
  const spread = numbered('spread', plan.spreadAccounts);
  const cold = numbered('cold', plan.coldAccounts);
  await openAccounts(database, [HOT, CROWDED, MEMORY, ...spread, ...cold]);
  await crowdAccount(database, CROWDED, plan.crowd);
  await createBalance(database);
  const rates = { database, postgresPid: postgres.pid, plan, terminal };
  const rows = await checkRows(rates, HOT);
  const memory = await measureMemory({ database, account: MEMORY, callers: MEMORY_CALLERS, plan });
  terminal.line(`memory at ${MEMORY_CALLERS} callers: ${rounded(memory.growthMb, 1)} MB above ${memory.beforeMb} MB`);
  const measured = await measureRates(rates, HOT, spread);
  const coldResult = await measureCold(rates, { cold, hot: HOT, crowded: CROWDED });
  const growth = await measureGrowth(rates, postgres);
  const expected = 2 * plan.rowCheckCycles + 1 + memory.cycles + measured.cycles + coldResult.cycles;
  const audits = await auditAll(context, [
    { database, cycles: expected, openHolds: plan.crowd.openHolds },
    ...growth.databases.map((each) => ({ ...each, openHolds: 0 })),
  ]);
  const page = [...settings, '', ...rows, '', ...cellTable(measured.cells), '', ...coldTable(coldResult.rounds)];
  return {
    summary: summaryOf({ measured, coldResult, growth, memory }),
    page: [...page, '', ...growth.lines, '', ...audits],
  };
};

interface Audited {
  readonly database: BenchDatabase;
  readonly cycles: number;
  readonly openHolds: number;
}

async function auditAll({ terminal }: ScenarioContext, all: readonly Audited[]): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const each of all) {
    const audit = await auditCycles(each.database, each);
    for (const line of audit) terminal.line(line);
    lines.push(...audit);
  }
  return lines;
}

interface Measured {
  readonly measured: Rates;
  readonly coldResult: ColdResult;
  readonly growth: Growth;
  readonly memory: Memory;
}

function summaryOf({ measured, coldResult, growth, memory }: Measured): Readonly<Record<string, unknown>> {
  const { rounds } = coldResult;
  const hot256 = cellOf(measured, 'hot 256');
  const perSecond = (name: string): number =>
    rounded(
      oursOf(cellOf(measured, name), (round) => round.perSecond),
      1,
    );
  const ratio = (name: string): number => rounded(ratioOf(cellOf(measured, name)), 2);
  const cold = (load: ColdLoad): number => rounded(coldRatio(rounds, load), 2);
  const coldRatios = {
    one: cold('one process'),
    two: cold('two processes'),
    one_crowded: cold('one process, crowded'),
    two_crowded: cold('two processes, crowded'),
  };
  return {
    scenario: 'ledger',
    hot256_cycles_per_s: perSecond('hot 256'),
    hot256_ratio: ratio('hot 256'),
    hot256_p99_ms: rounded(
      oursOf(hot256, (round) => round.postP99),
      1,
    ),
    lone_ratio: rounded(1 / ratioOf(cellOf(measured, 'hot 1')), 2),
    spread_ratio: Math.min(ratio('spread 32'), ratio('spread 256')),
    cold_p99_ratio: Math.max(...Object.values(coldRatios)),
    growth_ratio: rounded(growth.ratio, 2),
    rss_mb: rounded(memory.growthMb, 1),
    ...Object.fromEntries(
      measured.cells.flatMap(({ name }) => {
        const key = name.replace(' ', '');
        return [
          [`${key}_per_s`, perSecond(name)],
          [
            `${key}_naive_per_s`,
            rounded(
              naiveOf(cellOf(measured, name), (round) => round.perSecond),
              1,
            ),
          ],
          [`${key}_ratio`, ratio(name)],
        ];
      }),
    ),
    hot256_cycle_p99_ms: rounded(
      oursOf(hot256, (round) => round.cycleP99),
      1,
    ),
    cold_p99_ratios: coldRatios,
    cold_quiet_p99_ms: rounded(median(rounds.quiet.map((round) => round.p99)), 1),
    growth_few_per_s: rounded(growth.fewPerSecond, 1),
    growth_many_per_s: rounded(growth.manyPerSecond, 1),
    debits_per_s: rounded(measured.debitsPerSecond, 1),
    audit: 'green',
  };
}

function cellOf({ cells }: Rates, name: string): RateCell {
  const cell = cells.find((each) => each.name === name);
  if (cell === undefined) throw new Error(`nothing was measured as ${name}`);
  return cell;
}

async function describeSettings(database: BenchDatabase, plan: LedgerPlan): Promise<readonly string[]> {
  const settings = Object.entries(await postgresSettings(database.adminUrl)).map(([name, value]) => `${name} ${value}`);
  return [
    machineLine(),
    `load       ${plan.pairs} rounds of each side in turn, ${plan.windowMs / 1000} s each after ` +
      `${plan.rampMs / 1000} s; ${plan.spreadAccounts} accounts when spread`,
    `ours       one LedgerStore with its own defaults, ${OUR_CONNECTIONS} connections`,
    `naive      ${NAIVE_CONNECTIONS} connections, a transaction per post, FOR UPDATE on the scope, ` +
      'prepared statements, two waits per post; wakes no listeners, which ours does',
    `cold       ${plan.coldCallsPerSecond} posts/s over ${plan.coldAccounts} accounts, ${plan.coldCycles} cycles a ` +
      `round, beside ${HOT_LOAD_CALLERS} hot callers in all; crowded: ${plan.crowd.openHolds} open holds, ` +
      `${plan.crowd.endedLots} ended lots`,
    `Postgres   embedded; ${settings.join(', ')}`,
  ];
}
