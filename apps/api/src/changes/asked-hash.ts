// API room. What was asked, told apart by its content: under one Idempotency-Key one thing is said.
import { createHash } from 'node:crypto';
import type { JsonValue } from '@fairmeter/domain';
import { canonicalJson } from '@fairmeter/domain';

export function hashOfAsked(asked: object): string {
  return createHash('sha256')
    .update(canonicalJson(plain(asked)))
    .digest('hex');
}

/** Absent fields stay absent; an amount is written as a text, since JSON has no number for it. */
export function plain(asked: object): JsonValue {
  const asText = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);
  return JSON.parse(JSON.stringify(asked, asText)) as JsonValue;
}
