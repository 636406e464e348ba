// API room. How large the words of a request are: in bytes, as a model is shown them, and in tokens by our own count.
import { estimateTokens, renderContext } from '@fairmeter/domain';
import { validationFailed } from '../problems/problem-error.js';
import type { SubmitBody } from './submit-body.js';

export interface InputSize {
  readonly promptBytes: number;
  readonly contextBytes: number;
}

export function inputSize({ prompt, context = [] }: SubmitBody): InputSize {
  return { promptBytes: Buffer.byteLength(prompt), contextBytes: Buffer.byteLength(renderContext(context)) };
}

/** The one place where what is sent along is counted, for the model that will read it. */
export function countInputTokens(_model: string, body: SubmitBody): number {
  const { promptBytes, contextBytes } = inputSize(body);
  return estimateTokens(promptBytes + contextBytes, 0).input;
}

/** A body within its own limit may still bring more text than is taken: JSON can write one byte as six. */
export function mustFit(body: SubmitBody, limitBytes: number): void {
  const { promptBytes, contextBytes } = inputSize(body);
  const bytes = promptBytes + contextBytes;
  if (bytes <= limitBytes) return;
  const message = `prompt and context hold ${bytes} bytes together, and at most ${limitBytes} are taken`;
  throw validationFailed([{ pointer: promptBytes > contextBytes ? '/prompt' : '/context', message }]);
}
