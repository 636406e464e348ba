// API room. In which line the work of a payer waits, in as many bytes as Temporal takes.
import { createHash } from 'node:crypto';

const MAX_FAIRNESS_KEY_BYTES = 64;

/** Cut short, the ids of two visitors of one bot could be one line. */
export function fairnessKeyOf(scopeId: string): string {
  return scopeId.length <= MAX_FAIRNESS_KEY_BYTES ? scopeId : createHash('sha256').update(scopeId).digest('hex');
}
