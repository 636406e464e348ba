// Domain room. One text for arguments or a result, whatever their key order, Unicode form and noise. Arrays keep their
// order, file contents their white space.
import { boundedText, LONGEST_TEXT } from './bounded-text.js';
import type { TextOrigin } from './noise.js';
import { withoutNoise, withSingleSpaces } from './noise.js';
import { isEpoch, withoutTimes } from './times.js';

export interface Reading {
  readonly origin: TextOrigin;
  /** Of a tool that reads or writes files: there a plain `text` is what is in one. */
  readonly ofFiles: boolean;
  /** The text at the root is the contents of a file. */
  readonly contents: boolean;
}

/** By their names without case and separators. */
const CONTENT_KEYS = new Set(
  (
    'content contents filecontent filecontents filetext patch diff oldstr newstr oldstring newstring oldtext newtext ' +
    'inserttext newcontent oldcontent code source sourcecode replacement lines'
  ).split(' '),
);
const CONTENT_KEYS_OF_FILES = new Set('text data body value output'.split(' '));
const TIME_KEYS = new Set(
  (
    'timestamp ts time now datetime createdat updatedat startedat endedat finishedat completedat modifiedat ' +
    'mtime ctime ' +
    'atime duration durationms durationseconds durationns elapsed elapsedms elapsedseconds elapsedtime latency ' +
    'latencyms took tookms runtimems timems timetaken walltime walltimems cputime cputimems uptime ' +
    'responsetime responsetimems executiontime executiontimems processingtime processingtimems'
  ).split(' '),
);
const COUNTER_KEYS = new Set(
  (
    'attempt attempts attemptnumber attemptnum attemptno attemptcount attemptindex attemptsleft attemptsremaining ' +
    'remainingattempts retry retries retrycount retrynumber retrynum retryno retryindex retryattempt retriesleft ' +
    'retriesremaining remainingretries tries trycount trynumber tryno triesleft pid'
  ).split(' '),
);
/** Only where it counts: a text under it says what is tried. */
const TRY_KEY = 'try';
const ID_KEYS = new Set(
  (
    'requestid traceid spanid correlationid nonce callid toolcallid invocationid idempotencykey sessionid runid ' +
    'toolid'
  ).split(' '),
);
/** Of these a number was chosen, as that of the run that somebody looks into. */
const COUNTED_ID_KEYS = new Set('sessionid runid toolid'.split(' '));
/**
 * Where the next page of a list begins, by a text or a number: whatever it looks like, it is what was asked for. So of
 * somebody who polls, and hands back the fresh mark of each answer, no two calls are equal; errors, builds, artefacts
 * and idle iterations still tell whether it goes on.
 */
const PAGE_KEYS = new Set(
  (
    'cursor nextcursor pagecursor pagetoken nextpagetoken nexttoken continuationtoken continuation startingafter ' +
    'endingbefore bookmark scrollid'
  ).split(' '),
);
/** There, too, a list may go on, but also days and texts that change stand under these names. */
const PLACE_KEYS = new Set(['after', 'before']);
/** One word with a letter in it and neither a path nor a sentence: as lists mark their places. */
const PLACE_MARK = /^(?=[^a-z]*[a-z])[\w+-]{8,2000}={0,2}$/i;
const DEEPEST = 64;

function isNoiseUnder(key: string, value: unknown): boolean {
  if (typeof value !== 'string' && typeof value !== 'number') return false;
  if (key === TRY_KEY) return /^\d{1,6}$/.test(String(value));
  if (TIME_KEYS.has(key) || COUNTER_KEYS.has(key)) return true;
  return ID_KEYS.has(key) && (typeof value === 'string' || !COUNTED_ID_KEYS.has(key));
}

function isPlaceMark(text: string): boolean {
  return PLACE_MARK.test(text) && withoutTimes(text, 'dates_go') === text;
}

function isPageAskedFor(key: string, value: unknown, { origin }: Reading): value is string | number {
  if (origin !== 'asked') return false;
  if (typeof value === 'number') return PAGE_KEYS.has(key);
  return typeof value === 'string' && (PAGE_KEYS.has(key) || (PLACE_KEYS.has(key) && isPlaceMark(value)));
}

function pageText(page: string | number): string {
  return typeof page === 'number' ? String(page) : JSON.stringify(boundedText(page));
}

function isContentsOfFile(key: string, { ofFiles }: Reading): boolean {
  return ofFiles && CONTENT_KEYS_OF_FILES.has(key);
}

function looksLikeJson(text: string): boolean {
  return /^\s{0,64}[[{]/.test(text) && text.length <= LONGEST_TEXT;
}

function isShallow(text: string): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit === 0x5b || unit === 0x7b) depth += 1;
    if (unit === 0x5d || unit === 0x7d) depth -= 1;
    if (depth > DEEPEST) return false;
  }
  return true;
}

/** A text that is JSON is read as such: its key order and white space mean nothing. Otherwise undefined. */
function parsed(text: string): { readonly value: unknown } | undefined {
  if (!looksLikeJson(text) || !isShallow(text)) return undefined;
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function canonicalText(text: string, reading: Reading, depth: number): string {
  if (!reading.contents) {
    const json = parsed(text);
    if (json !== undefined) return canonicalAt(json.value, reading, depth + 1);
  }
  const plain = withoutNoise(boundedText(text).normalize('NFC'), reading.origin);
  return JSON.stringify(reading.contents ? plain : withSingleSpaces(plain));
}

function canonicalAt(value: unknown, reading: Reading, depth: number): string {
  if (typeof value === 'string') return canonicalText(value, reading, depth);
  if (typeof value === 'number') return isEpoch(value) ? '"<time>"' : String(value);
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') return `<${typeof value}>`;
  if (depth > DEEPEST) return '"<deep>"';
  if (Array.isArray(value)) return `[${value.map((item) => canonicalAt(item, reading, depth + 1)).join(',')}]`;
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => {
      // A day as a key says what the figure under it is about, whoever gave it.
      const name = withoutNoise(boundedText(key).normalize('NFC'), 'asked');
      const bare = key
        .normalize('NFC')
        .toLowerCase()
        .replace(/[^a-z0-9]/g, '');
      if (!reading.contents && isNoiseUnder(bare, member)) return [name, '"<noise>"'] as const;
      if (isPageAskedFor(bare, member, reading)) return [name, pageText(member)] as const;
      const contents = reading.contents || CONTENT_KEYS.has(bare) || isContentsOfFile(bare, reading);
      return [name, canonicalAt(member, { ...reading, contents }, depth + 1)] as const;
    })
    .map(([name, text]) => `${JSON.stringify(name)}:${text}`)
    .sort();
  return `{${members.join(',')}}`;
}

export function canonicalValue(value: unknown, reading: Reading): string {
  return canonicalAt(value, reading, 0);
}
