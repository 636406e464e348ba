// Domain room. The lot that a scope gets by itself, a pure function of scope, terms and time: today's where its terms
// give a day, the month's in a test scope. The first posting that meets it opens it, so that nothing runs at midnight.
import { ZERO } from '../amounts/micro-credits.js';
import type { DailyPeriod } from '../time/daily-period.js';
import type { Instant } from '../time/instant.js';
import { instant } from '../time/instant.js';
import { environmentOf, TEST_ALLOWANCE } from './environment.js';
import type { Lot } from './lot.js';
import { dailyLotId, dailySource } from './terms.js';

export interface DueGround {
  readonly scopeId: string;
  /** What the terms of the scope say of the day at that instant; null where it has none. */
  readonly day: DailyPeriod | null;
  readonly at: Instant;
}

/** As it is before anything was drawn of it; null where nothing is given. */
export function dueLot({ scopeId, day, at }: DueGround, openedSeq: bigint): Lot | null {
  if (environmentOf(scopeId) === 'test') return testMonthLot(scopeId, at, openedSeq);
  return day === null || day.grantedNow <= 0n ? null : todaysLot(scopeId, day, openedSeq);
}

function todaysLot(scopeId: string, day: DailyPeriod, openedSeq: bigint): Lot {
  return {
    id: dailyLotId(scopeId, day.key),
    kind: 'daily',
    granted: day.grantedNow,
    open: day.grantedNow,
    held: ZERO,
    validFrom: day.start,
    expiresAt: day.end,
    grantedUntil: null,
    periodStart: null,
    sourceRef: dailySource(day.key),
    openedSeq,
    clawedBack: false,
    lapsed: ZERO,
  };
}

/** Months of UTC: a test scope has no terms, and so no zone. A lot of the period, by whose end limits count anew. */
function testMonthLot(scopeId: string, at: Instant, openedSeq: bigint): Lot {
  const date = new Date(at);
  const startOf = (month: number): Instant => instant(Date.UTC(date.getUTCFullYear(), month, 1));
  const start = startOf(date.getUTCMonth());
  return {
    id: `lot_month_${scopeId.slice(scopeId.indexOf('/') + 1)}_${start}`,
    kind: 'subscription',
    granted: TEST_ALLOWANCE,
    open: TEST_ALLOWANCE,
    held: ZERO,
    validFrom: start,
    expiresAt: startOf(date.getUTCMonth() + 1),
    grantedUntil: null,
    periodStart: null,
    sourceRef: `month/${new Date(start).toISOString()}`,
    openedSeq,
    clawedBack: false,
    lapsed: ZERO,
  };
}
