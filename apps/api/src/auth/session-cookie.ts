// API room. The cookies of the page: what they are called, how they are set, and how they are read.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiConfig } from '@fairmeter/platform';
import type { FastifyRequest } from 'fastify';

const MAX_COOKIE = 4_096;

export interface CookieWish {
  readonly name: string;
  readonly value: string;
  readonly maxAgeS: number;
}

/** Behind TLS a cookie is sent over nothing else, and its name keeps a neighbouring host from setting it. */
function isSecure(config: ApiConfig): boolean {
  return config.publicUrl?.startsWith('https:') === true;
}

function nameOf(config: ApiConfig, name: string): string {
  return isSecure(config) ? `__Host-${name}` : name;
}

export function sessionCookieName(config: ApiConfig): string {
  return nameOf(config, 'fairmeter_session');
}

/** Of a sign-in under way. Set by a neighbouring host it could sign a browser in as somebody else. */
export function begunCookieName(config: ApiConfig): string {
  return nameOf(config, 'fairmeter_sign_in');
}

/** Never read by scripts, and never sent along by another site but for a plain visit. */
export function cookieText(config: ApiConfig, { name, value, maxAgeS }: CookieWish): string {
  const secure = isSecure(config) ? '; Secure' : '';
  return `${name}=${value}; Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Lax${secure}`;
}

export function readCookie(request: FastifyRequest, name: string): string | undefined {
  const header = request.headers.cookie;
  if (header === undefined || header.length > MAX_COOKIE * 4) return undefined;
  for (const part of header.split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) {
      const value = part.slice(at + 1).trim();
      return value === '' || value.length > MAX_COOKIE ? undefined : value;
    }
  }
  return undefined;
}

/** Follows from the session, so that nothing more need be kept; another site cannot read it. */
export function csrfTokenOf(sessionToken: string): string {
  return createHash('sha256').update(`csrf:${sessionToken}`).digest('base64url');
}

export function isCsrfTokenOf(sessionToken: string, sent: string | string[] | undefined): boolean {
  if (typeof sent !== 'string') return false;
  const [expected, given] = [Buffer.from(csrfTokenOf(sessionToken)), Buffer.from(sent)];
  return expected.length === given.length && timingSafeEqual(expected, given);
}
