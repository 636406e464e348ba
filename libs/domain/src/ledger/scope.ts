// Domain room. One scope as a decision sees it, and what a decision changes of it.
import type { MicroCredits } from '../amounts/micro-credits.js';
import { ZERO } from '../amounts/micro-credits.js';
import type { DailyPeriod } from '../time/daily-period.js';
import type { Counter } from './counter.js';
import type { Entry } from './entry.js';
import type { Hold } from './hold.js';
import type { Lot } from './lot.js';
import type { ScopeTerms, TermsChanges } from './terms.js';
import { applyTerms, NO_TERMS, SAME_TERMS } from './terms.js';

export interface ScopeSnapshot {
  readonly scopeId: string;
  /** Entries written so far; the next one gets this number plus 1. */
  readonly entrySeq: bigint;
  /** What was spent of a purchase that was taken back: paid first by the next purchase (edge 72). */
  readonly debt: MicroCredits;
  readonly lots: ReadonlyMap<string, Lot>;
  readonly holds: ReadonlyMap<string, Hold>;
  readonly counters: ReadonlyMap<string, Counter>;
  readonly terms: ScopeTerms;
  /** The day at the instant of the decision, as the terms say; null where they give none. */
  readonly day: DailyPeriod | null;
}

export function emptyScope(scopeId: string): ScopeSnapshot {
  return {
    scopeId,
    entrySeq: 0n,
    debt: ZERO,
    lots: new Map(),
    holds: new Map(),
    counters: new Map(),
    terms: NO_TERMS,
    day: null,
  };
}

export interface ScopeChanges {
  /** Null where the debt stays as it is. */
  readonly debt: MicroCredits | null;
  readonly lots: readonly Lot[];
  readonly holds: readonly Hold[];
  readonly counters: readonly Counter[];
  readonly entries: readonly Entry[];
  readonly terms: TermsChanges;
}

export const NO_CHANGES: ScopeChanges = Object.freeze({
  debt: null,
  lots: [],
  holds: [],
  counters: [],
  entries: [],
  terms: SAME_TERMS,
});

/** The scope as it is after an operation: how one operation's outcome becomes the next one's ground. */
export function applyChanges(snapshot: ScopeSnapshot, changes: ScopeChanges): ScopeSnapshot {
  const lots = new Map(snapshot.lots);
  for (const lot of changes.lots) lots.set(lot.id, lot);
  const holds = new Map(snapshot.holds);
  for (const hold of changes.holds) holds.set(hold.id, hold);
  const counters = new Map(snapshot.counters);
  for (const counter of changes.counters) counters.set(counter.id, counter);
  return {
    ...snapshot,
    entrySeq: snapshot.entrySeq + BigInt(changes.entries.length),
    debt: changes.debt ?? snapshot.debt,
    lots,
    holds,
    counters,
    terms: applyTerms(snapshot.terms, changes.terms),
  };
}
