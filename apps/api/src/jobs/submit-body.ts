// API room. What a submit may say. Unknown fields are refused: a misspelt limit must not be taken for no limit.
import type { ContextFile, Extra } from '@fairmeter/domain';
import { JOB_MARKERS, JOB_MODES, parseCredits, REQUEST_KINDS, RESERVES, selectionFits } from '@fairmeter/domain';
import { z } from 'zod';
import { campaignField, instantField, modelField, threadField } from '../requests/fields.js';
import { fileText, freeText, nameText } from '../requests/texts.js';
import { FAULTS } from '../wording/fault-words.js';

/** Of prompt and files together; in bytes it is checked once both are read. */
export const MAX_INPUT_CHARACTERS = 10 * 1_048_576;
const MAX_PATH_CHARACTERS = 400;
const MAX_FILES = 2_000;

const quoteId = z.string().regex(/^quo_[0-9a-z]{1,64}$/, FAULTS.quote_id);

/** A decimal string: JSON numbers are floats, and money never is one. */
export const creditAmount = z
  .string()
  .regex(/^(0|[1-9]\d{0,12})(\.\d{1,6})?$/, FAULTS.credits)
  .transform((text, context) => {
    const amount = parseCredits(text);
    if (amount !== undefined) return amount;
    context.addIssue({ code: 'custom', message: FAULTS.too_large_amount });
    return z.NEVER;
  });

const lineNumber = z.int().min(1);

const contextFile = z
  .strictObject({
    path: nameText(MAX_PATH_CHARACTERS).describe('How the file is called; names are for reading, nothing is opened.'),
    text: fileText(MAX_INPUT_CHARACTERS).describe('The whole file.'),
    selection: z
      .strictObject({ from: lineNumber, to: lineNumber })
      .optional()
      .describe('Lines from 1, both included: only these are sent to the model. Default: the whole file.'),
  })
  .transform(({ selection, ...file }): ContextFile => ({ ...file, selection: selection ?? null }))
  .refine(selectionFits, FAULTS.selection);

const context = z
  .array(contextFile)
  .min(1)
  .max(MAX_FILES)
  .refine((files) => new Set(files.map(({ path }) => path)).size === files.length, FAULTS.file_twice);

const extras = z.strictObject({
  explanation: z.boolean().optional(),
  tests: z.boolean().optional(),
  install_notes: z.boolean().optional(),
  file_tree: z.boolean().optional(),
  zip: z.boolean().optional(),
} satisfies Record<Extra, z.ZodType>);

/** What is asked, of whom and within which limits: the same for a job and for its quote. */
export const requestShape = {
  prompt: freeText(MAX_INPUT_CHARACTERS).describe('What the agent is asked to do.'),
  context: context
    .optional()
    .describe('Files the request is about, whole or a selection of their lines; with the prompt at most 10 MiB.'),
  request_kind: z
    .enum(REQUEST_KINDS)
    .optional()
    .describe('Default: generate for coding bots, chat for chat bots. test: a try of the owner, priced alike.'),
  model: modelField.optional().describe('A model of the rate card. Default: that of the bot.'),
  max_credits: creditAmount
    .optional()
    .describe('Budget of the job in credits, a decimal string. A ceiling, not a hold.'),
  max_iterations: z.int().min(1).optional().describe('May only lower what the plan allows.'),
  extras: extras.optional().describe('Of a coding answer, beside the code. Default: those of the bot.'),
  deadline: instantField
    .optional()
    .describe(
      'RFC 3339. When it comes the job ends with what it has. Default: as far ahead as plan and bot allow, and one ' +
        'pause for credits beyond; no step begins after that.',
    ),
  mode: z
    .enum(JOB_MODES)
    .optional()
    .describe('managed, the default: our agent works. reported: the bot runs its own agent and asks for each step.'),
};

export const submitBody = z.strictObject({
  ...requestShape,
  thread_id: threadField.optional().describe('The conversation it belongs to, as you name it.'),
  reserve: z
    .enum(RESERVES)
    .optional()
    .describe('rolling, the default, holds one step at a time; full holds the whole budget from the start.'),
  quote_id: quoteId
    .optional()
    .describe('A quote of this bot for the same request: its highest figure bounds the budget, its card the prices.'),
  purpose: z
    .enum(JOB_MARKERS)
    .optional()
    .describe('training or test: work of the owner on the bot, told apart from its use. Not for visitors.'),
  campaign_id: campaignField.optional().describe('The giveaway of this bot that is to pay.'),
  dry_run: z.boolean().optional().describe('True: answers 200 with a quote, starts nothing and holds nothing.'),
});

export type SubmitBody = z.output<typeof submitBody>;
