// HTTP suites. What is written anywhere: a request that is refused must leave all of it as it was.
import type { TestStack } from '../harness/test-stack.js';

const TABLES = [
  'ledger.jobs',
  'ledger.holds',
  'ledger.entries',
  'ledger.operations',
  'ledger.outbox',
  'records.texts',
] as const;

export async function rowCounts(stack: TestStack): Promise<Readonly<Record<string, number>>> {
  const sums = TABLES.map((table) => `(SELECT count(*)::int FROM ${table}) AS "${table}"`);
  const rows = await stack.entities.manager.query<Record<string, number>[]>(`SELECT ${sums.join(', ')}`);
  return rows[0] ?? {};
}
