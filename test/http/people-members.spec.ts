// The people of an account: they draw on one pool within limits of their own, and whoever is removed keeps nothing.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from '../harness/bot-client.js';
import { amount, giveCredits, openBot, putOnPlan } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { SignedIn, TestIssuer, subscriptionStands } from '../harness/signed-in.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

describe('a team', () => {
  let issuer: TestIssuer;
  let stack: TestStack;
  let botId: string;
  let owner: SignedIn;
  let accountId: string;
  beforeAll(async () => {
    issuer = await TestIssuer.open();
    stack = await TestStack.start({ models: threeSteps().port, api: { OIDC_ISSUERS: issuer.setting } });
    owner = person('owner');
    accountId = await ownAccount(owner);
    // What comes with the account is there: nothing of it is written over what follows.
    await subscriptionStands(owner);
    await putOnPlan(stack, accountId, 'plan_business');
    ({ botId } = await openBot(stack, { accountId }));
    await giveCredits(stack, accountId, '100');
    for (const sub of ['one', 'two', 'unlimited', 'limited']) team.set(sub, await joined(sub));
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
    await issuer.close();
  }, 60_000);

  const team = new Map<string, SignedIn>();
  const memberNamed = (sub: string): SignedIn => {
    const member = team.get(sub);
    if (member === undefined) throw new Error(`${sub} has not joined`);
    return member;
  };
  const person = (sub: string): SignedIn =>
    new SignedIn(stack.apiUrl, issuer.token({ sub, email: `${sub}@example.test`, email_verified: true }));
  const me = async (who: SignedIn) => (await who.get('/v1/me')).body;
  const ownAccount = async (who: SignedIn): Promise<string> =>
    ((await me(who)) as { accounts: { account_id: string }[] }).accounts[0]?.account_id ?? '';
  const idOf = async (who: SignedIn): Promise<string> => String((await me(who))['user_id']);
  const told = ({ status, body }: Answer): unknown[] => [status, body['code']];

  const invited = async (sub: string): Promise<string> =>
    String((await owner.call('POST', '/v1/account/members', { email: `${sub}@example.test` })).body['token']);
  const joined = async (sub: string): Promise<SignedIn> => {
    const who = person(sub);
    const answer = await who.call('POST', '/v1/invitations/accept', { token: await invited(sub) });
    expect([answer.status, answer.body]).toEqual([200, { account_id: accountId, role: 'member' }]);
    return who.inAccount(accountId);
  };

  const postOnce = async (who: SignedIn, path: string, { key, body }: { key: string; body: object }) =>
    fetch(`${stack.apiUrl}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${who.token}`,
        'fairmeter-account': accountId,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify(body),
    });
  const run = async (who: SignedIn, key: string): Promise<Answer> => {
    const submitted = await postOnce(who, `/v1/bots/${botId}/jobs`, { key, body: { prompt: `Write of ${key}` } });
    const body = (await submitted.json()) as Readonly<Record<string, unknown>>;
    if (submitted.status !== 202) return { status: submitted.status, headers: submitted.headers, body };
    return until(
      async () => who.get(`/v1/jobs/${String(body['id'])}`),
      (job) => job.body['state'] === 'completed',
    );
  };
  const available = async (): Promise<bigint> =>
    amount(String((await owner.get('/v1/account/credits')).body['available']));
  const audited = async (action: string): Promise<unknown> =>
    stack.entities.manager.query(
      `SELECT actor_role, target_id, before, after FROM records.audit
       WHERE account_id = $1 AND action = $2 ORDER BY id DESC LIMIT 1`,
      [accountId, action],
    );

  it('[E24] draws on one pool, whoever of it asks', async () => {
    const [one, two] = [memberNamed('one'), memberNamed('two')];
    const before = await available();
    const jobs = await Promise.all([run(one, 'first'), run(two, 'second')]);
    for (const { body } of jobs) expect(body).toMatchObject({ charge: '1.800000' });
    expect(before - (await available())).toBe(amount('3.6'));
  });

  it('[E24] draws within the limit of each member', async () => {
    const [free, two] = [memberNamed('unlimited'), memberNamed('limited')];
    const userId = await idOf(two);
    const path = `/v1/account/members/${userId}/limit`;
    const limited = await owner.call('PUT', path, { amount: '0.1', period: 'total' });
    expect([limited.status, limited.body]).toMatchObject([
      200,
      { user_id: userId, limits: [{ kind: 'member', subject: userId, period: 'total', amount: '0.100000' }] },
    ]);
    const { members } = (await owner.get('/v1/account/members')).body as { members: { user_id: string }[] };
    expect(members.find((member) => member.user_id === userId)).toMatchObject({ limits: limited.body['limits'] });
    // Whoever it is set for is shown it, and no other member is.
    const shown = async (who: SignedIn): Promise<unknown> => (await who.get('/v1/account/limits')).body['data'];
    expect([await shown(free), await shown(two)]).toMatchObject([[], [{ kind: 'member', subject: userId }]]);
    const before = await available();
    expect(told(await run(two, 'third'))).toEqual([402, 'member_limit_reached']);
    expect((await run(free, 'fourth')).body).toMatchObject({ charge: '1.800000' });
    expect(before - (await available())).toBe(amount('1.8'));
    expect((await owner.call('PUT', path, { amount: null, period: 'total' })).body).toMatchObject({ limits: [] });
    expect((await run(two, 'fifth')).body).toMatchObject({ charge: '1.800000' });
    const nobody = await owner.call('PUT', '/v1/account/members/usr_nobody/limit', { amount: '1' });
    expect(told(nobody)).toEqual([404, 'member_not_found']);
  });

  it('[E24] leaves a removed member nothing, from the next request on', async () => {
    const leaver = await joined('leaver');
    const userId = await idOf(leaver);
    expect((await leaver.get('/v1/account/credits')).status).toBe(200);
    expect((await owner.call('DELETE', `/v1/account/members/${userId}`)).status).toBe(204);
    expect(told(await leaver.get('/v1/account/credits'))).toEqual([404, 'account_not_found']);
    expect(told(await run(leaver, 'after'))).toEqual([404, 'account_not_found']);
    const { members } = (await owner.get('/v1/account/members')).body as { members: { user_id: string }[] };
    expect(members.map((member) => member.user_id)).not.toContain(userId);
    expect(await audited('member.removed')).toEqual([
      { actor_role: 'owner', target_id: userId, before: { role: 'member' }, after: null },
    ]);
    const again = await joined('leaver');
    expect((await again.get('/v1/account/credits')).status).toBe(200);
    expect((await again.call('DELETE', `/v1/account/members/${userId}`)).status).toBe(204);
  });

  it('[E24] revokes the keys that were shown to an owner who is removed, and no others', async () => {
    const leaver = await joined('keyholder');
    const userId = await idOf(leaver);
    await owner.call('PATCH', `/v1/account/members/${userId}`, { role: 'owner' });
    const made = async (by: SignedIn, name: string): Promise<string> => {
      const answer = await postOnce(by, '/v1/api-keys', { key: name, body: { name, scopes: ['account'] } });
      expect(answer.status).toBe(201);
      return String(((await answer.json()) as Readonly<Record<string, unknown>>)['secret']);
    };
    const [theirs, ours] = [await made(leaver, 'theirs'), await made(owner, 'ours')];
    const asked = async (secret: string): Promise<number> =>
      (await fetch(`${stack.apiUrl}/v1/account/credits`, { headers: { authorization: `Bearer ${secret}` } })).status;
    expect([await asked(theirs), await asked(ours)]).toEqual([200, 200]);
    expect((await owner.call('DELETE', `/v1/account/members/${userId}`)).status).toBe(204);
    expect([await asked(theirs), await asked(ours)]).toEqual([401, 200]);
    expect(await audited('key.revoked')).toMatchObject([{ actor_role: 'owner', after: { revoked: true } }]);
  });

  it('lets a member look and draw, and change nobody', async () => {
    const member = await joined('member');
    const ownerId = await idOf(owner);
    const asked: readonly (readonly [string, string, object?])[] = [
      ['GET', '/v1/account/members'],
      ['POST', '/v1/account/members', { email: 'friend@example.test' }],
      ['PATCH', `/v1/account/members/${await idOf(member)}`, { role: 'owner' }],
      ['DELETE', `/v1/account/members/${ownerId}`],
      ['PUT', `/v1/account/members/${await idOf(member)}/limit`, { amount: null }],
      ['PUT', '/v1/account/limits', { limits: [] }],
      ['PATCH', '/v1/account', { name: 'Mine' }],
      ['POST', '/v1/account/close'],
    ];
    for (const [method, path, body] of asked) {
      expect([path, ...told(await member.call(method, path, body))]).toEqual([path, 403, 'forbidden']);
    }
    expect((await member.get('/v1/account')).body).toMatchObject({ account_id: accountId, status: 'active' });
  });

  it('takes an invitation once, from whom it is for, while it is open', async () => {
    const accept = async (who: SignedIn, token: string) =>
      told(await who.call('POST', '/v1/invitations/accept', { token }));
    const token = await invited('guest');
    expect(await accept(person('thief'), token)).toEqual([404, 'invitation_not_found']);
    const nobody = new SignedIn(stack.apiUrl, issuer.token({ sub: 'unverified', email: 'guest@example.test' }));
    expect(await accept(nobody, token)).toEqual([404, 'invitation_not_found']);
    expect(await accept(person('guest'), 'fmi_invented')).toEqual([404, 'invitation_not_found']);
    const newer = await invited('guest');
    expect(await accept(person('guest'), token)).toEqual([410, 'invitation_over']);
    const both = await Promise.all([accept(person('guest'), newer), accept(person('guest'), newer)]);
    expect(both.map(([status]) => status).sort()).toEqual([200, 410]);
    expect(await accept(person('guest'), await invited('guest'))).toEqual([409, 'already_member']);
    const { id, token: withdrawn } = (await owner.call('POST', '/v1/account/members', { email: 'no@example.test' }))
      .body;
    expect((await owner.call('DELETE', `/v1/account/invitations/${String(id)}`)).status).toBe(204);
    expect(await accept(person('no'), String(withdrawn))).toEqual([410, 'invitation_over']);
    const kept = await stack.entities.manager.query<unknown[]>(
      'SELECT 1 FROM records.invitations WHERE ended_at IS NOT NULL AND email IS NOT NULL',
    );
    expect(kept).toEqual([]);
  });

  it('is asked to join once under one Idempotency-Key, also at one moment, and keeps no address for it', async () => {
    const ask = async (email: string) => owner.once('/v1/account/members', { body: { email }, key: 'ask-once' });
    const twins = await Promise.all([ask('twin@example.test'), ask('twin@example.test')]);
    expect(twins.map(({ status, body }) => [status, body['id']])).toEqual(twins.map(() => [201, twins[0].body['id']]));
    const tokens = twins.map(({ body }) => body['token']);
    expect([tokens.filter((token) => token === null).length, new Set(tokens).size]).toEqual([1, 2]);
    const again = await ask('Twin@example.test');
    expect(again.body).toMatchObject({ id: twins[0].body['id'], email: 'Twin@example.test', token: null });
    expect(told(await ask('other@example.test'))).toEqual([409, 'idempotency_mismatch']);
    const kept = await stack.entities.manager.query<unknown[]>(
      'SELECT 1 FROM records.replies r WHERE r::text ILIKE $1',
      ['%twin@example.test%'],
    );
    expect(kept).toEqual([]);
  });

  it('asks whoever is in several accounts which one is meant', async () => {
    const member = person('several');
    const own = await ownAccount(member);
    await joined('several');
    const answer = await member.get('/v1/account/credits');
    expect([...told(answer), answer.body['accounts']]).toEqual([403, 'account_not_named', [own, accountId]]);
    expect(told(await member.inAccount('acc_of_nobody').get('/v1/account/credits'))).toEqual([
      404,
      'account_not_found',
    ]);
    expect(told(await member.inAccount(accountId).get('/v1/account/credits'))).toEqual([200, undefined]);
    expect(told(await member.inAccount(own).get('/v1/account/credits'))).toEqual([200, undefined]);
  });

  it('is never without an owner, also where two leave at once', async () => {
    const ownerId = await idOf(owner);
    expect(told(await owner.call('DELETE', `/v1/account/members/${ownerId}`))).toEqual([409, 'last_owner']);
    expect(told(await owner.call('PATCH', `/v1/account/members/${ownerId}`, { role: 'member' }))).toEqual([
      409,
      'last_owner',
    ]);
    expect(told(await owner.call('DELETE', '/v1/account/members/usr_nobody'))).toEqual([404, 'member_not_found']);
    const second = await joined('second-owner');
    const secondId = await idOf(second);
    expect((await owner.call('PATCH', `/v1/account/members/${secondId}`, { role: 'owner' })).status).toBe(200);
    const both = await Promise.all([
      owner.call('PATCH', `/v1/account/members/${ownerId}`, { role: 'member' }),
      second.call('PATCH', `/v1/account/members/${secondId}`, { role: 'member' }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const left = both[0].status === 200 ? second : owner;
    expect((await left.call('PATCH', `/v1/account/members/${ownerId}`, { role: 'owner' })).status).toBe(200);
  });
});
