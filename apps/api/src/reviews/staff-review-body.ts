// API room. A usage review as the staff work on it.
import { fitsVerdict, formatCredits, REVIEW_CAUSES, REVIEW_DETAILS, REVIEW_STATES, TIP_CODES } from '@fairmeter/domain';
import { REVIEW_VERDICTS } from '@fairmeter/domain';
import type { ReviewCase } from '@fairmeter/records';
import { z } from 'zod';
import { credits, instantText } from '../jobs/job-body.js';
import { yesOrNo } from '../requests/fields.js';
import { pageShape } from '../requests/page.js';
import { momentText, reviewBody, toReviewBody, words } from './review-body.js';

const MAX_JOBS = 300;
const MAX_STEPS = 1_000;
const MAX_ADVICE = 20;

const reason = words.describe('Why; kept with the line of the audit.');

export const askReviewBody = z.strictObject({
  missing: z.array(z.enum(REVIEW_DETAILS)).min(1).describe('What the reporter is to say anew.'),
  reason,
});

const pickedSteps = z.strictObject({
  job_id: z.string().regex(/^job_[0-9A-Za-z]{1,64}$/, 'must be the id of a job'),
  steps: z.union([z.literal('all'), z.array(z.int().min(1)).min(1).max(MAX_STEPS)]),
});

export const decideReviewBody = z
  .strictObject({
    verdict: z.enum(REVIEW_VERDICTS),
    cause: z.enum(REVIEW_CAUSES).describe('`none` exactly where it is not confirmed.'),
    reasons: words.describe('Told to whoever reported.'),
    steps: z
      .array(pickedSteps)
      .max(MAX_JOBS)
      .default([])
      .describe('What is restored, each job named once. Confirmed: all, where left out.'),
  })
  .refine(({ steps }) => new Set(steps.map(({ job_id: jobId }) => jobId)).size === steps.length, {
    path: ['steps'],
    message: 'must name each job once',
  })
  .refine(({ verdict, cause }) => fitsVerdict(verdict, cause), { path: ['cause'], message: 'must fit the verdict' })
  .refine(({ verdict, steps }) => verdict !== 'partly_confirmed' || steps.length > 0, {
    path: ['steps'],
    message: 'must name what is confirmed',
  })
  .refine(({ verdict, steps }) => verdict !== 'not_confirmed' || steps.length === 0, {
    path: ['steps'],
    message: 'must be left out where nothing is confirmed',
  });

export const approveReviewBody = z.strictObject({
  verdict: z.enum(['approve', 'send_back']).default('approve').describe('`send_back`: somebody looks at it again.'),
  reason,
});

const advice = z.union([
  z.strictObject({ tip: z.enum(TIP_CODES).describe('Of `GET /v1/tips`.') }),
  z.strictObject({ text: words }),
]);

export const closeReviewBody = z.strictObject({
  advice: z.array(advice).max(MAX_ADVICE).describe('What would make the next thread cost less; at least one.'),
});
export type CloseReview = z.output<typeof closeReviewBody>;

export const staffReviewsQuery = z.strictObject({
  ...pageShape,
  state: z.enum(REVIEW_STATES).optional().describe('Only reviews in this state.'),
  overdue: yesOrNo.optional().describe('`true`: only those that are late.'),
});

export const staffReviewBody = reviewBody.extend({
  account_id: z.string(),
  reporter: z.object({ kind: z.string(), id: z.string().nullable() }),
  overdue: z.boolean(),
  restorable: credits.nullable().describe('What the decision came to; null where nothing was confirmed.'),
  decided_by: z.string().nullable(),
  approved_by: z.string().nullable().describe('Null where one person was enough.'),
  facts: z.string().nullable().describe('What was new when it was opened again.'),
  breached_at: instantText.nullable(),
});
export type StaffReviewBody = z.output<typeof staffReviewBody>;

export const staffReviewsBody = z.object({
  data: z.array(staffReviewBody).describe('The newest first; what people wrote is shown with one review alone.'),
  next_cursor: z.string().nullable(),
});
export type StaffReviewsBody = z.output<typeof staffReviewsBody>;

export function toStaffReviewBody(review: ReviewCase): StaffReviewBody {
  return {
    ...toReviewBody(review, 'staff'),
    account_id: review.accountId,
    reporter: review.reporter,
    overdue: review.breachedAt !== null && review.closedAt === null,
    restorable: review.restorable === null ? null : formatCredits(review.restorable),
    decided_by: review.decidedBy,
    approved_by: review.approvedBy,
    facts: review.facts,
    breached_at: momentText(review.breachedAt),
  };
}

/** As a list shows it: without what people wrote. */
export function toListedReviewBody(review: ReviewCase): StaffReviewBody {
  return toStaffReviewBody({ ...review, reported: null, reasons: null, guidance: null, facts: null });
}
