// Bench room, the ledger. Ours and the naive way in turn, at every number of callers, on one account and on many.
import { LedgerStore } from '@fairmeter/ledger';
import type { WriterDatabase } from '@fairmeter/platform/database';
import type { Terminal } from '../../apps/cli/src/terminal/terminal.js';
import { closedLoop } from '../measure/closed-loop.js';
import { median, rounded } from '../measure/percentiles.js';
import { alternate, medianRatio, type RoundPair } from '../measure/rounds.js';
import { openWriter, type BenchDatabase } from './bench-postgres.js';
import type { PostTaker } from './cycle.js';
import { CycleSide } from './cycle-side.js';
import { HOT_CALLERS, NAIVE_CONNECTIONS, OUR_CONNECTIONS, SPREAD_CALLERS, type LedgerPlan } from './ledger-plan.js';
import { describeRound, ledgerRound, type LedgerRound } from './ledger-round.js';
import { NaiveLedger } from './naive-ledger.js';
import { describeRows, mustBeEqual, rowsPerCycle } from './rows-written.js';
import { SingleRowDebit } from './single-row-debit.js';

export interface RatesContext {
  readonly database: BenchDatabase;
  readonly postgresPid: number;
  readonly plan: LedgerPlan;
  readonly terminal: Terminal;
}

export interface RateCell {
  readonly name: string;
  readonly callers: number;
  readonly rounds: readonly RoundPair<LedgerRound>[];
}

export interface Rates {
  readonly cells: readonly RateCell[];
  readonly cycles: number;
  readonly debitsPerSecond: number;
}

export async function measureRates(context: RatesContext, hot: string, spread: readonly string[]): Promise<Rates> {
  const { database, plan, terminal } = context;
  const ours = await openWriter(database, OUR_CONNECTIONS);
  const naive = await openWriter(database, NAIVE_CONNECTIONS);
  try {
    const sides = [new LedgerStore(ours), new NaiveLedger(naive, NAIVE_CONNECTIONS)] as const;
    const cells: RateCell[] = [];
    let cycles = await warmUp(sides, hot, plan);
    const measure = async (name: string, accounts: readonly string[], callers: number): Promise<void> => {
      const a = new CycleSide('ours', sides[0], accounts);
      const b = new CycleSide('naive', sides[1], accounts);
      cells.push({ name, callers, rounds: await inTurn(context, { name, callers, a, b }) });
      cycles += a.cycles + b.cycles;
    };
    for (const callers of HOT_CALLERS) await measure(`hot ${callers}`, [hot], callers);
    for (const callers of SPREAD_CALLERS) await measure(`spread ${callers}`, spread, callers);
    const debitsPerSecond = await debits(naive, plan);
    terminal.line(`single-row debit, ${NAIVE_CONNECTIONS} callers: ${rounded(debitsPerSecond, 1)}/s`);
    return { cells, cycles, debitsPerSecond };
  } finally {
    await Promise.all([ours.close(), naive.close()]);
  }
}

/** Until the code is compiled and the plans are made; answers the cycles it took. */
async function warmUp(sides: readonly PostTaker[], hot: string, { rampMs, windowMs }: LedgerPlan): Promise<number> {
  let cycles = 0;
  for (const ledger of sides) {
    const side = new CycleSide('warm-up', ledger, [hot]);
    await closedLoop(side, { inFlight: NAIVE_CONNECTIONS, rampMs, windowMs });
    cycles += side.cycles;
  }
  return cycles;
}

interface Turns {
  readonly name: string;
  readonly callers: number;
  readonly a: CycleSide;
  readonly b: CycleSide;
}

async function inTurn(
  { database, postgresPid, plan, terminal }: RatesContext,
  { name, callers, a, b }: Turns,
): Promise<readonly RoundPair<LedgerRound>[]> {
  const { rampMs, windowMs } = plan;
  const one = async (side: CycleSide, pair: number): Promise<LedgerRound> => {
    const round = await ledgerRound(side, { callers, rampMs, windowMs, database, postgresPid });
    terminal.line(describeRound(`${name}, round ${pair}, ${side.name}`, round));
    return round;
  };
  return alternate(
    plan.pairs,
    (pair) => one(a, pair),
    (pair) => one(b, pair),
  );
}

async function debits(writer: WriterDatabase, { pairs, rampMs, windowMs }: LedgerPlan): Promise<number> {
  const side = new SingleRowDebit(writer);
  const rates: number[] = [];
  for (let round = 1; round <= pairs; round += 1) {
    rates.push((await closedLoop(side, { inFlight: NAIVE_CONNECTIONS, rampMs, windowMs })).perSecond);
  }
  return median(rates);
}

/** Answers the cycles it took; throws where the sides differ. */
export async function checkRows({ database, plan, terminal }: RatesContext, hot: string): Promise<readonly string[]> {
  const lone = async (takes: (writer: WriterDatabase) => PostTaker): Promise<void> => {
    const writer = await openWriter(database, 1);
    const side = new CycleSide('lone', takes(writer), [hot]);
    for (let cycle = 1; cycle <= plan.rowCheckCycles; cycle += 1) await (await side.submit()).done;
    await writer.close();
  };
  // The first cycle of an account adds the counter of its limit, for whoever comes first.
  const first = await openWriter(database, 1);
  await (
    await new CycleSide('first', new LedgerStore(first), [hot]).submit()
  ).done;
  await first.close();
  const ours = await rowsPerCycle(database, plan.rowCheckCycles, () => lone((writer) => new LedgerStore(writer)));
  const naive = await rowsPerCycle(database, plan.rowCheckCycles, () => lone((writer) => new NaiveLedger(writer, 1)));
  const lines = [describeRows('ours', ours), describeRows('naive', naive)];
  for (const line of lines) terminal.line(line);
  mustBeEqual(ours, naive);
  return lines;
}

export function ratioOf(cell: RateCell): number {
  return medianRatio(cell.rounds, (round) => round.perSecond);
}

export function oursOf(cell: RateCell, of: (round: LedgerRound) => number): number {
  return median(cell.rounds.map(({ a }) => of(a)));
}

export function naiveOf(cell: RateCell, of: (round: LedgerRound) => number): number {
  return median(cell.rounds.map(({ b }) => of(b)));
}
