// API room. What the owner of a bot asks and sees of its visitors: usage units and dates, never a payment.
import { formatCredits, instant, instantToText } from '@fairmeter/domain';
import { z } from 'zod';
import type { GivenToken } from '../callers/visitor-tokens.js';
import { credits, instantText } from '../jobs/job-body.js';
import { freeText } from '../requests/texts.js';
import type { VisitorsAnswer } from './visitor-desk.js';

const MAX_REF_CHARACTERS = 200;
const SHORTEST_SECONDS = 60;
const LONGEST_SECONDS = 3_600;
const USUAL_SECONDS = 900;

export const visitorTokenRequest = z.strictObject({
  external_ref: freeText(MAX_REF_CHARACTERS).describe(
    'Who it is in your own system. Kept as a hash, until the visitor is deleted.',
  ),
  ttl_seconds: z.int().min(SHORTEST_SECONDS).max(LONGEST_SECONDS).default(USUAL_SECONDS),
});

export const visitorTokenBody = z.object({
  token: z
    .string()
    .describe('For the visitor: `Authorization: Bearer ...`. It cannot be called back, so keep it short.'),
  visitor_id: z.string(),
  bot_id: z.string(),
  expires_at: instantText,
});
export type VisitorTokenBody = z.output<typeof visitorTokenBody>;

export function toVisitorTokenBody(
  { visitorId, botId }: { readonly visitorId: string; readonly botId: string },
  { token, expiresAt }: GivenToken,
): VisitorTokenBody {
  return { token, visitor_id: visitorId, bot_id: botId, expires_at: instantToText(instant(expiresAt)) };
}

const visitor = z.object({
  id: z.string(),
  pseudonym: z.string(),
  created_at: instantText,
  last_used_at: instantText.nullable(),
  deleted_at: instantText.nullable(),
  jobs: z.int(),
  used: credits.describe('Usage units, without what was given back.'),
});

export const visitorsBody = z.object({ data: z.array(visitor), next_cursor: z.string().nullable() });
export type VisitorsBody = z.output<typeof visitorsBody>;

export function toVisitorsBody({ visitors, nextCursor }: VisitorsAnswer): VisitorsBody {
  return {
    data: visitors.map(({ visitor: { id, pseudonym, createdAt, deletedAt }, usage }) => ({
      id,
      pseudonym,
      created_at: instantToText(createdAt),
      last_used_at: usage === undefined ? null : instantToText(usage.lastAt),
      deleted_at: deletedAt === null ? null : instantToText(deletedAt),
      jobs: usage?.jobs ?? 0,
      used: usage === undefined ? '0.000000' : formatCredits(usage.used),
    })),
    next_cursor: nextCursor,
  };
}
