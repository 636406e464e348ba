// API room. Compensations as staff ask for them, with what each job would get back and what it got.
import {
  COMPENSATION_STATES,
  type CompensationTarget,
  differenceOf,
  formatCredits,
  INCIDENT_REACHES,
  instantToText,
  NOT_COMPENSATED,
  STAFF_ROLES,
} from '@fairmeter/domain';
import type { CompensationJob, CompensationRecord, CompensationTotals } from '@fairmeter/records';
import { z } from 'zod';
import { credits, instantText } from '../jobs/job-body.js';
import { creditAmount } from '../jobs/submit-body.js';
import { loopId, loopIdField } from '../loops/loop-id.js';
import { botIdField, threadField, yesOrNo } from '../requests/fields.js';
import { pageShape } from '../requests/page.js';
import { freeText } from '../requests/texts.js';

const MAX_REASON_CHARACTERS = 2_000;
const MAX_STEPS = 1_000;

const idField = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}_[0-9A-Za-z_-]{1,64}$`), `must be an id that begins with ${prefix}_`);

const target = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('job'), job_id: idField('job') }),
    z.strictObject({
      kind: z.literal('steps'),
      job_id: idField('job'),
      steps: z.array(z.int().min(1).max(1_000_000)).min(1).max(MAX_STEPS).describe('By their ordinals.'),
    }),
    z.strictObject({
      kind: z.literal('thread'),
      bot_id: botIdField,
      thread_id: threadField,
      somebody: z.string().max(100).optional().describe('The person or visitor whose thread it is; of a key: absent.'),
    }),
    z.strictObject({
      kind: z.literal('incident'),
      incident_id: idField('inc'),
      reach: z
        .enum(INCIDENT_REACHES)
        .default('steps')
        .describe('Of the jobs that it hit: the steps that ran in it, or whole jobs.'),
    }),
    z.strictObject({ kind: z.literal('loop'), loop_id: loopIdField.describe('Its repeats, in each job they are in.') }),
  ])
  .describe('What is to come back.');
type Target = z.output<typeof target>;

const reason = freeText(MAX_REASON_CHARACTERS).describe('Why; kept with the line of the audit.');

export const previewCompensationBody = z.strictObject({ target });

export const askCompensationBody = z.union([
  z.strictObject({ preview_id: idField('cps').describe('A preview of your own that nothing was posted by.'), reason }),
  z.strictObject({ target, reason }),
]);
export type AskCompensation = z.output<typeof askCompensationBody>;

export const decideCompensationBody = z.strictObject({ reason });

export const takeBackBody = z.strictObject({
  job_id: idField('job'),
  credits: creditAmount
    .refine((asked) => asked > 0n, 'must be above 0')
    .optional()
    .describe('At most; left out, all of it.'),
  reason,
});
export type TakeBack = z.output<typeof takeBackBody>;

export const compensationsQuery = z.strictObject({
  ...pageShape,
  state: z.enum(COMPENSATION_STATES).optional().describe('`requested` waits for a second person.'),
});

export const compensationJobsQuery = z.strictObject({
  ...pageShape,
  different: yesOrNo.optional().describe('`true`: only jobs that got another amount than was foreseen.'),
});

export const compensationBody = z.object({
  id: z.string(),
  target: z.record(z.string(), z.unknown()),
  state: z
    .enum(COMPENSATION_STATES)
    .describe('`previewing` and `approved` are under way; `requested` waits for a second person.'),
  asked: z.boolean().describe('False of a preview that nobody has asked for yet.'),
  reason: z.string().nullable(),
  asked_by: z.object({ id: z.string(), role: z.enum(STAFF_ROLES) }),
  decide_until: instantText.nullable(),
  decided_by: z.string().nullable().describe('Null where one person was enough, and where nobody decided in time.'),
  decided_at: instantText.nullable(),
  created_at: instantText,
  ended_at: instantText.nullable(),
  jobs: z.int().describe('That it is about.'),
  jobs_to_post: z.int().describe('Of which so many get something back.'),
  jobs_posted: z.int(),
  jobs_different: z.int().describe('Posted with another amount than was foreseen: listed as `different`.'),
  not_compensated: z.array(z.object({ why: z.enum(NOT_COMPENSATED), jobs: z.int() })),
  foreseen: credits,
  posted: credits,
  difference: credits.describe('Foreseen less posted, of the jobs that were posted.'),
  taken_back: credits.describe('Of what was posted by mistake.'),
});
export type CompensationBody = z.output<typeof compensationBody>;

export const compensationsBody = z.object({
  data: z.array(compensationBody).describe('The newest first, without previews.'),
  next_cursor: z.string().nullable(),
});
export type CompensationsBody = z.output<typeof compensationsBody>;

export const compensationJobsBody = z.object({
  data: z.array(
    z.object({
      job_id: z.string(),
      account_id: z.string(),
      steps: z.array(z.int()),
      foreseen: credits,
      why: z.enum(NOT_COMPENSATED).nullable().describe('Why nothing comes back.'),
      posted: credits.nullable().describe('Null until it was posted.'),
      difference: credits.nullable(),
      taken_back: credits,
    }),
  ),
  next_cursor: z.string().nullable(),
});
export type CompensationJobsBody = z.output<typeof compensationJobsBody>;

/** A compensation with its figures, and the words that it was asked with. */
export interface ToldCompensation {
  readonly record: CompensationRecord;
  readonly totals: CompensationTotals;
  readonly reason: string | null;
}

export function targetOf(asked: Target): CompensationTarget {
  switch (asked.kind) {
    case 'job':
      return { kind: 'job', jobId: asked.job_id };
    case 'steps':
      return { kind: 'steps', jobId: asked.job_id, steps: [...new Set(asked.steps)].sort((a, b) => a - b) };
    case 'thread':
      return {
        kind: 'thread',
        botId: asked.bot_id,
        threadId: asked.thread_id,
        somebody: asked.somebody ?? null,
      };
    case 'incident':
      return { kind: 'incident', incidentId: asked.incident_id, reach: asked.reach };
    case 'loop': {
      const { jobId, number: finding } = asked.loop_id;
      return { kind: 'loop', jobId, finding };
    }
  }
}

function targetBody(named: CompensationTarget): Record<string, unknown> {
  switch (named.kind) {
    case 'job':
      return { kind: named.kind, job_id: named.jobId };
    case 'steps':
      return { kind: named.kind, job_id: named.jobId, steps: named.steps };
    case 'thread':
      return { kind: named.kind, bot_id: named.botId, thread_id: named.threadId, somebody: named.somebody };
    case 'incident':
      return { kind: named.kind, incident_id: named.incidentId, reach: named.reach };
    case 'loop':
      return { kind: named.kind, loop_id: loopId({ jobId: named.jobId, number: named.finding }) };
  }
}

export function toCompensationBody({ record, totals, reason: said }: ToldCompensation): CompensationBody {
  const momentText = (at: CompensationRecord['endedAt']): string | null => (at === null ? null : instantToText(at));
  return {
    id: record.id,
    target: targetBody(record.target),
    state: record.state,
    asked: record.asked !== null,
    reason: said,
    asked_by: record.askedBy,
    decide_until: momentText(record.decideUntil),
    decided_by: record.decidedBy,
    decided_at: momentText(record.decidedAt),
    created_at: instantToText(record.createdAt),
    ended_at: momentText(record.endedAt),
    jobs: totals.jobs,
    jobs_to_post: totals.jobsToPost,
    jobs_posted: totals.jobsPosted,
    jobs_different: totals.jobsDifferent,
    not_compensated: NOT_COMPENSATED.flatMap((why) => {
      const jobs = totals.notCompensated[why] ?? 0;
      return jobs === 0 ? [] : [{ why, jobs }];
    }),
    foreseen: formatCredits(totals.foreseen),
    posted: formatCredits(totals.posted),
    difference: formatCredits(totals.difference),
    taken_back: formatCredits(totals.takenBack),
  };
}

export function toCompensationJobBody(job: CompensationJob): CompensationJobsBody['data'][number] {
  const { foreseen, posted } = job;
  return {
    job_id: job.jobId,
    account_id: job.accountId,
    steps: [...job.steps],
    foreseen: formatCredits(foreseen),
    why: job.why,
    posted: posted === null ? null : formatCredits(posted),
    difference: posted === null ? null : formatCredits(differenceOf({ foreseen, posted })),
    taken_back: formatCredits(job.takenBack),
  };
}
