// Bench room, the ledger. A thousand accounts that call now and then, beside one that is hot: what they wait for their
// answers when it is quiet, and while one process or two write for the hot one.
import { LedgerStore } from '@fairmeter/ledger';
import { openLoop } from '../measure/open-loop.js';
import { median, percentile, rounded } from '../measure/percentiles.js';
import { openWriter, type BenchDatabase } from './bench-postgres.js';
import { CycleSide, POSTS_OF_A_CYCLE } from './cycle-side.js';
import { startHotLoad } from './hot-load.js';
import { HOT_LOAD_CALLERS, OUR_CONNECTIONS } from './ledger-plan.js';
import type { RatesContext } from './rates.js';
import { SecondWriterProcess } from './second-writer-process.js';

/** The seed of the arrivals: every round meets the same ones. */
const ARRIVALS_SEED = 20_261_121;

export interface ColdRound {
  readonly p50: number;
  readonly p99: number;
  /** Of the hot account meanwhile, all processes together. */
  readonly hotPerSecond: number;
}

export type ColdLoad = 'quiet' | 'one process' | 'two processes' | 'one process, crowded' | 'two processes, crowded';
export type ColdRounds = Readonly<Record<ColdLoad, readonly ColdRound[]>>;

export interface ColdResult {
  readonly rounds: ColdRounds;
  readonly cycles: number;
}

export async function measureCold(
  context: RatesContext,
  accounts: { readonly cold: readonly string[]; readonly hot: string; readonly crowded: string },
): Promise<ColdResult> {
  const { database, plan, terminal } = context;
  const writer = await openWriter(database, OUR_CONNECTIONS);
  const store = new LedgerStore(writer);
  const counted = { cycles: 0 };
  const loads: readonly [ColdLoad, HotWish | undefined][] = [
    ['quiet', undefined],
    ['one process', { account: accounts.hot, processes: 1 }],
    ['two processes', { account: accounts.hot, processes: 2 }],
    ['one process, crowded', { account: accounts.crowded, processes: 1 }],
    ['two processes, crowded', { account: accounts.crowded, processes: 2 }],
  ];
  const rounds = new Map<ColdLoad, ColdRound[]>(loads.map(([name]) => [name, []]));
  try {
    for (let pair = 1; pair <= plan.pairs; pair += 1) {
      for (const [name, wish] of loads) {
        const hot = wish === undefined ? undefined : await heat({ database, store }, wish);
        const cold = new CycleSide('cold', store, accounts.cold);
        const waits = await coldWaits(cold, context);
        const { perSecond, cycles } = (await hot?.stop()) ?? { perSecond: 0, cycles: 0 };
        counted.cycles += cold.cycles + cycles;
        const round = { p50: percentile(waits, 50), p99: percentile(waits, 99), hotPerSecond: perSecond };
        rounds.get(name)?.push(round);
        terminal.line(
          `cold, round ${pair}, ${name}: p50 ${rounded(round.p50, 1)} p99 ${rounded(round.p99, 1)} ms; ` +
            `hot ${rounded(round.hotPerSecond, 1)} cycles/s`,
        );
      }
    }
    return { rounds: Object.fromEntries(rounds) as unknown as ColdRounds, cycles: counted.cycles };
  } finally {
    await writer.close();
  }
}

async function coldWaits(cold: CycleSide, { plan }: RatesContext): Promise<readonly number[]> {
  const perSecond = plan.coldCallsPerSecond / POSTS_OF_A_CYCLE;
  const { admittedMs } = await openLoop(cold, { perSecond, submissions: plan.coldCycles, seed: ARRIVALS_SEED });
  // The first post of a cycle counts from when it was due, the others from when they were called.
  return [...admittedMs, ...cold.takeTimings().laterMs];
}

interface HotWish {
  readonly account: string;
  readonly processes: 1 | 2;
}

interface Heat {
  stop(): Promise<{ readonly perSecond: number; readonly cycles: number }>;
}

async function heat(
  { database, store }: { readonly database: BenchDatabase; readonly store: LedgerStore },
  { account, processes }: HotWish,
): Promise<Heat> {
  const side = new CycleSide('hot', store, [account]);
  const second = processes === 2 ? await SecondWriterProcess.start({ database, account }) : undefined;
  const callers = HOT_LOAD_CALLERS / processes;
  second?.begin(callers);
  const load = startHotLoad(side, callers);
  return {
    stop: async () => {
      const [own, other] = await Promise.all([load.stop(), second?.stop()]);
      return { perSecond: own + (other?.perSecond ?? 0), cycles: side.cycles + (other?.cycles ?? 0) };
    },
  };
}

/** Neighbours in time are compared, then the middle one speaks. */
export function coldRatio(rounds: ColdRounds, load: ColdLoad): number {
  const { quiet } = rounds;
  return median(rounds[load].map((round, index) => round.p99 / (quiet[index]?.p99 ?? Number.NaN)));
}
