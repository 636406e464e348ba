// API room. What may be asked of a list of jobs, of steps and of a timeline. Text in, domain types out.
import type { Instant } from '@fairmeter/domain';
import { ENDED_JOB_STATES, instant, OPEN_JOB_STATES, REQUEST_KINDS } from '@fairmeter/domain';
import { z } from 'zod';
import { nameText } from '../requests/texts.js';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
/** A visualizer draws a job at once: as many steps as a long job has. */
export const MAX_TIMELINE_STEPS = 1_000;
const MAX_CURSOR_CHARACTERS = 400;
const MAX_MODEL_CHARACTERS = 200;

export function limitUpTo(most: number): z.ZodType<number, string> {
  const message = `must be a whole number from 1 to ${most}`;
  return z
    .string()
    .regex(/^[1-9]\d{0,3}$/, message)
    .transform(Number)
    .refine((number) => number <= most, message);
}

const cursor = z
  .string()
  .min(1)
  .max(MAX_CURSOR_CHARACTERS)
  .optional()
  .describe('`next_cursor` of the page before; keep the other parameters.');

const moment = z.iso
  .datetime({ offset: true, error: 'must be an RFC 3339 instant such as 2027-01-31T12:00:00Z' })
  .transform((text): Instant => instant(Date.parse(text)));

const yesOrNo = z.enum(['true', 'false']).transform((text) => text === 'true');

export const jobsQuery = z.strictObject({
  bot_id: z
    .string()
    .regex(/^bot_[0-9A-Za-z_-]{1,64}$/, 'must be an id that begins with bot_')
    .optional()
    .describe('Only jobs of this bot.'),
  type: z.enum(['chat', 'coding']).optional().describe('Only jobs of bots of this type.'),
  kind: z.enum(REQUEST_KINDS).optional().describe('Only requests of this kind.'),
  model: nameText(MAX_MODEL_CHARACTERS).optional().describe('Only jobs of this model.'),
  state: z
    .enum([...OPEN_JOB_STATES, ...ENDED_JOB_STATES])
    .optional()
    .describe('Only jobs in this state.'),
  created_from: moment.optional().describe('Only jobs made at this instant or later.'),
  created_to: moment.optional().describe('Only jobs made before this instant.'),
  looped: yesOrNo.optional().describe('Only jobs in which a loop was found, or only the others.'),
  refunded: yesOrNo.optional().describe('Only jobs of whose charge something came back, or only the others.'),
  limit: limitUpTo(MAX_LIMIT).optional().describe(`1 to ${MAX_LIMIT}, ${DEFAULT_LIMIT} by default.`),
  cursor,
});

export const stepsQuery = z.strictObject({
  limit: limitUpTo(MAX_LIMIT).optional().describe(`1 to ${MAX_LIMIT}, ${DEFAULT_LIMIT} by default.`),
  cursor,
});

export const timelineQuery = z.strictObject({
  limit: limitUpTo(MAX_TIMELINE_STEPS)
    .optional()
    .describe(`Steps of a page: 1 to ${MAX_TIMELINE_STEPS}, ${MAX_TIMELINE_STEPS} by default.`),
  cursor,
});

export function pageSize(asked: number | undefined): number {
  return asked ?? DEFAULT_LIMIT;
}
