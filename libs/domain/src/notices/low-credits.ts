// Domain room. When an owner is warned that credits run low: by what is left of the period's own credits, and once
// nothing at all is left that a job could begin with.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { add, ZERO } from '../amounts/micro-credits.js';
import type { Lot } from '../ledger/lot.js';
import { isLive } from '../ledger/lot.js';
import type { Instant } from '../time/instant.js';

/** In parts of a hundred of the period's credits; cfg. */
export const LOW_AT_PERCENT = [5, 20] as const;
export type LowPercent = (typeof LOW_AT_PERCENT)[number];

export interface LowCredits {
  /** `zero` goes before any figure of the period: nothing else pays either. */
  readonly warning: 'zero' | LowPercent;
  /** What may be warned of once: this period. */
  readonly periodStart: Instant | null;
  readonly periodEnd: Instant | null;
  /** Of the period's own credits: what is left, what holds have of it too, and what it began with. */
  readonly left: MicroCredits;
  readonly granted: MicroCredits;
}

/** `smallest`: what the smallest job costs; less than that is nothing. Null where there is nothing to warn of. */
export function lowCredits(lots: readonly Lot[], at: Instant, smallest: MicroCredits): LowCredits | null {
  const live = lots.filter((lot) => isLive(lot, at));
  const own = live.filter(({ kind }) => kind === 'subscription');
  const left = add(ZERO, ...own.map(({ open, held }) => add(open, held)));
  const granted = add(ZERO, ...own.map((lot) => lot.granted));
  const [first] = own;
  const period = { periodStart: first?.validFrom ?? null, periodEnd: first?.expiresAt ?? null, left, granted };
  const all = add(ZERO, ...live.map(({ open, held }) => add(open, held)));
  if (all < smallest) return { warning: 'zero', ...period };
  const warning = LOW_AT_PERCENT.find((percent) => granted > 0n && left * 100n <= granted * BigInt(percent));
  return warning === undefined ? null : { warning, ...period };
}
