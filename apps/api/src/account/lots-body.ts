// API room. The lots of an account, one by one.
import { formatCredits, instantToText, LOT_KINDS } from '@fairmeter/domain';
import type { LotView } from '@fairmeter/ledger/reads';
import { z } from 'zod';
import type { Caller } from '../callers/caller.js';
import { lotSourceShown } from '../callers/own-jobs.js';
import { credits, instantText } from '../jobs/job-body.js';
import type { LotsAnswer } from './account-reader.js';
import { pointText, writePoint } from './told-point.js';

const lot = z.object({
  id: z.string(),
  kind: z.enum(LOT_KINDS),
  state: z.enum(['live', 'upcoming', 'used_up', 'ended']),
  granted: credits.describe('open + held + spent + lapsed + clawed_back.'),
  open: credits,
  held: credits,
  spent: credits,
  lapsed: credits.describe('What was left when the lot ended.'),
  clawed_back: credits,
  valid_from: instantText,
  expires_at: instantText.nullable().describe('The first instant at which the lot pays no more.'),
  source: z.string().describe('Where the credits came from.'),
});
type LotBody = z.output<typeof lot>;

export const lotsBody = z.object({
  as_of: instantText.describe('All pages of one listing show this instant.'),
  point: pointText,
  entry_seq: z.string().describe('The last ledger entry counted in.'),
  data: z.array(lot).describe('Live lots in the order in which they pay, then the others, newest first.'),
  next_cursor: z.string().nullable(),
});
export type LotsBody = z.output<typeof lotsBody>;

export function toLotsBody({ point, page, nextCursor }: LotsAnswer, caller: Caller): LotsBody {
  return {
    as_of: instantToText(point.at),
    point: writePoint(point),
    entry_seq: point.entrySeq.toString(),
    data: page.lots.map((lot) => lotBody(lot, caller)),
    next_cursor: nextCursor,
  };
}

function lotBody(view: LotView, caller: Caller): LotBody {
  return {
    id: view.id,
    kind: view.kind,
    state: view.state,
    granted: formatCredits(view.granted),
    open: formatCredits(view.open),
    held: formatCredits(view.held),
    spent: formatCredits(view.spent),
    lapsed: formatCredits(view.lapsed),
    clawed_back: formatCredits(view.clawedBack),
    valid_from: instantToText(view.validFrom),
    expires_at: view.expiresAt === null ? null : instantToText(view.expiresAt),
    source: lotSourceShown(view.sourceRef, caller),
  };
}
