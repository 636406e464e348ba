// The demo's accounts: seeding again changes nothing but brings rows of an earlier version up to date, and an account
// for one showing has what it was opened with and what it was granted, once.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withClient } from '@fairmeter/platform/database';
import { seedDemo } from '../../apps/cli/src/database/seed-demo.js';
import { grantCredits, openTrial } from '../../apps/cli/src/database/trial-account.js';
import { beginSubscription } from '../../apps/worker/src/begin-subscription.js';
import { OwnerClient } from '../harness/owner-client.js';
import { amount } from '../harness/people.js';
import { openTestDatabase, type TestDatabase } from '../harness/test-database.js';
import { TestStack, type RunningWorker } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

describe('the accounts of the demo', () => {
  let database: TestDatabase;
  let folder = '';
  beforeAll(async () => {
    database = await openTestDatabase();
    folder = mkdtempSync(join(tmpdir(), 'fairmeter-demo-'));
  }, 60_000);
  afterAll(async () => {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const seed = () =>
    seedDemo({ writerUrl: database.writerUrl, keysFile: join(folder, 'demo-keys.json'), takesPayments: true });
  const rows = (sql: string, values: unknown[] = []) =>
    withClient(database.adminUrl, async (client) => (await client.query<Record<string, unknown>>(sql, values)).rows);
  const programs = () => rows('SELECT id, program FROM records.bots ORDER BY id');
  const lotsOf = (accountId: string) =>
    rows('SELECT source_ref, open::text FROM ledger.lots WHERE account_id = $1 ORDER BY source_ref', [accountId]);

  it('are found again with the same keys, and a bot of an earlier version gets its program', async () => {
    const first = await seed();
    const wanted = [
      { id: 'bot_demo_chat', program: 'answer' },
      { id: 'bot_demo_coder', program: 'workspace' },
    ];
    expect(await programs()).toEqual(wanted);
    await rows('UPDATE records.bots SET program = NULL');
    expect(await seed()).toEqual(first);
    expect(await programs()).toEqual(wanted);
  });

  it('keep the program that an owner chose', async () => {
    await seed();
    await rows(`UPDATE records.bots SET program = 'review' WHERE id = 'bot_demo_coder'`);
    await seed();
    expect(await programs()).toContainEqual({ id: 'bot_demo_coder', program: 'review' });
  });

  it('are another one for each showing, with what was granted once', async () => {
    const { writerUrl } = database;
    const one = await openTrial(writerUrl, amount('4'));
    const other = await openTrial(writerUrl, amount('4'));
    expect(new Set([one, other].flatMap(({ accountId, botId, botKey }) => [accountId, botId, botKey])).size).toBe(6);
    const grant = { accountId: one.accountId, amount: amount('10'), sourceRef: 'grant/job_1' };
    await grantCredits(writerUrl, grant);
    await grantCredits(writerUrl, grant);
    const start = { source_ref: 'trial/start', open: '4000000' };
    expect(await lotsOf(one.accountId)).toEqual([{ source_ref: 'grant/job_1', open: '10000000' }, start]);
    expect(await lotsOf(other.accountId)).toEqual([start]);
  });
});

describe('the plan of the demo account', () => {
  let stack: TestStack;
  let worker: RunningWorker;
  let folder = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fairmeter-demo-'));
    stack = await TestStack.open();
    worker = await stack.startWorker();
    await stack.startApi();
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const seed = () => seedInto(stack, folder, true);

  it('stands with its period once a worker runs, and is begun once however often it is seeded', async () => {
    const { accountKey } = await seed();
    await seed();
    expect(await sweep(stack, worker)).toBe(1);
    const owner = new OwnerClient(stack, accountKey);
    const begun = await standsAs('active', owner);
    expect(begun).toMatchObject({
      plan: { id: 'plan_premium' },
      period: { start: expect.any(String) as unknown, end: expect.any(String) as unknown },
      time_zone: 'Europe/Berlin',
      next_renewal: { plan: { id: 'plan_premium' }, credits: '1000.000000' },
    });
    await seed();
    expect(await sweep(stack, worker)).toBe(0);
    expect(await standing(owner)).toEqual(begun);
    const { data } = (await owner.call('GET', '/v1/account/credits/lots')).body as { data: { granted: string }[] };
    expect(data.filter(({ granted }) => granted === '1000.000000')).toHaveLength(1);
  }, 30_000);
});

describe('the plan of the demo account where nobody takes payments', () => {
  let stack: TestStack;
  let worker: RunningWorker;
  let folder = '';
  let seeded: Awaited<ReturnType<typeof seedDemo>>;
  let begun: object;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fairmeter-demo-'));
    stack = await TestStack.open({ worker: { PAYMENTS: 'none' } });
    worker = await stack.startWorker();
    await stack.startApi();
    seeded = await seedInto(stack, folder, false);
    await sweep(stack, worker);
    begun = await standsAs('free', new OwnerClient(stack, seeded.accountKey));
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('stands as well: it is the one that costs nothing, and its bots work on it', async () => {
    const { codingBotId, codingBotKey } = seeded;
    expect(begun).toMatchObject({
      plan: { id: 'plan_free' },
      order: null,
      next_renewal: { plan: { id: 'plan_free' }, credits: '50.000000' },
    });
    const bot = new OwnerClient(stack, codingBotKey);
    const submitted = await bot.call('POST', `/v1/bots/${codingBotId}/jobs`, { body: { prompt: 'A word counter' } });
    expect(submitted.status).toBe(202);
  });
});

const seedInto = async (stack: TestStack, folder: string, takesPayments: boolean) =>
  seedDemo({ writerUrl: stack.database.writerUrl, keysFile: join(folder, 'demo-keys.json'), takesPayments });

/** As a worker does when it starts. */
const sweep = async (stack: TestStack, { parts }: RunningWorker) =>
  parts.beginAwaitedSubscriptions(async (account) => beginSubscription(stack.temporal, account));

const standing = async (owner: OwnerClient) => (await owner.call('GET', '/v1/account/subscription')).body;
const standsAs = async (state: string, owner: OwnerClient) =>
  until(
    async () => standing(owner),
    (plan) => plan['state'] === state,
  );
