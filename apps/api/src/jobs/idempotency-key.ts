// API room. The Idempotency-Key: any text of 1 to 255 bytes without control characters.
import { newId } from '@fairmeter/platform/database';
import type { Caller } from '../callers/caller.js';
import { jobCallerOf } from '../callers/caller.js';
import { ProblemError } from '../problems/problem-error.js';
import { callerName, keyHash } from './admission-hashes.js';

export const MAX_KEY_BYTES = 255;

const CONTROL = /\p{Cc}/u;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The key as the bytes the caller sent. Node hands header bytes over as Latin-1; they are read as UTF-8 where they are
 * that, and as Latin-1 else. Bytes and not text are what is hashed: two keys are the same only if they were sent alike.
 */
export function readIdempotencyKey(header: string | string[] | undefined): Buffer {
  if (header === undefined) {
    throw new ProblemError('idempotency_key_missing', 'Send a key of your own in the header Idempotency-Key.');
  }
  const raw = Array.isArray(header) ? header.join(', ') : header;
  const bytes = Buffer.from(raw, 'latin1');
  if (bytes.length === 0) throw unusable('The Idempotency-Key is empty.');
  if (bytes.length > MAX_KEY_BYTES) throw unusable(`The Idempotency-Key is longer than ${MAX_KEY_BYTES} bytes.`);
  if (CONTROL.test(textOf(bytes, raw))) throw unusable('The Idempotency-Key holds control characters.');
  return bytes;
}

function textOf(bytes: Buffer, latin1: string): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return latin1;
  }
}

function unusable(detail: string): ProblemError {
  return new ProblemError('idempotency_key_invalid', detail, { members: { max_bytes: MAX_KEY_BYTES } });
}

/**
 * The name of a change: equal keys of two callers name two. Without a key each request is one of its own; saying the
 * same twice comes to the same.
 */
export function changeKeyOf(caller: Caller, idempotencyKey: Uint8Array | null): string {
  const { accountId } = caller;
  return keyHash(
    { accountId, botId: '' },
    idempotencyKey ?? Buffer.from(newId('req')),
    callerName(jobCallerOf(caller)),
  );
}
