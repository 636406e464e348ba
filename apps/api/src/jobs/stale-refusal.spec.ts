// API room. When a stored refusal is too old to count.
import type { AdmitAnswer } from '@fairmeter/contracts';
import { describe, expect, it } from '@jest/globals';
import { CLOCK_TOLERANCE_MS, isStaleRefusal } from './stale-refusal.js';

const ARRIVED = 1_000_000;
const request = { askId: 'req_mine', arrivedAt: ARRIVED };

function refused(requestId: string, decidedAt: number): AdmitAnswer {
  return { outcome: 'refused', refusal: { code: 'ledger_busy', details: {} }, requestId, decidedAt, runId: 'run' };
}

describe('a stored refusal', () => {
  it('is stale when it was made for another request before this one came', () => {
    expect(isStaleRefusal(refused('req_other', ARRIVED - 60_000), request)).toBe(true);
  });

  it('is stale within the difference that clocks may have, for asking again does no harm', () => {
    expect(isStaleRefusal(refused('req_other', ARRIVED + CLOCK_TOLERANCE_MS - 1), request)).toBe(true);
    expect(isStaleRefusal(refused('req_other', ARRIVED + CLOCK_TOLERANCE_MS), request)).toBe(false);
  });

  it('is fresh when it was made for this very request', () => {
    expect(isStaleRefusal(refused('req_mine', ARRIVED - 60_000), request)).toBe(false);
  });

  it('is no admission, which never grows stale', () => {
    expect(isStaleRefusal({ outcome: 'admitted', jobId: 'job_1', requestId: 'req_other' }, request)).toBe(false);
  });
});
