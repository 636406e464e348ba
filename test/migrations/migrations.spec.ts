// Goal: a fresh database gets every table, a migrated one is left alone, and entities say what the tables are. Method:
// databases of their own; TypeORM's own comparison of entities and tables.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { ledgerMigrations } from '@fairmeter/ledger/migrations';
import { ledgerEntities } from '@fairmeter/ledger/reads';
import { runMigrations, withClient, type EntityList } from '@fairmeter/platform/database';
import { recordsEntities } from '@fairmeter/records';
import { recordsMigrations } from '@fairmeter/records/migrations';
import { DataSource, EntitySchema } from 'typeorm';
import { openTestDatabase, provisionFresh, type TestDatabase } from '../harness/test-database.js';
import { testServers } from '../harness/test-servers.js';

const migrations = [...ledgerMigrations, ...recordsMigrations];
const nameOf = (Migration: (typeof migrations)[number]): string => new Migration().name ?? '';
const numberOf = (name: string): number => Number(/\d+$/.exec(name)?.[0]);
/** The rooms take turns: what runs first is told by the numbers. */
const names = migrations.map(nameOf).sort((a, b) => numberOf(a) - numberOf(b));
let undo: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const step of undo.reverse()) await step();
  undo = [];
}, 60_000);

async function migrated(): Promise<TestDatabase> {
  const database = await openTestDatabase();
  undo.push(() => database.drop());
  return database;
}

/** Made from nothing, once for each of `processes` that start at the same time. */
async function fresh(processes = 1): Promise<{ readonly ownerUrl: string }> {
  const name = `fm_fresh_${randomBytes(5).toString('hex')}`;
  const { postgresAdminUrl } = testServers();
  undo.push(() => withClient(postgresAdminUrl, (admin) => admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)));
  const made = await Promise.all(Array.from({ length: processes }, () => provisionFresh(name)));
  const [urls] = made;
  if (urls === undefined) throw new Error('no database was made');
  return urls;
}

async function doneIn(ownerUrl: string): Promise<string[]> {
  return withClient(ownerUrl, async (client) => {
    const done = await client.query<{ name: string }>('SELECT name FROM fm_meta.migrations ORDER BY id');
    return done.rows.map((row) => row.name);
  });
}

/** All that a migration could leave different: tables, columns, constraints, indexes, policies, grants, functions. */
const SHAPE = `
SELECT 'column' AS what, table_schema || '.' || table_name || '.' || column_name AS name,
    data_type || coalesce(column_default, '') || is_nullable AS how FROM information_schema.columns
  WHERE table_schema IN ('ledger', 'records', 'fm_meta')
UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
  WHERE connamespace IN ('ledger'::regnamespace, 'records'::regnamespace)
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname IN ('ledger', 'records')
UNION ALL SELECT 'policy', tablename || '.' || policyname, roles::text || cmd || coalesce(qual, '') FROM pg_policies
UNION ALL SELECT 'grant', table_name || '.' || grantee, string_agg(privilege_type, ',' ORDER BY privilege_type)
  FROM information_schema.role_table_grants WHERE table_schema IN ('ledger', 'records') GROUP BY table_name, grantee
UNION ALL SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger
  WHERE NOT tgisinternal
ORDER BY 1, 2`;

async function shapeOf(adminUrl: string): Promise<unknown[]> {
  return withClient(adminUrl, async (client) => (await client.query<object>(SHAPE)).rows);
}

describe('migrations', () => {
  let ownerUrl: string;
  let madeByThree: string;
  let other: TestDatabase;
  let dropAll: typeof undo = [];
  beforeAll(async () => {
    ({ ownerUrl } = await fresh());
    other = await migrated();
    madeByThree = (await fresh(3)).ownerUrl;
    [dropAll, undo] = [undo, []];
  }, 60_000);
  afterAll(async () => {
    for (const step of dropAll) await step();
  }, 60_000);

  it('bring a fresh database to the shape of every other, each recorded once, owned by fm_owner', async () => {
    expect(await doneIn(ownerUrl)).toEqual(names);
    const foreign = await withClient(ownerUrl, (client) =>
      client.query(
        `SELECT schemaname, tablename, tableowner FROM pg_tables
         WHERE schemaname IN ('ledger', 'records') AND tableowner <> 'fm_owner'`,
      ),
    );
    expect(foreign.rows).toEqual([]);
    expect(await shapeOf(ownerUrl)).toEqual(await shapeOf(other.ownerUrl));
  });

  it('do nothing to a database that has them', async () => {
    const before = await shapeOf(ownerUrl);
    expect(await runMigrations(ownerUrl, migrations)).toEqual([]);
    expect(await shapeOf(ownerUrl)).toEqual(before);
  });

  it('run once when three processes start at the same time', async () => {
    expect(await doneIn(madeByThree)).toEqual(names);
  });

  it('are numbered upwards in each room, each number once', () => {
    const numbers = names.map(numberOf);
    expect(numbers.every((number) => Number.isSafeInteger(number))).toBe(true);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const room of [ledgerMigrations, recordsMigrations]) {
      const own = room.map(nameOf).map(numberOf);
      expect([...own].sort((a, b) => a - b)).toEqual(own);
    }
  });
});

describe('entities', () => {
  /** What TypeORM would change in the tables to make them those of the entities. */
  async function differences(entities: EntityList): Promise<string[]> {
    const { ownerUrl } = await migrated();
    const source = new DataSource({ type: 'postgres', url: ownerUrl, entities, synchronize: false });
    await source.initialize();
    undo.push(() => source.destroy());
    const log = await source.driver.createSchemaBuilder().log();
    return log.upQueries.map((query) => query.query).filter((query) => !WRITTEN_IN_SQL_ALONE.test(query));
  }

  // Checks, keys, partial indexes and defaults are written in the migrations, where they can say more than a decorator.
  // Entities describe columns, their types and whether they may be empty: that is what is compared.
  const WRITTEN_IN_SQL_ALONE =
    /^(ALTER TABLE \S+ DROP CONSTRAINT|DROP INDEX|ALTER TABLE \S+ ALTER COLUMN \S+ DROP DEFAULT)/;
  // When the database wrote a row is its own note; no code reads it.
  const UNREAD = ['entries', 'operations', 'outbox'].map(
    (table) => `ALTER TABLE "ledger"."${table}" DROP COLUMN "recorded_at"`,
  );

  it('have the columns that the tables have, of the same type and nullability, and no others', async () => {
    expect((await differences([...ledgerEntities, ...recordsEntities])).sort()).toEqual(UNREAD);
  });

  it('would be told apart by a type, by what may be empty, and by a column that one side lacks', async () => {
    const columns = {
      id: { type: 'text', primary: true },
      name: { type: 'text', nullable: true },
      max_iterations: { type: 'bigint' },
      colour: { type: 'text' },
    } as const;
    const plans = new EntitySchema({ name: 'plans', schema: 'records', tableName: 'plans', columns });
    const found = (await differences([plans])).join('\n');
    expect(found).toContain('"name" DROP NOT NULL');
    expect(found).toContain('DROP COLUMN "max_iterations"');
    expect(found).toContain('ADD "colour" text NOT NULL');
    expect(found).toContain('DROP COLUMN "max_concurrent_jobs"');
  });
});
