// Domain room. Which words are random ids: nobody chose them, and the next try has others. Words, names in code and
// plain numbers stay, for page 2 is not page 3.

const UUID = /(?<![0-9a-z])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-z])/gi;
const ULID = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/i;
const HEX = /^[0-9a-f]{7,}$/i;
/** Behind a # it is a colour. */
const WORDS = /(?<![#A-Za-z0-9])[A-Za-z0-9]{6,}/g;
const SHORT_HEX = /^[0-9a-f]{6}$/i;
/** Whatever it looks like, its name says that nobody chose it; a digit tells it from a word that happens to follow. */
const NAMED = new RegExp(
  '(?<![A-Za-z])((?:request|trace|span|correlation|session|transaction|invocation)[ _-]?id|nonce)([ :=#]{1,3})' +
    '(?=[A-Za-z_+/=-]{0,64}\\d)[\\w+/=-]{1,128}',
  'gi',
);
/** Ids over the alphabet of URLs, separators included; no name that people write has digits this scattered. */
const URL_TOKENS = /(?<![\w-])[\w-]{16,64}(?![\w-])/g;

type Kind = 'digit' | 'lower' | 'upper' | 'other';

function kindOf(unit: number): Kind {
  if (unit >= 48 && unit <= 57) return 'digit';
  if (unit >= 97 && unit <= 122) return 'lower';
  return unit >= 65 && unit <= 90 ? 'upper' : 'other';
}

interface Shape {
  readonly digits: number;
  readonly lower: number;
  readonly upper: number;
  /** Changes between letter and digit. */
  readonly mixes: number;
  /** Changes from a small to a large letter: each hump of a name in code has one. */
  readonly humps: number;
}

function shapeOf(word: string): Shape {
  const shape = { digits: 0, lower: 0, upper: 0, mixes: 0, humps: 0 };
  let before: Kind = 'other';
  for (let index = 0; index < word.length; index += 1) {
    const kind = kindOf(word.charCodeAt(index));
    if (kind === 'digit') shape.digits += 1;
    if (kind === 'lower') shape.lower += 1;
    if (kind === 'upper') shape.upper += 1;
    if (before !== 'other' && kind !== 'other' && (before === 'digit') !== (kind === 'digit')) shape.mixes += 1;
    if (before === 'lower' && kind === 'upper') shape.humps += 1;
    before = kind;
  }
  return shape;
}

function isScattered(token: string): boolean {
  const { digits, lower, upper, mixes, humps } = shapeOf(token);
  return digits >= 2 && lower > 0 && upper > 0 && 2 * mixes + humps >= 0.44 * token.length;
}

export function isRandomWord(word: string): boolean {
  const { digits, lower, upper, mixes } = shapeOf(word);
  if (digits === 0 || lower + upper === 0) return false;
  // Six are few, and some words and colours are made of them: an id's letters and digits take turns.
  if (word.length === 6) return SHORT_HEX.test(word) && mixes >= 3;
  if (HEX.test(word)) return true;
  if (ULID.test(word) && digits >= 4) return true;
  if (word.length >= 10 && mixes >= 3 && digits >= 3) return true;
  return word.length >= 8 && (mixes >= 4 || isScattered(word));
}

export function withoutRandomIds(text: string): string {
  return text
    .replace(UUID, '<id>')
    .replace(NAMED, (_, name: string, mark: string) => `${name}${mark}<id>`)
    .replace(URL_TOKENS, (token) => (isScattered(token) ? '<id>' : token))
    .replace(WORDS, (word) => (isRandomWord(word) ? '<id>' : word));
}
