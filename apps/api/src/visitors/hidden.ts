// API room. What says who somebody is, or what somebody wrote, as it may be kept: to be compared and not to be read.
// Without the key nobody can try guesses against it, and the key is not in the database.
import { createHmac } from 'node:crypto';
import type { RequestKind } from '@fairmeter/domain';
import type { ApiConfig } from '@fairmeter/platform';
import { secretBytes } from '@fairmeter/platform';
import { askedHash } from '@fairmeter/records';

/** `of` keeps equal texts of different kinds apart. */
export function hiddenOf(
  { visitors }: ApiConfig,
  of: 'address' | 'sender' | 'name' | 'request' | 'asked' | 'reason' | 'place' | 'description',
  text: string,
): string {
  return createHmac('sha256', secretBytes(visitors.hashSecret)).update(`${of}\n${text}`).digest('hex');
}

/** By which the same action on the same content is known again, whoever asks for it. */
export function hiddenAsked(config: ApiConfig, requestKind: RequestKind, text: string): string {
  return hiddenOf(config, 'asked', askedHash(requestKind, text));
}
