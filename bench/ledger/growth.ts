// Bench room, the ledger. What a cycle costs on a hot account with a short past and with a long one, each in a database
// of its own, in turn. The short past is new for every round, so that it stays short.
import { LedgerStore } from '@fairmeter/ledger';
import { median, rounded } from '../measure/percentiles.js';
import { alternate } from '../measure/rounds.js';
import { openWriter, type BenchDatabase, type BenchPostgres } from './bench-postgres.js';
import { CycleSide } from './cycle-side.js';
import { HOT_LOAD_CALLERS, OUR_CONNECTIONS, type LedgerPlan } from './ledger-plan.js';
import { describeRound, ledgerRound, type LedgerRound } from './ledger-round.js';
import { writePast } from './past-entries.js';
import type { RatesContext } from './rates.js';

const ACCOUNT = 'acc_with_a_past';

export interface Growth {
  /** Time per cycle with the long past over time per cycle with the short one. */
  readonly ratio: number;
  readonly fewPerSecond: number;
  readonly manyPerSecond: number;
  readonly lines: readonly string[];
  readonly databases: readonly { readonly database: BenchDatabase; readonly cycles: number }[];
}

export async function measureGrowth(
  context: Pick<RatesContext, 'plan' | 'terminal'>,
  postgres: BenchPostgres,
): Promise<Growth> {
  const { plan, terminal } = context;
  const started = performance.now();
  const long = await postgres.newDatabase('bench_many');
  const entries = await writePast(long, ACCOUNT, plan.manyEntries);
  terminal.line(`${entries} entries written in ${rounded((performance.now() - started) / 1000, 0)} s`);
  const shorts: { database: BenchDatabase; cycles: number }[] = [];
  const lines: string[] = [];
  let cyclesOfLong = 0;
  const one = async (database: BenchDatabase, label: string): Promise<LedgerRound & { cycles: number }> => {
    const { round, cycles } = await hotRound(database, { plan, postgresPid: postgres.pid });
    const line = describeRound(label, round);
    terminal.line(line);
    lines.push(line);
    return { ...round, cycles };
  };
  const rounds = await alternate(
    plan.pairs,
    async (pair) => {
      const round = await one(long, `${entries} entries, round ${pair}`);
      cyclesOfLong += round.cycles;
      return round;
    },
    async (pair) => {
      const database = await postgres.newDatabase(`bench_few_${pair}`);
      const few = await writePast(database, ACCOUNT, plan.fewEntries);
      const round = await one(database, `${few} entries, round ${pair}`);
      shorts.push({ database, cycles: round.cycles });
      return round;
    },
  );
  return {
    ratio: median(rounds.map(({ a, b }) => b.perSecond / a.perSecond)),
    fewPerSecond: median(rounds.map(({ b }) => b.perSecond)),
    manyPerSecond: median(rounds.map(({ a }) => a.perSecond)),
    lines,
    databases: [{ database: long, cycles: cyclesOfLong }, ...shorts],
  };
}

async function hotRound(
  database: BenchDatabase,
  { plan, postgresPid }: { readonly plan: LedgerPlan; readonly postgresPid: number },
): Promise<{ readonly round: LedgerRound; readonly cycles: number }> {
  const writer = await openWriter(database, OUR_CONNECTIONS);
  try {
    const side = new CycleSide('ours', new LedgerStore(writer), [ACCOUNT]);
    const { rampMs, windowMs } = plan;
    const round = await ledgerRound(side, { callers: HOT_LOAD_CALLERS, rampMs, windowMs, database, postgresPid });
    return { round, cycles: side.cycles };
  } finally {
    await writer.close();
  }
}
