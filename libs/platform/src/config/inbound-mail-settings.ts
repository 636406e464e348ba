// Platform room. Mail that a gateway hands on: how its messages are known, whose mails count, and how many.
import type { z } from 'zod';
import { flag, text, wholeNumber } from './settings.js';

export const inboundMailShape = {
  INBOUND_MAIL_SECRET: text.optional(),
  INBOUND_MAIL_NEEDS_PASS: flag.default(false),
  REVIEW_MAILS_OF_SENDER_PER_HOUR: wholeNumber(1, 100_000).default(10),
  REVIEW_MAILS_OF_ACCOUNT_PER_HOUR: wholeNumber(1, 100_000).default(30),
};

export interface InboundMailSettings {
  /** What the gateway signs its messages with. */
  readonly secret: string;
  /** Whether a mail counts only where the gateway says that it is from whom it names. */
  readonly needsPass: boolean;
  /** How many reviews mails may open an hour; of a sender also how many replies are sent. */
  readonly reviewsOfSenderPerHour: number;
  readonly reviewsOfAccountPerHour: number;
}

export function inboundMailSettings(
  settings: z.output<z.ZodObject<typeof inboundMailShape>>,
): InboundMailSettings | undefined {
  const { INBOUND_MAIL_SECRET: secret } = settings;
  if (secret === undefined) return undefined;
  return {
    secret,
    needsPass: settings.INBOUND_MAIL_NEEDS_PASS,
    reviewsOfSenderPerHour: settings.REVIEW_MAILS_OF_SENDER_PER_HOUR,
    reviewsOfAccountPerHour: settings.REVIEW_MAILS_OF_ACCOUNT_PER_HOUR,
  };
}
