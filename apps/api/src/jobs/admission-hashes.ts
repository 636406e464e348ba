// API room. The names a request gets from its own content, so that asking again finds what asking before made.
import { createHash } from 'node:crypto';
import type { JobCaller } from '@fairmeter/contracts';
import type { JsonValue } from '@fairmeter/domain';
import { canonicalJson, formatCredits } from '@fairmeter/domain';
import type { SubmitBody } from './submit-body.js';

export interface KeyOwner {
  readonly accountId: string;
  readonly botId: string;
}

/**
 * Any key of the bot is the same caller, so a rotated key finds the job again; the account's keys are another one, and
 * so are test keys, each person and each visitor. Each part goes in with its length before it: no two lists give the
 * same bytes.
 */
export function keyHash(owner: KeyOwner, idempotencyKey: Uint8Array, caller = 'bot'): string {
  const hash = createHash('sha256');
  for (const part of [owner.accountId, owner.botId, caller, idempotencyKey]) {
    const bytes = Buffer.from(part);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  }
  return hash.digest('hex');
}

export function callerName(caller: JobCaller): string {
  switch (caller.kind) {
    case 'bot':
    case 'account':
      return caller.environment === undefined ? caller.kind : `${caller.environment}/${caller.kind}`;
    case 'person':
      return `person/${caller.userId}`;
    case 'visitor':
      return `visitor/${caller.visitorId}`;
  }
}

/** Over the body as understood: equal amounts written differently are equal, absent fields stay absent. */
export function bodyHash(body: SubmitBody): string {
  // A dry run never comes here: to say that this is none is to say nothing.
  const { max_credits: maxCredits, dry_run: _, ...rest } = body;
  const present = withoutAbsent(rest);
  const canonical = canonicalJson({
    ...present,
    ...(maxCredits === undefined ? {} : { max_credits: formatCredits(maxCredits) }),
  });
  return createHash('sha256').update(canonical).digest('hex');
}

/** Only plain values come out of a body that was read. */
function withoutAbsent(body: object): Readonly<Record<string, JsonValue>> {
  const present = Object.entries(body).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present);
}
