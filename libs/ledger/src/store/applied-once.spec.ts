// Goal: an operation has its effect once, however often it is asked for and whoever does not hear the answer.
import { describe, expect, it } from '@jest/globals';
import { LotLedger, JobLedger, LedgerStore } from '../index.js';
import { newId, WriterDatabase } from '@fairmeter/platform/database';
import { HangUpAtCommit } from '../../../../test/harness/hang-up-at-commit.js';
import type { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import {
  admitOrder,
  beginOrder,
  botTerms,
  creditsOf,
  endOrder,
  failOrder,
  grantOrder,
  T0,
  use,
} from '../../../../test/harness/orders.js';
import { allOnOneLedger } from '../../../../test/harness/own-account.js';

let db: LedgerDatabase;

allOnOneLedger((opened) => {
  db = opened;
});

async function count(table: 'entries' | 'operations' | 'lots' | 'jobs' | 'holds', accountId: string): Promise<number> {
  const rows = await db.writer.query<{ n: bigint }>({
    text: `SELECT count(*) AS n FROM ledger.${table} WHERE account_id = $1`,
    values: [accountId],
  });
  return Number(rows[0]?.n);
}

function lotWith(amount: string, sourceRef: string): Parameters<LotLedger['grantToAccount']>[2] {
  const { lotId: _, ...order } = grantOrder({ lotId: 'any', amount: creditsOf(amount), sourceRef });
  return order;
}

const orderFor = (accountId: string, jobId = newId('job')): ReturnType<typeof admitOrder> =>
  admitOrder(jobId, { bot: botTerms({ accountId }) });

describe('a key', () => {
  it('operation.applied-once: with the same body gives the stored answer, flagged as replayed', async () => {
    const accountId = newId('acc');
    const first = await db.grants.grantToAccount(accountId, T0, lotWith('5', 'payment/1'));
    const second = await db.grants.grantToAccount(accountId, T0, lotWith('5', 'payment/1'));
    if (!first.ok) throw new Error(first.refusal.code);
    expect(first.value.replayed).toBe(false);
    expect(second).toEqual({ ok: true, value: { result: first.value.result, replayed: true } });
    expect([await count('lots', accountId), await count('entries', accountId)]).toEqual([1, 1]);
  });

  it('operation.applied-once: with another body is refused and changes nothing', async () => {
    const accountId = newId('acc');
    await db.grants.grantToAccount(accountId, T0, lotWith('5', 'payment/1'));
    expect(await db.grants.grantToAccount(accountId, T0, lotWith('6', 'payment/1'))).toMatchObject({
      refusal: { code: 'operation_mismatch' },
    });
    expect([await count('lots', accountId), await count('entries', accountId)]).toEqual([1, 1]);
  });

  it('stores no refusal: the same key is decided anew once there are credits', async () => {
    const accountId = await db.account('0.01');
    const order = orderFor(accountId);
    expect(await db.jobs.admit(accountId, T0, order)).toMatchObject({ refusal: { code: 'credits_exhausted' } });
    expect(await count('operations', accountId)).toBe(1);
    await db.grants.grantToAccount(accountId, T0, lotWith('50', 'payment/2'));
    expect(await db.jobs.admit(accountId, T0, order)).toMatchObject({ ok: true, value: { replayed: false } });
  });

  it('[F1] operation.applied-once: asked for 50 times in parallel makes one job, one hold, one operation', async () => {
    const accountId = await db.account('100');
    const order = orderFor(accountId);
    // From five writers, as many processes, and each post with a job id of its own.
    const ledgers = Array.from({ length: 5 }, () => new JobLedger(new LedgerStore(db.writer)));
    const asked = ledgers.flatMap((jobs) =>
      Array.from({ length: 10 }, () => jobs.admit(accountId, T0, { ...order, jobId: newId('job') })),
    );
    const answers = await Promise.all(asked);
    const results = answers.map((answer) => (answer.ok ? answer.value : null));
    expect(new Set(results.map((each) => each?.result.jobId)).size).toBe(1);
    expect(results.filter((each) => each?.replayed === false)).toHaveLength(1);
    expect([await count('jobs', accountId), await count('holds', accountId)]).toEqual([1, 1]);
    expect(await count('operations', accountId)).toBe(2);
  });

  it('[F5] meters once: an end that is repeated, late or lost to its successor is charged once', async () => {
    const accountId = await db.account('100');
    const order = orderFor(accountId);
    await db.jobs.admit(accountId, T0, order);
    const payer = { accountId, jobId: order.jobId };
    const post = { payer, asOf: T0 };
    await db.jobs.beginStep({ ...post, tryKey: 'try-1', order: beginOrder(1) });
    await db.jobs.beginStep({ ...post, tryKey: 'try-2', order: beginOrder(1) });
    const ends = [
      await db.jobs.endStep({ ...post, tryKey: 'try-1', order: endOrder(1, 1) }),
      await db.jobs.endStep({ ...post, tryKey: 'try-2', order: endOrder(1, 2) }),
      await db.jobs.endStep({ ...post, tryKey: 'try-2', order: endOrder(1, 2) }),
      await db.jobs.endStep({ ...post, tryKey: 'try-3', order: endOrder(1, 2, { meters: use({ input: 9_999 }) }) }),
      await db.jobs.failAttempt({ ...post, tryKey: 'try-3', order: failOrder(1, 2) }),
    ];
    expect(ends.map((end) => (end.ok ? [end.value.result.outcome, end.value.replayed] : end.refusal.code))).toEqual([
      ['late', false],
      ['ended', false],
      ['ended', true],
      ['late', false],
      ['late', false],
    ]);
    const rows = await db.writer.query({
      text: 'SELECT charge::text, steps_ended, billable_steps FROM ledger.jobs WHERE id = $1',
      values: [order.jobId],
    });
    expect(rows).toEqual([{ charge: '600000', steps_ended: 1, billable_steps: 1 }]);
  });
});

describe('a connection lost at COMMIT', () => {
  async function through(
    hangUp: HangUpAtCommit,
  ): Promise<{ grants: LotLedger; jobs: JobLedger; close(): Promise<void> }> {
    const writer = await WriterDatabase.open({
      url: hangUp.url(db.database.writerUrl),
      maxConnections: 2,
      applicationName: 'test-hang-up',
    });
    const store = new LedgerStore(writer);
    return { grants: new LotLedger(store), jobs: new JobLedger(store), close: () => writer.close() };
  }

  it.each(['answer', 'command'] as const)(
    '[edge 30] operation.applied-once: the %s lost is reported as unknown, and asking again by key gives one effect',
    async (lost) => {
      const accountId = await db.account('100');
      const hangUp = await HangUpAtCommit.listen(db.database.writerUrl, lost);
      const ledger = await through(hangUp);
      const order = orderFor(accountId);
      try {
        hangUp.armed = true;
        await expect(ledger.jobs.admit(accountId, T0, order)).rejects.toMatchObject({ name: 'CommitUnknown' });
        hangUp.armed = false;
        const stands = lost === 'answer';
        expect(await count('jobs', accountId)).toBe(stands ? 1 : 0);
        expect(await ledger.jobs.admit(accountId, T0, order)).toMatchObject({ ok: true, value: { replayed: stands } });
        expect([await count('jobs', accountId), await count('holds', accountId)]).toEqual([1, 1]);
      } finally {
        await ledger.close();
        await hangUp.close();
      }
    },
  );

  it('a connection that the server terminates in the middle writes nothing, and the next one works', async () => {
    const accountId = await db.account('100');
    const store = new LedgerStore(db.writer);
    const key = `${accountId}:terminated`;
    const { lotId: _, ...lot } = grantOrder({ lotId: 'any', amount: creditsOf('5'), sourceRef: 'payment/9' });
    await db.writer.query('SELECT 1');
    const doomed = db.writer.transaction(async (tx) => {
      await tx.query({
        text: `INSERT INTO ledger.operations (key, scope_id, account_id, verb, body_hash, result, effective_at)
          VALUES ($1, $2, $3, 'grant', 'hash', '{}', clock_timestamp())`,
        values: [key, `account/${accountId}`, accountId],
      });
      await tx.query('SELECT pg_terminate_backend(pg_backend_pid())');
    });
    await expect(doomed).rejects.toThrow();
    expect(await count('operations', accountId)).toBe(1);
    const again = await new LotLedger(store).grantToAccount(accountId, T0, lot);
    expect(again).toMatchObject({ ok: true, value: { replayed: false } });
  });
});
