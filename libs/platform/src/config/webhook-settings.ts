// Platform room. What leaves the platform by itself: webhooks of accounts, and mail.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ConfigError, flag, text, wholeNumber } from './settings.js';
import { hashKey, isNetwork, secretBytes } from './visitor-settings.js';

const partsOf = (list: string): string[] => list.split(',').map((part) => part.trim());

const networkList = z
  .string()
  .refine(
    (list) => partsOf(list).every((part) => part.includes('/') && isNetwork(part)),
    'must be networks such as 10.0.0.0/8, separated by commas',
  )
  .transform(partsOf);

/** For API and worker alike: one seals what the other signs with, and both know which receivers are allowed. */
export const webhookShape = {
  WEBHOOK_SEALING_KEY: hashKey.optional(),
  WEBHOOK_ALLOWED_NETWORKS: networkList.optional(),
};

export interface WebhookSettings {
  /** Seals the secrets that webhooks are signed with; without it nobody can have one. */
  readonly sealingSecret: string | undefined;
  /** Receivers there are allowed though they are not public, in plain text too. */
  readonly allowedNetworks: readonly string[];
}

export function webhookSettings(settings: z.output<z.ZodObject<typeof webhookShape>>): WebhookSettings {
  return {
    sealingSecret: settings.WEBHOOK_SEALING_KEY,
    allowedNetworks: settings.WEBHOOK_ALLOWED_NETWORKS ?? [],
  };
}

/** Of whatever length the secret is, as long as a key of the cipher. */
export function sealingKeyOf(secret: string): Uint8Array {
  return createHash('sha256').update(secretBytes(secret)).digest();
}

export const mailShape = {
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\/[^\s/]+/, 'must begin with smtp:// or smtps://')
    .optional(),
  MAIL_FROM: text.optional(),
  MAIL_IS_HEARD: flag.default(false),
  WEBHOOK_WITHIN_MS: wholeNumber(100, 60_000).default(10_000),
};

export interface MailSettings {
  readonly url: string;
  readonly from: string;
  /** A gateway hands on what comes back: only then is anybody asked to answer. */
  readonly isHeard: boolean;
}

/** Undefined: no mail leaves; what would have been said is listed all the same. */
export function mailSettings(settings: z.output<z.ZodObject<typeof mailShape>>): MailSettings | undefined {
  const { SMTP_URL: url, MAIL_FROM: from, MAIL_IS_HEARD: isHeard } = settings;
  if (url === undefined) return undefined;
  if (from === undefined) throw new ConfigError(['MAIL_FROM must be set with SMTP_URL']);
  return { url, from, isHeard };
}
