// API room. What may be asked of a bot's panels. Text in, domain types out.
import { z } from 'zod';
import { environmentField } from '../callers/environment.js';
import { pastInstantField } from '../requests/fields.js';

export const qualityQuery = z.strictObject({ environment: environmentField });

export const economicsQuery = z.strictObject({
  environment: environmentField,
  from: pastInstantField
    .optional()
    .describe('The first instant counted in, by when a job was asked for; 90 days before `to` by default.'),
  to: pastInstantField.optional().describe('The first instant not counted in; the present by default.'),
});
