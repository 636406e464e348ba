// Ledger room. One hash for operation bodies: keys sorted, bigints as text, so that equal bodies hash alike.
import { createHash } from 'node:crypto';

export function hashBody(body: Readonly<Record<string, unknown>>): string {
  return createHash('sha256').update(canonical(body)).digest('hex');
}

function canonical(value: unknown): string {
  if (typeof value === 'bigint') return `"${value}n"`;
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** As it is kept beside its hash: bigints as text, nothing undefined. */
export function storable(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const text = JSON.stringify(body, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
  return JSON.parse(text) as Readonly<Record<string, unknown>>;
}

/** The first field, by name, in which two bodies of one key are not equal. */
export function differingField(
  known: Readonly<Record<string, unknown>>,
  body: Readonly<Record<string, unknown>>,
): string {
  const now = storable(body);
  const fields = [...new Set([...Object.keys(known), ...Object.keys(now)])].sort();
  return fields.find((field) => canonical(known[field] ?? null) !== canonical(now[field] ?? null)) ?? 'body';
}
