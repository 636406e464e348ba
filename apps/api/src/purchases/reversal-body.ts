// API room. Purchases to be sent back that wait for a second person of the staff, and what became of them.
import { formatCredits, instantToText, PURCHASE_STATES, REVERSAL_STATES, STAFF_ROLES } from '@fairmeter/domain';
import type { StaffReversal } from '@fairmeter/records';
import { z } from 'zod';
import { credits, instantText } from '../jobs/job-body.js';
import { pageShape } from '../requests/page.js';

export const reversalsQuery = z.strictObject({
  ...pageShape,
  state: z
    .enum(REVERSAL_STATES)
    .optional()
    .describe('Only those in this state; `requested` waits for a second person.'),
});

export const reversalBody = z.object({
  id: z.string(),
  account_id: z.string(),
  purchase_id: z.string(),
  purchase_state: z.enum(PURCHASE_STATES).describe('As it is now: a bank may have had its word meanwhile.'),
  credits: credits.describe('Of the whole purchase.'),
  reason: z.string().nullable().describe('Of whoever asked. Null where it was erased.'),
  state: z.enum(REVERSAL_STATES),
  asked_by: z.object({ id: z.string(), role: z.enum(STAFF_ROLES) }),
  decide_until: instantText.describe('What nobody has decided by then is rejected.'),
  decided_by: z.string().nullable().describe('Null where nobody decided in time, or nothing was left to decide.'),
  decided_at: instantText.nullable(),
  created_at: instantText,
});
export type ReversalBody = z.output<typeof reversalBody>;

export const reversalsBody = z.object({
  data: z.array(reversalBody).describe('The newest first.'),
  next_cursor: z.string().nullable(),
});
export type ReversalsBody = z.output<typeof reversalsBody>;

export function toReversalBody(reversal: StaffReversal): ReversalBody {
  const { decidedAt } = reversal;
  return {
    id: reversal.id,
    account_id: reversal.accountId,
    purchase_id: reversal.purchaseId,
    purchase_state: reversal.purchaseState,
    credits: formatCredits(reversal.credits),
    reason: reversal.reason,
    state: reversal.state,
    asked_by: reversal.askedBy,
    decide_until: instantToText(reversal.decideUntil),
    decided_by: reversal.decidedBy,
    decided_at: decidedAt === null ? null : instantToText(decidedAt),
    created_at: instantToText(reversal.createdAt),
  };
}
