// Domain room. What stays of an error when paths, numbers, ids and times are taken out of its text.
import { boundedText } from './bounded-text.js';
import { withoutNoise, withSingleSpaces } from './noise.js';

/** A URL is an address that was asked for: only noise and numbers go from it, so it is set aside while paths go. */
const ABSOLUTE_PATHS =
  /(?<![\w:/.<>@-])(?:file:\/\/)?(?:[A-Za-z]:)?(?:~|\.{1,2})?[\\/](?![\\/\s])[^\s"'`<>|:;,()[\]{}]{1,400}/g;
const EXTENSIONS =
  'tsx?|jsx?|[mc][tj]s|json5?|html?|s?css|less|vue|svelte|astro|py|rb|go|rs|java|kt|cc?|cpp|hh?|hpp|cs|php|sh|' +
  'sql|mdx?|ya?ml|toml|lock|txt|xml|svg|png|jpe?g|gif|webp|csv|env|ini|cfg|conf|log|map|wasm|zip';
/**
 * An image of a registry, `ghcr.io/acme/api:1.2`, is a name that was asked for, as a URL is, however many parts it has.
 * It begins with a host and ends with a tag or a digest, where a file has a line and column.
 */
const IMAGE =
  '(?:[a-z\\d-]{1,63}\\.){1,8}[a-z]{2,24}/(?:[a-z\\d._-]{1,120}/){0,8}[a-z\\d._-]{1,120}' +
  '(?:@sha\\d{3}:|:(?!\\d{1,7}[:,]\\d)[\\w<])';
/**
 * Three names in a row are a path; of two it takes an ending to tell a path from `and/or`. What begins with a scope,
 * `@acme/ui/button`, is a package that was asked for.
 */
const LONG_PATHS = new RegExp(
  `(?<![\\w:/.<>@\\\\-])(?!@\\w)(?!${IMAGE})(?:[\\w.@+-]{1,120}[\\\\/]){2,40}[\\w.@+-]{1,120}`,
  'g',
);
const RELATIVE_PATHS = new RegExp(
  `(?<![\\w:/.<>@\\\\-])(?:[\\w.@+-]{1,120}[\\\\/]){0,40}[\\w.+-]{1,120}\\.(?:${EXTENSIONS})(?![\\w/\\\\-])`,
  'gi',
);
/** What a file without an ending is usually called. */
const FILES_BY_NAME =
  '(?:Docker|Container|Make|GNUmake|Jenkins|Gem|Rake|Guard|Cap|Proc|Vagrant|Brew|Pod|Fast|App|Pip|Just|just|Caddy|' +
  'Tilt|Earth|Berks|Thor|Cart)file(?:\\.[\\w-]{1,40})?|BUILD|WORKSPACE|LICENSE|NOTICE|README|CHANGELOG|AUTHORS|' +
  'CODEOWNERS|\\.[a-z]{1,20}(?:rc|ignore|config|attributes)';
const LINE_AND_COLUMN = ':\\d{1,7}:\\d{1,7}(?!\\w|[.:]\\d)|\\(\\d{1,7}, ?\\d{1,7}\\)';
/** Or such a name and a line, or line and column: one number alone follows versions, ports and tests, too. */
const PLACED_PATHS = new RegExp(
  '(?<![\\w:/.<>@\\\\-])[\\w.@+-]{1,120}[\\\\/]' +
    `(?:(?:${FILES_BY_NAME})(?=[:(]\\d)|[\\w.@+-]{1,120}(?=${LINE_AND_COLUMN}))`,
  'g',
);
/** A number stands by itself: TS2322 is a name, 12px a number with a unit, 2nd one with its ending. */
const NUMBERS = new RegExp(
  '(?:(?<![\\w.)\\]}>-])-)?(?<![A-Za-z\\d])' +
    '(?:0x[0-9a-f]+|\\d+(?:(?:st|nd|rd|th)(?!\\w)|(?:,\\d{3}(?!\\d))*(?:[._]\\d+)*(?:e[+-]?\\d+)?))',
  'gi',
);
/** L12, L12-L15 and L12C4 are lines and columns; what begins with a zero is the name of a rule. */
const LINES = /(?<!\w)L[1-9]\d{0,6}(?:C\d{1,7})?(?!\w)/g;
/** `ord_18d2`: a short id behind the name of what it is the id of, where letters and digits take turns. */
const SHORT_IDS = new RegExp(
  '(?<=[a-z]_)(?!\\d{1,4}e\\d{1,4}(?!\\w))(?=\\w{0,3}(?:\\d[a-f]{1,3}\\d|[a-f]\\d{1,3}[a-f]))[\\da-f]{4,5}(?!\\w)',
  'g',
);

export function normaliseErrorText(text: string): string {
  const plain = withoutNoise(boundedText(text).normalize('NFC'), 'answered')
    .replace(/<tmp>[^\s"'`<>|:;,()[\]{}]{0,400}/g, '<path>')
    .replace(ABSOLUTE_PATHS, '<path>')
    .replace(RELATIVE_PATHS, '<path>')
    .replace(LONG_PATHS, '<path>')
    .replace(PLACED_PATHS, '<path>')
    .replace(LINES, '<n>')
    .replace(SHORT_IDS, '<id>')
    .replace(NUMBERS, '<n>');
  return withSingleSpaces(plain);
}
