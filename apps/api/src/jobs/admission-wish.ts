// API room. What a request asks of an admission, once its words were measured: the same for a job and for its quote.
import type { AdmissionWish, ContextFile, Refusal } from '@fairmeter/domain';
import { requestText } from '@fairmeter/domain';
import { countTokens } from '@fairmeter/providers/tokens';
import { validationFailed } from '../problems/problem-error.js';
import { fault } from '../wording/fault-words.js';
import type { SubmitBody } from './submit-body.js';

type Words = Pick<SubmitBody, 'prompt' | 'context'>;
type Limits = Pick<SubmitBody, 'model' | 'max_iterations' | 'max_credits' | 'extras' | 'deadline' | 'mode'> &
  Partial<Pick<SubmitBody, 'reserve'>>;

export interface Measured {
  /** What the model is asked: the prompt and what the request brought along. */
  readonly text: string;
  readonly promptBytes: number;
  readonly contextBytes: number;
}

/**
 * Refuses more text than one job may bring. A body within its own limit may hold it all the same: that one must leave
 * room for what JSON adds, and a character of three bytes may be written as six.
 */
export function measure({ prompt, context = [] }: Words, limitBytes: number): Measured {
  const text = requestText(prompt, context);
  const bytes = Buffer.byteLength(text);
  const promptBytes = Buffer.byteLength(prompt);
  if (bytes <= limitBytes) return { text, promptBytes, contextBytes: bytes - promptBytes };
  const message = fault('too_much_text', { bytes, most: limitBytes });
  throw validationFailed([{ pointer: promptBytes * 2 > bytes ? '/prompt' : '/context', message }]);
}

/** Counting less takes a few milliseconds; what is longer is counted only where nothing else speaks against it. */
const COUNTED_AT_ONCE_BYTES = 16_384;

export function isCountedAtOnce({ promptBytes, contextBytes }: Measured): boolean {
  return promptBytes + contextBytes <= COUNTED_AT_ONCE_BYTES;
}

/**
 * A no that stands whatever the count will be. A budget that the size alone is too much for may be the lesser fault:
 * that the plan takes no such context at all is said first.
 */
export function standsUncounted({ code }: Refusal): boolean {
  return code !== 'budget_too_small';
}

/** Every family has its count from the same vocabulary, so the bot need not be known yet. */
export async function countText(text: string): Promise<number> {
  return (await countTokens('', text)).tokens;
}

export function wishOf(limits: Limits, measured: Omit<Measured, 'text'>, contextTokens: number): AdmissionWish {
  return {
    model: limits.model ?? null,
    maxIterations: limits.max_iterations ?? null,
    maxCredits: limits.max_credits ?? null,
    promptBytes: measured.promptBytes,
    contextBytes: measured.contextBytes,
    contextTokens,
    deadline: limits.deadline ?? null,
    extras: limits.extras ?? {},
    reserve: limits.reserve ?? 'rolling',
    mode: limits.mode ?? 'managed',
  };
}

/** Files as they are kept by reference. */
export function contextBody(context: readonly ContextFile[]): string {
  return JSON.stringify(context);
}
