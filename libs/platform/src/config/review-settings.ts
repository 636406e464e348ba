// Platform room. Usage reviews: on which days people work, in how many of them a case is answered, how long missing
// details are waited for, and how many like tasks a comparison takes.
import { z } from 'zod';
import { text, wholeNumber } from './settings.js';

const DAY_MS = 86_400_000;
const DATE = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;

const zone = text.refine(isZone, 'must be a time zone such as Europe/Berlin');
const dates = z
  .string()
  .transform((list) => list.split(',').map((date) => date.trim()))
  .refine(
    (list) => list.every((date) => DATE.test(date)),
    'must be dates such as 2027-01-01, with commas between them',
  );

export const reviewShape = {
  REVIEW_TIME_ZONE: zone.default('UTC'),
  REVIEW_HOLIDAYS: dates.optional(),
  REVIEW_TARGET_DAYS: wholeNumber(1, 30).default(1),
  REVIEW_BREACH_DAYS: wholeNumber(1, 60).default(2),
  REVIEW_INFO_MS: wholeNumber(1_000, 365 * DAY_MS).default(14 * DAY_MS),
  REVIEW_BASELINE_FLOOR: wholeNumber(1, 100_000).default(20),
};

export interface ReviewSettings {
  readonly zone: string;
  /** Dates on which nobody works, besides weekends. */
  readonly holidays: readonly string[];
  /** In business days after the one on which a case is complete: when it should be answered, when it is late. */
  readonly targetDays: number;
  readonly breachDays: number;
  readonly infoMs: number;
  readonly baselineFloor: number;
}

export function reviewSettings(settings: z.output<z.ZodObject<typeof reviewShape>>): ReviewSettings {
  return {
    zone: settings.REVIEW_TIME_ZONE,
    holidays: settings.REVIEW_HOLIDAYS ?? [],
    targetDays: settings.REVIEW_TARGET_DAYS,
    breachDays: settings.REVIEW_BREACH_DAYS,
    infoMs: settings.REVIEW_INFO_MS,
    baselineFloor: settings.REVIEW_BASELINE_FLOOR,
  };
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
