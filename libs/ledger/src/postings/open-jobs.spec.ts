// Goal: of many requests at once just as many are admitted as the plan has room for, whoever asks through whichever
// process. Method: several stores over one database, small groups, and the auditor at the end.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@fairmeter/platform/database';
import { accountScope, endUserScope } from '@fairmeter/domain';
import { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import { admitOrder, botTerms, creditsOf, grantOrder, planFor, T0 } from '../../../../test/harness/orders.js';
import { auditLedger, describeAudit, JobLedger, LedgerStore } from '../index.js';

const WRITERS = 3;
let db: LedgerDatabase;
let writers: readonly JobLedger[];

beforeAll(async () => {
  db = await LedgerDatabase.open();
  writers = Array.from({ length: WRITERS }, () => new JobLedger(new LedgerStore(db.writer, { groupSize: 4 })));
}, 60_000);

afterAll(async () => {
  const report = await auditLedger(db.writer);
  await db.close();
  if (!report.holds) throw new Error(describeAudit(report).join('\n'));
}, 60_000);

const orderFor = (accountId: string, limit: number): ReturnType<typeof admitOrder> =>
  admitOrder(newId('job'), {
    bot: botTerms({ accountId, plan: planFor({ name: 'standard', maxConcurrentJobs: limit }) }),
  });

async function openJobsOf(accountId: string): Promise<number> {
  const sql = 'SELECT open_jobs FROM ledger.scopes WHERE id = $1';
  const [scope] = await db.entities.manager.query<{ open_jobs: number }[]>(sql, [accountScope(accountId)]);
  return scope?.open_jobs ?? 0;
}

async function race(orders: readonly ReturnType<typeof admitOrder>[]): Promise<Record<string, string[]>> {
  const outcomes: Record<string, string[]> = {};
  const answers = orders.map(async (order, index) => {
    const accountId = order.bot?.accountId ?? '';
    const answer = await (writers[index % WRITERS] ?? db.jobs).admit(accountId, T0, order);
    (outcomes[answer.ok ? 'admitted' : answer.refusal.code] ??= []).push(order.jobId);
  });
  await Promise.all(answers);
  return outcomes;
}

const many = (accountId: string, times: number): ReturnType<typeof admitOrder>[] =>
  Array.from({ length: times }, () => orderFor(accountId, 5));

describe('open jobs of a payer', () => {
  it('[A27] of fifty requests at once with room for five, five are admitted, every time', async () => {
    for (let times = 0; times < 10; times += 1) {
      const accountId = await db.account('1000');
      const outcomes = await race(many(accountId, 50));
      expect([outcomes['admitted']?.length, outcomes['concurrency_limit']?.length]).toEqual([5, 45]);
      expect(await openJobsOf(accountId)).toBe(5);
    }
  });

  it('make room as they end, and an operation that is repeated counts once', async () => {
    const accountId = await db.account('1000');
    const { admitted = [] } = await race(many(accountId, 10));
    const [jobId = ''] = admitted;
    const end = async (): Promise<unknown> =>
      db.jobs.settle({ accountId, jobId }, T0, {
        state: 'cancelled',
        reason: 'cancelled',
        minimumCharge: creditsOf('0.1'),
      });
    expect([await end(), await end()]).toMatchObject([{ value: { replayed: false } }, { value: { replayed: true } }]);
    expect(await openJobsOf(accountId)).toBe(4);
    const next = orderFor(accountId, 5);
    expect(await db.jobs.admit(accountId, T0, next)).toMatchObject({ ok: true });
    expect(await db.jobs.admit(accountId, T0, next)).toMatchObject({ value: { replayed: true } });
    expect(await openJobsOf(accountId)).toBe(5);
  });

  it('[B9] of visitors take no room of the owner, and the owner none of theirs', async () => {
    const accountId = await db.account('1000');
    const visits = (times: number): ReturnType<typeof admitOrder>[] =>
      many(accountId, times).map((order) => ({
        ...order,
        byVisitor: true,
        requester: { kind: 'visitor', id: 'vis_1' },
        bot: order.bot === null ? null : { ...order.bot, visibility: 'public' },
      }));
    const ofVisitors = await race(visits(20));
    expect([ofVisitors['admitted']?.length, ofVisitors['concurrency_limit']?.length]).toEqual([5, 15]);
    const ofOwner = await race(many(accountId, 20));
    expect([ofOwner['admitted']?.length, ofOwner['concurrency_limit']?.length]).toEqual([5, 15]);
    const [jobId = ''] = ofVisitors['admitted'] ?? [];
    const ended = { state: 'cancelled', reason: 'cancelled', minimumCharge: creditsOf('0.1') } as const;
    expect(await db.jobs.settle({ accountId, jobId }, T0, ended)).toMatchObject({ ok: true });
    const next = await race([...visits(2), ...many(accountId, 2)]);
    expect([next['admitted']?.length, next['concurrency_limit']?.length]).toEqual([1, 3]);
  });

  it('[A27] of a visitor who pays are as many as that visitor’s plan has room for, of many at once too', async () => {
    const accountId = await db.account('1000');
    const botId = newId('bot');
    const visits = async (visitorId: string, plan: number | null): Promise<ReturnType<typeof admitOrder>[]> => {
      const scopeId = endUserScope(botId, visitorId);
      const { lotId: _, ...pack } = grantOrder({ lotId: 'pack', kind: 'eu_pack', amount: creditsOf('1000') });
      await db.grants.grant({ scopeId, accountId }, T0, pack);
      return many(accountId, 20).map((order) => ({
        ...order,
        scopeId,
        byVisitor: true,
        payer: { funding: 'end_user', publicMayUseBonus: false },
        requester: { kind: 'visitor', id: visitorId },
        bot: order.bot === null ? null : { ...order.bot, botId, visibility: 'public' },
        visitorPlan: plan === null ? null : planFor({ name: 'visitor', maxConcurrentJobs: plan }),
      }));
    };
    const [ann, ben] = [await visits('vis_ann', 2), await visits('vis_ben', null)];
    const ofAnn = await race(ann);
    expect([ofAnn['admitted']?.length, ofAnn['concurrency_limit']?.length]).toEqual([2, 18]);
    const ofBen = await race(ben);
    expect([ofBen['admitted']?.length, ofBen['concurrency_limit']?.length]).toEqual([5, 15]);
    const ofOwner = await race(many(accountId, 20));
    expect([ofOwner['admitted']?.length, ofOwner['concurrency_limit']?.length]).toEqual([5, 15]);
  });

  it('of one account take no room of another', async () => {
    const accounts = await Promise.all([db.account('1000'), db.account('1000')]);
    const { admitted = [] } = await race(accounts.flatMap((accountId) => many(accountId, 20)));
    expect(admitted).toHaveLength(10);
  });
});
