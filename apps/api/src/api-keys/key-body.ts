// API room. What may be said of a key, and how one is shown: never its secret but to whoever has just made it.
import type { Instant } from '@fairmeter/domain';
import { ENVIRONMENTS, instantToText, keyState } from '@fairmeter/domain';
import type { ApiKeyView } from '@fairmeter/records';
import { z } from 'zod';
import { KEY_SCOPES } from '../callers/caller.js';
import { instantText } from '../jobs/job-body.js';
import { botIdField, instantField } from '../requests/fields.js';
import { pageShape } from '../requests/page.js';
import { nameText } from '../requests/texts.js';

const MAX_NAME_CHARACTERS = 100;
const MAX_OVERLAP_SECONDS = 7 * 86_400;
const USUAL_OVERLAP_SECONDS = 3_600;

const name = nameText(MAX_NAME_CHARACTERS).describe('For people; keys may share one.');
const scopes = z
  .array(z.enum(KEY_SCOPES))
  .min(1)
  .refine((given) => new Set(given).size === given.length, 'must not name a scope twice')
  .describe('What it may do. `account` and `manage` are for keys of the account alone, `manage` for live ones.');
const environment = z.enum(ENVIRONMENTS);
const expiresAt = instantField.nullable().describe('From then on it is refused. Null: it does not expire.');

export const newKeyBody = z.strictObject({
  bot_id: botIdField.optional().describe('The bot it speaks for. Default: the whole account.'),
  environment: environment
    .optional()
    .describe(
      '`live` by default. A key of `test` acts on 1,000 credits a month of its own, and a script answers, no model.',
    ),
  name,
  scopes,
  expires_at: expiresAt.optional(),
});
export type NewKeyBody = z.output<typeof newKeyBody>;

export const changeKeyBody = z.strictObject({
  name: name.optional(),
  scopes: scopes.optional(),
  expires_at: expiresAt.optional(),
});
export type ChangeKeyBody = z.output<typeof changeKeyBody>;

export const rotateKeyBody = z.strictObject({
  overlap_seconds: z
    .int()
    .min(0)
    .max(MAX_OVERLAP_SECONDS)
    .default(USUAL_OVERLAP_SECONDS)
    .describe('How long the old key works beside the new one; 0 cuts it off at once.'),
});

export const keysQuery = z.strictObject({
  bot_id: botIdField.optional().describe('Only keys of this bot.'),
  ...pageShape,
});

const shownKey = {
  id: z.string(),
  bot_id: z.string().nullable().describe('Null: it speaks for the whole account.'),
  environment: environment.describe('Where it acts, for good.'),
  name: z.string(),
  prefix: z.string().describe('`fm_live_` or `fm_test_`.'),
  last4: z.string().nullable().describe('The last characters of the key; null for keys of before they were kept.'),
  scopes: z.array(z.string()),
  state: z.enum(['active', 'replaced', 'expired', 'revoked']).describe('replaced: it works on until it expires.'),
  created_at: instantText,
  expires_at: instantText.nullable(),
  revoked_at: instantText.nullable(),
  replaced_by: z.string().nullable().describe('The key that took its place.'),
  limit_subject: z
    .string()
    .describe('Under which key\u2019s id its limits are set and counted: a key that takes a place takes that as well.'),
  last_used_at: instantText.nullable().describe('Up to half a minute old.'),
};

export const apiKeyBody = z.object(shownKey);
export type ApiKeyBody = z.output<typeof apiKeyBody>;

export const apiKeysBody = z.object({ data: z.array(apiKeyBody), next_cursor: z.string().nullable() });
export type ApiKeysBody = z.output<typeof apiKeysBody>;

export const madeKeyBody = z.object({
  ...shownKey,
  secret: z.string().nullable().describe('The key itself, shown this once. Null where the answer is told again.'),
  replayed: z.boolean(),
});
export type MadeKeyBody = z.output<typeof madeKeyBody>;

export const cancelledJobsBody = z.object({
  key_id: z.string(),
  jobs: z.array(z.object({ id: z.string(), state: z.string() })).describe('Each with the ending it got.'),
  still_open: z.int().describe('Of those, how many wait for a worker to end them.'),
});
export type CancelledJobsBody = z.output<typeof cancelledJobsBody>;

export function toApiKeyBody(key: ApiKeyView, now: Instant): ApiKeyBody {
  const textOf = (at: Instant | null): string | null => (at === null ? null : instantToText(at));
  return {
    id: key.id,
    bot_id: key.botId,
    environment: key.environment,
    name: key.name,
    prefix: key.prefix,
    last4: key.last4,
    scopes: [...key.scopes],
    state: keyState(key, now),
    created_at: instantToText(key.createdAt),
    expires_at: textOf(key.expiresAt),
    revoked_at: textOf(key.revokedAt),
    replaced_by: key.replacedBy,
    limit_subject: key.limitSubject,
    last_used_at: textOf(key.lastUsedAt),
  };
}
