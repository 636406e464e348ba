// Domain room. What whoever runs the platform is told at once: by measurement, each from a threshold on.
import type { Instant } from '../time/instant.js';
import type { DriftKind } from './drift.js';

export const ALERT_CODES = [
  'review_overdue',
  'drift_open',
  'ledger_busy',
  'payload_oversized',
  'reconcile_failed',
  'clock_skew',
  'workflow_tasks_stuck',
  'steps_stuck',
  'reconciliation_late',
] as const;
export type AlertCode = (typeof ALERT_CODES)[number];

export interface Alert {
  readonly code: AlertCode;
  /** How many of it there are, or how often it came; of a clock by how many milliseconds, of a pass how late. */
  readonly figure: number;
  /** Since when, as far as it is known. */
  readonly since: Instant | null;
  /** Which process, or which kind of drift. */
  readonly about: readonly string[];
}

/** What a process counts of itself since it began. */
export const PROCESS_SIGNS = ['ledger_busy', 'payload_oversized', 'reconcile_failed'] as const;
export type ProcessSign = (typeof PROCESS_SIGNS)[number];

export interface SignSeen {
  readonly count: number;
  readonly lastAt: Instant;
}

export interface ProcessSeen {
  readonly process: string;
  /** Its clock before the database's; null where nobody has measured it. */
  readonly clockAheadMs: number | null;
  readonly signs: Readonly<Partial<Record<ProcessSign, SignSeen>>>;
}

export interface OperatingSigns {
  readonly now: Instant;
  readonly drift: readonly { readonly kind: DriftKind; readonly count: number; readonly oldest: Instant }[];
  readonly overdueReviews: { readonly count: number; readonly oldest: Instant | null };
  readonly processes: readonly ProcessSeen[];
  /** When the last pass of reconciliation ended; null before the first. */
  readonly lastPassAt: Instant | null;
}

/** Edge 13: more than this between API, worker and database is an alarm. */
export const CLOCK_SKEW_ALARM_MS = 2_000;
/** What came once is told for so long. */
export const SIGN_IS_FRESH_MS = 15 * 60_000;
/** A pass rests for a minute; by then five of them were left out. */
export const PASS_IS_LATE_MS = 5 * 60_000;

/**
 * By how much a clock is ahead of another one for certain, by its own figures before and after that was asked: what
 * fits into the time that the answer took, as where a process was held up, is no difference.
 */
export function aheadForCertain(other: number, { asked, answered }: { asked: number; answered: number }): number {
  return asked > other ? asked - other : Math.min(0, answered - other);
}

/** In the order of their codes; none where all is well. */
export function alertsOf(signs: OperatingSigns): readonly Alert[] {
  return [
    ...overdueReviews(signs),
    ...openDrift(signs),
    ...PROCESS_SIGNS.flatMap((sign) => seenSign(signs, sign)),
    ...skewedClocks(signs),
    ...drifted(signs, 'workflow_tasks_stuck', 'workflow_tasks_stuck'),
    ...drifted(signs, 'steps_stuck', 'step_not_begun'),
    ...latePass(signs),
  ];
}

function overdueReviews({ overdueReviews: { count, oldest } }: OperatingSigns): Alert[] {
  return count === 0 ? [] : [{ code: 'review_overdue', figure: count, since: oldest, about: [] }];
}

/** What is stuck at this moment is told by itself: it needs somebody sooner than what can wait for a look. */
const TOLD_BY_THEMSELVES: readonly DriftKind[] = ['workflow_tasks_stuck', 'step_not_begun'];

function openDrift({ drift }: OperatingSigns): Alert[] {
  return listed(
    'drift_open',
    drift.filter(({ kind }) => !TOLD_BY_THEMSELVES.includes(kind)),
  );
}

function drifted({ drift }: OperatingSigns, code: AlertCode, kind: DriftKind): Alert[] {
  return listed(
    code,
    drift.filter((one) => one.kind === kind),
  );
}

function listed(code: AlertCode, drift: OperatingSigns['drift']): Alert[] {
  const open = drift.filter(({ count }) => count > 0);
  if (open.length === 0) return [];
  const oldest = open.reduce<Instant | null>((first, { oldest: at }) => earlier(first, at), null);
  return [
    {
      code,
      figure: open.reduce((sum, { count }) => sum + count, 0),
      since: oldest,
      about: open.map(({ kind }) => kind),
    },
  ];
}

function seenSign({ processes, now }: OperatingSigns, sign: ProcessSign): Alert[] {
  const fresh = processes.flatMap(({ process, signs }) => {
    const seen = signs[sign];
    return seen !== undefined && now - seen.lastAt < SIGN_IS_FRESH_MS ? [{ process, ...seen }] : [];
  });
  if (fresh.length === 0) return [];
  const count = fresh.reduce((sum, seen) => sum + seen.count, 0);
  return [{ code: sign, figure: count, since: null, about: fresh.map(({ process }) => process) }];
}

function skewedClocks({ processes }: OperatingSigns): Alert[] {
  const skewed = processes.filter(({ clockAheadMs }) => Math.abs(clockAheadMs ?? 0) > CLOCK_SKEW_ALARM_MS);
  if (skewed.length === 0) return [];
  const most = Math.max(...skewed.map(({ clockAheadMs }) => Math.abs(clockAheadMs ?? 0)));
  return [{ code: 'clock_skew', figure: most, since: null, about: skewed.map(({ process }) => process) }];
}

/** Before the first pass nobody is late: its worker may be starting. */
function latePass({ lastPassAt, now }: OperatingSigns): Alert[] {
  const lateMs = lastPassAt === null ? 0 : now - lastPassAt;
  return lateMs < PASS_IS_LATE_MS
    ? []
    : [{ code: 'reconciliation_late', figure: lateMs, since: lastPassAt, about: [] }];
}

function earlier(first: Instant | null, at: Instant): Instant {
  return first === null || at < first ? at : first;
}
