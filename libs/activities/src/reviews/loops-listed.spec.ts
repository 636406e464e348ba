// Goal: a case lists of its loops as many as somebody reads and a row holds, ours before others, and says of the rest
// how many there are. Method: findings by hand.
import { describe, expect, it } from '@jest/globals';
import type { LoopCause, LoopFinding } from '@fairmeter/domain';
import { LoopsListed } from './loops-listed.js';

function found(number: number, { cause = 'unclear', repeats = 2 }: { cause?: LoopCause; repeats?: number } = {}) {
  const step = (ordinal: number) => ({ jobId: `job_${number}`, ordinal });
  return {
    ...{ signal: 'equal_errors', foundAt: step(3), stream: null, threshold: 3, period: null, subject: 'check' },
    ...{ fingerprint: 'f', cause, confidence: 'low', remedy: 'record', payers: ['acc_1'], firstHonestStep: step(1) },
    ...{ steps: [1, 2, 3].map(step), refundableSteps: [] },
    repeats: Array.from({ length: repeats }, (_, index) => step(index + 2)),
  } satisfies LoopFinding;
}

function listing(findings: readonly LoopFinding[]): LoopsListed {
  const loops = new LoopsListed();
  for (const finding of findings) loops.add(finding);
  return loops;
}

const jobsOf = ({ listed }: LoopsListed): readonly string[] => listed.map(({ foundAt }) => foundAt.jobId);

describe('the loops that a case lists', () => {
  it('[E29] are all there are, as they were found, where they are few', () => {
    const loops = listing([found(1), found(2, { cause: 'platform_fault' }), found(3)]);
    expect([jobsOf(loops), loops.leftOut]).toEqual([['job_1', 'job_2', 'job_3'], 0]);
    expect([listing([]).listed, listing([]).leftOut]).toEqual([[], 0]);
  });

  it('[E29] are 500 of very many, with those that are ours however late they were found', () => {
    const others = Array.from({ length: 700 }, (_, index) => found(index + 1));
    const loops = listing([...others, found(701, { cause: 'platform_fault' })]);
    expect([loops.listed.length, loops.leftOut]).toEqual([500, 201]);
    expect([jobsOf(loops)[0], jobsOf(loops).at(-2), jobsOf(loops).at(-1)]).toEqual(['job_1', 'job_499', 'job_701']);
  });

  it('[E29] are fewer where each has very many steps, and one at least', () => {
    const long = [1, 2, 3, 4].map((number) => found(number, { repeats: 9_000 }));
    expect([jobsOf(listing(long)), listing(long).leftOut]).toEqual([['job_1', 'job_2'], 2]);
    expect(listing([found(1, { repeats: 30_000 })]).listed).toHaveLength(1);
  });
});
