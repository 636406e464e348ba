// Domain room. From what a tool was asked and answered to what the detector compares.

/** A hash of a text. Activities inject a strong one; `smallDigest` is pure and needs nothing. */
export type Digest = (text: string) => string;

export interface RawCall {
  readonly tool: string;
  readonly args?: unknown;
  readonly result?: unknown;
  readonly error?: RawError | null | undefined;
}

export interface RawError {
  readonly errorClass: string;
  readonly text: string;
  /** Of a look-up: `not_found` of other arguments is another error. */
  readonly args?: unknown;
}

export interface CallHashes {
  readonly argsHash?: string;
  readonly resultHash?: string;
  readonly errorFingerprint?: string;
}
