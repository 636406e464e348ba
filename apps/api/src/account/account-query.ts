// API room. What may be asked of an account's credits and ledger. Text in, domain types out.
import { LOT_KINDS } from '@fairmeter/domain';
import { z } from 'zod';
import { environmentField } from '../callers/environment.js';
import { pastInstantField, yesOrNo } from '../requests/fields.js';
import { pageShape } from '../requests/page.js';
import { pointField } from './told-point.js';

/** Which moment is asked for. */
const momentShape = {
  as_of: pastInstantField.optional().describe('An instant of the past; the present by default.'),
  point: pointField.optional().describe('The `point` of an answer: the same is answered again, to the last digit.'),
};

const idOf = (prefix: string): z.ZodString =>
  z.string().regex(new RegExp(`^${prefix}_[0-9A-Za-z_-]{1,80}$`), `must be an id that begins with ${prefix}_`);

export const creditsQuery = z.strictObject({ ...momentShape, environment: environmentField });

export const streamQuery = z.strictObject({ environment: environmentField });

export const lotsQuery = z.strictObject({
  ...momentShape,
  environment: environmentField,
  include_ended: yesOrNo
    .optional()
    .describe('Whether lots that have ended or are used up are listed too; false by default.'),
  ...pageShape,
});

export const ledgerQuery = z.strictObject({
  environment: environmentField,
  job_id: idOf('job').optional().describe('Only entries of this job.'),
  lot_id: idOf('lot').optional().describe('Only entries of this lot.'),
  kind: z.enum(LOT_KINDS).optional().describe('Only entries of lots of this kind.'),
  order: z.enum(['newest', 'oldest']).optional().describe('Which entries come first; the newest by default.'),
  ...pageShape,
});
