// API room. A key reads the jobs of its bot, an account's key those of all its bots. A job of somebody else and a job
// that never was are the same answer.
import type { JobCostView, JobView } from '@fairmeter/ledger/reads';
import { findJob, readJobCost } from '@fairmeter/ledger/reads';
import { TenantDatabase } from '@fairmeter/platform/database';
import { Injectable } from '@nestjs/common';
import type { KeyHolder } from '../keys/key-holder.js';
import { tenantOf } from '../keys/key-holder.js';
import type { ProblemError } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';

const JOB_ID = /^job_[0-9A-Za-z_-]{1,64}$/;

/** What does not look like an id is not looked for. */
export function isJobId(text: string): boolean {
  return JOB_ID.test(text);
}

export function noSuchJob(): ProblemError {
  return refusalProblem({ code: 'job_not_found' }, 0);
}

export function ownJob(job: JobView | null, holder: KeyHolder): JobView {
  const own = holder.kind === 'bot' ? job?.botId === holder.botId : job?.accountId === holder.accountId;
  if (job === null || !own) throw noSuchJob();
  return job;
}

@Injectable()
export class JobReader {
  constructor(private readonly database: TenantDatabase) {}

  async job(holder: KeyHolder, jobId: string): Promise<JobView> {
    if (!isJobId(jobId)) throw noSuchJob();
    return ownJob(await this.database.asTenant(tenantOf(holder), async (tx) => findJob(tx, jobId)), holder);
  }

  async cost(holder: KeyHolder, jobId: string): Promise<JobCostView> {
    if (!isJobId(jobId)) throw noSuchJob();
    const cost = await this.database.asTenant(tenantOf(holder), async (tx) => readJobCost(tx, jobId));
    ownJob(cost?.job ?? null, holder);
    if (cost === null) throw noSuchJob();
    return cost;
  }
}
