// API room. Webhooks and notices, as an account sets and sees them.
import type { Instant } from '@fairmeter/domain';
import { instantToText, NOTICE_TYPES } from '@fairmeter/domain';
import type { Notice, Redelivery, WebhookDelivery, WebhookEndpoint } from '@fairmeter/records';
import { DISABLED_REASONS } from '@fairmeter/records';
import { z } from 'zod';
import { instantText } from '../jobs/job-body.js';
import { instantField } from '../requests/fields.js';

const MAX_URL_CHARACTERS = 2_000;
const MAX_DESCRIPTION_CHARACTERS = 200;
const USUAL_OVERLAP_SECONDS = 86_400;
const MAX_OVERLAP_SECONDS = 7 * 86_400;

const CHOSEN = NOTICE_TYPES.filter((type) => type !== 'webhook.test');

const url = z
  .string()
  .max(MAX_URL_CHARACTERS)
  .refine(isReceiver, 'must be an absolute https URL without user, password or fragment')
  .describe('Must be https, and of the public internet when it is connected to. Redirects are not followed.');

const description = z.string().max(MAX_DESCRIPTION_CHARACTERS).describe('For whoever reads the list.');

const eventTypes = z
  .array(z.enum(CHOSEN))
  .min(1)
  .refine((types) => new Set(types).size === types.length, 'must name each type once')
  .describe('What is sent there, and nothing else.');

/** Whether plain text is allowed is the settings' to say. */
function isReceiver(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return ['https:', 'http:'].includes(protocol) && username === '' && password === '' && hash === '';
}

export const newWebhookBody = z.strictObject({
  url,
  description: description.default(''),
  event_types: eventTypes,
});
export type NewWebhookBody = z.output<typeof newWebhookBody>;

export const changeWebhookBody = z.strictObject({
  url: url.optional(),
  description: description.optional(),
  event_types: eventTypes.optional(),
  enabled: z
    .boolean()
    .optional()
    .describe(
      'Enabled again, it is sent what happens from then on. What had waited may be asked for; of what happened while ' +
        'it was disabled nothing was kept for it: read that in the ledger, the jobs and the notices.',
    ),
});
export type ChangeWebhookBody = z.output<typeof changeWebhookBody>;

export const rotateWebhookBody = z.strictObject({
  overlap_seconds: z
    .int()
    .min(0)
    .max(MAX_OVERLAP_SECONDS)
    .default(USUAL_OVERLAP_SECONDS)
    .describe('How long the old secret signs beside the new one; 0 ends it at once.'),
});

const EVENT_ID = /^(evt|ntc)_[0-9a-z]{1,64}$/;

export const redeliverBody = z
  .strictObject({
    event_id: z.string().regex(EVENT_ID, 'must be the id of an event').optional(),
    since: instantField.optional().describe('Every event from then on, whether it had arrived or not.'),
  })
  .refine((wish) => (wish.event_id === undefined) !== (wish.since === undefined), 'must name one: event_id or since')
  .transform(({ event_id: eventId, since }): Redelivery | null => {
    if (eventId !== undefined) return { eventId };
    return since === undefined ? null : { since };
  });

const shown = {
  id: z.string(),
  url: z.string(),
  description: z.string(),
  event_types: z.array(z.string()),
  enabled: z.boolean(),
  disabled_reason: z
    .enum(DISABLED_REASONS)
    .nullable()
    .describe('`failing`: nothing arrived for three days. `gone`: it answered 410. Null while it is enabled.'),
  disabled_at: instantText.nullable(),
  failing_since: instantText
    .nullable()
    .describe('Since when it is tried again, or so slow that its events wait; null while all arrive.'),
  created_at: instantText,
};

export const webhookBody = z.object(shown);
export type WebhookBody = z.output<typeof webhookBody>;

export const webhooksBody = z.object({ data: z.array(webhookBody) });
export type WebhooksBody = z.output<typeof webhooksBody>;

export const madeWebhookBody = z.object({
  ...shown,
  secret: z
    .string()
    .nullable()
    .describe('`whsec_…`, what every message is signed with; shown this once. Null where the answer is told again.'),
  replayed: z.boolean(),
});
export type MadeWebhookBody = z.output<typeof madeWebhookBody>;

export const webhookDeliveriesBody = z.object({
  data: z
    .array(
      z.object({
        event_id: z.string().describe('The same at every try: `webhook-id`.'),
        type: z.string(),
        at: instantText,
        data: z.record(z.string(), z.unknown()),
        state: z.enum(['pending', 'delivered', 'failed']).describe('failed: given up, as the endpoint was disabled.'),
        tries: z.int(),
        last_status: z.int().nullable(),
        last_problem: z.string().nullable().describe('Such as `timed_out`, `no_public_address` or `redirected`.'),
        last_try_at: instantText.nullable(),
      }),
    )
    .describe('The newest first.'),
  next_cursor: z.string().nullable(),
});
export type WebhookDeliveriesBody = z.output<typeof webhookDeliveriesBody>;

export const testedWebhookBody = z.object({ webhook_id: z.string(), type: z.literal('webhook.test') });
export const redeliveredBody = z.object({ webhook_id: z.string(), events: z.int() });

export const noticesBody = z.object({
  data: z
    .array(
      z.object({
        id: z.string(),
        type: z.string(),
        about: z.string().describe('The id of what changed.'),
        facts: z.record(z.string(), z.unknown()),
        visitor_id: z.string().nullable().describe('Whom it concerns, where that is a visitor of a bot.'),
        at: instantText,
      }),
    )
    .describe('The newest first.'),
  next_cursor: z.string().nullable(),
});
export type NoticesBody = z.output<typeof noticesBody>;

const textOf = (at: Instant | null): string | null => (at === null ? null : instantToText(at));

export function toWebhookBody(endpoint: WebhookEndpoint): WebhookBody {
  const { disabled } = endpoint;
  return {
    id: endpoint.id,
    url: endpoint.url,
    description: endpoint.description,
    event_types: [...endpoint.eventTypes],
    enabled: disabled === null,
    disabled_reason: disabled?.reason ?? null,
    disabled_at: textOf(disabled?.at ?? null),
    failing_since: textOf(endpoint.failingSince),
    created_at: instantToText(endpoint.createdAt),
  };
}

export function toDeliveryBody(delivery: WebhookDelivery): WebhookDeliveriesBody['data'][number] {
  return {
    event_id: delivery.eventId,
    type: delivery.type,
    at: instantToText(delivery.at),
    data: { ...delivery.data },
    state: delivery.state,
    tries: delivery.tries,
    last_status: delivery.lastStatus,
    last_problem: delivery.lastProblem,
    last_try_at: textOf(delivery.lastTryAt),
  };
}

export function toNoticeBody({ id, type, about, facts, visitor, at }: Notice): NoticesBody['data'][number] {
  return { id, type, about, facts: { ...facts }, visitor_id: visitor?.visitorId ?? null, at: instantToText(at) };
}

/** By the names under which the documents show them. */
export const WEBHOOK_SCHEMAS = {
  Webhook: webhookBody,
  Webhooks: webhooksBody,
  NewWebhook: newWebhookBody,
  MadeWebhook: madeWebhookBody,
  ChangeWebhook: changeWebhookBody,
  RotateWebhook: rotateWebhookBody,
  WebhookDeliveries: webhookDeliveriesBody,
  RedeliverWebhook: redeliverBody,
  RedeliveredWebhook: redeliveredBody,
  TestedWebhook: testedWebhookBody,
  Notices: noticesBody,
} as const;
