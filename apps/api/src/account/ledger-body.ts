// API room. The ledger of an account: every movement, with what it left of its lot.
import { formatCredits, instantToText, LOT_KINDS } from '@fairmeter/domain';
import type { EntryView } from '@fairmeter/ledger/reads';
import { z } from 'zod';
import { credits, instantText } from '../jobs/job-body.js';
import type { EntriesAnswer } from './account-reader.js';
import { movementOf, MOVEMENTS, reasonOf } from './entry-reason.js';

const entry = z.object({
  seq: z.string().describe('Number inside the account: rising by one, in the order in which entries were written.'),
  movement: z.enum(MOVEMENTS),
  reason: z.string().describe('For people.'),
  from: z.string(),
  to: z.string(),
  amount: credits,
  lot: z
    .object({ id: z.string(), kind: z.enum(LOT_KINDS), open_after: credits, held_after: credits })
    .nullable()
    .describe('The lot it moved on, and what that had left afterwards.'),
  job_id: z.string().nullable(),
  step: z.int().nullable(),
  operation: z.object({ key: z.string(), verb: z.string() }).describe('All entries of one operation share its key.'),
  effective_at: instantText,
  recorded_at: instantText,
});
type EntryBody = z.output<typeof entry>;

export const ledgerBody = z.object({ data: z.array(entry), next_cursor: z.string().nullable() });
export type LedgerBody = z.output<typeof ledgerBody>;

export function toLedgerBody({ page, nextCursor }: EntriesAnswer): LedgerBody {
  return { data: page.entries.map(entryBody), next_cursor: nextCursor };
}

function entryBody(view: EntryView): EntryBody {
  const { lot } = view;
  return {
    seq: view.seq.toString(),
    movement: movementOf(view),
    reason: reasonOf(view),
    from: view.from,
    to: view.to,
    amount: formatCredits(view.amount),
    lot:
      lot === null
        ? null
        : {
            id: lot.id,
            kind: lot.kind,
            open_after: formatCredits(lot.openAfter),
            held_after: formatCredits(lot.heldAfter),
          },
    job_id: view.jobId,
    step: view.stepOrdinal,
    operation: { key: view.operationKey, verb: view.verb },
    effective_at: instantToText(view.effectiveAt),
    recorded_at: instantToText(view.recordedAt),
  };
}
