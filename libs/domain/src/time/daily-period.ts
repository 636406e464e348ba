// Domain room. What the calendar says of a scope's day, as plain facts: verbs and workflows know them without knowing
// the calendar that made them.
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { Instant } from './instant.js';

/** One append-only row. Both instants are stored: what was announced stands when a time-zone release changes rules. */
export interface DailyTerms {
  readonly number: number;
  readonly effectiveAt: Instant;
  readonly zone: string;
  readonly dailyAllowance: MicroCredits;
  /** N. From here on midnights of this row's zone reset the day, those of earlier rows no more. */
  readonly resetNotBefore: Instant;
  /** The first reset these terms bring. The very next of the scope may be an earlier row's: see `DailyPeriod.end`. */
  readonly nextResetAt: Instant;
}

export interface DailyPeriod {
  /** Names the lot: the instant of its start. A local date may come twice when the zone changes, an instant never. */
  readonly key: Instant;
  readonly start: Instant;
  /** The next reset as the terms in force at the asked instant say. A change may move it, but not to before N. */
  readonly end: Instant;
  /** What the terms in force give a day; after a downgrade less than this day was granted. */
  readonly allowance: MicroCredits;
  /** What this day's lot has been granted: the largest allowance in force since its start. */
  readonly grantedNow: MicroCredits;
}
