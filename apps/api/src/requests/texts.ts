// API room. Text that every room behind this door can hold: whole characters, and none that Postgres has no place for.
import { z } from 'zod';
import { FAULTS } from '../wording/fault-words.js';

const NUL = String.fromCharCode(0);
const LONE_SURROGATE = /\p{Surrogate}/u;
const CONTROL = /\p{Cc}/u;

/** What Postgres can hold, and holds as it is: half a character would become another one. */
export function isWholeText(text: string): boolean {
  return !text.includes(NUL) && !LONE_SURROGATE.test(text);
}

/** Free text: line breaks are welcome, halves of characters and NUL are not. */
export function freeText(max: number): z.ZodString {
  return fileText(max).min(1);
}

/** As free text, and it may be empty. */
export function fileText(max: number): z.ZodString {
  return z.string().max(max).refine(isWholeText, FAULTS.whole_text);
}

/** A name on one line. */
export function nameText(max: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(max)
    .refine((text) => !CONTROL.test(text) && !LONE_SURROGATE.test(text), FAULTS.one_line);
}
