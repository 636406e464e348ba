// API room. Loops of all accounts as the staff see them: what was found, what was said of it since, and what of its
// repeats came back.
import type { LoopCause } from '@fairmeter/domain';
import {
  COMPENSATION_STATES,
  environmentOf,
  ENVIRONMENTS,
  formatCredits,
  instantToText,
  LOOP_CAUSES,
  STAFF_ROLES,
} from '@fairmeter/domain';
import type { Reclassified, StaffLoop } from '@fairmeter/records';
import { z } from 'zod';
import { credits, instantText } from '../jobs/job-body.js';
import { findingBody, toFindingBody } from '../jobs/refund-body.js';
import { accountIdField } from '../requests/fields.js';
import { pageShape } from '../requests/page.js';
import { freeText } from '../requests/texts.js';
import { loopId } from './loop-id.js';

const MAX_REASON_CHARACTERS = 2_000;

export const loopsQuery = z.strictObject({
  ...pageShape,
  cause: z.enum(LOOP_CAUSES).optional().describe('Only loops of this cause, as it was said last.'),
  account_id: accountIdField.optional().describe('Of this account alone.'),
});

export const reclassifyLoopBody = z.strictObject({
  cause: z.enum(LOOP_CAUSES).describe('`platform_fault` gives the repeats back, as far as anything is left of them.'),
  reason: freeText(MAX_REASON_CHARACTERS).describe('Why; kept with the line of the audit.'),
});
export type ReclassifyLoop = z.output<typeof reclassifyLoopBody>;

const reclassified = z.object({
  before: z.enum(LOOP_CAUSES),
  after: z.enum(LOOP_CAUSES),
  by: z.object({ id: z.string(), role: z.enum(STAFF_ROLES) }),
  reason: z.string().nullable(),
  at: instantText,
  compensation: z
    .object({ id: z.string(), state: z.enum(COMPENSATION_STATES) })
    .nullable()
    .describe('By which the repeats go back: `requested` waits for a second person. Null where nothing goes back.'),
});

export const loopBody = findingBody.extend({
  id: z.string(),
  job_id: z.string(),
  account_id: z.string(),
  environment: z.enum(ENVIRONMENTS),
  cause: z.enum(LOOP_CAUSES).describe('As it was said last.'),
  found_cause: z.enum(LOOP_CAUSES).describe('As it was judged when it was found.'),
  amount: credits.describe('What went back when it was found.'),
  charged: credits.describe('What its repeats were charged.'),
  refunded: credits.describe('What of that came back so far, by whichever lane.'),
  reclassified: z.array(reclassified).describe('What was said of its cause since, the oldest first.'),
});
export type LoopBody = z.output<typeof loopBody>;

export const loopsBody = z.object({
  data: z.array(loopBody).describe('The newest first.'),
  next_cursor: z.string().nullable(),
});
export type LoopsBody = z.output<typeof loopsBody>;

/** Under the names that the documents know them by. */
export const LOOP_BODIES = {
  Loop: loopBody,
  Loops: loopsBody,
  ReclassifyLoop: reclassifyLoopBody,
};

export function toLoopBody(loop: StaffLoop): LoopBody {
  return {
    ...toFindingBody(loop),
    id: loopId(loop),
    job_id: loop.jobId,
    account_id: loop.accountId,
    environment: environmentOf(loop.scopeId),
    found_cause: loop.foundCause,
    charged: formatCredits(loop.charged),
    refunded: formatCredits(loop.refunded),
    reclassified: loop.reclassifications.map(toReclassifiedBody),
  };
}

function toReclassifiedBody({ at, ...said }: Reclassified): z.output<typeof reclassified> {
  return { ...said, at: instantToText(at) };
}

/** Of test jobs nothing was paid that could come back. */
export function goesBack(loop: StaffLoop, cause: LoopCause): boolean {
  return cause === 'platform_fault' && environmentOf(loop.scopeId) === 'live' && loop.refunded < loop.charged;
}
