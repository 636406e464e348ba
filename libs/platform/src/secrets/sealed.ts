// Platform room. Secrets of others that we must be able to use again: sealed under a key of the configuration, so that
// a copy of the database opens none.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Says how it was sealed, should that ever change. */
const FORM = 'v1.';

/** `about` is bound in: what was sealed for one thing opens for no other. */
export function seal(key: Uint8Array, about: string, secret: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv).setAAD(Buffer.from(about));
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return `${FORM}${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')}`;
}

/** Throws where it was sealed for something else or under another key. */
export function unseal(key: Uint8Array, about: string, text: string): string {
  if (!text.startsWith(FORM)) throw new Error('sealed in a form that is not known');
  const bytes = Buffer.from(text.slice(FORM.length), 'base64url');
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES)).setAAD(Buffer.from(about));
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
}
