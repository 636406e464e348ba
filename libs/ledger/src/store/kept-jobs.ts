// Ledger room. Open jobs of a scope that this process has seen from their opening on: whatever was ever written of them
// is here, so a job, its hold, its steps and its attempts are all of them or none.
import type { AttemptFacts, Hold, JobFacts, StepFacts } from '@fairmeter/domain';
import { attemptKey } from './job-rows.js';

export interface KeptJob {
  job: JobFacts;
  hold: Hold | null;
  readonly steps: Map<number, StepFacts>;
  readonly attempts: Map<string, AttemptFacts>;
}

/** A job with more of them is cheaper to read than to carry along. */
const ROWS_OF_A_JOB = 100;

export class KeptJobs {
  private readonly jobs = new Map<string, KeptJob>();
  private rowsOfAll = 0;

  get size(): number {
    return this.jobs.size;
  }

  /** Jobs with their steps and attempts. */
  get rows(): number {
    return this.rowsOfAll;
  }

  get(jobId: string): KeptJob | undefined {
    return this.jobs.get(jobId);
  }

  /** A job that was there before it was first seen is never taken up: steps of it may have been missed. */
  keepJob(job: JobFacts, isBorn: boolean): void {
    const known = this.jobs.get(job.id);
    if (job.endedAt !== null) this.forget(job.id);
    else if (known !== undefined) known.job = job;
    else if (isBorn) {
      this.jobs.set(job.id, { job, hold: null, steps: new Map(), attempts: new Map() });
      this.rowsOfAll += 1;
    }
  }

  keepHold(hold: Hold): void {
    const known = this.jobs.get(hold.jobId);
    if (known !== undefined) known.hold = hold;
  }

  keepStep(step: StepFacts): void {
    const known = this.jobs.get(step.jobId);
    if (known !== undefined) this.put(known, known.steps, [step.ordinal, step]);
  }

  keepAttempt(attempt: AttemptFacts): void {
    const known = this.jobs.get(attempt.jobId);
    if (known !== undefined) this.put(known, known.attempts, [attemptKey(attempt), attempt]);
  }

  private put<K, T>(known: KeptJob, rows: Map<K, T>, [key, row]: readonly [K, T]): void {
    if (!rows.has(key)) this.rowsOfAll += 1;
    rows.set(key, row);
    if (rowsOf(known) > ROWS_OF_A_JOB) this.forget(known.job.id);
  }

  private forget(jobId: string): void {
    const known = this.jobs.get(jobId);
    this.rowsOfAll -= known === undefined ? 0 : rowsOf(known);
    this.jobs.delete(jobId);
  }
}

function rowsOf({ steps, attempts }: KeptJob): number {
  return 1 + steps.size + attempts.size;
}
