// Bench room. One round of one side: how many were done in a second, and what each cost every process in processor
// time.
import { loadavg } from 'node:os';
import { closedLoop } from '../measure/closed-loop.js';
import { rounded } from '../measure/percentiles.js';
import { processorMsByName } from '../measure/processes.js';
import type { RoundPair } from '../measure/rounds.js';
import type { Side } from '../measure/side.js';

export interface Round {
  readonly perSecond: number;
  readonly done: number;
  /** Processor milliseconds per job by process; what others of the machine take is not in it. */
  readonly processorMsPerJob: Readonly<Record<string, number>>;
  readonly loadBefore: number;
  readonly slowestMs: number;
}

export interface RoundPlan {
  readonly inFlight: number;
  readonly rampMs: number;
  readonly windowMs: number;
}

export async function measureRound(side: Side, plan: RoundPlan, pids: ReadonlyMap<string, number>): Promise<Round> {
  const [loadBefore = 0] = loadavg();
  let before: Readonly<Record<string, number>> = {};
  let after: Readonly<Record<string, number>> = {};
  const result = await closedLoop(side, plan, {
    windowOpens: () => {
      before = processorMsByName(pids);
    },
    windowCloses: () => {
      after = processorMsByName(pids);
    },
  });
  const perJob = Object.entries(after).map(([name, ms]): [string, number] => [
    name,
    rounded((ms - (before[name] ?? 0)) / Math.max(1, result.done), 1),
  ]);
  return {
    perSecond: result.perSecond,
    done: result.done,
    processorMsPerJob: Object.fromEntries(perJob),
    loadBefore: rounded(loadBefore, 1),
    slowestMs: result.slowestMs,
  };
}

export function roundLine(name: string, round: Round): string {
  const cost = Object.entries(round.processorMsPerJob)
    .filter(([, ms]) => ms >= 0.1)
    .map(([process, ms]) => `${process} ${ms}`);
  return (
    `${name}: ${rounded(round.perSecond, 2)}/s (slowest ${slowestOf(round)}, load ${round.loadBefore}; ` +
    `CPU ms per job: ${cost.join(', ')})`
  );
}

function slowestOf(round: Round): string {
  return `${rounded(round.slowestMs / 1000, 1)} s`;
}

export function roundTable(rounds: readonly RoundPair<Round>[]): string[] {
  const rows = rounds.map(
    ({ a, b }, index) =>
      `| ${index + 1} | ${rounded(a.perSecond, 2)} | ${rounded(b.perSecond, 2)} | ` +
      `${rounded(a.perSecond / b.perSecond, 3)} | ${slowestOf(a)} and ${slowestOf(b)} | ${costOf(a)} | ${costOf(b)} |`,
  );
  return [
    '| pair | jobs/s | bare/s | ratio | slowest | CPU ms per job, jobs | CPU ms per job, bare |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ];
}

function costOf(round: Round): string {
  return Object.entries(round.processorMsPerJob)
    .filter(([, ms]) => ms >= 0.1)
    .map(([name, ms]) => `${name} ${ms}`)
    .join(', ');
}
