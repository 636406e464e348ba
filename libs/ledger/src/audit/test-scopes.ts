// Ledger room. The auditor's check of test scopes: each is that of its own account, was given a month's allowance for
// each month that it met and nothing else, and cost nobody anything. The months are reckoned here, as days are.
import type { Lot } from '@fairmeter/domain';
import { dueLot, instantOfDate, testScope } from '@fairmeter/domain';
import type { Transaction } from '@fairmeter/platform/database';
import { inEnvironment } from '../rows/environments.js';
import type { CheckReport } from './report.js';

const LOTS_AT_ONCE = 5_000;

interface TestLotRow {
  readonly id: string;
  readonly scope_id: string;
  readonly account_id: string;
  readonly kind: Lot['kind'];
  readonly granted: bigint;
  readonly valid_from: Date;
  readonly expires_at: Date | null;
}

/** What a refund brought back after the end of its month is no grant. */
const LOTS = `SELECT id, scope_id, account_id, kind, granted, valid_from, expires_at FROM ledger.lots
WHERE ${inEnvironment('scope_id', 'test')} AND kind <> 'compensation' AND id > $1 ORDER BY id LIMIT $2`;

const COSTLY = `SELECT format('attempt %s of step %s of test job %s cost %s', a.number, a.ordinal, a.job_id,
  a.real_cost) AS difference
FROM ledger.attempts a JOIN ledger.jobs j ON j.id = a.job_id
WHERE ${inEnvironment('j.scope_id', 'test')} AND a.real_cost <> 0 LIMIT $1`;

export async function checkTestScopes(tx: Transaction, shownAtMost: number): Promise<CheckReport> {
  const costly = await tx.query<{ difference: string }>({
    name: 'audit-test-costs',
    text: COSTLY,
    values: [shownAtMost],
  });
  const differences = costly.map((row) => row.difference);
  let rowsChecked = 0;
  for (let last = ''; ;) {
    const values = [last, LOTS_AT_ONCE];
    const lots = await tx.query<TestLotRow>({ name: 'audit-test-lots', text: LOTS, values });
    rowsChecked += lots.length;
    differences.push(...lots.flatMap(differenceOf));
    const end = lots.at(-1)?.id;
    if (end === undefined || lots.length < LOTS_AT_ONCE) break;
    last = end;
  }
  const what = 'a test scope has the allowance of each month alone, and what it used cost nothing';
  return { invariant: 'available.equals-entries', what, rowsChecked, differences: differences.slice(0, shownAtMost) };
}

function differenceOf(lot: TestLotRow): string[] {
  const { scope_id: scopeId, account_id: accountId, expires_at: end } = lot;
  const due = dueLot({ scopeId, at: instantOfDate(lot.valid_from), day: null }, 0n);
  const isDue =
    scopeId === testScope(accountId) &&
    due?.id === lot.id &&
    due.kind === lot.kind &&
    due.granted === lot.granted &&
    due.expiresAt === end?.getTime();
  return isDue ? [] : [`lot ${lot.id} of ${scopeId}: ${lot.kind} of ${lot.granted} is no allowance of a month`];
}
