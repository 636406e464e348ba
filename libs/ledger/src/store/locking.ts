// Ledger room. How a group gets its scopes: it waits for them, or takes those that are free and goes around the others.
import type { Transaction } from '@fairmeter/platform/database';
import { lockFreeScopes, lockScopes, openScopes, type FoundScopes } from './scope-rows.js';
import type { Post } from './post.js';

interface Posting {
  readonly post: Post<object>;
}

export interface Locking extends FoundScopes {
  readonly blocked: ReadonlySet<string>;
  /** True when the first statement got every lock there is to get: what was asked behind it stands on them. */
  readonly atOnce: boolean;
  /** Scopes that were not there before. */
  readonly opened: readonly string[];
}

export type Lock = (tx: Transaction, group: readonly Posting[]) => Promise<Locking>;

const NONE: ReadonlySet<string> = new Set();

export const lockOrTimeOut: Lock = async (tx, group) => lockAndOpen(tx, group, []);

export const lockWithout =
  (unopened: readonly string[]): Lock =>
  async (tx, group) =>
    lockAndOpen(tx, group, unopened);

async function lockAndOpen(tx: Transaction, group: readonly Posting[], unopened: readonly string[]): Promise<Locking> {
  const scopeIds = scopesOf(group);
  const locked = await lockScopes(tx, scopeIds);
  if (locked.scopes.length === scopeIds.length) return { ...locked, blocked: NONE, atOnce: true, opened: [] };
  const found = new Set(locked.scopes.map((scope) => scope.scopeId));
  const fresh = group
    .map(({ post }) => post)
    .filter(({ scopeId, load }) => !found.has(scopeId) && !unopened.includes(scopeId) && load.openScope === true);
  if (fresh.length === 0) return { ...locked, blocked: NONE, atOnce: true, opened: [] };
  const opened = await openScopes(tx, uniqueScopes(fresh));
  return { ...(await lockScopes(tx, scopeIds)), blocked: NONE, atOnce: false, opened };
}

export const lockFree: Lock = async (tx, group) => {
  const scopeIds = scopesOf(group);
  const locked = await lockFreeScopes(tx, scopeIds);
  const found = new Set(locked.scopes.map((scope) => scope.scopeId));
  // A scope that does not exist cannot be blocked, but it is opened only by the way that waits.
  const blocked = new Set(scopeIds.filter((scopeId) => !found.has(scopeId)));
  return { ...locked, blocked, atOnce: blocked.size === 0, opened: [] };
};

export function scopesOf(group: readonly Posting[]): string[] {
  return [...new Set(group.map(({ post }) => post.scopeId))].sort();
}

function uniqueScopes(posts: readonly Post<object>[]): Post<object>[] {
  return [...new Map(posts.map((post) => [post.scopeId, post])).values()];
}
