// Goal: what a run watches goes on from its thread, and in the next run from what it has come to, carried once.
import { describe, expect, it } from '@jest/globals';
import type { AdmittedJob, JobThread } from '@fairmeter/contracts';
import type { ObservedStep } from '@fairmeter/domain';
import { loopPolicy, watchOfThread } from '@fairmeter/domain';
import { Loops } from './loops.js';

const policy = loopPolicy();
type Seen = Omit<ObservedStep, 'jobId'>;
const failing = (ordinal: number): Seen => ({ ordinal, iteration: 1, kind: 'tool', name: 'x', errorFingerprint: 'e' });
const idle = (ordinal: number, iteration: number): Seen => ({ ordinal, iteration, kind: 'model', endsIteration: true });

function jobIn(before: readonly ObservedStep[], thread: Partial<JobThread> = {}): AdmittedJob {
  const watched = watchOfThread(policy, before, []);
  return {
    jobId: 'job_2',
    botType: 'coding',
    maxIterations: 9,
    loopPolicy: policy,
    thread: { payer: 'account/acc_1', newWords: false, watched, ...thread },
  };
}

const before = (payer: string): ObservedStep[] => [{ ...failing(1), jobId: 'job_1', payer }];

describe('the watch of a run', () => {
  it('[edge 56] goes on from the thread, and says who pays for each step', () => {
    const loops = new Loops(jobIn(before('account/acc_1')), undefined);
    expect(loops.look(failing(1))).toBeNull();
    expect(loops.look(failing(2))).toMatchObject({ number: 1, finding: { payers: ['account/acc_1'] } });
    const shared = new Loops(jobIn(before('account/acc_2')), undefined);
    expect(shared.look(failing(1))).toBeNull();
    expect(shared.look(failing(2))?.finding.payers).toEqual(['account/acc_2', 'account/acc_1']);
  });

  it('goes on in the next run from what it has come to; the thread is carried no second time', () => {
    const first = new Loops(jobIn(before('account/acc_1')), undefined);
    first.look(failing(1));
    const { job, loops } = first.carried();
    expect(job.thread).toEqual({ payer: 'account/acc_1', newWords: false });
    expect(new Loops(job, loops).look(failing(2))).toMatchObject({ number: 1 });
  });

  it('takes the first iteration for answered where a person spoke, and only that', () => {
    const rounds = (newWords: boolean): number | undefined => {
      const loops = new Loops(jobIn([], { newWords }), undefined);
      return [1, 2, 3, 4, 5].find((round) => loops.look(idle(round, round)) !== null);
    };
    expect([rounds(false), rounds(true)]).toEqual([4, 5]);
  });
});
