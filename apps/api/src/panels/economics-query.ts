// API room. What may be asked of a bot's economics. Text in, domain types out.
import { z } from 'zod';
import { pastInstantField } from '../requests/fields.js';

export const economicsQuery = z.strictObject({
  from: pastInstantField
    .optional()
    .describe('The first instant counted in, by when a job was asked for; 90 days before `to` by default.'),
  to: pastInstantField.optional().describe('The first instant not counted in; the present by default.'),
});
