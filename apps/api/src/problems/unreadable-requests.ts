// API room. Requests that never become requests: the HTTP parser gave up, so the answer goes straight to the socket.
import type { Socket } from 'node:net';
import type { ConnectionError } from 'fastify';
import { openContext } from '../requests/request-context.js';
import { problemAnswer } from './problem-document.js';
import { ProblemError } from './problem-error.js';

export interface UnreadableRequest {
  readonly code: string | undefined;
  readonly rawPacket: Uint8Array | undefined;
  /** Where in the packet the parser stopped. */
  readonly bytesParsed: number | undefined;
}

export function unreadableProblem(request: UnreadableRequest): ProblemError {
  if (request.code === 'HPE_HEADER_OVERFLOW') {
    return new ProblemError('headers_too_large', 'The headers together are larger than this API reads.');
  }
  if (request.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new ProblemError('request_timeout', 'The rest of the request did not arrive in time.');
  }
  if (brokenHeader(request) === 'idempotency-key') {
    return new ProblemError('idempotency_key_invalid', 'The Idempotency-Key holds control characters.');
  }
  return new ProblemError('malformed_request', 'The request is not valid HTTP.');
}

/** The name of the header the parser stopped in. */
function brokenHeader({ rawPacket, bytesParsed }: UnreadableRequest): string | undefined {
  if (rawPacket === undefined || bytesParsed === undefined) return undefined;
  const read = Buffer.from(rawPacket)
    .subarray(0, bytesParsed + 1)
    .toString('latin1');
  const line = read.slice(read.lastIndexOf('\r\n', read.length - 2) + 2);
  return /^([A-Za-z0-9-]+):/.exec(line)?.[1]?.toLowerCase();
}

export function answerUnreadable(publicUrl: string | undefined): (error: ConnectionError, socket: Socket) => void {
  return (error, socket) => {
    // Reset by the peer, or answered already: nobody is left to tell.
    if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
      socket.destroy();
      return;
    }
    const found = error as ConnectionError & { bytesParsed?: number; rawPacket?: Uint8Array };
    const problem = unreadableProblem({
      code: error.code,
      rawPacket: found.rawPacket,
      bytesParsed: found.bytesParsed,
    });
    const { status, headers, document } = problemAnswer(problem, openContext({}), publicUrl);
    const body = JSON.stringify(document);
    const lines = Object.entries({
      ...headers,
      'content-length': String(Buffer.byteLength(body)),
      connection: 'close',
    });
    const head = lines.map(([name, value]) => `${name}: ${value}`).join('\r\n');
    socket.end(`HTTP/1.1 ${status} ${document.title}\r\n${head}\r\n\r\n${body}`);
  };
}
