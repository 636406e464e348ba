// API room. A page of jobs, the newest first.
import type { JobView } from '@fairmeter/ledger/reads';
import { z } from 'zod';
import { jobBody, toJobBody } from './job-body.js';

export const jobsBody = z.object({ data: z.array(jobBody), next_cursor: z.string().nullable() });
export type JobsBody = z.output<typeof jobsBody>;

export interface JobsAnswer {
  readonly jobs: readonly JobView[];
  readonly nextCursor: string | null;
}

export function toJobsBody({ jobs, nextCursor }: JobsAnswer, publicUrl: string | undefined): JobsBody {
  return { data: jobs.map((job) => toJobBody(job, publicUrl)), next_cursor: nextCursor };
}
