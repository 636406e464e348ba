// API room. How every list is paged: by size and by an opaque cursor.
import { z } from 'zod';
import { fault } from '../wording/fault-words.js';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
const MAX_CURSOR_CHARACTERS = 400;

export function limitUpTo(most: number): z.ZodType<number, string> {
  const message = fault('whole_up_to', { most });
  return z
    .string()
    .regex(/^[1-9]\d{0,3}$/, message)
    .transform(Number)
    .refine((number) => number <= most, message);
}

/** The two parameters of every list. */
export const pageShape = {
  limit: limitUpTo(MAX_LIMIT).optional().describe(`1 to ${MAX_LIMIT}, ${DEFAULT_LIMIT} by default.`),
  cursor: z
    .string()
    .min(1)
    .max(MAX_CURSOR_CHARACTERS)
    .optional()
    .describe('`next_cursor` of the page before; keep the other parameters.'),
};

/** Of a list that takes no others. */
export const pageQuery = z.strictObject(pageShape);

export function pageSize(asked: number | undefined): number {
  return asked ?? DEFAULT_LIMIT;
}
