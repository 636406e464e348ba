// API room. Whether a message is the mail gateway's: signed as Standard Webhooks has it, over its id, its time and its
// bytes. What is older than five minutes is nobody's, so that nothing that was overheard is of use later.
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface SignedMessage {
  readonly id: string | undefined;
  readonly timestamp: string | undefined;
  /** One or several, with spaces between them, each with its version before it. */
  readonly signature: string | undefined;
  readonly body: Buffer;
}

const TOLERANCE_MS = 300_000;
const SECRET_PREFIX = 'whsec_';

export function isFromGateway({ id, timestamp, signature, body }: SignedMessage, secret: string, now: number): boolean {
  if (id === undefined || timestamp === undefined || signature === undefined) return false;
  if (!/^\d{1,15}$/.test(timestamp) || Math.abs(now - Number(timestamp) * 1_000) > TOLERANCE_MS) return false;
  const key = Buffer.from(secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret, 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  return signature.split(' ').some((one) => {
    const [version, text = ''] = one.split(',');
    const given = Buffer.from(text, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}
