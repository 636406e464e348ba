// Goal: what is only ever appended stays, in every table of every room, also in those still to come. Method: the
// database says which tables no process may change; each of these is tried as the role that owns it.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { READER_ROLE, withClient, WRITER_ROLE } from '@fairmeter/platform/database';
import { openTestDatabase, type TestDatabase } from '../harness/test-database.js';

/** Kept by a trigger: nothing but a migration that takes it away changes them. */
const GUARDED = [
  'ledger.entries',
  'ledger.limits',
  'ledger.loop_findings',
  'ledger.operations',
  'ledger.outbox',
  'ledger.terms',
  'records.announcements',
  'records.audit',
  'records.loop_reclassifications',
];

/** Kept by their grants: no process changes them, and the owner's own functions and migrations may. */
const BY_GRANTS_ALONE = [
  // Of a job and of a visitor's job: ids alone.
  'records.job_versions',
  'records.visitor_jobs',
  // Each card has the hash of all its lines.
  'records.model_prices',
  'records.rate_cards',
  'records.unit_prices',
  // Goes along with a bot that moves.
  'records.product_allowances',
  // Written by the triggers of what is paid, and by nobody else.
  'records.sales',
];

const TABLES = `
SELECT c.oid::regclass::text AS name, a.attname AS column,
  (SELECT bool_or(has_any_column_privilege(role, c.oid, 'UPDATE') OR has_table_privilege(role, c.oid, 'DELETE'))
    FROM unnest($1::name[]) role) AS "mayChange",
  (SELECT bool_or(has_table_privilege(role, c.oid, 'TRUNCATE')) FROM unnest($1::name[]) role) AS "mayEmpty"
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = 1
WHERE c.relkind IN ('r', 'p') AND c.relnamespace IN ('ledger'::regnamespace, 'records'::regnamespace)
ORDER BY 1`;

interface Table {
  readonly name: string;
  readonly column: string;
  readonly mayChange: boolean;
  readonly mayEmpty: boolean;
}

let database: TestDatabase;
let tables: readonly Table[];

beforeAll(async () => {
  database = await openTestDatabase();
  tables = await withClient(
    database.ownerUrl,
    async (client) => (await client.query<Table>(TABLES, [[WRITER_ROLE, READER_ROLE]])).rows,
  );
}, 60_000);

afterAll(async () => {
  await database.drop();
}, 60_000);

/** In words what the owner of the table is answered. */
async function answered(statements: readonly string[]): Promise<string[]> {
  return withClient(database.ownerUrl, async (owner) => {
    const answers: string[] = [];
    for (const sql of statements) {
      answers.push(
        await owner.query(sql).then(
          () => `${sql} was done`,
          (error: unknown) => String(error),
        ),
      );
    }
    return answers;
  });
}

describe('the tables of all rooms', () => {
  it('[F26] are each known as one that changes, or as one that is only appended to', () => {
    const appended = tables.filter(({ mayChange }) => !mayChange).map(({ name }) => name);
    expect(appended.sort()).toEqual([...GUARDED, ...BY_GRANTS_ALONE].sort());
  });

  it('are emptied by no process', () => {
    expect(tables.filter(({ mayEmpty }) => mayEmpty)).toEqual([]);
  });

  it('[F26] are not changed, shortened or emptied by their owner where they are guarded', async () => {
    const guarded = tables.filter(({ name }) => GUARDED.includes(name));
    expect(guarded).toHaveLength(GUARDED.length);
    const answers = await answered(
      guarded.flatMap(({ name, column }) => [
        `UPDATE ${name} SET ${column} = ${column}`,
        `DELETE FROM ${name}`,
        `TRUNCATE ${name} CASCADE`,
      ]),
    );
    expect(answers.filter((answer) => !/append-only|only ever appended/.test(answer))).toEqual([]);
  });
});
