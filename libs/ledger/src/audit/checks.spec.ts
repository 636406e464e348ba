// Goal: each figure that the auditor recomputes is named when a hand changed it. Method: an honest ledger with a job
// that ended and was refunded in part, one that is at work, and a payer in debt; then one row at a time is changed by a
// hand no role of ours has.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { accountScope } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { situation, type Situation } from '../../../../test/harness/bad-posts.js';
import { KeptRows } from '../../../../test/harness/kept-rows.js';
import { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import {
  admitOrder,
  beginOrder,
  botTerms,
  creditsOf,
  endOrder,
  grantOrder,
  T0,
} from '../../../../test/harness/orders.js';
import { SETTLING } from '../../../../test/harness/twin.js';
import { auditLedger } from './audit.js';

let db: LedgerDatabase;
let at: Situation;
let rows: KeptRows;

beforeAll(async () => {
  db = await LedgerDatabase.open();
  at = await situation(db);
  await oweSomething();
  rows = await KeptRows.of(db.database.adminUrl);
}, 60_000);

afterEach(async () => {
  await rows.bringBack();
}, 60_000);

afterAll(async () => {
  await db.close();
}, 60_000);

/** What was bought and spent is taken back. */
async function oweSomething(): Promise<void> {
  const accountId = newId('acc');
  const owner = { accountId, scopeId: accountScope(accountId) };
  const { lotId: _, ...order } = grantOrder({ lotId: 'bought', amount: creditsOf('5') });
  const granted = await db.grants.grant(owner, T0, order);
  if (!granted.ok) throw new Error('the grant was refused');
  const admission = admitOrder(newId('job'), { bot: botTerms({ accountId }) });
  const payer = { accountId, jobId: admission.jobId };
  const told = [
    await db.jobs.admit(accountId, T0, admission),
    await db.jobs.beginStep({ payer, tryKey: 'try', asOf: T0, order: beginOrder(1) }),
    await db.jobs.endStep({ payer, tryKey: 'try', asOf: T0, order: endOrder(1, 1) }),
    await db.jobs.settle(payer, T0, SETTLING),
    await db.grants.clawBack(owner, T0, granted.value.result.lotId),
  ];
  expect(told.map(({ ok }) => ok)).toEqual(told.map(() => true));
}

/** What each invariant says that differs. */
async function differences(): Promise<ReadonlyMap<string, string>> {
  const said = new Map<string, string>();
  for (const { invariant, differences: found } of (await auditLedger(db.writer)).checks) {
    if (found.length > 0) said.set(invariant, [said.get(invariant) ?? '', ...found].join('\n'));
  }
  return said;
}

const ofJob = (jobId: string): string => `job_id = '${jobId}'`;
const holdOf = (jobId: string): string => `hold_id IN (SELECT id FROM ledger.holds WHERE ${ofJob(jobId)})`;

interface Hand {
  readonly changed: string;
  readonly invariant: string;
  readonly statement: (at: Situation) => string;
  readonly named: RegExp;
}

const HANDS: readonly Hand[] = [
  {
    changed: 'what an entry left behind',
    invariant: 'lot.never-negative',
    statement: () => 'UPDATE ledger.entries SET lot_open_after = lot_open_after + 1 WHERE scope_seq = 2',
    named: /entry 2 of .* left/,
  },
  {
    changed: 'what lies in a lot',
    invariant: 'ledger.sum-zero',
    statement: ({ lotId }) => `UPDATE ledger.lots SET open = open + 1 WHERE id = '${lotId}'`,
    named: /issued \d+, elsewhere/,
  },
  {
    changed: 'how much an entry moved',
    invariant: 'ledger.sum-zero',
    statement: ({ ended }) =>
      `UPDATE ledger.entries SET amount = amount + 1 WHERE ${ofJob(ended)} AND to_account LIKE 'consumed:%'`,
    named: /issued \d+, elsewhere/,
  },
  {
    changed: 'what a payer owes',
    invariant: 'ledger.sum-zero',
    statement: () => 'UPDATE ledger.scopes SET debt = debt - 1 WHERE debt > 0',
    named: /debt \d+/,
  },
  {
    changed: 'an entry away',
    invariant: 'operation.applied-once',
    statement: () => 'DELETE FROM ledger.entries WHERE scope_seq = 1',
    named: /counts \d+ entries and \d+ events, has/,
  },
  {
    changed: 'an event away',
    invariant: 'operation.applied-once',
    statement: () => 'DELETE FROM ledger.outbox WHERE scope_seq = 1',
    named: /counts \d+ entries and \d+ events, has/,
  },
  {
    changed: 'when an entry took effect',
    invariant: 'scope.time-never-back',
    statement: () => "UPDATE ledger.entries SET effective_at = effective_at + interval '1 s' WHERE scope_seq = 1",
    named: /before it|its operation/,
  },
  {
    changed: 'what a hold set aside',
    invariant: 'hold.captured-at-most-held',
    statement: ({ running }) => `UPDATE ledger.hold_lines SET held = held + 1 WHERE ${holdOf(running)}`,
    named: /holds \d+, lines say/,
  },
  {
    changed: 'what a hold captured',
    invariant: 'hold.captured-at-most-held',
    statement: ({ ended }) =>
      `UPDATE ledger.hold_lines SET captured = captured - 1
        WHERE ${holdOf(ended)}`,
    named: /captured \d+, entries say/,
  },
  {
    changed: 'whether a hold is open',
    invariant: 'hold.ends-once',
    statement: ({ running }) => `UPDATE ledger.holds SET state = 'settled' WHERE ${ofJob(running)}`,
    named: /its hold is settled/,
  },
  {
    changed: 'how many jobs are open',
    invariant: 'hold.ends-once',
    statement: () => 'UPDATE ledger.scopes SET open_jobs = open_jobs + 1 WHERE open_jobs > 0',
    named: /counts 2 open jobs/,
  },
  {
    changed: 'what a job was charged',
    invariant: 'refund.at-most-charged',
    statement: ({ ended }) => `UPDATE ledger.jobs SET charge = charge - 1 WHERE id = '${ended}'`,
    named: /charge \d+ of at most/,
  },
  {
    changed: 'what a step was charged',
    invariant: 'refund.at-most-charged',
    statement: ({ ended }) => `UPDATE ledger.steps SET charge = charge + 1 WHERE ${ofJob(ended)}`,
    named: /steps and minimum/,
  },
  {
    changed: 'what a job was given back',
    invariant: 'refund.at-most-charged',
    statement: ({ ended }) => `UPDATE ledger.jobs SET refunded = refunded - 1 WHERE id = '${ended}'`,
    named: /refunded \d+, entries/,
  },
  {
    changed: 'the beginning of an attempt away',
    invariant: 'job.no-provider-call-without-hold',
    statement: ({ ended }) => `DELETE FROM ledger.operations WHERE verb = 'step.begin' AND key LIKE '${ended}:%'`,
    named: /was never begun/,
  },
  {
    changed: 'who bears an attempt',
    invariant: 'job.no-provider-call-without-hold',
    statement: ({ ended }) => `UPDATE ledger.attempts SET charge_class = 'platform_fault' WHERE ${ofJob(ended)}`,
    named: /with 0 billable attempts/,
  },
];

describe('the auditor', () => {
  it('finds nothing in an honest ledger, and has looked at it', async () => {
    const report = await auditLedger(db.writer);
    expect(report.checks.flatMap((check) => check.differences)).toEqual([]);
    expect(report.rowsChecked).toBeGreaterThan(100);
  });

  it.each(HANDS)('names the hand that changed $changed ($invariant)', async ({ invariant, statement, named }) => {
    expect(await differences()).toEqual(new Map());
    await rows.tamper(statement(at));
    expect((await differences()).get(invariant)).toMatch(named);
  });
});
