// Bench room, the ledger. The yardstick: what this server can do at most with one row, as pgbench would ask it. No key,
// no entry, no rule; a transaction per statement.
import { withClient, type WriterDatabase } from '@fairmeter/platform/database';
import type { Side, Submitted } from '../measure/side.js';
import type { BenchDatabase } from './bench-postgres.js';

export async function createBalance(database: BenchDatabase): Promise<void> {
  await withClient(database.adminUrl, async (admin) => {
    await admin.query(`CREATE SCHEMA bench; GRANT USAGE ON SCHEMA bench TO fm_writer;
      CREATE TABLE bench.balances (id integer PRIMARY KEY, balance bigint NOT NULL) WITH (fillfactor = 50);
      INSERT INTO bench.balances VALUES (1, 1000000000000000);
      GRANT SELECT, UPDATE ON bench.balances TO fm_writer`);
  });
}

export class SingleRowDebit implements Side {
  readonly name = 'single-row debit';

  constructor(private readonly writer: WriterDatabase) {}

  async submit(): Promise<Submitted> {
    const asked = performance.now();
    await this.writer.query({
      name: 'bench-debit',
      text: 'UPDATE bench.balances SET balance = balance - $2 WHERE id = $1',
      values: [1, '5'],
    });
    return { admittedMs: performance.now() - asked, done: Promise.resolve() };
  }
}
