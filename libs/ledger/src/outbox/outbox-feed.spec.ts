// Goal: no event is left out for a consumer, whoever dies when; two processes never work on one scope at once. Method:
// real postings, consumers that fail, and two feeds over the same tables.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { accountScope } from '@fairmeter/domain';
import { newId, WriterDatabase } from '@fairmeter/platform/database';
import { LedgerDatabase } from '../../../../test/harness/ledger-database.js';
import {
  admitOrder,
  beginOrder,
  botTerms,
  creditsOf,
  grantOrder,
  T0,
  waitOrder,
} from '../../../../test/harness/orders.js';
import { until } from '../../../../test/harness/until.js';
import { OutboxFeed } from './outbox-feed.js';

const ALL = { name: 'test-all', follows: 'all_scopes' } as const;
const WAKING = { name: 'test-waking', follows: 'waiting_jobs' } as const;

let db: LedgerDatabase;
let feeding: WriterDatabase;
let feed: OutboxFeed;

beforeAll(async () => {
  db = await LedgerDatabase.open();
  feeding = await WriterDatabase.open({
    url: db.database.writerUrl,
    maxConnections: 4,
    applicationName: 'test-feed',
  });
  feed = new OutboxFeed(feeding);
}, 60_000);

afterAll(async () => {
  await feeding.close();
  await db.close();
}, 60_000);

async function grant(accountId: string, credits = '1'): Promise<void> {
  const { lotId: _, ...order } = grantOrder({ lotId: newId('lot'), amount: creditsOf(credits) });
  expect(await db.grants.grantToAccount(accountId, T0, order)).toMatchObject({ ok: true });
}

async function seqs(reader: typeof ALL | typeof WAKING, scopeId: string): Promise<bigint[]> {
  const seen: bigint[] = [];
  await feed.take(reader, scopeId, async (events) => {
    seen.push(...events.map(({ seq }) => seq));
  });
  return seen;
}

/** An account whose one job waits for a credit more than there is. */
async function waitingJob(): Promise<{ scopeId: string; accountId: string; jobId: string }> {
  const accountId = await db.account('2');
  const jobId = newId('job');
  await db.jobs.admit(accountId, T0, admitOrder(jobId, { bot: botTerms({ accountId }) }));
  await db.jobs.beginStep({ payer: { accountId, jobId }, tryKey: '1', asOf: T0, order: beginOrder(1) });
  const order = waitOrder(2, { required: creditsOf('3') });
  const paused = await db.control.waitForCredits({ payer: { accountId, jobId }, tryKey: '1', asOf: T0, order });
  expect(paused).toMatchObject({ ok: true, value: { result: { outcome: 'waiting' } } });
  return { scopeId: accountScope(accountId), accountId, jobId };
}

describe('the feed of the outbox', () => {
  it('hands out each event in order, once where nothing fails', async () => {
    const accountId = newId('acc');
    const scopeId = accountScope(accountId);
    for (let time = 0; time < 5; time++) await grant(accountId);
    expect(await feed.due(ALL, [scopeId])).toEqual([scopeId]);
    expect(await seqs(ALL, scopeId)).toEqual([1n, 2n, 3n, 4n, 5n]);
    expect(await feed.due(ALL, [scopeId])).toEqual([]);
    await grant(accountId);
    expect(await seqs(ALL, scopeId)).toEqual([6n]);
    expect(await feed.take(ALL, scopeId, async () => undefined)).toBe('nothing');
  });

  it('hands out again what its consumer died over, and leaves nothing out', async () => {
    const accountId = newId('acc');
    const scopeId = accountScope(accountId);
    await grant(accountId);
    const dying = feed.take(ALL, scopeId, async () => {
      throw new Error('the consumer died');
    });
    await expect(dying).rejects.toThrow('the consumer died');
    await grant(accountId);
    expect(await feed.due(ALL, null)).toContain(scopeId);
    expect(await seqs(ALL, scopeId)).toEqual([1n, 2n]);
  });

  it('lets one process at a scope, and the other go on elsewhere', async () => {
    const [one, two] = [newId('acc'), newId('acc')];
    await grant(one);
    await grant(two);
    let finish: () => void = () => undefined;
    const working = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let begun = false;
    const first = feed.take(ALL, accountScope(one), async () => {
      begun = true;
      await working;
    });
    await until(
      async () => begun,
      (is) => is,
    );
    expect(await feed.take(ALL, accountScope(one), async () => undefined)).toBe('taken');
    expect(await seqs(ALL, accountScope(two))).toEqual([1n]);
    finish();
    expect(await first).toBe('handled');
  });

  it('follows the waiting jobs alone, from their pause on', async () => {
    const { scopeId, accountId, jobId } = await waitingJob();
    expect(await feed.due(WAKING, null)).toContain(scopeId);
    // The grant, the admission and the first step were before the pause: they are no news to it.
    expect(await seqs(WAKING, scopeId)).toHaveLength(1);
    expect(await feed.waitingJobs(scopeId, { forCreditsOnly: true })).toEqual([]);
    await grant(accountId, '2');
    expect(await seqs(WAKING, scopeId)).toHaveLength(1);
    expect(await feed.waitingJobs(scopeId, { forCreditsOnly: true })).toMatchObject([{ jobId }]);
    await db.jobs.beginStep({ payer: { accountId, jobId }, tryKey: '2', asOf: T0, order: beginOrder(2) });
    expect(await feed.due(WAKING, [scopeId])).toEqual([]);
    expect(await feed.waitingJobs(scopeId, { forCreditsOnly: false })).toEqual([]);
  });

  it('is heard of with each commit', async () => {
    const heard = new Set<string>();
    const listening = await feed.listen(
      (scopeId) => heard.add(scopeId),
      () => undefined,
    );
    const accountId = newId('acc');
    await grant(accountId);
    await until(
      async () => heard.has(accountScope(accountId)),
      (is) => is,
    );
    await listening.close();
  });
});
