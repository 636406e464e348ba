// Providers room: one POST answered by server-sent events, over the platform's own fetch.
// It promises exactly one request per call, no redirect followed, and an end that says how far it got.
import { createParser, type ParseError } from 'eventsource-parser';
import { Watchdog, type CallCut } from './watchdog.js';

export interface StreamLimits {
  /** From the start of the call until the first byte of the response body, connecting included. */
  readonly firstByteTimeoutMs: number;
  /** Between two arrivals of bytes; comments and pings count as life. */
  readonly idleTimeoutMs: number;
  /** One event may not be longer than this many characters. */
  readonly eventCharsMax: number;
}

/** fetch gives up by itself after 300 s without headers or bytes, so a longer limit would be a promise not kept. */
const TIMEOUT_MAX_MS = 290_000;
const ERROR_BODY_BYTES_MAX = 64 * 1024;
/** After the last event the server may take this long to close, so that the connection can be used again. */
const CLOSE_GRACE_MS = 100;

const DEFAULT_LIMITS: StreamLimits = Object.freeze({
  firstByteTimeoutMs: 120_000,
  idleTimeoutMs: 60_000,
  eventCharsMax: 4 * 1024 * 1024,
});

export interface EventStreamCall {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly limits: StreamLimits;
  readonly signal: AbortSignal;
  /** True when the event was the last one wanted. `isCutOff` marks an event whose closing blank line never came. */
  readonly onEvent: (data: string, isCutOff: boolean) => boolean;
  readonly onBytes: () => void;
}

export interface ResponseHead {
  readonly status: number;
  readonly headers: Headers;
}

export type EventStreamEnd =
  | { readonly kind: 'finished'; readonly head: ResponseHead }
  | { readonly kind: 'closed_early'; readonly head: ResponseHead }
  | { readonly kind: 'broken'; readonly head: ResponseHead; readonly cause: string }
  | { readonly kind: 'oversized'; readonly head: ResponseHead }
  | { readonly kind: 'rejected'; readonly head: ResponseHead; readonly body: string }
  | { readonly kind: 'not_events'; readonly head: ResponseHead }
  | { readonly kind: 'unreachable'; readonly head: null; readonly cause: string }
  | { readonly kind: CallCut; readonly head: ResponseHead | null };

/** Fills in the defaults; throws on limits that cannot be kept. */
export function streamLimits(limits: Partial<StreamLimits> = {}): StreamLimits {
  const whole = { ...DEFAULT_LIMITS, ...limits };
  for (const name of ['firstByteTimeoutMs', 'idleTimeoutMs'] as const) {
    const value = whole[name];
    if (!Number.isInteger(value) || value < 1 || value > TIMEOUT_MAX_MS) {
      throw new RangeError(`${name} must be a whole number from 1 to ${TIMEOUT_MAX_MS}`);
    }
  }
  if (!Number.isInteger(whole.eventCharsMax) || whole.eventCharsMax < 1) {
    throw new RangeError('eventCharsMax must be a positive whole number');
  }
  return whole;
}

export async function postForEvents(call: EventStreamCall): Promise<EventStreamEnd> {
  const watchdog = new Watchdog(call.signal);
  try {
    if (watchdog.cutBy !== null) {
      return { kind: watchdog.cutBy, head: null };
    }
    watchdog.arm(call.limits.firstByteTimeoutMs);
    const response = await requestOnce(call, watchdog);
    return 'kind' in response ? response : await readResponse(response, call, watchdog);
  } finally {
    watchdog.close();
  }
}

async function requestOnce(call: EventStreamCall, watchdog: Watchdog): Promise<Response | EventStreamEnd> {
  const { url, headers, body } = call;
  try {
    return await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: watchdog.signal });
  } catch (error) {
    const cause = causeOf(error);
    const cut = watchdog.cutBy ?? (isTimeout(cause) ? 'timed_out' : null);
    return cut === null ? { kind: 'unreachable', head: null, cause } : { kind: cut, head: null };
  }
}

