// Goal: one reference, read back the same by everyone.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatRequestRef, parseRequestRef } from './request-ref.js';

describe('the request reference', () => {
  it('reads back what was written', () => {
    const refs = fc.record({
      jobId: fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/),
      ordinal: fc.nat(1_000_000),
      stage: fc.stringMatching(/^[a-z][a-z0-9_-]{0,20}$/),
      attempt: fc.integer({ min: 1, max: 1_000 }),
    });
    fc.assert(fc.property(refs, (ref) => expect(parseRequestRef(formatRequestRef(ref))).toEqual(ref)));
  });

  it.each(['', 'job_x', 'job_x/1/plan/1', 'job_x/s1/plan', 'job_x/s1/plan/a0', 'job_x/s01/plan/a1', 'a/b/s1/plan/a1'])(
    'refuses %j',
    (text) => expect(parseRequestRef(text)).toBeNull(),
  );

  it('does not write what it could not read', () => {
    expect(() => formatRequestRef({ jobId: 'a/b', ordinal: 1, stage: 'plan', attempt: 1 })).toThrow(RangeError);
    expect(() => formatRequestRef({ jobId: 'a', ordinal: 1.5, stage: 'plan', attempt: 1 })).toThrow(RangeError);
  });
});
