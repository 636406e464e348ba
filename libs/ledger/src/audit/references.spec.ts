// Goal: the auditor names every reference that points nowhere, now that the database does not ask for it on each row.
// Method: one honest ledger, and for each reference the row it points at is taken away by a hand that no role of ours
// has.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@fairmeter/platform/database';
import { KeptRows } from '../../../../test/harness/kept-rows.js';
import { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import { admitOrder, beginOrder, botTerms, endOrder, T0 } from '../../../../test/harness/orders.js';
import { auditLedger } from './audit.js';

let db: LedgerDatabase;
let rows: KeptRows;

beforeAll(async () => {
  db = await LedgerDatabase.open();
  const accountId = await db.account('100');
  const order = admitOrder(newId('job'), { bot: botTerms({ accountId }) });
  const post = { payer: { accountId, jobId: order.jobId }, tryKey: 'try', asOf: T0 };
  const told = [
    await db.jobs.admit(accountId, T0, order),
    await db.jobs.beginStep({ ...post, order: beginOrder(1) }),
    await db.jobs.endStep({ ...post, order: endOrder(1, 1) }),
  ];
  expect(told.every((each) => each.ok)).toBe(true);
  rows = await KeptRows.of(db.database.adminUrl);
}, 60_000);

afterEach(async () => {
  await rows.bringBack();
}, 60_000);

afterAll(async () => {
  await db.close();
}, 60_000);

async function differences(): Promise<string> {
  const { checks } = await auditLedger(db.writer);
  return checks.flatMap((check) => check.differences).join('\n');
}

const HOLD_COUNTER = `INSERT INTO ledger.hold_counters (hold_id, counter_id, account_id, held, used)
  VALUES ('hld_nowhere', 'counter_nowhere', 'acc_1', 0, 0)`;

describe('the auditor', () => {
  it.each([
    ['operations', 'scopes', 'DELETE FROM ledger.scopes'],
    ['entries', 'scopes', 'DELETE FROM ledger.scopes'],
    ['entries', 'operations', "DELETE FROM ledger.operations WHERE verb = 'step.end'"],
    ['entries', 'lots', 'DELETE FROM ledger.lots'],
    ['entries', 'lots', "UPDATE ledger.lots SET scope_id = 'account/acc_another'"],
    ['outbox', 'scopes', 'DELETE FROM ledger.scopes'],
    ['holds', 'scopes', 'DELETE FROM ledger.scopes'],
    ['hold_lines', 'holds', 'DELETE FROM ledger.holds'],
    ['hold_lines', 'lots', 'DELETE FROM ledger.lots'],
    ['hold_counters', 'holds', HOLD_COUNTER],
    ['hold_counters', 'counters', HOLD_COUNTER],
    ['jobs', 'scopes', 'DELETE FROM ledger.scopes'],
    ['steps', 'jobs', 'DELETE FROM ledger.jobs'],
    ['attempts', 'steps', 'DELETE FROM ledger.steps'],
  ])('names a row of %s that points at no row of %s', async (from, to, statement) => {
    const named = `a row of ${from} points at no row of ${to}`;
    expect(await differences()).toBe('');
    await rows.tamper(statement);
    expect(await differences()).toContain(named);
  });
});
