// API room. The offer of a bot to another account, as it is made and as both sides see it.
import { instantToText } from '@fairmeter/domain';
import type { BotTransfer } from '@fairmeter/records';
import { z } from 'zod';
import { instantText } from '../jobs/job-body.js';
import { accountIdField } from '../requests/fields.js';

export const offerBody = z.strictObject({
  to_account_id: accountIdField.describe('Whose owner may accept it.'),
});

export const transferBody = z.object({
  id: z.string(),
  bot_id: z.string(),
  from_account_id: z.string(),
  to_account_id: z.string(),
  state: z.enum(['offered', 'accepted', 'withdrawn']),
  offered_at: instantText,
  ended_at: instantText.nullable(),
});
export type TransferBody = z.output<typeof transferBody>;

export const transfersBody = z.object({ data: z.array(transferBody), next_cursor: z.string().nullable() });
export type TransfersBody = z.output<typeof transfersBody>;

export function toTransferBody(transfer: BotTransfer): TransferBody {
  return {
    id: transfer.id,
    bot_id: transfer.botId,
    from_account_id: transfer.fromAccount,
    to_account_id: transfer.toAccount,
    state: transfer.state,
    offered_at: instantToText(transfer.offeredAt),
    ended_at: transfer.endedAt === null ? null : instantToText(transfer.endedAt),
  };
}
