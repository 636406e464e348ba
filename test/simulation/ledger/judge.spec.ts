// Goal: the judge is not blind. Method: an honest ledger is tampered with past every wall, in ways that a lost commit,
// a doubled effect or a half-written operation would leave behind; each must be named.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { accountScope } from '@fairmeter/domain';
import { withClient, WriterDatabase } from '@fairmeter/platform/database';
import { admitOrder, beginOrder, botTerms, creditsOf, endOrder, grantOrder, T0 } from '../../harness/orders.js';
import { openTestDatabase, type TestDatabase } from '../../harness/test-database.js';
import { Chance } from '../chance.js';
import { OwnWriter } from '../writers/own-writer.js';
import { Desk } from './desk.js';
import { LedgerJudge } from './judge.js';
import { Receipts } from './receipts.js';
import { KeyBook, type LedgerRequest } from './request.js';

const accountId = 'acc_judged';
const payer = { accountId, jobId: 'job_judged' };
const owner = { accountId, scopeId: accountScope(accountId) };
const limit = { kind: 'spend', subject: '' } as const;
const limits = [{ ...limit, period: 'day' as const, amount: creditsOf('9') }];
const terms = { zone: 'Europe/Berlin', dailyAllowance: creditsOf('5') };
const { lotId: _, ...lot } = grantOrder({ lotId: 'any', amount: creditsOf('50') });
const HISTORY: readonly LedgerRequest[] = [
  { verb: 'grant', owner, asOf: T0, order: lot },
  { verb: 'setTerms', post: { owner, changeKey: 'first', asOf: T0, order: terms } },
  { verb: 'setLimits', post: { owner, changeKey: 'first', asOf: T0, order: limits } },
  {
    verb: 'admit',
    accountId,
    asOf: T0,
    order: admitOrder(payer.jobId, { bot: botTerms({ accountId }), limitRefs: [limit] }),
  },
  { verb: 'begin', post: { payer, tryKey: 'try', asOf: T0, order: beginOrder(1) } },
  { verb: 'end', post: { payer, tryKey: 'try', asOf: T0, order: endOrder(1, 1) } },
];

let database: TestDatabase;
let reading: WriterDatabase;
let writer: OwnWriter;
let receipts: Receipts;
let judge: LedgerJudge;

beforeEach(async () => {
  database = await openTestDatabase();
  reading = await WriterDatabase.open({ url: database.writerUrl, maxConnections: 2, applicationName: 'test-judge' });
  writer = await OwnWriter.open(database.writerUrl, 'test-judged');
  receipts = new Receipts();
  judge = new LedgerJudge(reading, receipts);
  const desk = new Desk(new KeyBook(reading), receipts, [writer]);
  for (const request of HISTORY) expect(await desk.ask(request, new Chance(1))).toMatchObject({ ok: true });
  expect(await judge.differences('at_rest')).toEqual([]);
}, 60_000);
afterEach(async () => {
  await writer.close();
  await reading.close();
  await database.drop();
}, 60_000);

/** As no role of ours could: without triggers and without foreign keys. */
async function tamper(...statements: readonly string[]): Promise<void> {
  await withClient(database.adminUrl, async (admin) => {
    await admin.query('SET session_replication_role = replica');
    for (const sql of statements) await admin.query(sql);
  });
}

async function said(): Promise<string> {
  return (await judge.differences('at_rest')).join('\n');
}

describe('the judge', () => {
  it('names an acknowledged operation that is lost without a trace', async () => {
    const end = "WHERE operation_key LIKE 'job_judged:1:end%'";
    await tamper(
      `UPDATE ledger.lots SET held = held + (SELECT sum(amount) FROM ledger.entries ${end}) WHERE kind = 'daily'`,
      `DELETE FROM ledger.entries ${end}`,
      "DELETE FROM ledger.operations WHERE key LIKE 'job_judged:1:end%'",
    );
    expect(await said()).toContain('LOST: job_judged:1:end:try was acknowledged and does not stand');
  });

  it('names an effect that stands twice', async () => {
    await tamper(
      `INSERT INTO ledger.entries SELECT scope_id, scope_seq + 100, account_id, operation_key, from_account, to_account,
         amount, lot_id, lot_open_after, lot_held_after, job_id, step_ordinal, effective_at FROM ledger.entries
       WHERE operation_key LIKE '%:end:%'`,
    );
    expect(await said()).toMatch(/entries has .*job_judged:1:end:try/);
  });

  it('names an operation of which only a part was written', async () => {
    await tamper(
      "UPDATE ledger.attempts SET state = 'open', ended_at = NULL",
      "DELETE FROM ledger.outbox WHERE payload ->> 'type' = 'step.ended'",
    );
    const differences = await said();
    expect(differences).toMatch(/attempts has .*"state":"open"/);
    expect(differences).toMatch(/outbox lacks .*step\.ended/);
  });

  it('names an answer that is another one than was given', async () => {
    await tamper(`UPDATE ledger.operations SET result = result || '{"charge": "1"}' WHERE verb = 'step.end'`);
    expect(await said()).toMatch(/job_judged:1:end:try was answered .*"600000".*, kept is .*"1"/);
  });

  it('names what a limit was not told of, although holds and counters agree', async () => {
    await tamper('UPDATE ledger.counters SET used = used - 1', 'UPDATE ledger.hold_counters SET used = used - 1');
    const differences = await said();
    expect(differences).not.toContain('AUDIT');
    expect(differences).toMatch(/ counters has .*"used":"599999"/);
    expect(differences).toMatch(/ hold_counters lacks .*"used":"600000"/);
  });

  it('names a day whose lot ends later than its terms say, and one that would be opened again', async () => {
    await tamper(
      "UPDATE ledger.lots SET expires_at = expires_at + interval '1 hour' WHERE kind = 'daily'",
      'UPDATE ledger.scopes SET day_opened = NULL',
    );
    const differences = await said();
    expect(differences).toMatch(/ lots has .*"kind":"daily"/);
    expect(differences).toMatch(/ scopes has .*"dayOpened":null/);
    expect(differences).toMatch(/AUDIT available\.equals-entries: lot lot_day_acc_judged_\d+ of account\/acc_judged/);
  });

  it('names what nobody asked for, and what nobody was told', async () => {
    const [key] = receipts.applied.keys();
    receipts.applied.delete(String(key));
    expect(await said()).toContain(`${String(key)} stands and nobody was told so`);
    // Right after a kill it may be so: whoever asked does not know yet.
    expect(await judge.differences('after_crash')).toEqual([]);
    receipts.asked.delete(String(key));
    expect(await said()).toContain(`${String(key)} stands and nobody asked for it`);
  });

  it('names a first answer that calls itself a repeated one', async () => {
    const request = HISTORY[0];
    const [receipt] = receipts.applied.values();
    if (request === undefined || receipt === undefined) throw new Error('there is a history');
    receipts.answered('another', request, { ok: true, value: { result: receipt.result, replayed: true } });
    expect(await said()).toContain('another was replayed and never applied');
  });
});
