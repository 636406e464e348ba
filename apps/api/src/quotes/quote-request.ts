// API room. What may be asked of a quote: what a submit says, and of which bot.
import { z } from 'zod';
import { requestShape } from '../jobs/submit-body.js';

export const quoteRequest = z.strictObject({
  bot_id: z
    .string()
    .regex(/^bot_[0-9A-Za-z_-]{1,64}$/, 'must be the id of a bot')
    .optional()
    .describe('Default: the bot of the API key. A key of the account must say which.'),
  ...requestShape,
});

export type QuoteRequest = z.output<typeof quoteRequest>;
