// API room. What a submit may say. Unknown fields are refused: a misspelt limit must not be taken for no limit.
import type { Extra } from '@fairmeter/domain';
import { instant, parseCredits, REQUEST_KINDS, RESERVES } from '@fairmeter/domain';
import { z } from 'zod';
import { fileText, freeText, nameText } from '../requests/texts.js';

/** Of prompt and files together; in bytes it is checked once both are read. */
export const MAX_INPUT_CHARACTERS = 10 * 1_048_576;
const MAX_MODEL_CHARACTERS = 200;
const MAX_THREAD_CHARACTERS = 120;
const MAX_FILE_NAME_CHARACTERS = 500;
const MAX_FILES = 2_000;

/** A decimal string: JSON numbers are floats, and money never is one. */
export const creditAmount = z
  .string()
  .regex(/^(0|[1-9]\d{0,12})(\.\d{1,6})?$/, 'must be a decimal string of credits, at most six decimals')
  .transform((text, context) => {
    const amount = parseCredits(text);
    if (amount !== undefined) return amount;
    context.addIssue({ code: 'custom', message: 'is more than an amount can be' });
    return z.NEVER;
  });

const line = z.int().min(1).max(100_000_000);

const contextFile = z.strictObject({
  name: nameText(MAX_FILE_NAME_CHARACTERS).describe('Its path, or what it is called.'),
  content: fileText(MAX_INPUT_CHARACTERS),
  selection: z
    .strictObject({ from: line, to: line })
    .refine(({ from, to }) => from <= to, 'must not end before it begins')
    .optional()
    .describe('Lines the request is about, counted from 1, both included.'),
});

const context = z
  .array(contextFile)
  .min(1)
  .max(MAX_FILES)
  .refine((files) => new Set(files.map(({ name }) => name)).size === files.length, 'must not name a file twice');

const instantWish = z.iso.datetime({ offset: true }).transform((text) => instant(Date.parse(text)));

const extras = z.strictObject({
  explanation: z.boolean().optional(),
  tests: z.boolean().optional(),
  install_notes: z.boolean().optional(),
  file_tree: z.boolean().optional(),
  zip: z.boolean().optional(),
} satisfies Record<Extra, z.ZodType>);

export const submitBody = z.strictObject({
  prompt: freeText(MAX_INPUT_CHARACTERS).describe('What the agent is asked to do.'),
  request_kind: z.enum(REQUEST_KINDS).optional().describe('Default: generate for coding bots, chat for chat bots.'),
  model: nameText(MAX_MODEL_CHARACTERS).optional().describe('A model of the rate card. Default: that of the bot.'),
  max_credits: creditAmount
    .optional()
    .describe('Budget of the job in credits, a decimal string. A ceiling, not a hold.'),
  max_iterations: z.int().min(1).optional().describe('May only lower what the plan allows.'),
  context: context.optional().describe('Files to work with; with the prompt at most 10 MiB.'),
  deadline: instantWish.optional().describe('RFC 3339. When it comes the job ends with what it has.'),
  extras: extras.optional().describe('Of a coding job, beside the code. Default: those of the bot.'),
  thread_id: nameText(MAX_THREAD_CHARACTERS).optional().describe('The conversation it belongs to, as you name it.'),
  reserve: z
    .enum(RESERVES)
    .optional()
    .describe('rolling, the default, holds one step at a time; full holds the whole budget from the start.'),
});

export type SubmitBody = z.output<typeof submitBody>;
