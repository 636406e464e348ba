// How a key ends and what it may hand on.
import { describe, expect, it } from '@jest/globals';
import { instant } from '../time/instant.js';
import type { KeyLife } from './key-life.js';
import { keyState, LONGEST_OVERLAP_MS, replacedLife, scopeBeyond } from './key-life.js';

const now = instant(1_000_000);
const life = (of: Partial<KeyLife> = {}): KeyLife => ({ expiresAt: null, revokedAt: null, replacedBy: null, ...of });

describe('the state of a key', () => {
  it('is revoked before all, then expired from its last instant on, then replaced', () => {
    expect(keyState(life(), now)).toBe('active');
    expect(keyState(life({ replacedBy: 'key_2', expiresAt: instant(now + 1) }), now)).toBe('replaced');
    expect(keyState(life({ replacedBy: 'key_2', expiresAt: now }), now)).toBe('expired');
    expect(keyState(life({ expiresAt: now, revokedAt: now }), now)).toBe('revoked');
  });
});

describe('a key that is replaced', () => {
  it('works on for the overlap, and never beyond its own end or a week', () => {
    const after = (of: KeyLife, overlapMs: number) => replacedLife(of, 'key_2', { now, overlapMs }).expiresAt;
    expect(after(life(), 60_000)).toBe(now + 60_000);
    expect(after(life({ expiresAt: instant(now + 10) }), 60_000)).toBe(now + 10);
    expect(after(life(), 10 * LONGEST_OVERLAP_MS)).toBe(now + LONGEST_OVERLAP_MS);
  });

  it('[edge 78] is cut off at once where there is no overlap', () => {
    const cut = replacedLife(life(), 'key_2', { now, overlapMs: 0 });
    expect([keyState(cut, now), cut.replacedBy]).toEqual(['revoked', 'key_2']);
  });
});

describe('what a key hands on', () => {
  it('is at most what it has itself; a person may give anything', () => {
    expect(scopeBeyond(['submit', 'account'], ['manage', 'submit'])).toBe('account');
    expect(scopeBeyond(['submit'], ['manage', 'submit'])).toBeNull();
    expect(scopeBeyond(['account'], null)).toBeNull();
  });
});
