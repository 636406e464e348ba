// API room. What a submit may say. Unknown fields are refused: a misspelt limit must not be taken for no limit.
import type { ContextFile } from '@fairmeter/domain';
import { parseCredits, REQUEST_KINDS, selectionFits } from '@fairmeter/domain';
import { z } from 'zod';
import { freeText, nameText } from '../requests/texts.js';

export const MAX_PROMPT_CHARACTERS = 200_000;
const MAX_MODEL_CHARACTERS = 200;
const MAX_CONTEXT_FILES = 200;
const MAX_CONTEXT_CHARACTERS = 10_000_000;
const MAX_PATH_CHARACTERS = 400;

const quoteId = z.string().regex(/^quo_[0-9a-z]{1,64}$/, 'must be the id of a quote');

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

const lineNumber = z.int().min(1);

const contextFile = z
  .strictObject({
    path: nameText(MAX_PATH_CHARACTERS).describe('How the file is called; names are for reading, nothing is opened.'),
    text: freeText(MAX_CONTEXT_CHARACTERS).describe('The whole file.'),
    selection: z
      .strictObject({ from: lineNumber, to: lineNumber })
      .optional()
      .describe('Lines from 1, both included: only these are sent to the model. Default: the whole file.'),
  })
  .transform(({ selection, ...file }): ContextFile => ({ ...file, selection: selection ?? null }))
  .refine(selectionFits, 'the selection must lie within the file');

/** What is asked, of whom and within which limits: the same for a job and for its quote. */
export const requestShape = {
  prompt: freeText(MAX_PROMPT_CHARACTERS).describe('What the agent is asked to do.'),
  context: z
    .array(contextFile)
    .min(1)
    .max(MAX_CONTEXT_FILES)
    .refine((files) => charactersOf(files) <= MAX_CONTEXT_CHARACTERS, 'the files must be smaller together')
    .optional()
    .describe('Files the request is about, whole or a selection of their lines.'),
  request_kind: z.enum(REQUEST_KINDS).optional().describe('Default: generate for coding bots, chat for chat bots.'),
  model: nameText(MAX_MODEL_CHARACTERS).optional().describe('A model of the rate card. Default: that of the bot.'),
  max_credits: creditAmount
    .optional()
    .describe('Budget of the job in credits, a decimal string. A ceiling, not a hold.'),
  max_iterations: z.int().min(1).optional().describe('May only lower what the plan allows.'),
};

export const submitBody = z.strictObject({
  ...requestShape,
  quote_id: quoteId
    .optional()
    .describe('A quote of this bot for the same request: its highest figure bounds the budget, its card the prices.'),
  dry_run: z.boolean().optional().describe('True: answers 200 with a quote, starts nothing and holds nothing.'),
});

export type SubmitBody = z.output<typeof submitBody>;

function charactersOf(files: readonly ContextFile[]): number {
  return files.reduce((sum, file) => sum + file.text.length, 0);
}
