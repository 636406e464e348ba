// Domain room. What somebody wrote in an answer, without what it answers. Mail programs put the mail before it below
// the answer, or mark its lines; what they marked is told apart, and what nobody marked counts as written.

const QUOTED = /^\s*>/;
const SIGNATURE = /^--\s*$/;
const RULE = /^\s*_{10,}\s*$/;
const ORIGINAL = new RegExp(
  '^\\s*-{2,}\\s*(?:' +
    'original message|forwarded message|original appointment|' +
    'original-?nachricht|urspr(?:\u00fcngliche|\\.) nachricht|weitergeleitete nachricht' +
    ')\\s*-{2,}\\s*$',
  'i',
);
const SENDER = /^\s*\*?(?:from|von|de)\s?:\*?\s/i;
const BELOW_SENDER = /^\s*\*?(?:sent|date|to|subject|gesendet|datum|an|betreff|envoy\u00e9)\s?:/i;
/** Of one line, or of two where a program broke it. */
const WHO_WROTE = /^\s*(?:on|am|le|el)\s.{6,250}\s(?:wrote|schrieb|a \u00e9crit|escribi\u00f3)(?:\s.{0,250})?\s?:\s*$/i;

export function ownWordsOf(text: string): string {
  const lines = text.split(/\r?\n/);
  const own: string[] = [];
  let at = 0;
  while (at < lines.length && !endsAt(lines, at)) {
    const told = whoWroteAt(lines, at);
    // Above lines that are marked: between and below them may stand answers.
    if (told > 0 && !QUOTED.test(nextWords(lines, at + told))) break;
    if (told === 0 && !QUOTED.test(lines[at] ?? '')) own.push(lines[at] ?? '');
    at += Math.max(1, told);
  }
  return own.join('\n').trim();
}

function endsAt(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? '';
  if (SIGNATURE.test(line) || RULE.test(line) || ORIGINAL.test(line)) return true;
  return SENDER.test(line) && BELOW_SENDER.test(nextWords(lines, at + 1));
}

/** Of how many lines the sentence is that says who wrote what follows; 0: there is none. */
function whoWroteAt(lines: readonly string[], at: number): number {
  const [line = '', next = ''] = lines.slice(at, at + 2);
  if (WHO_WROTE.test(line)) return 1;
  const isOneSentence = !QUOTED.test(next) && !WHO_WROTE.test(next);
  return isOneSentence && WHO_WROTE.test(`${line} ${next.trim()}`) ? 2 : 0;
}

function nextWords(lines: readonly string[], from: number): string {
  return lines.slice(from, from + 3).find((line) => line.trim() !== '') ?? '';
}
