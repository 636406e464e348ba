// Bench room, the ledger. One round of one side: cycles per second, the latency of posts and of whole cycles, what a
// cycle cost in processor time and how much it made Postgres log.
import { loadavg } from 'node:os';
import { withClient } from '@fairmeter/platform/database';
import { closedLoop } from '../measure/closed-loop.js';
import { percentile, rounded } from '../measure/percentiles.js';
import { processorMs } from '../measure/processes.js';
import { POSTS_OF_A_CYCLE, type CycleSide } from './cycle-side.js';
import type { BenchDatabase } from './bench-postgres.js';

export interface LedgerRound {
  /** Posts answered within the window, by three: where a cycle outlasts the window none would be counted whole. */
  readonly perSecond: number;
  readonly postP50: number;
  readonly postP99: number;
  readonly cycleP50: number;
  readonly cycleP99: number;
  readonly walKb: number;
  readonly postgresMs: number;
  readonly ownMs: number;
  readonly load: number;
}

export interface RoundPlan {
  readonly callers: number;
  readonly rampMs: number;
  readonly windowMs: number;
  readonly database: BenchDatabase;
  readonly postgresPid: number;
}

export async function ledgerRound(side: CycleSide, plan: RoundPlan): Promise<LedgerRound> {
  const [load = 0] = loadavg();
  const before = side.cycles;
  const logged = await walPosition(plan.database);
  const spent = spentBy(plan.postgresPid);
  let timings = side.takeTimings();
  const result = await closedLoop(
    side,
    { inFlight: plan.callers, rampMs: plan.rampMs, windowMs: plan.windowMs },
    {
      windowOpens: () => side.takeTimings(),
      windowCloses: () => {
        timings = side.takeTimings();
      },
    },
  );
  // Ramp and end included, for what is divided as well as for what divides.
  const cycles = Math.max(1, side.cycles - before);
  const after = spentBy(plan.postgresPid);
  // Those that ended after the window as well: at a thousand callers of the naive way there may be no others.
  const cycleMs = [...timings.cycleMs, ...side.takeTimings().cycleMs];
  const postMs = [...timings.holdMs, ...timings.laterMs];
  return {
    perSecond: postMs.length / POSTS_OF_A_CYCLE / result.seconds,
    postP50: percentile(postMs, 50),
    postP99: percentile(postMs, 99),
    cycleP50: percentile(cycleMs, 50),
    cycleP99: percentile(cycleMs, 99),
    walKb: ((await walPosition(plan.database)) - logged) / 1024 / cycles,
    postgresMs: (after.postgres - spent.postgres) / cycles,
    ownMs: (after.own - spent.own) / cycles,
    load,
  };
}

function spentBy(postgresPid: number): { readonly postgres: number; readonly own: number } {
  return { postgres: processorMs(postgresPid, true) ?? 0, own: processorMs(process.pid, false) ?? 0 };
}

async function walPosition(database: BenchDatabase): Promise<number> {
  return withClient(database.adminUrl, async (admin) => {
    const { rows } = await admin.query<{ bytes: string }>(
      `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS bytes`,
    );
    return Number(rows[0]?.bytes ?? 0);
  });
}

export function describeRound(name: string, round: LedgerRound): string {
  const ms = (value: number): string => `${rounded(value, 1)}`;
  return (
    `${name}: ${rounded(round.perSecond, 1)} cycles/s; post p50 ${ms(round.postP50)} p99 ${ms(round.postP99)} ms, ` +
    `cycle p50 ${ms(round.cycleP50)} p99 ${ms(round.cycleP99)} ms; per cycle: Postgres ` +
    `${rounded(round.postgresMs, 3)} ms, bench ${rounded(round.ownMs, 3)} ms, log ${rounded(round.walKb, 2)} kB; ` +
    `load before ${rounded(round.load, 1)}`
  );
}
