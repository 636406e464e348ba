// Domain room. Where something lay by chance: temporary folders, addresses in memory and in a network, process ids.
import { isRandomWord } from './random-ids.js';

/** What comes after the folder for temporary things: up to a character that ends a path. */
const REST = '([^\\s"\'`<>|:;,()\\[\\]{}]{1,400})';
const UNIX_TEMPORARY = new RegExp(
  '(?<![\\w.-])(?:/private)?/(?:tmp|var/tmp|dev/shm|var/folders/[\\w+-]{1,40}/[\\w+-]{1,80}/[A-Z0-9])/' + REST,
  'g',
);
const WINDOWS_TEMPORARY = new RegExp(
  '(?<![\\w])[A-Za-z]:[\\\\/](?:[^\\\\/"\'<>|:;\\n]{1,60}[\\\\/]){0,6}?(?:Temp|TEMP|temp|tmp)[\\\\/]' + REST,
  'g',
);
/** As `mktemp` names what it makes. */
const MADE_UP = /^tmp\.(?=\w{0,12}[A-Z\d])\w{6,12}$/;
const EXTENSION = /^(.{1,100})(\.[A-Za-z]\w{0,7})$/;

/** The folder goes, what lies in it stays: `a.ts` in two temporary folders is the same file, `b.ts` another one. */
function insideTemporary(rest: string): string {
  const parts = rest.split(/[\\/]/);
  if (parts.length > 1) return ['<tmp>', ...parts.slice(1)].join('/');
  if (MADE_UP.test(rest)) return '<tmp>/<id>';
  const file = EXTENSION.exec(rest);
  if (file === null) return '<tmp>';
  const [, stem = '', extension = ''] = file;
  return isRandomWord(stem) || /^te?mp[-_.]?\w*\d/i.test(stem) ? `<tmp>/<id>${extension}` : `<tmp>/${rest}`;
}

const ADDRESSES: readonly RegExp[] = [
  /(?<!\w)0x[0-9a-f]{6,16}(?!\w)/gi,
  // Object@1b6d3586; an e-mail address goes on with a dot or a letter.
  /(?<=\w@)(?=[a-f]{0,7}\d)[0-9a-f]{6,8}(?![\w.@-])/g,
  /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?!\w|\.\d)/g,
  /\[(?=[0-9a-f]{0,4}:[0-9a-f]{0,4}:)[0-9a-f:]{2,39}\](?::\d{1,5})?/gi,
  /(?<![\w:.])(?:[0-9a-f]{1,4}[:-]){5,7}[0-9a-f]{1,4}(?![\w:-])/gi,
  /(?<![\w:.])(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6}(?![\w:])/gi,
  /(?<![\w:])::1(?::\d{1,5})?(?!\w)/g,
  /(?<=\blocalhost:)\d{1,5}(?!\w)/gi,
  /(?<=\b(?:pid|tid|port|process id|thread id)[ :=#]{1,3})\d{1,8}(?!\w)/gi,
];

export function withoutChancePlaces(text: string): string {
  let plain = text
    .replace(UNIX_TEMPORARY, (_, rest: string) => insideTemporary(rest))
    .replace(WINDOWS_TEMPORARY, (_, rest: string) => insideTemporary(rest));
  for (const address of ADDRESSES) plain = plain.replace(address, '<address>');
  return plain;
}
