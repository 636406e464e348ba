// API room. The point of an account's history that an answer was read at, as a text: opaque to callers, and good for as
// long as the account is. An instant alone says less: what was being written at it was not in the answer given then.
import { instant } from '@fairmeter/domain';
import type { ToldPoint } from '@fairmeter/ledger/reads';
import { z } from 'zod';
import { cursorParts, sequenceOf, writeCursor } from '../requests/cursor.js';

const POINT = 'point';

export function writePoint(point: ToldPoint): string {
  return writeCursor(POINT, pointParts(point));
}

/** As parts of what is longer: a cursor names the point of its first page. */
export function pointParts({ scopeId, at, entrySeq, eventSeq, termsRows }: ToldPoint): readonly string[] {
  return [scopeId, ...[at, entrySeq, eventSeq, termsRows].map(String)];
}

/** Null where they are none: who asks may have made them up. */
export function pointOfParts([scopeId, ...numbers]: readonly string[]): ToldPoint | null {
  const [at = null, entrySeq = null, eventSeq = null, termsRows = null, ...rest] = numbers.map(sequenceOf);
  if (scopeId === undefined || at === null || entrySeq === null || eventSeq === null || termsRows === null) return null;
  if (rest.length > 0 || at > Number.MAX_SAFE_INTEGER) return null;
  return { scopeId, at: instant(Number(at)), entrySeq, eventSeq, termsRows: Number(termsRows) };
}

export const pointText = z.string().describe('Names this very answer: asked for by it, it is given again for good.');

export const NO_POINT = 'must be the `point` of an answer about this account';

export const pointField = z.string().transform((text, context): ToldPoint => {
  const point = pointOfParts(cursorParts(POINT, text) ?? []);
  if (point !== null) return point;
  context.addIssue({ code: 'custom', message: NO_POINT });
  return z.NEVER;
});
