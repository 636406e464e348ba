// API room. Where a reader of events left off: the id of the last event it has seen, or nothing.
import type { InputFault } from '../problems/problem-error.js';
import { validationFailed } from '../problems/problem-error.js';
import { FAULTS } from '../wording/fault-words.js';

const SEQUENCE = /^(0|[1-9]\d{0,18})$/;
const MAX_SEQUENCE = 9_223_372_036_854_775_807n;

/** The header wins: a browser that reconnects sends it along with the address it first opened. */
export function resumePoint(lastEventId: string | undefined, after: unknown): bigint | undefined {
  if (lastEventId !== undefined) return sequence(lastEventId, { header: 'Last-Event-ID', message: FAULTS.event_id });
  if (after !== undefined) return sequence(after, { parameter: 'after', message: FAULTS.event_id });
  return undefined;
}

function sequence(text: unknown, fault: InputFault): bigint {
  if (typeof text !== 'string' || !SEQUENCE.test(text)) throw validationFailed([fault]);
  const value = BigInt(text);
  if (value > MAX_SEQUENCE) throw validationFailed([fault]);
  return value;
}
