// API room. Cursors: opaque to callers, a version and what a listing needs to go on, which no later entry changes.
import { validationFailed } from '../problems/problem-error.js';
import type { ProblemError } from '../problems/problem-error.js';
import { FAULTS } from '../wording/fault-words.js';

const VERSION = '1';

/** `listing` keeps the cursor of one listing from being taken for that of another. */
export function writeCursor(listing: string, parts: readonly string[]): string {
  return Buffer.from([VERSION, listing, ...parts].join(':')).toString('base64url');
}

export function readCursor(listing: string, cursor: string): readonly string[] {
  const parts = cursorParts(listing, cursor);
  if (parts === null) throw badCursor();
  return parts;
}

/** Null where it is none of that listing. */
export function cursorParts(listing: string, cursor: string): readonly string[] | null {
  const [version, whose, ...parts] = Buffer.from(cursor, 'base64url').toString().split(':');
  const isOurs = version === VERSION && whose === listing && writeCursor(listing, parts) === cursor;
  return isOurs ? parts : null;
}

const SEQUENCE = /^(0|[1-9]\d{0,17})$/;

export function cursorNumber(part: string | undefined): bigint {
  const number = sequenceOf(part);
  if (number === null) throw badCursor();
  return number;
}

export function sequenceOf(part: string | undefined): bigint | null {
  return part === undefined || !SEQUENCE.test(part) ? null : BigInt(part);
}

export function badCursor(): ProblemError {
  return validationFailed([{ parameter: 'cursor', message: FAULTS.cursor }]);
}
