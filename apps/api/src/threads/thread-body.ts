// API room. A thread as this door shows it: how long it is, how much of it is read with every message, what it used.
import type { ThreadTrend } from '@fairmeter/domain';
import { add, formatCredits, instantToText, REQUEST_KINDS, subtract, TREND_DIRECTIONS } from '@fairmeter/domain';
import type { ThreadJob, ThreadTotals } from '@fairmeter/ledger/reads';
import { z } from 'zod';
import { environmentField } from '../callers/environment.js';
import { credits, instantText, jobState } from '../jobs/job-body.js';
import { botIdField } from '../requests/fields.js';
import { pageShape } from '../requests/page.js';

export const threadUsageQuery = z.strictObject({
  environment: environmentField,
  bot_id: botIdField.optional().describe('Only at this bot: the same name may be another thread at another one.'),
});

export const threadQuery = z.strictObject({ ...threadUsageQuery.shape, ...pageShape });

const figures = {
  read_tokens: z.int().describe('All that models read.'),
  written_tokens: z.int(),
  charge: credits,
  refunded: credits,
};

const threadJob = z.object({
  job_id: z.string(),
  bot_id: z.string(),
  created_at: instantText,
  state: jobState,
  kind: z.enum(REQUEST_KINDS),
  model: z.string(),
  request_tokens: z.int().describe('The request itself, with what came along.'),
  context_tokens: z.int().describe('The most that one call of it read: what was said before is read again each time.'),
  ...figures,
});

const roll = {
  thread_id: z.string(),
  jobs: z.int(),
  messages: z.int().describe('Requests, and answers that came.'),
  ...figures,
  net: credits.describe('Charged, less what was given back.'),
};

export const threadBody = z.object({
  ...roll,
  trend: z
    .object({
      direction: z.enum(TREND_DIRECTIONS),
      percent: z.int().nullable().describe('What the later half of `data` reads beside the earlier one.'),
    })
    .describe('Growing from 125 percent on: a fresh thread with a short summary reads less.'),
  data: z.array(threadJob).describe('The newest first.'),
  next_cursor: z.string().nullable(),
});
export type ThreadBody = z.output<typeof threadBody>;

export const threadUsageBody = z.object({
  ...roll,
  by_model: z.array(z.object({ model: z.string(), jobs: z.int(), ...figures })).describe('The dearest first.'),
});
export type ThreadUsageBody = z.output<typeof threadUsageBody>;

export interface ThreadAnswer {
  readonly threadId: string;
  readonly totals: readonly ThreadTotals[];
}

export interface ThreadPageAnswer extends ThreadAnswer {
  readonly jobs: readonly ThreadJob[];
  readonly trend: ThreadTrend;
  readonly nextCursor: string | null;
}

export function toThreadBody(answer: ThreadPageAnswer): ThreadBody {
  return {
    ...rollOf(answer),
    trend: answer.trend,
    data: answer.jobs.map((job) => ({
      job_id: job.id,
      bot_id: job.botId,
      created_at: instantToText(job.createdAt),
      state: job.state,
      kind: job.requestKind,
      model: job.model,
      request_tokens: job.requestTokens,
      context_tokens: job.contextTokens,
      ...figuresOf(job),
    })),
    next_cursor: answer.nextCursor,
  };
}

export function toThreadUsageBody(answer: ThreadAnswer): ThreadUsageBody {
  return {
    ...rollOf(answer),
    by_model: answer.totals.map((one) => ({ model: one.model, jobs: one.jobs, ...figuresOf(one) })),
  };
}

type Used = Pick<ThreadTotals, 'readTokens' | 'writtenTokens' | 'charge' | 'refunded'>;

function rollOf({ threadId, totals }: ThreadAnswer): z.output<z.ZodObject<typeof roll>> {
  const sum = (of: (one: ThreadTotals) => number): number => totals.reduce((all, one) => all + of(one), 0);
  const jobs = sum((one) => one.jobs);
  const charge = add(...totals.map((one) => one.charge));
  const refunded = add(...totals.map((one) => one.refunded));
  return {
    thread_id: threadId,
    jobs,
    messages: jobs + sum((one) => one.answered),
    ...figuresOf({
      readTokens: sum((one) => one.readTokens),
      writtenTokens: sum((one) => one.writtenTokens),
      charge,
      refunded,
    }),
    net: formatCredits(subtract(charge, refunded)),
  };
}

function figuresOf({ readTokens, writtenTokens, charge, refunded }: Used): z.output<z.ZodObject<typeof figures>> {
  return {
    read_tokens: readTokens,
    written_tokens: writtenTokens,
    charge: formatCredits(charge),
    refunded: formatCredits(refunded),
  };
}
