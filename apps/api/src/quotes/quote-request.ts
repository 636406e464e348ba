// API room. What may be asked of a quote: what a submit says, and of which bot.
import { z } from 'zod';
import { requestShape } from '../jobs/submit-body.js';
import { botIdField } from '../requests/fields.js';

export const quoteRequest = z.strictObject({
  bot_id: botIdField.optional().describe('Default: the bot of the API key. A key of the account must say which.'),
  ...requestShape,
});

export type QuoteRequest = z.output<typeof quoteRequest>;
