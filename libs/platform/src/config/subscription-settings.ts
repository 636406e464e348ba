// Platform room. Subscriptions: how far ahead renewals are decided, and how long a missing payment is waited for.
import type { z } from 'zod';
import { wholeNumber } from './settings.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const subscriptionShape = {
  RENEW_AHEAD_MS: wholeNumber(0, DAY_MS).default(HOUR_MS),
  PAYMENT_GRACE_MS: wholeNumber(1_000, 90 * DAY_MS).default(14 * DAY_MS),
};

export interface SubscriptionSettings {
  readonly renewAheadMs: number;
  readonly graceMs: number;
}

export function subscriptionSettings(settings: z.output<z.ZodObject<typeof subscriptionShape>>): SubscriptionSettings {
  return { renewAheadMs: settings.RENEW_AHEAD_MS, graceMs: settings.PAYMENT_GRACE_MS };
}
