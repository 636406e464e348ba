// API room. Drift and alerts as the staff see them.
import type { Alert } from '@fairmeter/domain';
import { ALERT_CODES, DRIFT_DONE, DRIFT_KINDS, instantToText } from '@fairmeter/domain';
import type { StaffDrift } from '@fairmeter/records';
import { z } from 'zod';
import { instantText } from '../jobs/job-body.js';
import { pageShape } from '../requests/page.js';
import { freeText } from '../requests/texts.js';

const MAX_REASON_CHARACTERS = 2_000;
const ACCOUNT_ID = /^acc_[0-9A-Za-z_-]{1,64}$/;

export const driftQuery = z.strictObject({
  ...pageShape,
  kind: z.enum(DRIFT_KINDS).optional().describe('Only drift of this kind.'),
  state: z.enum(['open', 'closed']).optional().describe('`closed`: settled, gone by itself, or closed by somebody.'),
  account_id: z.string().regex(ACCOUNT_ID, 'must be an id of an account').optional().describe('Of this account alone.'),
});

export const resolveDriftBody = z.strictObject({
  reason: freeText(MAX_REASON_CHARACTERS).describe('What was found and done; kept with the line of the audit.'),
});

export const driftBody = z.object({
  id: z.string(),
  kind: z.enum(DRIFT_KINDS),
  subject: z
    .string()
    .describe(
      'What it is about: a job, a step as `job/step`, an attempt as `job/step/attempt`, a refund as `paid/refund`.',
    ),
  account_id: z.string().nullable().describe('Null where nobody knows whose it is.'),
  figures: z.record(z.string(), z.unknown()).describe('What was compared; amounts in credits.'),
  done: z.enum(DRIFT_DONE).describe('`listed`: nothing; `settled`: put right; `gone`: it passed by itself.'),
  found_at: instantText,
  resolved_at: instantText.nullable().describe('Null while it is open.'),
  resolved_by: z.string().nullable().describe('`reconcile`, or who of the staff.'),
  reason: z.string().nullable(),
});
export type DriftBody = z.output<typeof driftBody>;

export const driftsBody = z.object({
  data: z.array(driftBody).describe('The newest first.'),
  next_cursor: z.string().nullable(),
});
export type DriftsBody = z.output<typeof driftsBody>;

export const alertsBody = z.object({
  data: z
    .array(
      z.object({
        code: z.enum(ALERT_CODES),
        figure: z.int().describe('How many, or how often; of clocks and late passes milliseconds.'),
        since: instantText.nullable(),
        about: z.array(z.string()).describe('Which processes, or which kinds of drift.'),
      }),
    )
    .describe('Empty where all is well.'),
});
export type AlertsBody = z.output<typeof alertsBody>;

/** Under the names that the documents know them by. */
export const OPERATIONS_BODIES = {
  Drift: driftBody,
  Drifts: driftsBody,
  ResolveDrift: resolveDriftBody,
  Alerts: alertsBody,
};

export function toDriftBody(drift: StaffDrift): DriftBody {
  const { resolvedAt } = drift;
  return {
    id: drift.id,
    kind: drift.kind,
    subject: drift.subject,
    account_id: drift.accountId === '' ? null : drift.accountId,
    figures: drift.figures,
    done: drift.done,
    found_at: instantToText(drift.foundAt),
    resolved_at: resolvedAt === null ? null : instantToText(resolvedAt),
    resolved_by: drift.resolvedBy,
    reason: drift.reason,
  };
}

export function toAlertsBody(alerts: readonly Alert[]): AlertsBody {
  return {
    data: alerts.map(({ code, figure, since, about }) => ({
      code,
      figure,
      since: since === null ? null : instantToText(since),
      about: [...about],
    })),
  };
}
