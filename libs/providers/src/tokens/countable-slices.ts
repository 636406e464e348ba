// Providers room. A text in slices whose tokens add up to those of the whole. Merging byte pairs takes the square of an
// unbroken run, so runs are bounded: such a cut can add a token, and ordinary text has none.

/** Longer than any word; what reaches it is a ruler, padding or data. */
const LONGEST_RUN = 64;
const OVERLONG_RUN = new RegExp(
  `[\\p{L}\\p{M}]{${LONGEST_RUN}}|[^\\s\\p{L}\\p{M}\\p{N}]{${LONGEST_RUN}}|\\s{${LONGEST_RUN}}`,
  'gu',
);
const LONGEST_SLICE = 32_768;
/** How far back a place between two words is looked for. */
const LOOK_BACK = 4_096;

export function* countableSlices(text: string): Generator<string> {
  let start = 0;
  for (const run of text.matchAll(OVERLONG_RUN)) {
    const end = run.index + run[0].length;
    yield* betweenWords(text, start, end);
    start = end;
  }
  yield* betweenWords(text, start, text.length);
}

function* betweenWords(text: string, from: number, to: number): Generator<string> {
  let start = from;
  while (to - start > LONGEST_SLICE) {
    const end = cutBefore(text, start + LONGEST_SLICE);
    yield text.slice(start, end);
    start = end;
  }
  if (start < to) yield text.slice(start, to);
}

const LETTER = /[a-z]/i;

/** The vocabulary takes a space together with the word after it, so before such a space nothing is cut in two. */
function cutBefore(text: string, limit: number): number {
  for (let at = limit; at > limit - LOOK_BACK; at -= 1) {
    if (text[at] === ' ' && LETTER.test(text.charAt(at - 1)) && LETTER.test(text.charAt(at + 1))) return at;
  }
  return isLowSurrogate(text.charCodeAt(limit)) ? limit - 1 : limit;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
