// Domain room. How a key ends, and what takes its place. A key that was replaced works on for its overlap alone.
import type { Instant } from '../time/instant.js';
import { instant } from '../time/instant.js';

export interface KeyLife {
  readonly expiresAt: Instant | null;
  readonly revokedAt: Instant | null;
  /** The key that took its place; it may still work beside that one for a while. */
  readonly replacedBy: string | null;
}

export type KeyState = 'active' | 'replaced' | 'expired' | 'revoked';

export function keyState({ expiresAt, revokedAt, replacedBy }: KeyLife, now: Instant): KeyState {
  if (revokedAt !== null) return 'revoked';
  if (expiresAt !== null && expiresAt <= now) return 'expired';
  return replacedBy === null ? 'active' : 'replaced';
}

/** How long two keys may work side by side at most: a week is enough to roll out any change. */
export const LONGEST_OVERLAP_MS = 7 * 86_400_000;

/**
 * The end of a key that is replaced now: after the overlap, or sooner where its own end comes sooner. Without any
 * overlap it is revoked, which is what a leaked key needs.
 */
export function replacedLife(
  life: KeyLife,
  by: string,
  { now, overlapMs }: { now: Instant; overlapMs: number },
): KeyLife {
  if (overlapMs === 0) return { expiresAt: life.expiresAt, revokedAt: now, replacedBy: by };
  const end = now + Math.min(overlapMs, LONGEST_OVERLAP_MS);
  const expiresAt = life.expiresAt === null ? end : Math.min(end, life.expiresAt);
  return { expiresAt: instant(expiresAt), revokedAt: null, replacedBy: by };
}

/** Whether a key that ends then outlives one that ends at `own`; null is never. */
export function endsLater(expiresAt: Instant | null, own: Instant | null): boolean {
  return own !== null && (expiresAt === null || expiresAt > own);
}

/** What a key may hand on: nobody gets more from it than it has itself. A person holds no scopes and may give any. */
export function scopeBeyond(asked: readonly string[], own: readonly string[] | null): string | null {
  return own === null ? null : (asked.find((scope) => !own.includes(scope)) ?? null);
}
