// Bench room, who is asking. One round of one side: answers in a second, how long they took, and what each cost every
// process in processor time.
import { loadavg } from 'node:os';
import { closedLoop, type ClosedLoop } from '../measure/closed-loop.js';
import { percentile, rounded } from '../measure/percentiles.js';
import { processorMsByName } from '../measure/processes.js';
import type { RoundPair } from '../measure/rounds.js';
import type { CreditsSide } from './credits-side.js';

export interface AuthRound {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly slowestMs: number;
  /** Processor microseconds per answer, by process. */
  readonly processorUs: Readonly<Record<string, number>>;
  readonly loadBefore: number;
}

export async function authRound(
  side: CreditsSide,
  loop: ClosedLoop,
  pids: ReadonlyMap<string, number>,
): Promise<AuthRound> {
  const [loadBefore = 0] = loadavg();
  let before: Readonly<Record<string, number>> = {};
  let after: Readonly<Record<string, number>> = {};
  let timings: readonly number[] = [];
  const { perSecond, done } = await closedLoop(side, loop, {
    windowOpens: () => {
      side.takeTimings();
      before = processorMsByName(pids);
    },
    windowCloses: () => {
      timings = side.takeTimings();
      after = processorMsByName(pids);
    },
  });
  const perAnswer = Object.entries(after).map(([name, ms]): [string, number] => [
    name,
    Math.round(((ms - (before[name] ?? 0)) * 1_000) / Math.max(1, done)),
  ]);
  return {
    perSecond,
    p50Ms: percentile(timings, 50),
    p99Ms: percentile(timings, 99),
    slowestMs: percentile(timings, 100),
    processorUs: Object.fromEntries(perAnswer),
    loadBefore,
  };
}

export function authRoundLine(name: string, round: AuthRound): string {
  return (
    `${name}: ${rounded(round.perSecond, 0)}/s, p50 ${rounded(round.p50Ms, 1)} p99 ${rounded(round.p99Ms, 1)} ` +
    `slowest ${rounded(round.slowestMs, 1)} ms; CPU us per answer: ${costOf(round)}; ` +
    `load before ${rounded(round.loadBefore, 1)}`
  );
}

export function authTable(rounds: readonly RoundPair<AuthRound>[]): string[] {
  const both = (a: number, b: number): string => `${rounded(a, 1)} and ${rounded(b, 1)}`;
  return [
    'Where a cell has two figures: with checks, and without.',
    '',
    '| pair | answers/s | ratio | p50 ms | p99 ms | slowest ms | CPU us with checks | CPU us without |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rounds.map(
      ({ a, b }, index) =>
        `| ${index + 1} | ${both(a.perSecond, b.perSecond)} | ${rounded(a.perSecond / b.perSecond, 3)} | ` +
        `${both(a.p50Ms, b.p50Ms)} | ${both(a.p99Ms, b.p99Ms)} | ${both(a.slowestMs, b.slowestMs)} | ` +
        `${costOf(a)} | ${costOf(b)} |`,
    ),
  ];
}

/** A process that did nothing for it is left out. */
function costOf({ processorUs }: AuthRound): string {
  return Object.entries(processorUs)
    .filter(([, us]) => us > 0)
    .map(([name, us]) => `${name} ${us}`)
    .join(', ');
}
