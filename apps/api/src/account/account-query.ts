// API room. What may be asked of an account's credits and ledger. Text in, domain types out.
import type { Instant } from '@fairmeter/domain';
import { instant, LOT_KINDS } from '@fairmeter/domain';
import { z } from 'zod';
import { pageShape } from '../requests/page.js';

const pastInstant = z.iso
  .datetime({ offset: true, error: 'must be an RFC 3339 instant such as 2027-01-31T12:00:00Z' })
  .refine((text) => !(Date.parse(text) < 0), 'must not be before 1970')
  .transform((text): Instant => instant(Date.parse(text)));

const idOf = (prefix: string): z.ZodString =>
  z.string().regex(new RegExp(`^${prefix}_[0-9A-Za-z_-]{1,80}$`), `must be an id that begins with ${prefix}_`);

export const creditsQuery = z.strictObject({
  as_of: pastInstant.optional().describe('An instant of the past; the present by default.'),
});

export const lotsQuery = z.strictObject({
  as_of: pastInstant.optional().describe('An instant of the past; the present by default.'),
  include_ended: z
    .enum(['true', 'false'])
    .optional()
    .describe('Whether lots that have ended or are used up are listed too; false by default.'),
  ...pageShape,
});

export const ledgerQuery = z.strictObject({
  job_id: idOf('job').optional().describe('Only entries of this job.'),
  lot_id: idOf('lot').optional().describe('Only entries of this lot.'),
  kind: z.enum(LOT_KINDS).optional().describe('Only entries of lots of this kind.'),
  order: z.enum(['newest', 'oldest']).optional().describe('Which entries come first; the newest by default.'),
  ...pageShape,
});
