// API room. What may be asked of a list of jobs and of a timeline. Text in, domain types out.
import { ENDED_JOB_STATES, OPEN_JOB_STATES, REQUEST_KINDS } from '@fairmeter/domain';
import { z } from 'zod';
import { environmentField } from '../callers/environment.js';
import { botIdField, instantField, modelField, yesOrNo } from '../requests/fields.js';
import { limitUpTo, pageShape } from '../requests/page.js';

/** A visualizer draws a job at once: as many steps as a long job has. */
export const MAX_TIMELINE_STEPS = 1_000;

export const jobsQuery = z.strictObject({
  bot_id: botIdField.optional().describe('Only jobs of this bot.'),
  type: z.enum(['chat', 'coding']).optional().describe('Only jobs of bots of this type.'),
  kind: z.enum(REQUEST_KINDS).optional().describe('Only requests of this kind.'),
  model: modelField.optional().describe('Only jobs of this model.'),
  state: z
    .enum([...OPEN_JOB_STATES, ...ENDED_JOB_STATES])
    .optional()
    .describe('Only jobs in this state.'),
  created_from: instantField.optional().describe('Only jobs made at this instant or later.'),
  created_to: instantField.optional().describe('Only jobs made before this instant.'),
  environment: environmentField,
  looped: yesOrNo.optional().describe('Only jobs in which a loop was found, or only the others.'),
  refunded: yesOrNo.optional().describe('Only jobs of whose charge something came back, or only the others.'),
  ...pageShape,
});

export const timelineQuery = z.strictObject({
  ...pageShape,
  limit: limitUpTo(MAX_TIMELINE_STEPS)
    .optional()
    .describe(`Steps of a page: 1 to ${MAX_TIMELINE_STEPS}, ${MAX_TIMELINE_STEPS} by default.`),
});

const STEP_NUMBER = /^[1-9]\d{0,8}$/;

/** No step of any job where it is no number. */
export function stepNumberOf(text: string): number {
  return STEP_NUMBER.test(text) ? Number(text) : 0;
}
