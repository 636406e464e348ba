// Providers room, tools. Replaces lines of a text: all places or none, and each place only where there is no doubt
// which.
import type { Hunk } from '../protocol/tool-call.js';
import type { Refused } from '../workspace/refused.js';

/** Places times characters of the file: a tenth of a second or two of a busy processor. */
const WORK = 100_000_000;

export function patchedText(
  text: string,
  hunks: readonly Hunk[],
): { readonly text: string } | { readonly refused: Refused } {
  if (hunks.length * text.length > WORK) {
    return refused('too_large', `${hunks.length} places are too many for a file of this size: write it anew`);
  }
  const open = text !== '' && !text.endsWith('\n');
  const crlf = text.includes('\r\n');
  let after = open ? `${text}\n` : text;
  for (const [index, hunk] of hunks.entries()) {
    const [old, by] = [linesFor(hunk.old, crlf), linesFor(hunk.new, crlf)];
    const which = `@@old ${index + 1}`;
    if (old === '') return refused('invalid_arguments', `${which} is empty: write the file instead`);
    const places = placesOf(after, old);
    if (places.length === 0) return refused('not_found', `${which} does not stand in the file as whole lines`);
    if (places.length > 1) return refused('not_unique', `${which} stands in more than one place: take more lines`);
    const at = places[0] ?? 0;
    after = after.slice(0, at) + by + after.slice(at + old.length);
  }
  // A file that had no final newline keeps having none.
  return { text: open ? after.replace(/\r?\n$/, '') : after };
}

/** Where it begins, at the first two of all places: two are too many already. Only beginnings of lines count. */
function placesOf(text: string, old: string): number[] {
  const places: number[] = [];
  let at = text.indexOf(old);
  while (at !== -1 && places.length < 2) {
    if (at === 0 || text[at - 1] === '\n') places.push(at);
    const next = text.indexOf('\n', at);
    at = next === -1 ? -1 : text.indexOf(old, next + 1);
    // The search begins anew after each line: a match within a line is none.
  }
  return places;
}

/** Whole lines, with the line ends of the file where the caller wrote plain ones. */
function linesFor(text: string, crlf: boolean): string {
  const whole = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return crlf && !whole.includes('\r') ? whole.replaceAll('\n', '\r\n') : whole;
}

function refused(errorClass: Refused['errorClass'], message: string): { readonly refused: Refused } {
  return { refused: { errorClass, message } };
}
