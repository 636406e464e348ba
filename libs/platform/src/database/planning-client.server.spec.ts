// What Postgres keeps a plan of, on a connection of its own: what says so, or all where a process asks the same always.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../../../test/harness/test-database.js';
import { EntityDatabase, plannedOnce } from './index.js';

const MARKED = plannedOnce('SELECT $1::int + 1 AS sum');
const OTHER = 'SELECT $1::int + 2 AS sum';

describe('a statement that is asked again and again', () => {
  let server: TestDatabase;
  beforeAll(async () => {
    server = await openTestDatabase();
  }, 60_000);
  afterAll(async () => {
    await server.drop();
  }, 60_000);

  const kept = async (plansOnce?: 'all' | 'marked'): Promise<string[]> => {
    const database = await EntityDatabase.open({
      url: server.writerUrl,
      maxConnections: 1,
      entities: [],
      applicationName: 'test-planning',
      ...(plansOnce === undefined ? {} : { plansOnce }),
    });
    try {
      const { manager } = database;
      for (const given of [1, 2, 3]) {
        expect(await manager.query(MARKED, [given])).toEqual([{ sum: given + 1 }]);
        expect(await manager.query(OTHER, [given])).toEqual([{ sum: given + 2 }]);
      }
      const rows = await manager.query<{ statement: string }[]>('SELECT statement FROM pg_prepared_statements');
      return rows.map(({ statement }) => statement).sort();
    } finally {
      await database.close();
    }
  };

  it('has one plan where it says so, and the others are planned for what they are asked with', async () => {
    expect(await kept()).toEqual([MARKED]);
    expect(await kept('marked')).toEqual([MARKED]);
  });

  it('has one plan whatever it says, for a process that asks few', async () => {
    expect(await kept('all')).toEqual([MARKED, OTHER].sort());
  });
});
