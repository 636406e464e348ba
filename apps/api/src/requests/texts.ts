// API room. Text that every room behind this door can hold: whole characters, and none that Postgres has no place for.
import { z } from 'zod';

const NUL = String.fromCharCode(0);
const LONE_SURROGATE = /\p{Surrogate}/u;
const CONTROL = /\p{Cc}/u;

/** Free text: line breaks are welcome, halves of characters and NUL are not. */
export function freeText(max: number): z.ZodString {
  return fileText(max).min(1);
}

/** As free text, and it may be empty. */
export function fileText(max: number): z.ZodString {
  return z
    .string()
    .max(max)
    .refine((text) => !text.includes(NUL) && !LONE_SURROGATE.test(text), 'must be whole Unicode text without NUL');
}

/** A name on one line. */
export function nameText(max: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(max)
    .refine((text) => !CONTROL.test(text) && !LONE_SURROGATE.test(text), 'must not hold control characters');
}
