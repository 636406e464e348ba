// API room. The credential that a request brings in its header `Authorization`.
import type { FastifyRequest } from 'fastify';

const BEARER = /^Bearer +(\S+)$/i;

export function bearerOf({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  return BEARER.exec(headers.authorization?.trim() ?? '')?.[1];
}
