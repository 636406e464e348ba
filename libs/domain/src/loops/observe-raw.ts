// Domain room. From what a tool was asked and answered to what the detector compares.
import { canonicalValue } from './normalise/canonical-value.js';
import { normaliseErrorText } from './normalise/error-text.js';

/** A hash of a text. Activities inject a strong one; `smallDigest` is pure and needs nothing. */
export type Digest = (text: string) => string;

export interface RawError {
  readonly errorClass: string;
  readonly text: string;
  /** Of a look-up: `not_found` of other arguments is another error. */
  readonly args?: unknown;
}

export interface RawCall {
  readonly tool: string;
  readonly args?: unknown;
  readonly result?: unknown;
  readonly error?: Pick<RawError, 'errorClass' | 'text'> | null | undefined;
}

export interface NormalisedCall {
  readonly args: string;
  /** Null where the call gave none. */
  readonly result: string | null;
}

/** Tools that are handed or hand back the contents of a file: `read_file`, `readFile`, `get.file.contents`. */
const CONTENT_TOOL = /(?:^|[^a-z])(?:read|cat|view|open|write|edit|patch|create|replace|insert|contents?)(?![a-z])/;

export function movesContents(tool: string): boolean {
  return CONTENT_TOOL.test(tool.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase());
}

export function normaliseCall(call: Pick<RawCall, 'tool' | 'args' | 'result'>): NormalisedCall {
  const ofFiles = movesContents(call.tool);
  const asked = { origin: 'asked', ofFiles, contents: ofFiles && typeof call.args === 'string' } as const;
  const answered = { origin: 'answered', ofFiles, contents: ofFiles && typeof call.result === 'string' } as const;
  return {
    args: canonicalValue(call.args ?? null, asked),
    result: call.result === undefined ? null : canonicalValue(call.result, answered),
  };
}

const NOT_FOUND = /not_?found|^enoent$|no_?such/;

/** `not_found`, `NotFoundError`, `FILE-NOT-FOUND`, `ENOENT`: whatever its spelling, nothing was there. */
export function isNotFound(errorClass: string): boolean {
  return NOT_FOUND.test(errorClass.toLowerCase().replace(/[^a-z0-9]+/g, '_'));
}

/** Class and normalised text; for `not_found` of a look-up its arguments too, as paths are gone from the text. */
export function normaliseError({ errorClass, text, args }: RawError): string {
  const lookedFor =
    args !== undefined && isNotFound(errorClass)
      ? canonicalValue(args, { origin: 'asked', ofFiles: false, contents: false })
      : '';
  return [errorClass.trim().normalize('NFC'), normaliseErrorText(text), lookedFor].join('\n');
}

export function fingerprintOf(error: RawError, digest: Digest): string {
  return digest(normaliseError(error));
}

export interface CallHashes {
  readonly argsHash: string;
  readonly resultHash?: string;
  readonly errorFingerprint?: string;
}

/** The hashes of an `ObservedStep`. `lookUp` is false for a check or build: what it misses, nobody asked for. */
export function hashesOf(call: RawCall, digest: Digest, lookUp = true): CallHashes {
  const { args, result } = normaliseCall(call);
  const { error } = call;
  const asked = lookUp ? { args: call.args ?? null } : {};
  return {
    argsHash: digest(args),
    ...(result === null ? {} : { resultHash: digest(result) }),
    ...(error === null || error === undefined
      ? {}
      : { errorFingerprint: fingerprintOf({ errorClass: error.errorClass, text: error.text, ...asked }, digest) }),
  };
}
