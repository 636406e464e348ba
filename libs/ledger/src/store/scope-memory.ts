// Ledger room. What this process left in the scopes it wrote last, so that their next posts need not read it again. A
// scope is as it was left for as long as its row was written last by the same transaction; whoever recalls asks that.
import type { ScopeSnapshot } from '@fairmeter/domain';
import type { Recalled } from './ground.js';
import { KeptJobs } from './kept-jobs.js';
import type { Post, PostLoad } from './post.js';
import type { LockedScope } from './scope-rows.js';
import type { Written } from './write.js';

/** A group as it left its scopes, in the transaction `self` that is on its way. */
export interface Remains {
  readonly self: string;
  readonly written: Written;
  readonly scopes: readonly ScopeRemains[];
  /** Jobs that were opened by this very group: all that will ever be of them is seen. */
  readonly born: ReadonlySet<string>;
}

export interface ScopeRemains {
  /** Who had written the row that the group stood on. */
  readonly stoodOn: string;
  readonly snapshot: ScopeSnapshot;
  readonly limitRows: number;
}

interface Kept {
  readonly writer: string;
  /** Before its commit only the group that follows it may stand on it. */
  isCommitted: boolean;
  readonly keptAt: number;
  readonly snapshot: ScopeSnapshot;
  readonly limitRows: number;
  readonly jobs: KeptJobs;
  /** As many as it was kept with: its jobs go on to whatever is kept of the scope next. */
  readonly rows: number;
}

/** Scopes that stay quiet are forgotten, long before the name of a transaction could come round again. */
const KEPT_MS = 60_000;
const ROWS_KEPT = 20_000;
/** More lots and counters than this are cheaper to read than to carry along. */
const ROWS_OF_A_SCOPE = 100;
const JOBS_OF_A_SCOPE = 2_000;
/** A scope that other processes write too is not remembered for so many groups: each vain recall costs a round trip. */
const GROUPS_AFTER_MISS = 16;
const MISSES_KEPT = 2_000;

export class ScopeMemory {
  /** The least recently written first. */
  private readonly kept = new Map<string, Kept>();
  private rows = 0;
  /** Groups for which a scope is still not remembered. */
  private readonly missed = new Map<string, number>();

  /** `following` is the transaction of the group before, which may not be committed yet. */
  recall(posts: readonly Post<object>[], following?: string): Recalled {
    const unknown = new Set<string>();
    for (const { scopeId, load } of posts) {
      const kept = this.kept.get(scopeId);
      if (kept === undefined || !isUsable(kept, following) || !covers(kept, load)) unknown.add(scopeId);
    }
    const known = [...new Set(posts.map((post) => post.scopeId))].flatMap((scopeId) => {
      const kept = unknown.has(scopeId) ? undefined : this.kept.get(scopeId);
      return kept === undefined ? [] : [{ scopeId, kept }];
    });
    const jobs = posts.flatMap(({ scopeId, load: { jobId } }) => {
      const job = jobId === undefined || unknown.has(scopeId) ? undefined : this.kept.get(scopeId)?.jobs.get(jobId);
      return job ?? [];
    });
    return {
      writers: new Map(known.map(({ scopeId, kept }) => [scopeId, kept.writer])),
      unknown: posts.filter(({ scopeId }) => unknown.has(scopeId)),
      lots: known.flatMap(({ scopeId, kept }) => [...kept.snapshot.lots.values()].map((lot) => ({ scopeId, lot }))),
      counters: known.flatMap(({ scopeId, kept }) =>
        [...kept.snapshot.counters.values()].map((counter) => ({ scopeId, counter })),
      ),
      terms: known.flatMap(({ scopeId, kept }) => kept.snapshot.terms.rows.map((terms) => ({ scopeId, terms }))),
      jobs: jobs.map(({ job }) => job),
      holds: jobs.flatMap(({ hold }) => hold ?? []),
      steps: jobs.flatMap(({ steps }) => [...steps.values()]),
      attempts: jobs.flatMap(({ attempts }) => [...attempts.values()]),
    };
  }

