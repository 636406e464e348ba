// API room. What a bot with an agent of its own may say of a step, and of its job's end. Unknown fields are refused.
import { REPORTED_KINDS, usesModel } from '@fairmeter/domain';
import { z } from 'zod';
import { freeText, nameText } from '../requests/texts.js';

const MAX_NAME_CHARACTERS = 120;
const MAX_STREAM_CHARACTERS = 64;
const MAX_HASH_CHARACTERS = 128;
const MAX_ERROR_CHARACTERS = 65_536;
/** Of arguments or a result as they were, written as JSON: what is larger comes as a hash. */
export const MAX_RAW_CHARACTERS = 262_144;
/** Far beyond any real use, and far from where numbers lose digits. */
const MOST = 1_000_000_000_000;
const MOST_ITERATIONS = 1_000_000;

const count = z.int().min(0).max(MOST);
const hash = nameText(MAX_HASH_CHARACTERS);
const raw = z
  .json()
  .refine((value) => JSON.stringify(value).length <= MAX_RAW_CHARACTERS, 'is too large: send its hash instead');
const ordinal = z.int().min(1).max(2_147_483_647);

export const beginStepBody = z
  .strictObject({
    kind: z.enum(REPORTED_KINDS).describe('What the step is. A check is a tool call that says green or red.'),
    iteration: z.int().min(1).max(MOST_ITERATIONS).describe('Counted from 1, within the iterations of the job.'),
    stream: nameText(MAX_STREAM_CHARACTERS).optional().describe('A sub-agent. Each has one open step at a time.'),
    step: ordinal.optional().describe('An open step to try anew: its attempt so far is closed and costs nothing.'),
    model: nameText(MAX_NAME_CHARACTERS).optional().describe('Of a model call. Default: the model of the job.'),
    tool: nameText(MAX_NAME_CHARACTERS)
      .optional()
      .describe('Of a tool call: `write`, or `service.<name>`. Of a check or a build: which of them it is.'),
    args: raw.optional().describe('What the tool is asked, as it is: hashed here for the loop detector, kept nowhere.'),
    args_hash: hash.optional().describe('Instead of `args`: equal for equal arguments.'),
    expected: z
      .strictObject({ input_tokens: count, output_tokens: count })
      .optional()
      .describe('Of a model call: the most it may use. The hold is made for it.'),
  })
  .refine((body) => body.args === undefined || body.args_hash === undefined, {
    path: ['args_hash'],
    message: 'must not stand beside args',
  })
  .refine((body) => !usesModel(body.kind) || body.expected !== undefined, {
    path: ['expected'],
    message: 'a model call says what it may use',
  })
  .refine((body) => body.kind !== 'tool_call' || body.tool !== undefined, {
    path: ['tool'],
    message: 'a tool call names its tool',
  });
export type BeginStepBody = z.output<typeof beginStepBody>;

const exclusiveTokens = z
  .strictObject({
    input: count.default(0),
    cached_input: count.default(0),
    cache_write: count.default(0),
    output: count.default(0),
    reasoning: count.default(0),
  })
  .describe('Exclusive pools: no token is counted in two of them.');

const providerUsage = z
  .strictObject({
    input_tokens: count,
    cached_input_tokens: count.default(0),
    cache_write_tokens: count.default(0),
    output_tokens: count,
    reasoning_tokens: count.default(0),
  })
  .describe('As most providers tell it: what was cached is part of the input, reasoning is part of the output.');

const milliseconds = z
  .number()
  .min(0)
  .max(MOST / 1_000)
  .transform((seconds) => Math.round(seconds * 1_000));

export const endStepBody = z
  .strictObject({
    attempt: ordinal.describe('As its begin was answered.'),
    status: z.enum(['ok', 'error']),
    tokens: exclusiveTokens.optional(),
    usage: providerUsage.optional(),
    system_tokens: count.default(0).describe('Share of system and auxiliary context inside the input.'),
    calls: count.default(1),
    seconds: milliseconds.optional(),
    bytes: count.default(0),
    green: z.boolean().optional().describe('Of a check or a build.'),
    counts: z.strictObject({ passed: count.optional(), errors: count.optional() }).optional(),
    error: z
      .strictObject({
        class: nameText(MAX_NAME_CHARACTERS),
        text: freeText(MAX_ERROR_CHARACTERS).optional(),
        fingerprint: hash.optional(),
      })
      .optional()
      .describe('With status error: its text, made comparable here and kept nowhere, or a fingerprint of yours.'),
    reported_fault: z
      .boolean()
      .default(false)
      .describe('You say it was no fault of yours. A word is no evidence: at most it leaves the cause of a loop open.'),
    result: raw.optional().describe('What the tool answered, as it is: hashed here, kept nowhere.'),
    result_hash: hash.optional().describe('Instead of `result`.'),
    artefact_hash: hash.optional().describe('Of all files after the step.'),
    provider_request_id: nameText(MAX_NAME_CHARACTERS).optional(),
    latency_ms: z.int().min(0).max(2_147_483_647).default(0),
  })
  .refine((body) => body.tokens === undefined || body.usage === undefined, {
    path: ['usage'],
    message: 'must not stand beside tokens',
  })
  .refine((body) => body.result === undefined || body.result_hash === undefined, {
    path: ['result_hash'],
    message: 'must not stand beside result',
  })
  .refine((body) => (body.status === 'error') === (body.error !== undefined), {
    path: ['error'],
    message: 'stands beside status error, and only there',
  });
export type EndStepBody = z.output<typeof endStepBody>;

export const finishBody = z.strictObject({
  state: z.enum(['completed', 'completed_partial']),
});
export type FinishBody = z.output<typeof finishBody>;
