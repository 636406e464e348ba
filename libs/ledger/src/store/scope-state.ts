// Ledger room. A scope as the posts of a group have left it so far, and the row it becomes.
import type { Instant, ScopeSnapshot } from '@fairmeter/domain';
import { instant } from '@fairmeter/domain';
import type { ScopeWritten } from './write.js';

/** A scope as the group has left it so far. */
export interface ScopeState {
  readonly snapshot: ScopeSnapshot;
  readonly outboxSeq: bigint;
  readonly lastEffectiveAt: Instant;
  readonly termsRows: number;
  readonly limitRows: number;
  readonly openJobs: number;
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
    dayOpened: scope.snapshot.terms.dayOpened,
  };
}
