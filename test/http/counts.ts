// HTTP suites. What is written anywhere: a request that is refused must leave all of it as it was.
import type { TestBot } from '../harness/people.js';
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

/** What the ledger holds of one account's jobs. */
export async function ledgerOf(stack: TestStack, bot: TestBot): Promise<Readonly<Record<string, number>>> {
  const rows = await stack.entities.manager.query<Record<string, number>[]>(
    `SELECT (SELECT count(*)::int FROM ledger.jobs WHERE account_id = $1) AS jobs,
       (SELECT count(*)::int FROM ledger.holds h JOIN ledger.jobs j ON j.id = h.job_id
         WHERE j.account_id = $1) AS holds`,
    [bot.accountId],
  );
  return rows[0] ?? {};
}
