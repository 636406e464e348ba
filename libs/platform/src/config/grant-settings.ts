// Platform room. Grants of credits by staff: what one person may give alone, how long a second one is waited for, and
// how far ahead an end is told of.
import type { z } from 'zod';
import { wholeNumber } from './settings.js';

const DAY_MS = 86_400_000;

export const grantShape = {
  GRANT_ALONE_SUPPORT_CREDITS: wholeNumber(0, 1_000_000).optional(),
  GRANT_ALONE_ADMIN_CREDITS: wholeNumber(0, 1_000_000).optional(),
  GRANT_DECIDE_MS: wholeNumber(1_000, 90 * DAY_MS).default(14 * DAY_MS),
  GRANT_WARN_MS: wholeNumber(1_000, 90 * DAY_MS).default(7 * DAY_MS),
};

export interface GrantSettings {
  /** In whole credits, by role; what is not set is left to the rule's own default. */
  readonly aloneSupport: number | undefined;
  readonly aloneAdmin: number | undefined;
  readonly decideMs: number;
  readonly warnMs: number;
}

export function grantSettings(settings: z.output<z.ZodObject<typeof grantShape>>): GrantSettings {
  return {
    aloneSupport: settings.GRANT_ALONE_SUPPORT_CREDITS,
    aloneAdmin: settings.GRANT_ALONE_ADMIN_CREDITS,
    decideMs: settings.GRANT_DECIDE_MS,
    warnMs: settings.GRANT_WARN_MS,
  };
}
