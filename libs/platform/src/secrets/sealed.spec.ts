// A secret that was sealed opens under its own key, for its own thing, unchanged; and in no other way.
import { describe, expect, it } from '@jest/globals';
import { seal, unseal } from './sealed.js';

const KEY = Buffer.alloc(32, 1);

describe('a sealed secret', () => {
  it('opens as it was, looks different each time and shows nothing', () => {
    const [one, other] = [seal(KEY, 'whs_1', 'whsec_abc'), seal(KEY, 'whs_1', 'whsec_abc')];
    expect([unseal(KEY, 'whs_1', one), unseal(KEY, 'whs_1', other)]).toEqual(['whsec_abc', 'whsec_abc']);
    expect(one).not.toBe(other);
    expect(Buffer.from(one.slice(3), 'base64url').toString()).not.toContain('abc');
  });

  it('stays shut under another key, for another thing, and where somebody changed it', () => {
    const sealed = seal(KEY, 'whs_1', 'whsec_abc');
    const changed = Buffer.from(sealed.slice(3), 'base64url');
    changed.writeUInt8(changed.readUInt8(30) ^ 1, 30);
    expect(() => unseal(Buffer.alloc(32, 2), 'whs_1', sealed)).toThrow();
    expect(() => unseal(KEY, 'whs_2', sealed)).toThrow();
    expect(() => unseal(KEY, 'whs_1', `v1.${changed.toString('base64url')}`)).toThrow();
    expect(() => unseal(KEY, 'whs_1', sealed.slice(3))).toThrow(/form/);
  });
});
