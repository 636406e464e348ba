// API room. The audit as its account sees it: who changed what, from what to what, and why.
import { instantToText } from '@fairmeter/domain';
import type { AuditLine, StaffAuditLine } from '@fairmeter/records';
import { z } from 'zod';
import { instantText } from '../jobs/job-body.js';
import { accountIdField } from '../requests/fields.js';
import type { PageOf } from '../requests/newest-first.js';
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

const filters = {
  action: z
    .string()
    .regex(ACTION, 'must be a noun and what was done to it, such as bot.archived')
    .optional()
    .describe('Only lines of this action.'),
  target_id: z.string().regex(TARGET_ID, 'must be an id').optional().describe('Only what was done to this.'),
  ...pageShape,
};

export const auditQuery = z.strictObject(filters);

/** As staff name what belongs to no account. */
export const OF_NONE = 'none';

export const staffAuditQuery = z.strictObject({
  account_id: z
    .union([accountIdField, z.literal(OF_NONE)], { error: 'must be an id that begins with acc_, or none' })
    .optional()
    .describe('Only lines of this account; `none`: of no account, such as those of incidents and compensations.'),
  actor_id: z.string().regex(TARGET_ID, 'must be an id').optional().describe('Only what this person or key did.'),
  ...filters,
});

export const staffAuditBody = z.object({
  data: z
    .array(
      line.extend({
        account_id: z.string().nullable().describe('Null where it is of no account.'),
        reason: z.string().nullable().describe('Of the staff alone: what others wrote is told to their account.'),
      }),
    )
    .describe('The newest first.'),
  next_cursor: z.string().nullable(),
});
export type StaffAuditBody = z.output<typeof staffAuditBody>;

/** Under the names that the documents know them by. */
export const AUDIT_BODIES = { Audit: auditBody, StaffAudit: staffAuditBody };

export function toAuditBody({ rows, nextCursor }: PageOf<AuditLine>): AuditBody {
  return { data: rows.map(lineBody), next_cursor: nextCursor };
}

export function toStaffAuditBody({ rows, nextCursor }: PageOf<StaffAuditLine>): StaffAuditBody {
  const data = rows.map((row) => ({ ...lineBody(row), account_id: row.accountId === '' ? null : row.accountId }));
  return { data, next_cursor: nextCursor };
}

function lineBody(row: AuditLine): z.output<typeof line> {
  const { id, actor, action, reason, before, after } = row;
  return {
    ...{ id, actor, action, reason, before, after },
    at: instantToText(row.at),
    target_id: row.targetId,
    request_id: row.requestId,
  };
}
