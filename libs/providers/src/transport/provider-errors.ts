// Providers room: what a provider's refusal means to us, by HTTP status and by the error's own type or code.
// The provider's message is never passed on: it may quote the prompt.
import type { ModelFaultKind } from '../model-port.js';
import { isJsonObject, memberObject, parseJsonObject, type JsonObject, type StreamFault } from './answer-reader.js';

export interface ProviderError {
  /** Machine words such as `rate_limit_error`, most telling first. */
  readonly labels: readonly string[];
  /** Some compatible servers put an HTTP status into the error of a stream that began with 200. */
  readonly status: number | null;
}

const LABEL = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/** Answered as rate limits, but no wait mends them: the account behind our key has run out of money. */
const OUT_OF_FUNDS: ReadonlySet<string> = new Set([
  'insufficient_quota',
  'credit_balance_exhausted',
  'billing_hard_limit_reached',
  'enforced_spend_limit_reached',
]);

type Meaning = Pick<StreamFault, 'fault' | 'retryable'>;

const RATE_LIMITED: Meaning = { fault: 'rate_limited', retryable: true };
const UNAVAILABLE: Meaning = { fault: 'unavailable', retryable: true };
const TIMED_OUT: Meaning = { fault: 'timed_out', retryable: true };
const BAD_REQUEST: Meaning = { fault: 'bad_request', retryable: false };
const UNAUTHORIZED: Meaning = { fault: 'unauthorized', retryable: false };
const PROTOCOL: Meaning = { fault: 'protocol', retryable: false };

const BY_LABEL: ReadonlyMap<string, Meaning> = new Map([
  ['rate_limit_error', RATE_LIMITED],
  ['rate_limit_exceeded', RATE_LIMITED],
  ['overloaded_error', UNAVAILABLE],
  ['api_error', UNAVAILABLE],
  ['server_error', UNAVAILABLE],
  ['timeout_error', TIMED_OUT],
  ['invalid_request_error', BAD_REQUEST],
  ['not_found_error', BAD_REQUEST],
  ['request_too_large', BAD_REQUEST],
  ['context_length_exceeded', BAD_REQUEST],
  ['authentication_error', UNAUTHORIZED],
  ['permission_error', UNAUTHORIZED],
  ['billing_error', UNAUTHORIZED],
  ['invalid_api_key', UNAUTHORIZED],
]);

/** Reads the `error` member of a body or a chunk; anything else reads as an error without labels. */
export function readProviderError(holder: JsonObject | null): ProviderError {
  const error = holder === null ? {} : memberObject(holder, 'error');
  const candidates = [memberObject(error, 'details')['error_code'], error['code'], error['type']];
  const { code } = error;
  const isStatus = typeof code === 'number' && Number.isInteger(code) && code >= 300 && code <= 599;
  return {
    labels: candidates.filter((label) => typeof label === 'string').filter((label) => LABEL.test(label)),
    status: isStatus ? code : null,
  };
}

export function readErrorBody(body: string): ProviderError {
  return readProviderError(parseJsonObject(body));
}

/** True for a chunk that carries an error instead of a piece of the answer. */
export function holdsError(chunk: JsonObject): boolean {
  return isJsonObject(chunk['error']) || typeof chunk['error'] === 'string';
}

/** An error that arrived inside a stream. What we do not know is taken as the provider's trouble, not as ours. */
export function faultInStream(error: ProviderError): StreamFault {
  const known = error.labels.map((label) => BY_LABEL.get(label)).find((meaning) => meaning !== undefined);
  const byStatus = error.status === null ? UNAVAILABLE : meaningOfStatus(error.status);
  return {
    ...withoutVainWait(known ?? byStatus, error),
    message: `the provider reported an error inside the stream${named(error)}`,
  };
}

/** A response that was not 2xx. */
export function faultOfStatus(status: number, headers: Headers, error: ProviderError): StreamFault {
  const meaning = withoutVainWait(meaningOfStatus(status), error);
  // Providers say outright when a repetition is in vain.
  const retryable = meaning.retryable && headers.get('x-should-retry') !== 'false';
  return { ...meaning, retryable, message: `the provider answered ${status}${named(error)}` };
}

function meaningOfStatus(status: number): Meaning {
  if (status >= 500) {
    return UNAVAILABLE;
  }
  if (status < 400) {
    return PROTOCOL;
  }
  const special: Readonly<Record<number, Meaning>> = {
    401: UNAUTHORIZED,
    402: UNAUTHORIZED,
    403: UNAUTHORIZED,
    408: TIMED_OUT,
    409: UNAVAILABLE,
    425: UNAVAILABLE,
    429: RATE_LIMITED,
  };
  return special[status] ?? BAD_REQUEST;
}

function withoutVainWait(meaning: Meaning, error: ProviderError): { fault: ModelFaultKind; retryable: boolean } {
  const isOutOfFunds = error.labels.some((label) => OUT_OF_FUNDS.has(label));
  return isOutOfFunds ? { fault: 'rate_limited', retryable: false } : meaning;
}

function named(error: ProviderError): string {
  const [label] = error.labels;
  return label === undefined ? '' : ` (${label})`;
}
