// Goal: a job without a ZIP says why, by the first reason that holds; a plan's limit is reached and not passed.
import { describe, expect, it } from '@jest/globals';
import { ALL_EXTRAS, NO_EXTRAS } from './extras.js';
import { overPlan, whyNoArtefact, type UnpackedJob } from './unpacked.js';

const LIMIT = { allowed: true, maxFiles: 3, maxBytes: 100 };

describe('the limits of a plan', () => {
  it('[A27] pack what reaches them and nothing one above, and name the first that is passed', () => {
    expect(overPlan({ files: 3, bytes: 100 }, LIMIT)).toBeNull();
    expect(overPlan({ files: 4, bytes: 100 }, LIMIT)).toEqual({
      reason: 'over_plan',
      measure: 'files',
      limit: 3,
      is: 4,
    });
    expect(overPlan({ files: 3, bytes: 101 }, LIMIT)).toEqual({
      reason: 'over_plan',
      measure: 'bytes',
      limit: 100,
      is: 101,
    });
    expect(overPlan({ files: 4, bytes: 101 }, LIMIT)).toMatchObject({ measure: 'files' });
  });
});

describe('a job without a ZIP', () => {
  const job: UnpackedJob = { state: 'completed', extras: ALL_EXTRAS, hasFiles: true, found: null };
  const over = { reason: 'over_plan', measure: 'files', limit: 3, is: 4 } as const;

  it.each([
    ['wanted none', { extras: NO_EXTRAS, found: over }, { reason: 'not_asked' }],
    ['is larger than its plan packs', { found: over }, over],
    [
      'could not be held for',
      { found: { reason: 'not_held', code: 'budget_too_small' } },
      { code: 'budget_too_small' },
    ],
    ['still runs', { state: 'running', hasFiles: false }, { reason: 'not_yet' }],
    ['waits for credits', { state: 'waiting_credits' }, { reason: 'not_yet' }],
    ['wrote nothing', { state: 'cancelled', hasFiles: false }, { reason: 'no_files' }],
    ['was cancelled', { state: 'cancelled' }, { reason: 'cancelled' }],
    ['could not be packed', { state: 'failed' }, { reason: 'packing_failed' }],
  ] as const)('that %s says so', (_, wish, why) => {
    expect(whyNoArtefact({ ...job, ...wish })).toMatchObject(why);
  });
});
