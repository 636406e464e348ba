// API room. What a submit may say. Unknown fields are refused: a misspelt limit must not be taken for no limit.
import { parseCredits, REQUEST_KINDS } from '@fairmeter/domain';
import { z } from 'zod';
import { freeText, nameText } from '../requests/texts.js';

export const MAX_PROMPT_CHARACTERS = 200_000;
const MAX_MODEL_CHARACTERS = 200;

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

export const submitBody = z.strictObject({
  prompt: freeText(MAX_PROMPT_CHARACTERS).describe('What the agent is asked to do.'),
  request_kind: z.enum(REQUEST_KINDS).optional().describe('Default: generate for coding bots, chat for chat bots.'),
  model: nameText(MAX_MODEL_CHARACTERS).optional().describe('A model of the rate card. Default: that of the bot.'),
  max_credits: creditAmount
    .optional()
    .describe('Budget of the job in credits, a decimal string. A ceiling, not a hold.'),
  max_iterations: z.int().min(1).optional().describe('May only lower what the plan allows.'),
});

export type SubmitBody = z.output<typeof submitBody>;
