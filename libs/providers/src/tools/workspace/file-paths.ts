// Providers room, tools. Which paths a file may have: those that mean the same file on every system that unpacks the
// ZIP, and that can never lead out of the folder they are unpacked in.
import type { Refused } from './refused.js';
import type { WorkspaceLimits } from './limits.js';

/** Control and format characters show nothing or turn the reading order: a name must be what it looks like. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
/** Half of a pair of surrogates: no text in UTF-8 can hold it. */
export const BROKEN = /\p{Cs}/u;
const NEVER_ON_WINDOWS = /[<>:"|?*\\]/;
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|$)/i;

/** Null where the path is legal. */
export function pathProblem(path: string, limits: WorkspaceLimits): Refused | null {
  const message = wrongWhole(path, limits) ?? wrongSegment(path.split('/'));
  return message === null ? null : { errorClass: 'invalid_path', message: `${shown(path)}: ${message}` };
}

function wrongWhole(path: string, limits: WorkspaceLimits): string | null {
  if (path === '') return 'a path is needed';
  if (path.length > limits.pathLength) return `a path has at most ${limits.pathLength} characters`;
  if (BROKEN.test(path) || path !== path.normalize('NFC')) return 'a path is well-formed Unicode, composed (NFC)';
  if (UNSEEN.test(path)) return 'a path has no control or invisible characters';
  if (NEVER_ON_WINDOWS.test(path)) return 'a path has none of < > : " | ? * and \\; folders are parted by /';
  if (path.startsWith('/')) return 'a path is relative to the workspace, without a leading /';
  if (path.split('/').length > limits.depth) return `a path is at most ${limits.depth} levels deep`;
  return null;
}

function wrongSegment(segments: readonly string[]): string | null {
  for (const segment of segments) {
    if (segment === '') return 'a path has no empty parts';
    if (segment === '.' || segment === '..') return 'a path has no . or .. in it';
    if (/[. ]$|^ /.test(segment)) return 'no part of a path begins with a space or ends with a space or a dot';
    if (DEVICE.test(segment)) return `${segment} is the name of a device on Windows`;
    // Unpacked into somebody's checkout, such a folder could bring hooks that run.
    if (segment.toLowerCase() === '.git') return 'no part of a path is .git';
  }
  return null;
}

/** Equal for names that a file system blind to case would take for one. */
export function folded(path: string): string {
  return path.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFC');
}

/** A path in a message: bounded, and with what cannot be seen spelt out. */
export function shown(path: string): string {
  const cut = path.length > 120 ? `${path.slice(0, 120)}…` : path;
  return JSON.stringify(cut).replace(
    /[\p{Cf}\p{Zl}\p{Zp}]/gu,
    (unseen) => `\\u{${(unseen.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** The folders above a file, outermost first. */
export function foldersOf(path: string): string[] {
  const segments = path.split('/');
  return segments.slice(0, -1).map((_, index) => segments.slice(0, index + 1).join('/'));
}
