// API room. How every list is paged: by size and by an opaque cursor.
import { z } from 'zod';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
const MAX_CURSOR_CHARACTERS = 400;

const limit = z
  .string()
  .regex(/^[1-9]\d{0,2}$/, `must be a whole number from 1 to ${MAX_LIMIT}`)
  .transform(Number)
  .refine((number) => number <= MAX_LIMIT, `must be a whole number from 1 to ${MAX_LIMIT}`);

const cursor = z.string().min(1).max(MAX_CURSOR_CHARACTERS);

/** The two parameters of every list. */
export const pageShape = {
  limit: limit.optional().describe(`1 to ${MAX_LIMIT}, ${DEFAULT_LIMIT} by default.`),
  cursor: cursor.optional().describe('`next_cursor` of the page before; keep the other parameters.'),
};

export function pageSize(asked: number | undefined): number {
  return asked ?? DEFAULT_LIMIT;
}
