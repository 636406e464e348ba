// API room. Who asks for a change, and by which request: the audit names both.
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../callers/caller.js';
import { contextOf } from '../requests/request-context.js';
import type { Asked } from './changes.js';

export function askedBy(caller: Caller, request: FastifyRequest): Asked {
  return { caller, requestId: contextOf(request).requestId };
}
