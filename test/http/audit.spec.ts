// The audit on the real stack: a change shows who made it, from what and to what, to its own account alone.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@fairmeter/platform/database';
import { writeAudit } from '@fairmeter/records';
import { auditBody } from '../../apps/api/src/audit/audit-body.js';
import { OwnerClient } from '../harness/owner-client.js';
import { openAccountKey, openBot, type TestBot } from '../harness/people.js';
import { TestStack } from '../harness/test-stack.js';

let stack: TestStack;
let home: TestBot;
let owner: OwnerClient;

beforeAll(async () => {
  stack = await TestStack.open();
  await stack.startApi();
  home = await openBot(stack);
  owner = await OwnerClient.open(stack, home.accountId);
}, 60_000);

afterAll(async () => {
  await stack.stop();
}, 60_000);

type Lines = ReturnType<typeof auditBody.parse>;

const linesOf = async (query = '', by = owner): Promise<Lines> => {
  const { status, body } = await by.call('GET', `/v1/audit${query}`);
  expect([status, body['code']]).toEqual([200, undefined]);
  return auditBody.strict().parse(body);
};

const keyIdOf = async (secret: string): Promise<string> => {
  const listed = await owner.call('GET', '/v1/api-keys');
  const mine = (listed.body['data'] as { id: string; bot_id: string | null }[]).filter(({ bot_id: of }) => of === null);
  expect([secret.length > 0, mine.length]).toEqual([true, 1]);
  return String(mine[0]?.id);
};

describe('GET /v1/audit', () => {
  it('[F26] shows who changed a bot, from what to what, and nothing of it to another account', async () => {
    const path = `/v1/bots/${home.botId}`;
    const changed = await owner.call('PATCH', path, { body: { default_max_iterations: 3 } });
    expect(changed.status).toBe(200);
    const { data } = await linesOf(`?target_id=${home.botId}`);
    expect(data).toMatchObject([
      {
        actor: { role: 'account_key', id: await keyIdOf(owner.secret) },
        action: 'bot.changed',
        target_id: home.botId,
        reason: null,
        before: { default_max_iterations: 5, default_max_credits: '20.000000' },
        after: { default_max_iterations: 3, default_max_credits: '20.000000' },
        request_id: changed.headers.get('x-request-id'),
      },
    ]);
    const stranger = await openBot(stack);
    const theirs = await OwnerClient.open(stack, stranger.accountId);
    expect((await linesOf('', theirs)).data).toEqual([]);
    expect((await linesOf(`?target_id=${home.botId}`, theirs)).data).toEqual([]);
  });

  it('tells why where somebody said so, until that is erased', async () => {
    const targetId = newId('bot');
    const { manager } = stack.entities;
    await manager.transaction(async (tx) =>
      writeAudit(tx, {
        accountId: home.accountId,
        actor: { role: 'support', id: newId('usr') },
        action: 'account.suspended',
        targetId,
        before: { status: 'active' },
        after: { status: 'suspended' },
        reason: { subject: home.accountId, text: 'A card was reported stolen' },
      }),
    );
    expect((await linesOf(`?target_id=${targetId}`)).data).toMatchObject([{ reason: 'A card was reported stolen' }]);
    await manager.query(`DELETE FROM records.texts WHERE account_id = $1 AND purpose = 'reason'`, [home.accountId]);
    expect((await linesOf(`?target_id=${targetId}`)).data).toMatchObject([
      { reason: null, actor: { role: 'support' }, after: { status: 'suspended' } },
    ]);
  });

  it('follows a cursor, newest first, within the filters', async () => {
    const { botId } = await openBot(stack, { accountId: home.accountId });
    for (const most of [2, 3, 4]) {
      await owner.call('PATCH', `/v1/bots/${botId}`, { body: { default_max_iterations: most } });
    }
    await owner.call('POST', `/v1/bots/${botId}/archive`);
    const filter = `?target_id=${botId}&action=bot.changed&limit=2`;
    const first = await linesOf(filter);
    expect(first.data.map(({ after }) => after?.['default_max_iterations'])).toEqual([4, 3]);
    const second = await linesOf(`${filter}&cursor=${String(first.next_cursor)}`);
    expect(second.data.map(({ after }) => after?.['default_max_iterations'])).toEqual([2]);
    expect(second.next_cursor).toBeNull();
    const all = await linesOf(`?target_id=${botId}`);
    expect(all.data.map(({ action }) => action)).toEqual(['bot.archived', 'bot.changed', 'bot.changed', 'bot.changed']);
  });

  it('is for keys that manage, and for questions it understands', async () => {
    const weak = new OwnerClient(stack, await openAccountKey(stack, home.accountId, ['read', 'account']));
    expect((await weak.call('GET', '/v1/audit')).status).toBe(403);
    for (const query of ['action=Bot', 'target_id=%20', 'cursor=MTpsb3Rz', 'limit=0', 'who=me']) {
      const refused = await owner.call('GET', `/v1/audit?${query}`);
      expect([query, refused.status, refused.body['code']]).toEqual([query, 422, 'validation_failed']);
    }
  });
});
