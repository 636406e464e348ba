// API room. Requests that no framework could read still get a problem document.
import { describe, expect, it } from '@jest/globals';
import { unreadableProblem } from './unreadable-requests.js';

function stoppedIn(request: string, at: string): Parameters<typeof unreadableProblem>[0] {
  return {
    code: 'HPE_INVALID_HEADER_TOKEN',
    rawPacket: Buffer.from(request, 'latin1'),
    bytesParsed: request.indexOf(at),
  };
}

describe('a request that cannot be read', () => {
  it('is told which header broke it where that is the key', () => {
    const request = 'POST / HTTP/1.1\r\nhost: x\r\nIdempotency-Key: a\u0001b\r\n\r\n';
    expect(unreadableProblem(stoppedIn(request, '\u0001')).code).toBe('idempotency_key_invalid');
    const other = 'POST / HTTP/1.1\r\nidempotency-key: fine\r\nx-other: a\u0001b\r\n\r\n';
    expect(unreadableProblem(stoppedIn(other, '\u0001')).code).toBe('malformed_request');
  });

  it('is told what was too much of it', () => {
    const nothing = { rawPacket: undefined, bytesParsed: undefined };
    expect(unreadableProblem({ code: 'HPE_HEADER_OVERFLOW', ...nothing }).code).toBe('headers_too_large');
    expect(unreadableProblem({ code: 'ERR_HTTP_REQUEST_TIMEOUT', ...nothing }).code).toBe('request_timeout');
    expect(unreadableProblem({ code: 'HPE_INVALID_METHOD', ...nothing }).code).toBe('malformed_request');
  });
});
