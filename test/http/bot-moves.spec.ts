// Bots that go to another account, and keys that leaked: what runs goes on as it began, and nothing new begins.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@fairmeter/platform/database';
import { BotClient } from '../harness/bot-client.js';
import { OwnerClient } from '../harness/owner-client.js';
import { openBot, type TestBot } from '../harness/people.js';
import { byStage, reply } from '../harness/scripts.js';
import { StallingModel } from '../harness/stalling-model.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

const scripted = byStage({ plan: [reply('plan')], generate: [reply('=== a.js')], review: [reply('APPROVED')] });

interface Account {
  readonly bot: TestBot;
  readonly owner: OwnerClient;
}

describe('a bot that moves', () => {
  let stack: TestStack;
  let from: Account;
  let to: Account;
  beforeAll(async () => {
    stack = await TestStack.start({ models: scripted.port });
    [from, to] = [await open(), await open()];
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  const open = async (): Promise<Account> => {
    const bot = await openBot(stack, { credits: '100' });
    return { bot, owner: await OwnerClient.open(stack, bot.accountId) };
  };
  const another = async (): Promise<TestBot> => openBot(stack, { accountId: from.bot.accountId });
  const offer = async (botId: string, account: Account): Promise<string> => {
    const path = `/v1/bots/${botId}/transfers`;
    const offered = await from.owner.call('POST', path, { body: { to_account_id: account.bot.accountId } });
    expect([offered.status, offered.body['code']]).toEqual([201, undefined]);
    return `/v1/bot-transfers/${String(offered.body['id'])}`;
  };
  const lastLine = async (accountId: string): Promise<unknown> => {
    const rows: { action: string }[] = await stack.entities.manager.query(
      'SELECT action FROM records.audit WHERE account_id = $1 ORDER BY id DESC LIMIT 1',
      [accountId],
    );
    return rows[0]?.action;
  };

  it('[edge 67] goes by both consents: jobs settle with the old payer, keys end, past usage stays', async () => {
    const { bot } = from;
    const path = await offer(bot.botId, to);
    const job = await new BotClient(stack, bot).submit();
    const jobId = String(job.body['id']);
    const accepted = await to.owner.call('POST', `${path}/accept`);
    expect(accepted.body).toMatchObject({ state: 'accepted', to_account_id: to.bot.accountId });
    const old = new BotClient(stack, { ...bot, key: from.owner.secret });
    const ended = await old.ended(jobId);
    expect(ended.body).toMatchObject({ state: 'completed', charge: '1.800000' });
    const refused = await new BotClient(stack, bot).submit({ key: 'new' });
    expect([refused.status, refused.body['code']]).toEqual([401, 'key_revoked']);
    const available = async ({ owner }: Account): Promise<unknown> =>
      (await owner.call('GET', '/v1/account/credits')).body['available'];
    expect([await available(from), await available(to)]).toEqual(['98.200000', '100.000000']);
    const usage = await from.owner.call('GET', '/v1/account/usage?group_by=bot');
    expect(usage.body['data']).toMatchObject([{ key: { bot: bot.botId }, charged: '1.800000' }]);
    expect((await from.owner.call('GET', `/v1/bots/${bot.botId}`)).body['code']).toBe('bot_not_found');
    const moved = await to.owner.call('GET', `/v1/bots/${bot.botId}`);
    expect(moved.body).toMatchObject({ account_id: to.bot.accountId, visibility: 'private' });
    const next = await new BotClient(stack, { ...bot, key: to.owner.secret }).submit({ key: 'next' });
    expect([next.status, (await to.owner.call('GET', `/v1/jobs/${jobId}`)).status]).toEqual([202, 404]);
    expect([await lastLine(from.bot.accountId), await lastLine(to.bot.accountId)]).toEqual([
      'bot.moved_away',
      'bot.moved_here',
    ]);
  });

  it('is offered to one account at a time; of two owners who decide at one moment one wins', async () => {
    const { botId } = await another();
    const third = await open();
    const offers = await Promise.all(
      [to, third].map(async ({ bot }) =>
        from.owner.call('POST', `/v1/bots/${botId}/transfers`, { body: { to_account_id: bot.accountId } }),
      ),
    );
    expect(offers.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(offers.find(({ status }) => status === 409)?.body['code']).toBe('transfer_open');
    const won = offers.find(({ status }) => status === 201);
    const path = `/v1/bot-transfers/${String(won?.body['id'])}`;
    const [receiver, other] = won?.body['to_account_id'] === to.bot.accountId ? [to, third] : [third, to];
    expect((await other.owner.call('POST', `${path}/accept`)).body['code']).toBe('transfer_not_found');
    const decided = await Promise.all([
      receiver.owner.call('POST', `${path}/accept`),
      from.owner.call('POST', `${path}/withdraw`),
      receiver.owner.call('POST', `${path}/accept`),
    ]);
    expect(decided.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    const late = decided.filter(({ status }) => status === 409).map(({ body }) => body['code']);
    expect(late).toEqual(['transfer_over', 'transfer_over']);
    const state = decided.find(({ status }) => status === 200)?.body['state'];
    const seen = await Promise.all(
      [from, receiver].map(async ({ owner }) => (await owner.call('GET', `/v1/bots/${botId}`)).status),
    );
    expect(seen).toEqual(state === 'accepted' ? [404, 200] : [200, 404]);
  });

  it('is offered once under one Idempotency-Key, and to nobody else under it', async () => {
    const { botId } = await another();
    const offer = async ({ bot }: Account) =>
      from.owner.call('POST', `/v1/bots/${botId}/transfers`, { body: { to_account_id: bot.accountId }, key: 'offer' });
    const [first, again, other] = [await offer(to), await offer(to), await offer(await open())];
    expect([again.status, again.body]).toEqual([first.status, first.body]);
    expect([other.status, other.body['code']]).toEqual([409, 'idempotency_mismatch']);
  });

  it('is given away by its owner alone, and taken by whom it was offered to alone', async () => {
    const { botId } = await another();
    const path = `/v1/bots/${botId}/transfers`;
    const self = await from.owner.call('POST', path, { body: { to_account_id: from.bot.accountId } });
    expect([self.status, self.body['code']]).toEqual([422, 'validation_failed']);
    const theft = await to.owner.call('POST', path, { body: { to_account_id: to.bot.accountId } });
    expect([theft.status, theft.body['code']]).toEqual([404, 'bot_not_found']);
    const offered = await offer(botId, to);
    expect((await from.owner.call('POST', `${offered}/accept`)).body['code']).toBe('transfer_not_found');
    const listed = (await to.owner.call('GET', '/v1/bot-transfers?limit=1')).body['data'];
    expect(listed).toMatchObject([{ bot_id: botId, state: 'offered' }]);
    expect((await to.owner.call('POST', `${offered}/withdraw`)).body['state']).toBe('withdrawn');
  });
});

describe('a key that leaked', () => {
  it('[edge 78] is cut off at once by rotation, and all its jobs are cancelled in one call', async () => {
    const stack = await TestStack.start({
      models: new StallingModel(scripted.port, { stage: 'generate', textBytes: 2 }),
    });
    try {
      const bot = await openBot(stack, { credits: '1000' });
      const owner = await OwnerClient.open(stack, bot.accountId);
      const body = { bot_id: bot.botId, name: 'Leaked', scopes: ['submit', 'read'] };
      const leaked = await owner.call('POST', '/v1/api-keys', { body });
      const flood = new BotClient(stack, { ...bot, key: String(leaked.body['secret']) });
      const jobs = await Promise.all(Array.from({ length: 5 }, async () => flood.submit({ key: newId('req') })));
      const own = await new BotClient(stack, bot).submit({ key: 'of another key' });
      const path = `/v1/api-keys/${String(leaked.body['id'])}`;
      expect((await owner.call('POST', `${path}/rotate`, { body: { overlap_seconds: 0 } })).status).toBe(201);
      const late = await flood.submit({ key: 'late' });
      expect([late.status, late.body['code']]).toEqual([401, 'key_revoked']);
      const cancelled = await owner.call('POST', `${path}/cancel-jobs`);
      expect(cancelled.body['still_open']).toBe(0);
      const told = cancelled.body['jobs'] as { id: string; state: string }[];
      expect(new Set(told.map(({ id }) => id))).toEqual(new Set(jobs.map(({ body: job }) => job['id'])));
      expect(new Set(told.map(({ state }) => state))).toEqual(new Set(['cancelled']));
      const stands = async (): Promise<unknown> =>
        (await owner.call('GET', `/v1/jobs/${String(own.body['id'])}`)).body['state'];
      expect(await until(stands, (state) => state === 'running')).toBe('running');
      expect((await owner.call('POST', `${path}/cancel-jobs`)).body).toMatchObject({ jobs: [], still_open: 0 });
    } finally {
      await stack.stop();
    }
  }, 60_000);
});
