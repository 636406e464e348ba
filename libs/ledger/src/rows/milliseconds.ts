// Ledger room. An instant as a count, for queries with so many rows that building a date for each takes the most time.

export function millisecondsOf(column: string): string {
  return `(extract(epoch FROM ${column}) * 1000)::float8`;
}
