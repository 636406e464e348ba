// API room. Keeps the bytes of a body beside what they mean: a signature is over the bytes.
import { Readable } from 'node:stream';
import type { FastifyRequest, RequestPayload } from 'fastify';

/** As Fastify calls it before a body is read; the limit of the route counts while it comes in. */
export async function keepRawBody(
  request: FastifyRequest,
  _reply: unknown,
  payload: RequestPayload,
): Promise<RequestPayload> {
  const limit = request.routeOptions.bodyLimit;
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of payload as AsyncIterable<Buffer>) {
    bytes += piece.length;
    // What is too long is cut where it is: read on, it is refused for its length as any other body is.
    if (bytes > limit + piece.length) break;
    pieces.push(piece);
  }
  request.rawBody = Buffer.concat(pieces);
  return Readable.from([request.rawBody]);
}
