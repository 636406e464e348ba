// Goal: what is kept of a job is all of it or nothing. Method: jobs that are seen from their opening on, or not, that
// end, and that grow too long.
import { describe, expect, it } from '@jest/globals';
import type { AttemptFacts, JobFacts, StepFacts } from '@fairmeter/domain';
import { KeptJobs } from './kept-jobs.js';

const job = (id: string, endedAt: number | null = null): JobFacts => ({ id, endedAt }) as unknown as JobFacts;
const step = (jobId: string, ordinal: number): StepFacts => ({ jobId, ordinal }) as StepFacts;
const attempt = (jobId: string, number: number): AttemptFacts => ({ jobId, ordinal: 1, number }) as AttemptFacts;

describe('jobs that are kept', () => {
  it('were seen from their opening on, and count with all their rows until they end', () => {
    const jobs = new KeptJobs();
    jobs.keepJob(job('met later'), false);
    jobs.keepStep(step('met later', 2));
    expect([jobs.size, jobs.rows]).toEqual([0, 0]);
    jobs.keepJob(job('born'), true);
    jobs.keepStep(step('born', 1));
    jobs.keepAttempt(attempt('born', 1));
    jobs.keepAttempt(attempt('born', 1));
    expect([jobs.size, jobs.rows]).toEqual([1, 3]);
    jobs.keepJob(job('born', 7), false);
    jobs.keepStep(step('born', 2));
    expect([jobs.size, jobs.rows, jobs.get('born')]).toEqual([0, 0, undefined]);
  });

  it.each([
    ['steps', (jobs: KeptJobs, index: number): void => jobs.keepStep(step('long', index))],
    ['attempts', (jobs: KeptJobs, index: number): void => jobs.keepAttempt(attempt('long', index))],
  ])('are let go with too many %s, and not taken up again', (_, keep) => {
    const jobs = new KeptJobs();
    jobs.keepJob(job('long'), true);
    jobs.keepJob(job('short'), true);
    for (let index = 1; index <= 300; index += 1) keep(jobs, index);
    jobs.keepJob(job('long'), false);
    expect([jobs.size, jobs.rows, jobs.get('long')]).toEqual([1, 1, undefined]);
  });
});
