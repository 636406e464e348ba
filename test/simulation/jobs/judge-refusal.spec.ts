// Goal: the judge knows which story may be refused what. Method: stories of each kind beside refusals of each kind.
import { describe, expect, it } from '@jest/globals';
import type { Quoted } from './played-job.js';
import { refusalDifferences } from './judge-refusal.js';
import { drawStory, type JobStory } from './story.js';

const plain: JobStory = { ...drawStory(1), isPoor: false, isTight: false, deadlineMs: null };
const tight = { ...plain, isTight: true };
const refused = (code: string): Quoted => ({ refusedWith: code });

describe('the judge of refusals', () => {
  it.each([
    [tight, 'budget_too_small', 'not_asked'],
    [tight, 'budget_too_small', refused('budget_too_small')],
    [{ ...tight, deadlineMs: 500 }, 'deadline_passed', refused('budget_too_small')],
    [{ ...plain, isPoor: true }, 'credits_exhausted', 'given'],
    [{ ...plain, deadlineMs: 500 }, 'deadline_passed', 'given'],
    [plain, null, 'given'],
  ] as const)('takes a no that the story brought about', (story, refusedWith, quoted) => {
    expect(refusalDifferences({ story, refusedWith, quoted })).toEqual([]);
  });

  it.each([
    [{ story: plain, refusedWith: 'budget_too_small', quoted: 'not_asked' }, /^it was refused: budget_too_small$/],
    [{ story: tight, refusedWith: 'credits_exhausted', quoted: 'not_asked' }, /^it was refused: credits_exhausted$/],
    [{ story: plain, refusedWith: 'deadline_passed', quoted: 'not_asked' }, /^it was refused: deadline_passed$/],
    [{ story: tight, refusedWith: 'plan_not_found', quoted: 'not_asked' }, /^it was refused: plan_not_found$/],
    [{ story: tight, refusedWith: 'budget_too_small', quoted: 'given' }, /after a quote for the same budget$/],
    [{ story: tight, refusedWith: null, quoted: refused('budget_too_small') }, /the job not at all$/],
    [
      { story: { ...tight, isPoor: true }, refusedWith: 'credits_exhausted', quoted: refused('budget_too_small') },
      /the job credits_exhausted$/,
    ],
    [
      { story: plain, refusedWith: 'budget_too_small', quoted: refused('budget_too_small') },
      /^its quote was refused: budget_too_small/,
    ],
    [
      { story: tight, refusedWith: 'budget_too_small', quoted: refused('credits_exhausted') },
      /^its quote was refused: credits_exhausted/,
    ],
  ] as const)('names any other', (played, words) => {
    expect(refusalDifferences(played).join('\n')).toMatch(words);
  });
});