async function readResponse(response: Response, call: EventStreamCall, watchdog: Watchdog): Promise<EventStreamEnd> {
  const head: ResponseHead = { status: response.status, headers: response.headers };
  if (!response.ok) {
    watchdog.arm(call.limits.idleTimeoutMs);
    return { kind: 'rejected', head, body: await readErrorBody(response) };
  }
  if (!/^text\/event-stream\s*(;|$)/i.test(response.headers.get('content-type') ?? '') || response.body === null) {
    return { kind: 'not_events', head };
  }
  try {
    return { kind: await readEvents(response.body, call, watchdog), head };
  } catch (error) {
    if (!(error instanceof ReadFailure)) {
      throw error;
    }
    const cause = causeOf(error.cause);
    const cut = watchdog.cutBy ?? (isTimeout(cause) ? 'timed_out' : null);
    return cut === null ? { kind: 'broken', head, cause } : { kind: cut, head };
  }
}

/** The wire failed, as opposed to a callback of ours that threw: that one is a bug and must pass through. */
class ReadFailure extends Error {}

type ByteReader = ReadableStreamDefaultReader<Uint8Array>;

async function readPiece(reader: ByteReader): Promise<Uint8Array | null> {
  try {
    const piece = await reader.read();
    return piece.done ? null : piece.value;
  } catch (error) {
    throw new ReadFailure('the response body could not be read', { cause: error });
  }
}

async function readEvents(
  body: ReadableStream<Uint8Array>,
  call: EventStreamCall,
  watchdog: Watchdog,
): Promise<'finished' | 'closed_early' | 'oversized'> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const state = { isFinished: false, isOversized: false, isCutOff: false };
  const parser = createParser({
    // The parser bounds what it holds back, not what arrives in one piece; the room to spare is for field names,
    // so that the verdict on an event hangs on its length alone and not on how the network cut it.
    maxBufferSize: 2 * call.limits.eventCharsMax + 1024,
    onEvent: ({ data }) => {
      state.isOversized ||= !state.isFinished && data.length > call.limits.eventCharsMax;
      state.isFinished ||= !state.isOversized && call.onEvent(data, state.isCutOff);
    },
    onError: (error: ParseError) => {
      state.isOversized ||= error.type === 'max-buffer-size-exceeded';
    },
  });
  for (;;) {
    const piece = await readPiece(reader);
    if (piece === null) {
      break;
    }
    watchdog.arm(call.limits.idleTimeoutMs);
    parser.feed(decoder.decode(piece, { stream: true }));
    call.onBytes();
    if (state.isFinished) {
      await awaitClose(reader, watchdog);
      return 'finished';
    }
    if (state.isOversized) {
      return 'oversized';
    }
  }
  // Some servers close right after their last line: what is left is an event if it is whole.
  state.isCutOff = true;
  parser.feed(`${decoder.decode()}\n\n`);
  if (state.isFinished) {
    return 'finished';
  }
  return state.isOversized ? 'oversized' : 'closed_early';
}

async function awaitClose(reader: ByteReader, watchdog: Watchdog): Promise<void> {
  watchdog.arm(CLOSE_GRACE_MS);
  try {
    while ((await readPiece(reader)) !== null);
  } catch (error) {
    // The answer is whole: how the connection ends after it is of no interest.
    if (!(error instanceof ReadFailure)) {
      throw error;
    }
  }
}

async function readErrorBody(response: Response): Promise<string> {
  if (response.body === null) {
    return '';
  }
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (let bytes = 0; bytes < ERROR_BODY_BYTES_MAX;) {
      const piece = await readPiece(reader);
      if (piece === null) {
        break;
      }
      bytes += piece.byteLength;
      text += decoder.decode(piece, { stream: true });
    }
  } catch (error) {
    // The status alone says enough: a body that stalls or breaks only costs us the finer reason.
    if (!(error instanceof ReadFailure)) {
      throw error;
    }
  }
  return text;
}

/** A system error code such as `ECONNREFUSED`; never free text, which may hold addresses or content. */
function causeOf(error: unknown): string {
  let at = error;
  // By shape, not by class: an error of another realm, as test runners make them, is no instance of our Error.
  for (let depth = 0; depth < 4 && typeof at === 'object' && at !== null; depth += 1) {
    const { code, cause, errors } = at as Readonly<Record<'code' | 'cause' | 'errors', unknown>>;
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,48}$/.test(code)) {
      return code;
    }
    at = Array.isArray(errors) ? (errors[0] as unknown) : cause;
  }
  return 'unknown';
}

function isTimeout(cause: string): boolean {
  return /^(ETIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT)$/.test(cause);
}
