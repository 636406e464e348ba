// Goal: what is written as an array is read by Postgres as the very same values. Method: any values there and back.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import { allOnOneLedger } from '../../../../test/harness/own-account.js';
import { arrayLiteral } from './array-literal.js';

let db: LedgerDatabase;

allOnOneLedger((opened) => {
  db = opened;
});

// A text of Postgres holds every character but the zero one, and UTF-8 no half of a pair.
const text = fc.oneof(
  fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\0', '')),
  fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', ',', ' ', '\n', '\t', '\v', 'ü', '\u00a0', 'N', 'ull') }),
  fc.constantFrom('', 'null', 'NULL', ' a', 'a ', '\\N', '{"a":"b\\"c"}'),
);

async function readBack(type: string, literal: string): Promise<unknown> {
  const values = [literal];
  const rows = await db.writer.query<{ cells: unknown }>({ text: `SELECT $1::${type}[] AS cells`, values });
  return rows[0]?.cells;
}

describe('an array as text', () => {
  it('comes back as it was, whatever the texts are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(text), { maxLength: 12 }), async (cells) => {
        expect(await readBack('text', arrayLiteral(cells))).toEqual(cells);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps numbers, truths and nothing', async () => {
    expect(await readBack('integer', arrayLiteral([1, -2, null, '3']))).toEqual([1, -2, null, 3]);
    expect(await readBack('boolean', arrayLiteral([true, false, null]))).toEqual([true, false, null]);
    expect(await readBack('text', arrayLiteral([]))).toEqual([]);
  });
});
