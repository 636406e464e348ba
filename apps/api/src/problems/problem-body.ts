// API room. A refusal as the documents show it (RFC 9457), with the members that several codes share.
import { z } from 'zod';
import { optionBody, toldBody } from '../visitors/at-zero.js';
import { LANGUAGES } from '../wording/catalogue.js';

const inputFault = z.object({
  pointer: z.string().optional().describe('RFC 6901 pointer into the body.'),
  header: z.string().optional(),
  parameter: z.string().optional(),
  message: z.string().describe('A visitor reads it in the language of `Accept-Language`.'),
});

export const problemBody = z
  .object({
    type: z.string().describe('A page that explains the code.'),
    title: z.string().describe('A visitor reads it, and `detail`, in the language of `Accept-Language`.'),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string().describe('Stable; decide by this.'),
    request_id: z.string(),
    trace_id: z.string(),
    errors: z.array(inputFault).optional(),
    limit_source: z.string().optional(),
    required: z.string().optional(),
    available: z.string().optional(),
    resets_at: z.iso.datetime().nullable().optional(),
    options: z
      .array(z.union([z.string(), optionBody]))
      .optional()
      .describe('What is open to whoever asks. A visitor is given each with its text and its date.'),
    told: z.array(toldBody).optional().describe('What a visitor is told at zero, in `language`.'),
    language: z.enum(LANGUAGES).optional(),
  })
  .loose();
