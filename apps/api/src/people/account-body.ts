// API room. The account itself, and all that is kept of whoever asks, as this door shows them.
import { ACCOUNT_STATUSES, instantToText } from '@fairmeter/domain';
import type { AccountSettings, KeptSession, KeptText, Person } from '@fairmeter/records';
import { z } from 'zod';
import { instantText } from '../jobs/job-body.js';
import { pageQuery } from '../requests/page.js';
import { nameText } from '../requests/texts.js';

const MAX_NAME = 120;

export const accountBody = z.object({
  account_id: z.string(),
  name: z.string(),
  status: z.enum(ACCOUNT_STATUSES),
  time_zone: z.string(),
  plan_id: z.string(),
  created_at: instantText,
});
export type AccountBody = z.output<typeof accountBody>;

export const changeAccountBody = z
  .strictObject({
    name: nameText(MAX_NAME).optional(),
    time_zone: z
      .string()
      .optional()
      .describe('An IANA name such as `Europe/Berlin`, no offset. Days end by it from the next daily reset on.'),
  })
  .refine(({ name, time_zone: zone }) => name !== undefined || zone !== undefined, 'must name what is to change');

export const closedAccountBody = z.object({
  account_id: z.string(),
  status: z.literal('closed'),
  open_jobs: z.int().describe('Jobs that are still on their way to their end; ask again to see them gone.'),
});
export type ClosedAccountBody = z.output<typeof closedAccountBody>;

export const personalDataQuery = pageQuery;

export const personalDataBody = z.object({
  user: z.object({
    user_id: z.string(),
    issuer: z.string(),
    subject: z.string(),
    email: z.string().nullable(),
    name: z.string().nullable(),
  }),
  accounts: z.array(z.object({ account_id: z.string(), role: z.enum(['owner', 'member']) })),
  sessions: z.array(z.object({ id: z.string(), created_at: instantText, expires_at: instantText })),
  texts: z
    .array(
      z.object({
        id: z.string(),
        purpose: z.string().describe('`prompt`, `answer`, `reason`, or `files`: the files of a job.'),
        job_id: z.string().nullable().describe('Of an answer and of files.'),
        body: z.string().nullable().describe('Null for files: `/v1/jobs/{job_id}/files` lists them.'),
        created_at: instantText,
      }),
    )
    .describe('What you wrote in this account and what you were answered, a page at a time; a long page ends early.'),
  next_cursor: z.string().nullable(),
});
export type PersonalDataBody = z.output<typeof personalDataBody>;

export function toAccountBody({ accountId, name, status, timeZone, planId, createdAt }: AccountSettings): AccountBody {
  return {
    account_id: accountId,
    name,
    status,
    time_zone: timeZone,
    plan_id: planId,
    created_at: instantToText(createdAt),
  };
}

export interface KeptOfPerson {
  readonly person: Person;
  readonly sessions: readonly KeptSession[];
  readonly texts: readonly KeptText[];
  readonly nextCursor: string | null;
}

export function toPersonalDataBody({ person, sessions, texts, nextCursor }: KeptOfPerson): PersonalDataBody {
  const { userId, issuer, subject, email, name, accounts } = person;
  return {
    user: { user_id: userId, issuer, subject, email, name },
    accounts: accounts.map(({ accountId, role }) => ({ account_id: accountId, role })),
    sessions: sessions.map(({ id, createdAt, expiresAt }) => ({
      id,
      created_at: instantToText(createdAt),
      expires_at: instantToText(expiresAt),
    })),
    texts: texts.map(({ id, purpose, jobId, body, createdAt }) => ({
      id,
      purpose,
      job_id: jobId,
      body,
      created_at: instantToText(createdAt),
    })),
    next_cursor: nextCursor,
  };
}
