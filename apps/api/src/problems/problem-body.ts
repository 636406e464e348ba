// API room. A refusal as the documents show it (RFC 9457), with the members that several codes share.
import { z } from 'zod';

const inputFault = z.object({
  pointer: z.string().optional().describe('RFC 6901 pointer into the body.'),
  header: z.string().optional(),
  parameter: z.string().optional(),
  message: z.string(),
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
    options: z.array(z.string()).optional(),
  })
  .loose();
