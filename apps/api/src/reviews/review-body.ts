// API room. A usage review as it is reported, and as whoever reported it sees it.
import type { ReportedDetails, ReviewDetail } from '@fairmeter/domain';
import { formatCredits, REVIEW_CAUSES, REVIEW_CHANNELS, REVIEW_DETAILS, REVIEW_STATES } from '@fairmeter/domain';
import type { Instant } from '@fairmeter/domain';
import { instantToText } from '@fairmeter/domain';
import type { ReviewCase } from '@fairmeter/records';
import { z } from 'zod';
import { credits, instantText } from '../jobs/job-body.js';
import { freeText } from '../requests/texts.js';
import { TIPS_PAGE } from '../tips/tips-body.js';
import { FAULTS } from '../wording/fault-words.js';
import { analysisBody, measuredBody, toAnalysisBody } from './analysis-body.js';

const MAX_CHARACTERS = 4_000;

/** What people say in a review, with something in it. */
export const words = freeText(MAX_CHARACTERS).refine((text) => text.trim() !== '', FAULTS.not_empty);
const details = {
  thread: words.describe('A link to the thread (`bot_.../threads/...`) or to one of its jobs.'),
  task: words.describe('What the thread was to bring about.'),
  model: words.describe('The model, as far as it is known; else `unknown`.'),
  build_state: words.describe('How preview and build stood, errors that came again and again included.'),
  message_count: words.describe('Roughly how many messages the thread has.'),
  large_files: words.describe('Large files that came along or were only referred to; else `none`.'),
} satisfies Record<ReviewDetail, z.ZodType>;

export const reportReviewBody = z.strictObject(details);
export type ReportReview = z.output<typeof reportReviewBody>;

export const informReviewBody = reportReviewBody.partial().refine((said) => Object.keys(said).length > 0, {
  message: FAULTS.some_detail,
});

export const reopenReviewBody = z.strictObject({ facts: words.describe('What is new since the review was closed.') });

const reported = z
  .object(details)
  .partial()
  .nullable()
  .describe('In the words of whoever reported; null for others, and where they were erased.');

const reference = z.object({ bot_id: z.string(), thread_id: z.string().nullable(), job_id: z.string().nullable() });

export const reviewBody = z.object({
  id: z.string(),
  state: z.enum(REVIEW_STATES).describe('For whoever reported a thread that was reported before: of that review.'),
  channel: z.enum(REVIEW_CHANNELS),
  thread: reference.nullable().describe('What it is about; null where nobody has said so yet.'),
  duplicate_of: z.string().nullable().describe('The review of the same thread that stands for this one.'),
  missing: z.array(z.enum(REVIEW_DETAILS)).describe('What is waited for while it is `needs_info`.'),
  answer_until: instantText.nullable().describe('When it ends if they do not come.'),
  reported,
  measured: measuredBody.nullable().describe('What is known of the thread besides.'),
  analysis: analysisBody.nullable().describe('Null in lists, for visitors, and until the thread was looked at.'),
  target_at: instantText.nullable().describe('When it should be answered; null while the clock has not begun.'),
  due_at: instantText.nullable().describe('When the answer is late: two business days after it was complete.'),
  verdict: z.enum(['confirmed', 'partly_confirmed', 'not_confirmed']).nullable(),
  cause: z.enum(REVIEW_CAUSES).nullable(),
  reasons: z.string().nullable(),
  restored: credits.describe(
    'What came back to whoever asks, as credits of their own without an end; to staff: in all.',
  ),
  advice: z.array(
    z.object({
      tip: z.string().nullable().describe('The code of a tip.'),
      text: z.string().nullable(),
      docs: z.string().nullable().describe('Where the tip is explained.'),
    }),
  ),
  may_reopen: z.boolean(),
  created_at: instantText,
  closed_at: instantText.nullable(),
});
export type ReviewBody = z.output<typeof reviewBody>;

export const reviewsBody = z.object({
  data: z.array(reviewBody).describe('The newest first.'),
  next_cursor: z.string().nullable(),
});
export type ReviewsBody = z.output<typeof reviewsBody>;

/** `others`: of the same account, and not who reported it. */
export type ReviewViewer = 'reporter' | 'visitor' | 'others' | 'staff';

const OVER = ['closed', 'closed_not_confirmed'];

/** Between two people of the staff a case is still being looked at, for everybody else. */
const UNTOLD: ReadonlySet<string> = new Set(['confirmed', 'partly_confirmed', 'granting']);

export function toReviewBody(review: ReviewCase, viewer: ReviewViewer): ReviewBody {
  const { thread, first } = review;
  // Whoever reported beside an earlier case is told how that one goes.
  const outcome = first ?? review;
  const isTold = viewer === 'staff' || !UNTOLD.has(outcome.state);
  return {
    id: review.id,
    state: isTold ? outcome.state : 'analysing',
    channel: review.channel,
    thread: thread === null ? null : { bot_id: thread.botId, thread_id: thread.threadId, job_id: thread.jobId },
    duplicate_of: review.duplicateOf,
    missing: review.state === 'needs_info' ? [...review.missing] : [],
    answer_until: momentText(review.infoUntil),
    reported: viewer === 'others' ? null : whatWasSaid(review.reported),
    measured: viewer === 'visitor' ? null : measuredBody.nullable().parse(review.measured),
    analysis: viewer === 'visitor' ? null : toAnalysisBody(review.analysis),
    target_at: momentText(review.targetAt),
    due_at: momentText(review.dueAt),
    verdict: isTold ? outcome.verdict : null,
    cause: isTold ? outcome.cause : null,
    reasons: isTold ? review.reasons : null,
    restored: formatCredits(viewer === 'staff' ? outcome.restored : review.restoredToReader),
    advice: adviceOf(outcome.tips, review.guidance, viewer),
    may_reopen: first === null && OVER.includes(review.state) && review.reopenedAt === null,
    created_at: instantToText(review.createdAt),
    closed_at: momentText(outcome.closedAt),
  };
}

function whatWasSaid(said: ReportedDetails | null): ReviewBody['reported'] {
  return said === null ? null : { ...said };
}

/** The catalogue names what an account's own work has called for: a visitor reads the page that is open to all. */
function adviceOf(tips: readonly string[], guidance: string | null, viewer: ReviewViewer): ReviewBody['advice'] {
  const named = tips.map((tip) => ({ tip, text: null, docs: viewer === 'visitor' ? TIPS_PAGE : `/v1/tips/${tip}` }));
  return guidance === null ? named : [...named, { tip: null, text: guidance, docs: null }];
}

export function momentText(at: Instant | null): string | null {
  return at === null ? null : instantToText(at);
}
