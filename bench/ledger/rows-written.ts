// Bench room, the ledger. What a side writes: rows that are new and rows that are changed, by table, as Postgres counts
// them. Asked of one caller alone, where nothing can be written together with the work of another.
import { setTimeout as sleep } from 'node:timers/promises';
import { withClient } from '@fairmeter/platform/database';
import { rounded } from '../measure/percentiles.js';
import type { BenchDatabase } from './bench-postgres.js';

/** By table; tables that nothing was written to are left out. */
export type RowsWritten = Readonly<Record<string, { readonly added: number; readonly changed: number }>>;

interface TableCount {
  readonly table: string;
  readonly added: string;
  readonly changed: string;
}

/** `work` must close its connections: a server process reports what it wrote when it ends. */
export async function rowsPerCycle(
  database: BenchDatabase,
  cycles: number,
  work: () => Promise<void>,
): Promise<RowsWritten> {
  const before = new Map((await counted(database)).map((row) => [row.table, row]));
  await work();
  await sleep(500);
  const after = await counted(database);
  const each = after.map(({ table, added, changed }): [string, { added: number; changed: number }] => {
    const first = before.get(table);
    const per = (now: string, then: string | undefined): number =>
      rounded((Number(now) - Number(then ?? 0)) / cycles, 2);
    return [table, { added: per(added, first?.added), changed: per(changed, first?.changed) }];
  });
  return Object.fromEntries(each.filter(([, { added, changed }]) => added > 0 || changed > 0));
}

async function counted(database: BenchDatabase): Promise<readonly TableCount[]> {
  return withClient(database.adminUrl, async (admin) => {
    const { rows } = await admin.query<TableCount>(
      `SELECT relname AS table, n_tup_ins AS added, n_tup_upd AS changed FROM pg_stat_user_tables
       WHERE schemaname = 'ledger' ORDER BY relname`,
    );
    return rows;
  });
}

export function describeRows(name: string, rows: RowsWritten): string {
  const tables = Object.entries(rows).map(([table, { added, changed }]) => `${table} ${added}+${changed}`);
  return `rows per cycle (added+changed), ${name}: ${tables.join(', ')}`;
}

export function mustBeEqual(a: RowsWritten, b: RowsWritten): void {
  const text = (rows: RowsWritten): string => JSON.stringify(Object.entries(rows).sort(([x], [y]) => (x < y ? -1 : 1)));
  if (text(a) !== text(b)) throw new Error('the two sides do not write the same rows: they cannot be compared');
}
