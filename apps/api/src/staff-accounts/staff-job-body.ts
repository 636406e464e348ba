// API room. A job as staff see it: as its account does, beside whose it is. Its links lead where staff may go.
import type { JobView } from '@fairmeter/ledger/reads';
import { z } from 'zod';
import { jobBody, toJobBody } from '../jobs/job-body.js';
import type { JobsAnswer } from '../jobs/jobs-body.js';
import { freeText } from '../requests/texts.js';
import { staffCostBody, staffExplainBody } from './staff-cost-body.js';

const MAX_REASON_CHARACTERS = 2_000;

export const staffJobBody = jobBody.omit({ links: true }).extend({
  account_id: z.string(),
  links: z.object({ self: z.string(), cost: z.string(), timeline: z.string(), steps: z.string() }),
});
export type StaffJobBody = z.output<typeof staffJobBody>;

export const staffJobsBody = z.object({ data: z.array(staffJobBody), next_cursor: z.string().nullable() });
export type StaffJobsBody = z.output<typeof staffJobsBody>;

export const staffCancelBody = z.strictObject({
  reason: freeText(MAX_REASON_CHARACTERS).describe('Kept with the line of the audit, which its account reads.'),
});

/** Under the names that the documents know them by. */
export const STAFF_JOB_BODIES = {
  StaffJob: staffJobBody,
  StaffJobCost: staffCostBody,
  StaffJobCostExplained: staffExplainBody,
  StaffJobs: staffJobsBody,
  CancelJobOfAccount: staffCancelBody,
};

export function toStaffJobBody(job: JobView, publicUrl: string | undefined): StaffJobBody {
  const { links: _, ...shown } = toJobBody(job, publicUrl);
  const self = `${publicUrl ?? ''}/v1/staff/accounts/${job.accountId}/jobs/${job.id}`;
  return {
    ...shown,
    account_id: job.accountId,
    links: { self, cost: `${self}/cost`, timeline: `${self}/timeline`, steps: `${self}/steps` },
  };
}

export function toStaffJobsBody({ jobs, nextCursor }: JobsAnswer, publicUrl: string | undefined): StaffJobsBody {
  return { data: jobs.map((job) => toStaffJobBody(job, publicUrl)), next_cursor: nextCursor };
}