  keep(remains: Remains): void {
    const jobs = new Map<string, KeptJobs>();
    for (const { stoodOn, snapshot } of remains.scopes) {
      const before = this.kept.get(snapshot.scopeId);
      jobs.set(snapshot.scopeId, before?.writer === stoodOn ? before.jobs : new KeptJobs());
    }
    keepJobs(jobs, remains);
    for (const { snapshot, limitRows } of remains.scopes) {
      const { scopeId } = snapshot;
      const own = jobs.get(scopeId) ?? new KeptJobs();
      const ownRows = snapshot.lots.size + snapshot.counters.size + snapshot.terms.rows.length;
      const rows = ownRows + own.rows;
      this.forgetScope(scopeId);
      if (ownRows > ROWS_OF_A_SCOPE || own.size > JOBS_OF_A_SCOPE || this.isShared(scopeId)) continue;
      const { self: writer } = remains;
      this.kept.set(scopeId, { writer, isCommitted: false, keptAt: Date.now(), snapshot, limitRows, jobs: own, rows });
      this.rows += rows;
    }
    for (const scopeId of this.kept.keys()) {
      if (this.rows <= ROWS_KEPT) break;
      this.forgetScope(scopeId);
    }
  }

  /** The commit of `self` was answered: what it left may be stood on by anybody. */
  confirm({ self, scopes }: Remains): void {
    for (const { snapshot } of scopes) {
      const kept = this.kept.get(snapshot.scopeId);
      if (kept?.writer === self) kept.isCommitted = true;
    }
  }

  /** It was not, or nobody knows; nor was anything that stood on it. */
  forget({ scopes }: Remains): void {
    for (const { snapshot } of scopes) this.forgetScope(snapshot.scopeId);
  }

  /** Whether what was recalled is still true of the scopes as they were found; where it is not, somebody else wrote. */
  isTrueOf({ writers }: Recalled, scopes: readonly LockedScope[]): boolean {
    if (writers.size === 0) return true;
    const found = new Map(scopes.map((scope) => [scope.scopeId, scope.writer]));
    const moved = [...writers].filter(([scopeId, writer]) => found.get(scopeId) !== writer);
    if (this.missed.size > MISSES_KEPT) this.missed.clear();
    for (const [scopeId] of moved) {
      this.forgetScope(scopeId);
      this.missed.set(scopeId, GROUPS_AFTER_MISS);
    }
    return moved.length === 0;
  }

  /** A connection was lost, and maybe the server: it may give names of transactions again that it never wrote down. */
  forgetAll(): void {
    this.kept.clear();
    this.rows = 0;
  }

  private isShared(scopeId: string): boolean {
    const left = this.missed.get(scopeId) ?? 0;
    if (left > 1) this.missed.set(scopeId, left - 1);
    else this.missed.delete(scopeId);
    return left > 0;
  }

  private forgetScope(scopeId: string): void {
    this.rows -= this.kept.get(scopeId)?.rows ?? 0;
    this.kept.delete(scopeId);
  }
}

function isUsable(kept: Kept, following: string | undefined): boolean {
  return (kept.isCommitted || kept.writer === following) && Date.now() - kept.keptAt < KEPT_MS;
}

/**
 * Lots that it does not carry along, and limits, are read; so is what an automatic refund is capped by, for other jobs
 * of the scope have a part in it, and all steps of a job: a refund is rare, and a step that it missed would be wrong.
 */
function covers({ snapshot, limitRows, jobs }: Kept, load: PostLoad): boolean {
  const { jobId, limits = [], lotIds = [], sources = [], counterIds = [] } = load;
  if (load.refundWindow === true || load.allSteps === true) return false;
  if (sources.length > 0 || load.endedLots === true || load.dailyLot === true || lotIds.length > 0) {
    return false;
  }
  if (limits.length > 0 && limitRows > 0) return false;
  if (!counterIds.every((id) => snapshot.counters.has(id))) return false;
  if (jobId === undefined) return true;
  const hold = jobs.get(jobId)?.hold;
  return (
    hold !== undefined &&
    hold !== null &&
    hold.lines.every(({ lotId }) => snapshot.lots.has(lotId)) &&
    hold.counters.every((part) => snapshot.counters.has(part.counterId))
  );
}

/** Jobs from their opening to their end. */
function keepJobs(scopes: ReadonlyMap<string, KeptJobs>, { written, born }: Remains): void {
  for (const { scopeId, row: job } of written.jobs) scopes.get(scopeId)?.keepJob(job, born.has(job.id));
  for (const { scopeId, row: hold } of written.holds) scopes.get(scopeId)?.keepHold(hold);
  for (const { scopeId, row: step } of written.steps) scopes.get(scopeId)?.keepStep(step);
  for (const { scopeId, row: attempt } of written.attempts) scopes.get(scopeId)?.keepAttempt(attempt);
}
