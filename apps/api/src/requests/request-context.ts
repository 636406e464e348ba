// API room. What every request carries from its first moment: an id, a trace, and when it came.
import type { TraceContext } from '@fairmeter/platform';
import { newTraceparent, parseTraceparent, traceIdOf } from '@fairmeter/platform';
import { newId } from '@fairmeter/platform/database';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { AnyCaller } from '../callers/caller.js';

export interface RequestContext {
  /** The caller's own `x-request-id` where it is a plain one: for finding lines, never for deciding anything. */
  readonly requestId: string;
  readonly traceparent: string;
  readonly traceId: TraceContext['traceId'];
  readonly startedAt: number;
}

declare module 'fastify' {
  interface FastifyRequest {
    context: RequestContext | null;
    caller: AnyCaller | null;
    /** Of the few routes whose bodies are signed. */
    rawBody: Buffer | null;
  }
}

const PLAIN_ID = /^[A-Za-z0-9._:-]{1,128}$/;

export function openContext(headers: IncomingHttpHeaders): RequestContext {
  const given = headers['x-request-id'];
  const traceparent = single(headers['traceparent']);
  const carried = parseTraceparent(traceparent) === undefined ? newTraceparent() : (traceparent ?? newTraceparent());
  return {
    requestId: typeof given === 'string' && PLAIN_ID.test(given) ? given : newId('req'),
    traceparent: carried,
    traceId: traceIdOf(carried),
    startedAt: performance.now(),
  };
}

/** Some refusals come before any hook of ours has run: those get a context made on the spot. */
export function contextOf(request: FastifyRequest): RequestContext {
  return request.context ?? openContext(request.headers);
}

function single(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}
