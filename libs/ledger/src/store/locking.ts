// Ledger room. How a group gets its scopes: it waits for them, or takes those that are free and goes around the others.
import type { Transaction } from '@fairmeter/platform/database';
import { lockFreeScopes, lockScopes, openScopes, type FoundScopes } from './ground.js';
import type { Post } from './post.js';

interface Posting {
  readonly post: Post<object>;
}

export interface Locking extends FoundScopes {
  readonly blocked: ReadonlySet<string>;
  /** True when the first statement got every lock there is to get: what was asked behind it stands on them. */
  readonly atOnce: boolean;
}

export type Lock = (tx: Transaction, group: readonly Posting[]) => Promise<Locking>;

const NONE: ReadonlySet<string> = new Set();

export const lockOrTimeOut: Lock = async (tx, group) => {
  const scopeIds = scopesOf(group);
  const locked = await lockScopes(tx, scopeIds);
  if (locked.scopes.length === scopeIds.length) return { ...locked, blocked: NONE, atOnce: true };
  const found = new Set(locked.scopes.map((scope) => scope.scopeId));
  const fresh = group
    .map(({ post }) => post)
    .filter((post) => !found.has(post.scopeId) && post.load.openScope === true);
  if (fresh.length === 0) return { ...locked, blocked: NONE, atOnce: true };
  await openScopes(tx, uniqueScopes(fresh));
  return { ...(await lockScopes(tx, scopeIds)), blocked: NONE, atOnce: false };
};

export const lockFree: Lock = async (tx, group) => {
  const scopeIds = scopesOf(group);
  const locked = await lockFreeScopes(tx, scopeIds);
  const found = new Set(locked.scopes.map((scope) => scope.scopeId));
  // A scope that does not exist cannot be blocked, but it is opened only by the way that waits.
  const blocked = new Set(scopeIds.filter((scopeId) => !found.has(scopeId)));
  return { ...locked, blocked, atOnce: blocked.size === 0 };
};

export function scopesOf(group: readonly Posting[]): string[] {
  return [...new Set(group.map(({ post }) => post.scopeId))].sort();
}

function uniqueScopes(posts: readonly Post<object>[]): Post<object>[] {
  return [...new Map(posts.map((post) => [post.scopeId, post])).values()];
}
