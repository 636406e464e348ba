// Ledger room. A scope as the posts of a group have left it so far, and the row it becomes.
import type { Instant, ScopeSnapshot } from '@fairmeter/domain';
import { instant } from '@fairmeter/domain';
import type { GroupGround } from './ground.js';
import type { LockedScope } from './scope-rows.js';
import type { ScopeWritten } from './write.js';

/** A scope as the group has left it so far. */
export interface ScopeState {
  readonly snapshot: ScopeSnapshot;
  readonly outboxSeq: bigint;
  readonly lastEffectiveAt: Instant;
  readonly termsRows: number;
  readonly limitRows: number;
  readonly openJobs: number;
  readonly visitorJobs: number;
  readonly isTouched: boolean;
}

export function untouched(snapshot: ScopeSnapshot): ScopeState {
  return {
    snapshot,
    outboxSeq: 0n,
    lastEffectiveAt: instant(0),
    termsRows: 0,
    limitRows: 0,
    openJobs: 0,
    visitorJobs: 0,
    isTouched: false,
  };
}

export function scopeRow([scopeId, scope]: [string, ScopeState]): ScopeWritten {
  return {
    scopeId,
    entrySeq: scope.snapshot.entrySeq,
    debt: scope.snapshot.debt,
    outboxSeq: scope.outboxSeq,
    lastEffectiveAt: scope.lastEffectiveAt,
    termsRows: scope.termsRows,
    limitRows: scope.limitRows,
    openJobs: scope.openJobs,
    visitorJobs: scope.visitorJobs,
    dayOpened: scope.snapshot.terms.dayOpened,
  };
}

/** As they were loaded: rows of many scopes, each once to its own. */
export function scopeStates(locked: readonly LockedScope[], ground: GroupGround): Map<string, ScopeState> {
  const lots = byScope(ground.lots, ({ lot }) => lot);
  const counters = byScope(ground.counters, ({ counter }) => counter);
  const terms = byScope(ground.terms, (each) => each.terms);
  const limits = byScope(ground.limits, ({ limit }) => limit);
  return new Map(
    locked.map(({ scopeId, entrySeq, debt, dayOpened, ...row }) => [
      scopeId,
      {
        snapshot: {
          scopeId,
          entrySeq,
          debt,
          lots: byKey(lots.get(scopeId) ?? [], (lot) => lot.id),
          holds: new Map(),
          counters: byKey(counters.get(scopeId) ?? [], (counter) => counter.id),
          terms: { rows: terms.get(scopeId) ?? [], limits: limits.get(scopeId) ?? [], dayOpened },
          day: null,
        },
        outboxSeq: row.outboxSeq,
        lastEffectiveAt: row.lastEffectiveAt,
        termsRows: row.termsRows,
        limitRows: row.limitRows,
        openJobs: row.openJobs,
        visitorJobs: row.visitorJobs,
        isTouched: false,
      },
    ]),
  );
}

export function byKey<T>(rows: readonly T[], key: (row: T) => string): Map<string, T> {
  return new Map(rows.map((row) => [key(row), row]));
}

function byScope<T extends { readonly scopeId: string }, R>(rows: readonly T[], of: (row: T) => R): Map<string, R[]> {
  const scopes = new Map<string, R[]>();
  for (const row of rows) {
    const own = scopes.get(row.scopeId);
    if (own === undefined) scopes.set(row.scopeId, [of(row)]);
    else own.push(of(row));
  }
  return scopes;
}
