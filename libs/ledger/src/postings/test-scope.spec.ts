// Goal: the tables keep test scopes apart from live ones: months without a grant, open jobs of their own, threads of
// their own, and an auditor that finds what does not belong there. Method: both scopes of one account, side by side.
import { describe, expect, it } from '@jest/globals';
import { accountScope, instant, testScope, type Instant } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import {
  admitOrder,
  beginOrder,
  botTerms,
  creditsOf,
  endOrder,
  grantOrder,
  planFor,
  T0,
  wishFor,
} from '../../../../test/harness/orders.js';
import { allOnOneLedger } from '../../../../test/harness/own-account.js';
import { auditLedger, describeAudit, type ScopeOwner } from '../index.js';
import { readCredits, readPresent, readThread } from '../reads/index.js';

const FEBRUARY = instant(Date.UTC(2039, 1, 1));
const SETTLING = { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') } as const;
let db: LedgerDatabase;

allOnOneLedger((opened) => {
  db = opened;
});

async function admit(accountId: string, wish: Parameters<typeof admitOrder>[1] = {}, asOf = T0): Promise<string> {
  const order = admitOrder(newId('job'), { bot: botTerms({ accountId }), ...wish });
  const admitted = await db.jobs.admit(accountId, asOf, order);
  return admitted.ok ? order.jobId : admitted.refusal.code;
}

/** One step of 0.6 credits. */
async function work(owner: ScopeOwner, asOf: Instant, threadId: string | null = null): Promise<void> {
  const { accountId, scopeId } = owner;
  const jobId = await admit(accountId, { scopeId, threadId, wish: wishFor({ maxCredits: creditsOf('2') }) }, asOf);
  const payer = { ...owner, jobId };
  await db.jobs.beginStep({ payer, tryKey: 'try', asOf, order: beginOrder(1) });
  const report = { seen: { kind: 'check', name: 'check', green: true } } as const;
  expect(await db.jobs.endStep({ payer, tryKey: 'try', asOf, order: endOrder(1, 1, { report }) })).toMatchObject({
    ok: true,
  });
  expect(await db.jobs.settle(payer, asOf, SETTLING)).toMatchObject({ ok: true });
}

const available = async (scopeId: string, now: Instant): Promise<bigint> =>
  db.entities.manager.transaction('REPEATABLE READ', async (tx) => {
    const { available: figure } = await readCredits(tx, await readPresent(tx, scopeId, now));
    return figure;
  });

async function audited(): Promise<string> {
  const report = await auditLedger(db.writer);
  return report.holds ? 'holds' : describeAudit(report).join('\n');
}

describe('a test scope in the tables', () => {
  it('is opened by its first job, charged apart from the live one, and given a month anew each month', async () => {
    const accountId = await db.account('100');
    const [test, live] = [testScope(accountId), accountScope(accountId)];
    expect(await available(test, T0)).toBe(creditsOf('1000'));
    for (const scopeId of [test, live]) await work({ accountId, scopeId }, T0);
    expect([await available(test, T0), await available(live, T0)]).toEqual([creditsOf('999.4'), creditsOf('99.4')]);
    expect(await available(test, FEBRUARY)).toBe(creditsOf('1000'));
    await work({ accountId, scopeId: test }, FEBRUARY);
    expect(await available(test, FEBRUARY)).toBe(creditsOf('999.4'));
    const lots = await db.entities.manager.query<{ id: string; open: string }[]>(
      'SELECT id, open::text FROM ledger.lots WHERE scope_id = $1 ORDER BY opened_seq',
      [test],
    );
    expect(lots).toEqual([
      { id: `lot_month_${accountId}_${T0}`, open: creditsOf('999.4').toString() },
      { id: `lot_month_${accountId}_${FEBRUARY}`, open: creditsOf('999.4').toString() },
    ]);
    expect(await audited()).toBe('holds');
  });

  it('has room for as many jobs at once as the plan has, whatever runs live', async () => {
    const accountId = await db.account('100');
    const bot = botTerms({ accountId, plan: planFor({ maxConcurrentJobs: 1 }) });
    const scopeId = testScope(accountId);
    const asked = [{ bot }, { bot, scopeId }, { bot, scopeId }, { bot }];
    const answers: string[] = [];
    for (const wish of asked) answers.push((await admit(accountId, wish)).replace(/^job_.*/, 'admitted'));
    expect(answers).toEqual(['admitted', 'admitted', 'concurrency_limit', 'concurrency_limit']);
  });

  it('keeps its threads to itself', async () => {
    const accountId = await db.account('100');
    const [test, live] = [testScope(accountId), accountScope(accountId)];
    const threadId = `thread of ${accountId}`;
    await work({ accountId, scopeId: test }, T0, threadId);
    const seen = async (payer: string): Promise<string[]> => {
      const thread = { botId: 'bot_1', threadId, somebody: null, payer };
      const { steps } = await readThread(db.entities.manager, thread);
      return steps.map((step) => step.payer);
    };
    expect([await seen(test), await seen(live)]).toEqual([[test], []]);
  });

  it('is found out by the auditor where it was given something, or cost us something', async () => {
    expect(await audited()).toBe('holds');
    const accountId = newId('acc');
    const scopeId = testScope(accountId);
    await work({ accountId, scopeId }, T0);
    const cost = `UPDATE ledger.attempts SET real_cost = $2 WHERE job_id IN (
      SELECT id FROM ledger.jobs WHERE scope_id = $1)`;
    await db.entities.manager.query(cost, [scopeId, '7']);
    expect(await audited()).toMatch(/BROKEN .*\n.*attempt 1 of step 1 of test job job_\S+ cost 7/);
    await db.entities.manager.query(cost, [scopeId, '0']);
    const { lotId: _, ...order } = grantOrder({ lotId: 'gift', kind: 'bonus_admin', amount: creditsOf('5') });
    expect(await db.grants.grant({ scopeId, accountId }, T0, order)).toMatchObject({ ok: true });
    expect(await audited()).toMatch(/BROKEN .*\n.*bonus_admin of 5000000 is no allowance of a month/);
  });
});
