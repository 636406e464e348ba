// Bench room, the ledger. The rounds as tables of the page.
import { rounded } from '../measure/percentiles.js';
import type { ColdRounds } from './cold-accounts.js';
import type { LedgerRound } from './ledger-round.js';
import type { RateCell } from './rates.js';

const both = (of: (round: LedgerRound) => number, decimals: number) => {
  return ({ a, b }: { readonly a: LedgerRound; readonly b: LedgerRound }): string =>
    `${rounded(of(a), decimals)} and ${rounded(of(b), decimals)}`;
};

const COLUMNS = [
  both((round) => round.perSecond, 1),
  ({ a, b }: { readonly a: LedgerRound; readonly b: LedgerRound }): string =>
    `${rounded(a.perSecond / b.perSecond, 2)}`,
  both((round) => round.postP50, 1),
  both((round) => round.postP99, 1),
  both((round) => round.cycleP99, 1),
  both((round) => round.postgresMs, 2),
  both((round) => round.ownMs, 2),
  both((round) => round.walKb, 1),
];

const HEADINGS = [
  ...['callers', 'round', 'cycles/s', 'ratio', 'post p50 ms', 'post p99 ms', 'cycle p99 ms'],
  ...['Postgres ms', 'bench ms', 'log kB'],
];

/** Ours and naive in each cell. */
export function cellTable(cells: readonly RateCell[]): string[] {
  return [
    'Each cell: ours and naive. Processor milliseconds and kB of log are per cycle.',
    '',
    `| ${HEADINGS.join(' | ')} |`,
    `| ${HEADINGS.map(() => '---').join(' | ')} |`,
    ...cells.flatMap(({ name, rounds }) =>
      rounds.map((pair, index) => `| ${[name, index + 1, ...COLUMNS.map((column) => column(pair))].join(' | ')} |`),
    ),
  ];
}

export function coldTable(rounds: ColdRounds): string[] {
  return [
    '| hot load beside the cold accounts | round | post p50 ms | post p99 ms | hot cycles/s |',
    '| --- | --- | --- | --- | --- |',
    ...Object.entries(rounds).flatMap(([load, each]) =>
      each.map(
        ({ p50, p99, hotPerSecond }, index) =>
          `| ${load} | ${index + 1} | ${rounded(p50, 1)} | ${rounded(p99, 1)} | ${rounded(hotPerSecond, 1)} |`,
      ),
    ),
  ];
}
