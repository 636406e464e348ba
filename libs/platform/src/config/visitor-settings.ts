// Platform room. What visitors of bots need: the keys that sign their tokens, how fast they may ask, and whose word is
// taken for the address they ask from.
import { isIP } from 'node:net';
import { z } from 'zod';
import { ConfigError, wholeNumber } from './settings.js';

const KEY_ID = /^[A-Za-z0-9_-]{1,64}$/;
const MIN_SECRET_BYTES = 32;

export interface TokenKey {
  readonly kid: string;
  /** base64url of at least 32 random bytes. */
  readonly secret: string;
}

function keysOf(text: string): TokenKey[] {
  return text.split(',').map((part) => {
    const [kid = '', secret = ''] = part.trim().split(':');
    return { kid, secret };
  });
}

function areKeys(text: string): boolean {
  const keys = keysOf(text);
  const isKey = ({ kid, secret }: TokenKey): boolean =>
    KEY_ID.test(kid) && /^[A-Za-z0-9_-]+$/.test(secret) && secretBytes(secret).length >= MIN_SECRET_BYTES;
  return keys.every(isKey) && new Set(keys.map(({ kid }) => kid)).size === keys.length;
}

export function secretBytes(secret: string): Buffer {
  return Buffer.from(secret, 'base64url');
}

const tokenKeys = z
  .string()
  .refine(areKeys, `must be name:secret pairs, each secret at least ${MIN_SECRET_BYTES} bytes as base64url`)
  .transform(keysOf);

export const hashKey = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/, 'must be base64url')
  .refine(
    (text) => secretBytes(text).length >= MIN_SECRET_BYTES,
    `must be at least ${MIN_SECRET_BYTES} bytes as base64url`,
  );

/** A list of addresses and networks, or a number of proxies before us; `false` takes nobody's word. */
export type TrustedProxies = false | number | readonly string[];

const MAX_HOPS = 10;

export function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

function areProxies(text: string): boolean {
  if (text === 'false') return true;
  if (/^\d+$/.test(text)) return Number(text) >= 1 && Number(text) <= MAX_HOPS;
  return text.split(',').every((part) => isNetwork(part.trim()));
}

/** "true" is no answer: whoever trusts everybody lets each caller say where it comes from. */
export const trustedProxies = z
  .string()
  .refine(areProxies, `must be false, a number of proxies up to ${MAX_HOPS}, or addresses and networks`)
  .transform((text): TrustedProxies => {
    if (text === 'false') return false;
    return /^\d+$/.test(text) ? Number(text) : text.split(',').map((part) => part.trim());
  });

export const visitorShape = {
  VISITOR_TOKEN_KEYS: tokenKeys.optional(),
  VISITOR_HASH_KEY: hashKey.optional(),
  VISITOR_JOBS_PER_MINUTE: wholeNumber(1, 100_000).default(20),
  ADDRESS_JOBS_PER_MINUTE: wholeNumber(1, 100_000).default(60),
};

export interface VisitorSettings {
  /** The first one signs, all of them are heard; none, and no visitor can come. */
  readonly tokenKeys: readonly TokenKey[];
  /** Hashes what is kept of somebody's name, words and address; it never changes. Empty where keys alone can come. */
  readonly hashSecret: string;
  readonly jobsPerMinute: number;
  readonly addressJobsPerMinute: number;
}

export function visitorSettings(
  settings: z.output<z.ZodObject<typeof visitorShape>>,
  peopleCome: boolean,
): VisitorSettings {
  const { VISITOR_TOKEN_KEYS: keys = [], VISITOR_HASH_KEY: secret = '' } = settings;
  if ((keys.length > 0 || peopleCome) && secret === '') {
    throw new ConfigError(['VISITOR_HASH_KEY must be set where VISITOR_TOKEN_KEYS or OIDC_ISSUERS is']);
  }
  return {
    tokenKeys: keys,
    hashSecret: secret,
    jobsPerMinute: settings.VISITOR_JOBS_PER_MINUTE,
    addressJobsPerMinute: settings.ADDRESS_JOBS_PER_MINUTE,
  };
}
