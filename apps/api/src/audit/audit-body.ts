// API room. The audit as its account sees it: who changed what, from what to what, and why.
import { instantToText } from '@fairmeter/domain';
import type { AuditLine } from '@fairmeter/records';
import { z } from 'zod';
import { instantText } from '../jobs/job-body.js';
import { pageShape } from '../requests/page.js';

const ACTION = /^[a-z_]{1,40}\.[a-z_]{1,60}$/;
const TARGET_ID = /^[0-9A-Za-z_-]{1,120}$/;

const state = z.record(z.string(), z.unknown()).nullable();

const line = z.object({
  id: z.string(),
  at: instantText,
  actor: z.object({
    role: z.string().describe('Such as `owner`, `account_key` or `support`.'),
    id: z.string().describe('Of the person, or of the key.'),
  }),
  action: z.string().describe('A noun and what was done to it, such as `bot.archived`.'),
  target_id: z.string(),
  reason: z.string().nullable().describe('Null where none was given, and where it was erased.'),
  before: state.describe('Null where there was nothing before.'),
  after: state.describe('Null where there is nothing after.'),
  request_id: z.string().nullable().describe('Of the request that changed it.'),
});

export const auditBody = z.object({
  data: z.array(line).describe('The newest first.'),
  next_cursor: z.string().nullable(),
});
export type AuditBody = z.output<typeof auditBody>;

export const auditQuery = z.strictObject({
  action: z
    .string()
    .regex(ACTION, 'must be a noun and what was done to it, such as bot.archived')
    .optional()
    .describe('Only lines of this action.'),
  target_id: z.string().regex(TARGET_ID, 'must be an id').optional().describe('Only what was done to this.'),
  ...pageShape,
});

export interface AuditAnswer {
  readonly lines: readonly AuditLine[];
  readonly nextCursor: string | null;
}

export function toAuditBody({ lines, nextCursor }: AuditAnswer): AuditBody {
  return {
    data: lines.map(({ at, targetId, requestId, ...rest }) => ({
      ...rest,
      at: instantToText(at),
      target_id: targetId,
      request_id: requestId,
    })),
    next_cursor: nextCursor,
  };
}
