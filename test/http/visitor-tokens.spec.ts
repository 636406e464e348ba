// Goal: a visitor's token holds no longer than whoever gave it could give it, nor than the bot stays where it was.
// Method: tokens of every kind of giver on the real stack; each giver ends in its own way, and others stay.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OwnerClient } from '../harness/owner-client.js';
import { openAccountKey, openBot, type TestBot } from '../harness/people.js';
import { SignedIn, TestIssuer } from '../harness/signed-in.js';
import { TestStack } from '../harness/test-stack.js';
import { mint, visit, VISITOR_ENV, type Visitor } from '../harness/visitors.js';

let stack: TestStack;
let issuer: TestIssuer;
let bot: TestBot;
let owner: OwnerClient;

beforeAll(async () => {
  issuer = await TestIssuer.open();
  stack = await TestStack.open({ api: { ...VISITOR_ENV, OIDC_ISSUERS: issuer.setting } });
  await stack.startApi();
  bot = await openBot(stack);
  owner = await OwnerClient.open(stack, bot.accountId);
}, 60_000);
afterAll(async () => {
  await stack.stop();
  await issuer.close();
}, 60_000);

const heard = async ({ client }: Visitor): Promise<unknown> => {
  const { status, body } = await client.get('/v1/me/usage-units');
  return status === 200 ? 'heard' : body['code'];
};
const ENDED = 'visitor_token_expired';

async function makeKey(wish: object = {}): Promise<{ readonly id: string; readonly secret: string }> {
  const body = { name: 'Backend', bot_id: bot.botId, scopes: ['submit', 'visitors'], ...wish };
  const { id, secret } = (await owner.call('POST', '/v1/api-keys', { body })).body;
  return { id: String(id), secret: String(secret) };
}

const by = async (key: string, ref = 'ann', at: TestBot = bot): Promise<Visitor> => visit(stack, { ...at, key }, ref);

describe('a token of a visitor', () => {
  it('[edge 78] ends with the key that gave it: revoked, rotated, run out or without the right', async () => {
    const changes: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
      revoked: async (id) => owner.call('DELETE', `/v1/api-keys/${id}`),
      rotated: async (id) => owner.call('POST', `/v1/api-keys/${id}/rotate`, { body: { overlap_seconds: 0 } }),
      narrowed: async (id) => owner.call('PATCH', `/v1/api-keys/${id}`, { body: { scopes: ['submit'] } }),
      run_out: async (id): Promise<unknown> =>
        stack.entities.manager.query(`UPDATE records.api_keys SET expires_at = now() WHERE id = $1`, [id]),
    };
    const stays = await by(await openAccountKey(stack, bot.accountId, ['visitors']));
    for (const [how, end] of Object.entries(changes)) {
      for (const ofBot of [bot.botId, undefined]) {
        const { id, secret } = await makeKey({ bot_id: ofBot });
        const visitor = await by(secret);
        expect([how, await heard(visitor)]).toEqual([how, 'heard']);
        await end(id);
        expect([how, await heard(visitor)]).toEqual([how, ENDED]);
      }
    }
    expect(await heard(stays)).toBe('heard');
  });

  it('holds on for the overlap in which its key does', async () => {
    const { id, secret } = await makeKey();
    const visitor = await by(secret);
    await owner.call('POST', `/v1/api-keys/${id}/rotate`, { body: { overlap_seconds: 600 } });
    expect(await heard(visitor)).toBe('heard');
    await stack.entities.manager.query('UPDATE records.api_keys SET expires_at = now() WHERE id = $1', [id]);
    expect(await heard(visitor)).toBe(ENDED);
  });

  it('that an owner gave ends when that person is an owner no more', async () => {
    const person = new SignedIn(stack.apiUrl, issuer.token({ sub: 'gives-tokens' }), bot.accountId);
    const userId = String((await new SignedIn(stack.apiUrl, person.token).get('/v1/me')).body['user_id']);
    const set = async (role: string): Promise<unknown> =>
      stack.entities.manager.query(
        `INSERT INTO records.memberships (account_id, user_id, role) VALUES ($1, $2, $3)
         ON CONFLICT (account_id, user_id) DO UPDATE SET role = $3`,
        [bot.accountId, userId, role],
      );
    await set('owner');
    const given = await person.call('POST', `/v1/bots/${bot.botId}/visitor-tokens`, { external_ref: 'ann' });
    expect(given.status).toBe(201);
    const headers = { authorization: `Bearer ${String(given.body['token'])}` };
    const units = async (): Promise<number> => (await fetch(`${stack.apiUrl}/v1/me/usage-units`, { headers })).status;
    expect(await units()).toBe(200);
    await set('member');
    expect(await units()).toBe(401);
  });

  it('[edge 67] ends with a move of the bot, and comes back by no way back', async () => {
    const moving = await openBot(stack, { accountId: bot.accountId });
    const other = await openBot(stack);
    const receiver = await OwnerClient.open(stack, other.accountId);
    const move = async (from: OwnerClient, to: OwnerClient, toAccount: string): Promise<void> => {
      const body = { to_account_id: toAccount };
      const offered = await from.call('POST', `/v1/bots/${moving.botId}/transfers`, { body });
      const accepted = await to.call('POST', `/v1/bot-transfers/${String(offered.body['id'])}/accept`);
      expect(accepted.body['state']).toBe('accepted');
    };
    const before = await by(owner.secret, 'ann', moving);
    await move(owner, receiver, other.accountId);
    expect(await heard(before)).toBe(ENDED);
    const there = await by(receiver.secret, 'ann', moving);
    expect([there.id, await heard(there)]).toEqual([before.id, 'heard']);
    await move(receiver, owner, bot.accountId);
    expect([await heard(before), await heard(there)]).toEqual([ENDED, ENDED]);
    expect(await heard(await by(owner.secret, 'ann', moving))).toBe('heard');
  });

  it('[edge 68] ends when the bot is archived; a new one is told what the old one had', async () => {
    const closing = await openBot(stack, { accountId: bot.accountId });
    const before = await by(owner.secret, 'ann', closing);
    await owner.call('POST', `/v1/bots/${closing.botId}/archive`);
    expect(await heard(before)).toBe(ENDED);
    const again = await by(owner.secret, 'ann', closing);
    expect([again.id, await heard(again)]).toEqual([before.id, 'heard']);
    await owner.call('POST', `/v1/bots/${closing.botId}/unarchive`);
    expect([await heard(before), await heard(again)]).toEqual([ENDED, 'heard']);
  });
});

describe('a visitor of before shares were kept', () => {
  it('[edge 66] is given the mark when coming again, so that a deletion is no refill', async () => {
    const { secret } = await makeKey();
    const old = await by(secret, 'known-for-long');
    const { manager } = stack.entities;
    await manager.query('UPDATE records.visitors SET share_ref = NULL WHERE id = $1', [old.id]);
    expect((await mint(stack, bot, { ref: 'known-for-long', key: secret })).body['visitor_id']).toBe(old.id);
    await manager.query(`UPDATE records.visitors SET deleted_at = now(), ref_hash = NULL WHERE id = $1`, [old.id]);
    const back = await by(secret, 'known-for-long');
    expect(back.id).not.toBe(old.id);
    const sql = 'SELECT counted_as FROM records.visitors WHERE id = $1';
    expect(await manager.query(sql, [back.id])).toEqual([{ counted_as: old.id }]);
  });
});
