// API room. What the framework, the HTTP parser or the database threw, read by code and never by message.
import { isError } from '@fairmeter/platform';
import { HttpException } from '@nestjs/common';
import { ProblemError } from './problem-error.js';

const FRAMEWORK_CODES: Readonly<Record<string, () => ProblemError>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: unsupportedMediaType,
  FST_ERR_CTP_EMPTY_TYPE: unsupportedMediaType,
  FST_ERR_CTP_EMPTY_JSON_BODY: () => malformedJson('The body is empty.'),
  FST_ERR_CTP_INVALID_JSON_BODY: () => malformedJson('The body is not valid JSON.'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    new ProblemError('malformed_request', 'The body is not as long as Content-Length says.'),
  FST_ERR_CTP_BODY_TOO_LARGE: () => new ProblemError('body_too_large', 'The body is larger than this API reads.'),
  FST_ERR_BAD_URL: () => new ProblemError('malformed_request', 'The path is not validly encoded.'),
  FST_ERR_MAX_PARAM_LENGTH: () => new ProblemError('not_found', 'Nothing is served under this path.'),
};

/** Undefined for what nobody expected: that is ours to mend and tells the caller nothing. */
export function foreignProblem(error: unknown): ProblemError | undefined {
  if (error instanceof ProblemError) return error;
  if (isDatabaseAway(error)) {
    return new ProblemError('service_unavailable', 'The database cannot be reached.', {
      members: { part: 'postgres' },
      cause: error,
    });
  }
  // A NUL, wherever in a request it stands: there is no such id and no such text.
  if (hasSqlState(error, '22021')) return new ProblemError('malformed_request', 'The request has a NUL in it.');
  const known = FRAMEWORK_CODES[codeOf(error) ?? ''];
  if (known !== undefined) return known();
  const status = statusOf(error);
  if (status === 404) return new ProblemError('not_found', 'Nothing is served under this path.');
  if (status === 413) return new ProblemError('body_too_large', 'The body is larger than this API reads.');
  if (status === 415) return unsupportedMediaType();
  // The JSON parser of the framework throws plain syntax errors with a status of 400, also for a key `__proto__`.
  if (status === 400 && error instanceof SyntaxError) return malformedJson('The body is not valid JSON.');
  if (status !== undefined && status >= 400 && status < 500) {
    return new ProblemError('malformed_request', 'The request cannot be read.');
  }
  return undefined;
}

function unsupportedMediaType(): ProblemError {
  return new ProblemError('unsupported_media_type', 'Send the body as application/json.');
}

function malformedJson(detail: string): ProblemError {
  return new ProblemError('malformed_json', detail);
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

const AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  // No more connections, shutting down, crashed, starting up.
  '53300',
  '57P01',
  '57P02',
  '57P03',
]);

/** SQLSTATE class 08 is "connection exception". */
const isAwayCode = (code: string | undefined): boolean =>
  code !== undefined && (AWAY.has(code) || code.startsWith('08'));

/** Two transactions met, or waited for each other (40P01): the same one again finds the other's work done. */
export function isSerialization(error: unknown): boolean {
  return hasSqlState(error, '40001') || hasSqlState(error, '40P01');
}

/** Another row has what may be there once. */
export function isTaken(error: unknown): boolean {
  return hasSqlState(error, '23505');
}

/** The statement took longer than its transaction allows. */
export function isGivenUp(error: unknown): boolean {
  return hasSqlState(error, '57014');
}

function hasSqlState(error: unknown, state: string): boolean {
  return codeOf(error) === state || codeOf((error as { driverError?: unknown } | null)?.driverError) === state;
}

// The driver gives these two no code at all.
const UNCODED = /^(Connection terminated|timeout exceeded when trying to connect)/;

export function isDatabaseAway(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; isError(at) && depth < 5; depth += 1) {
    const driverError = (at as { driverError?: unknown }).driverError;
    if (isAwayCode(codeOf(at)) || isAwayCode(codeOf(driverError)) || UNCODED.test(at.message)) return true;
    const { errors } = at as { readonly errors?: unknown };
    if (Array.isArray(errors) && errors.some((one) => isAwayCode(codeOf(one)))) return true;
    at = at.cause;
  }
  return false;
}
