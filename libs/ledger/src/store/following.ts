// Ledger room. A group may be decided while the one before it is being written: on what was loaded, with what that one
// writes laid over it. Whether the load saw those writes or not, the result is the same. Pure.
import { applyLimits, type Limit, type LimitChange } from '@fairmeter/domain';
import type { GroupGround } from './ground.js';
import type { Post } from './post.js';
import type { LockedScope } from './scope-rows.js';
import type { Written } from './write.js';

/** What a group leaves to its follower. */
export interface Left {
  readonly scopes: ReadonlyMap<string, LockedScope>;
  readonly written: Written;
  /** The transaction it is written in. */
  readonly self: string;
  /** Scopes that nobody else sees before its commit. */
  readonly opened: readonly string[];
  /** Limits it was loaded with: a hold that it opened rides on them. */
  readonly limits: GroupGround['limits'];
}

/**
 * A follower is kept from answering before the group that it stands on is committed by the locks of its own scopes.
 * What lies in no scope that it can lock it must not stand on: a scope that is only being opened, and an operation or a
 * job that is only being written under another scope than the post names.
 */
export function mustComeAfter(posts: readonly Post<object>[], { written, opened }: Left): boolean {
  if (posts.some(({ scopeId }) => opened.includes(scopeId))) return true;
  const [only] = written.scopes.length === 1 ? written.scopes : [];
  // The one hot scope of both groups: all that is found there is locked.
  if (only !== undefined && posts.every(({ scopeId }) => scopeId === only.scopeId)) return false;
  const operations = new Map(written.operations.map(({ row, scopeId }) => [row.key, scopeId]));
  const jobs = new Map<string, string>();
  for (const { row, scopeId } of written.jobs) jobs.set(row.id, scopeId).set(row.keyHash, scopeId);
  const isElsewhere = (found: string | undefined, { scopeId }: Post<object>): boolean =>
    found !== undefined && found !== scopeId;
  return posts.some(
    (post) =>
      isElsewhere(operations.get(post.key), post) ||
      [post.load.jobId, post.load.keyHash, ...(post.load.otherJobs ?? [])].some(
        (name) => name !== undefined && isElsewhere(jobs.get(name), post),
      ),
  );
}

/** Scopes that the group before holds are as it leaves them, the others as they were found. */
export function scopesAfter(found: readonly LockedScope[], left: Left): LockedScope[] {
  return found.map((scope) => left.scopes.get(scope.scopeId) ?? scope);
}

export function groundAfter(ground: GroupGround, { written, limits }: Left): GroupGround {
  const lots = written.lots.map(({ scopeId, row }) => ({ scopeId, lot: row }));
  const counters = written.counters.map(({ scopeId, row }) => ({ scopeId, counter: row }));
  const terms = written.terms.map(({ scopeId, row }) => ({ scopeId, terms: row }));
  return {
    clockNow: ground.clockNow,
    operations: [...ground.operations, ...written.operations.map(({ row }) => row)],
    jobs: [...ground.jobs, ...written.jobs.map(({ row }) => row)],
    holds: [...ground.holds, ...written.holds.map(({ row }) => row)],
    lots: laidOver(ground.lots, lots, ({ lot }) => lot.id),
    counters: laidOver(ground.counters, counters, ({ counter }) => counter.id),
    terms: laidOver(ground.terms, terms, (each) => `${each.terms.number} ${each.scopeId}`).sort(
      (a, b) => a.terms.number - b.terms.number,
    ),
    limits: limitsAfter([...limits, ...ground.limits], written),
    steps: [...ground.steps, ...written.steps.map(({ row }) => row)],
    attempts: [...ground.attempts, ...written.attempts.map(({ row }) => row)],
    charged: ground.charged,
    refunds: [
      ...ground.refunds,
      ...written.findings
        .filter(({ row }) => row.action === 'refunded')
        .map(({ scopeId, row }) => ({ scopeId, jobId: row.jobId, number: row.number, amount: row.amount })),
    ],
  };
}

function laidOver<T>(rows: readonly T[], newer: readonly T[], key: (row: T) => string): T[] {
  return newer.length === 0 ? [...rows] : [...new Map([...rows, ...newer].map((row) => [key(row), row])).values()];
}

type ScopedLimit = GroupGround['limits'][number];

/** By the rule that applies changes in memory, which also takes the newer of two that were loaded. */
function limitsAfter(before: readonly ScopedLimit[], { limits }: Written): readonly ScopedLimit[] {
  const scopes = new Map<string, { known: Limit[]; changed: LimitChange[] }>();
  const of = (scopeId: string): { known: Limit[]; changed: LimitChange[] } => {
    const scope = scopes.get(scopeId) ?? { known: [], changed: [] };
    scopes.set(scopeId, scope);
    return scope;
  };
  for (const { scopeId, limit } of before) of(scopeId).known.push(limit);
  for (const { scopeId, row } of limits) of(scopeId).changed.push(row);
  return [...scopes].flatMap(([scopeId, { known, changed }]) =>
    applyLimits(known, changed).map((limit) => ({ scopeId, limit })),
  );
}
