// Goal: a role that is taken away takes along what it opened, at once. Method: owners who change each other's roles,
// also at one moment: then all requests are past the door before the first of them is let on.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from '../harness/bot-client.js';
import { openBot, putOnPlan } from '../harness/people.js';
import { SignedIn, TestIssuer } from '../harness/signed-in.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

interface Owner {
  readonly client: SignedIn;
  readonly userId: string;
  readonly accountId: string;
}

/** By their own name the owner of an account, and whoever is an owner of it as well. */
const ACCOUNTS: Readonly<Record<string, readonly string[]>> = {
  left: ['right', 'third'],
  'one-of-two': ['two-of-two'],
  'staying-on': ['leaving-0', 'leaving-1', 'leaving-2', 'leaving-3'],
  'owner-of-key': [],
  'of-many-keys': [],
  staying: ['demoted'],
};
const INVITED = ['by-them', 'by-us'];

describe('the role of an owner', () => {
  const owners = new Map<string, Owner>();
  let issuer: TestIssuer;
  let stack: TestStack;
  beforeAll(async () => {
    issuer = await TestIssuer.open();
    stack = await TestStack.open({ api: { OIDC_ISSUERS: issuer.setting } });
    await stack.startApi();
    // Whoever comes first waits a moment for credits that nobody is there to give: all of them at once.
    const opened = Object.entries(ACCOUNTS).map(async ([sub, others]) => {
      const owner = await opens(sub);
      owners.set(sub, owner);
      await Promise.all(others.map(async (other) => owners.set(other, await joins(other, owner.accountId))));
    });
    await Promise.all([...opened, ...INVITED.map(async (sub) => person(sub).get('/v1/me'))]);
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
    await issuer.close();
  }, 60_000);

  const person = (sub: string): SignedIn =>
    new SignedIn(stack.apiUrl, issuer.token({ sub, email: `${sub}@example.test`, email_verified: true }));
  const told = ({ status, body }: Answer): unknown[] => [status, body['code']];

  /** Of an account of their own. */
  async function opens(sub: string): Promise<Owner> {
    const { body } = await person(sub).get('/v1/me');
    const [own] = body['accounts'] as { account_id: string }[];
    const accountId = own?.account_id ?? '';
    await putOnPlan(stack, accountId, 'plan_premium');
    return { client: person(sub).inAccount(accountId), userId: String(body['user_id']), accountId };
  }
  /** Of that account as well. */
  async function joins(sub: string, accountId: string): Promise<Owner> {
    const { userId } = await opens(sub);
    const join = `INSERT INTO records.memberships (account_id, user_id, role) VALUES ($1, $2, 'owner')`;
    await stack.entities.manager.query(join, [accountId, userId]);
    return { client: person(sub).inAccount(accountId), userId, accountId };
  }
  function ownerOf(sub: string): Owner {
    const owner = owners.get(sub);
    if (owner === undefined) throw new Error(`${sub} is not there`);
    return owner;
  }
  const demote = async ({ client }: Owner, { userId }: Owner): Promise<Answer> =>
    client.call('PATCH', `/v1/account/members/${userId}`, { role: 'member' });
  const ownersLeft = async ({ accountId }: Owner): Promise<unknown[]> =>
    stack.entities.manager.query(
      `SELECT user_id FROM records.memberships WHERE account_id = $1 AND role = 'owner' AND removed_at IS NULL`,
      [accountId],
    );

  /** They wait for the row of the account, in their order, and are let on together. */
  async function atOnce(accountId: string, requests: readonly (() => Promise<Answer>)[]): Promise<unknown[][]> {
    const asked: Promise<Answer>[] = [];
    await stack.entities.transaction(async (tx) => {
      await tx.query('SELECT FROM records.accounts WHERE id = $1 FOR UPDATE', [accountId]);
      const waiting = async (): Promise<number> => {
        const rows = await tx.query<{ waiting: number }[]>(
          `SELECT count(*)::int AS waiting FROM pg_locks WHERE NOT granted
             AND (transactionid = pg_current_xact_id()::xid OR locktype = 'tuple' AND database = (
               SELECT oid FROM pg_database WHERE datname = current_database()))`,
        );
        return rows[0]?.waiting ?? 0;
      };
      for (const request of requests) {
        asked.push(request());
        await until(waiting, (count) => count === asked.length);
      }
    });
    return (await Promise.all(asked)).map(told);
  }

  it('[E24] lets nobody finish a change as the owner who they were when they asked', async () => {
    const [left, right, third] = [ownerOf('left'), ownerOf('right'), ownerOf('third')];
    const { accountId } = left;
    const each = await atOnce(accountId, [async () => demote(left, right), async () => demote(right, left)]);
    expect(each).toEqual([
      [200, undefined],
      [403, 'role_changed'],
    ]);
    const removed = await atOnce(accountId, [
      async () => left.client.call('DELETE', `/v1/account/members/${third.userId}`),
      async () => third.client.call('POST', '/v1/account/members', { email: 'late@example.test' }),
    ]);
    expect(removed).toEqual([
      [204, undefined],
      [403, 'role_changed'],
    ]);
    const { body } = await left.client.get('/v1/account/members');
    expect(body).toMatchObject({ members: [{ role: 'owner' }, { role: 'member' }], invitations: [] });
  });

  it('[E24] stays with one of two who demote each other', async () => {
    const [one, two] = [ownerOf('one-of-two'), ownerOf('two-of-two')];
    const both = await Promise.all([demote(one, two), demote(two, one)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 403]);
    expect(await ownersLeft(one)).toHaveLength(1);
  });

  const asks = async ({ client }: Pick<Owner, 'client'>): Promise<Answer> =>
    client.once('/v1/api-keys', { body: { name: 'A key', scopes: ['manage'] } });

  it('[E24] takes along a key or an offer that is still being made when it is taken away', async () => {
    const staying = ownerOf('staying-on');
    const { accountId } = staying;
    const ways = ['key', 'key of a key', 'offer', 'offer by a key'] as const;
    for (const [n, way] of ways.entries()) {
      const leaving = ownerOf(`leaving-${n}`);
      const key = new SignedIn(stack.apiUrl, String((await asks(leaving)).body['secret']));
      const client = way.endsWith('a key') ? key : leaving.client;
      const { botId } = await openBot(stack, { accountId });
      const left = await atOnce(accountId, [
        async () =>
          way.startsWith('key')
            ? asks({ client })
            : client.call('POST', `/v1/bots/${botId}/transfers`, { to_account_id: 'acc_elsewhere' }),
        async () =>
          n % 2 === 0
            ? staying.client.call('DELETE', `/v1/account/members/${leaving.userId}`)
            : demote(staying, leaving),
      ]);
      expect([way, left.map(([status]) => status)]).toEqual([way, [201, n % 2 === 0 ? 204 : 200]]);
    }
    const { manager } = stack.entities;
    const keys = 'SELECT revoked_at IS NULL AS alive FROM records.api_keys WHERE account_id = $1 AND bot_id IS NULL';
    expect(await manager.query(keys, [accountId])).toEqual(Array<unknown>(6).fill({ alive: false }));
    const offers = 'SELECT state FROM records.bot_transfers WHERE from_account = $1';
    expect(await manager.query(offers, [accountId])).toEqual(Array<unknown>(2).fill({ state: 'withdrawn' }));
  }, 30_000);

  it('[E24] takes a key along before that key, at the same moment, makes another or offers a bot', async () => {
    const owner = ownerOf('owner-of-key');
    const { accountId } = owner;
    const made = (await asks(owner)).body;
    const key = new SignedIn(stack.apiUrl, String(made['secret']));
    const { botId } = await openBot(stack, { accountId });
    const refused = await atOnce(accountId, [
      async () => owner.client.call('DELETE', `/v1/api-keys/${String(made['id'])}`),
      async () => asks({ client: key }),
      async () => key.call('POST', `/v1/bots/${botId}/transfers`, { to_account_id: 'acc_elsewhere' }),
    ]);
    expect(refused).toEqual([
      [200, undefined],
      [401, 'key_revoked'],
      [401, 'key_revoked'],
    ]);
  });

  it('lets an owner make many keys at one moment', async () => {
    const owner = ownerOf('of-many-keys');
    const all = await atOnce(
      owner.accountId,
      Array.from({ length: 8 }, () => async () => asks(owner)),
    );
    expect(all).toEqual(Array<unknown>(8).fill([201, undefined]));
  }, 30_000);

  it('[E24] takes along the invitations and offers that its owner left open, and none of another', async () => {
    const staying = ownerOf('staying');
    const { accountId } = staying;
    const demoted = ownerOf('demoted');
    const invites = async ({ client }: Owner, sub: string): Promise<string> =>
      String((await client.call('POST', '/v1/account/members', { email: `${sub}@example.test` })).body['token']);
    const [theirs, ours] = [await invites(demoted, 'by-them'), await invites(staying, 'by-us')];
    const made = await fetch(`${stack.apiUrl}/v1/api-keys`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${demoted.client.token}`,
        'fairmeter-account': accountId,
        'content-type': 'application/json',
        'idempotency-key': 'holds-on',
      },
      body: JSON.stringify({ name: 'Holds on', scopes: ['manage'] }),
    });
    const secret = String(((await made.json()) as Answer['body'])['secret']);
    const offers: string[] = [];
    for (const by of [demoted.client, new SignedIn(stack.apiUrl, secret), staying.client]) {
      const { botId } = await openBot(stack, { accountId });
      const offered = await by.call('POST', `/v1/bots/${botId}/transfers`, { to_account_id: 'acc_elsewhere' });
      expect([offered.status, typeof offered.body['id']]).toEqual([201, 'string']);
      offers.push(String(offered.body['id']));
    }
    expect((await demote(staying, demoted)).status).toBe(200);
    const accepts = async (sub: string, token: string): Promise<unknown[]> =>
      told(await person(sub).call('POST', '/v1/invitations/accept', { token }));
    expect(await accepts('by-them', theirs)).toEqual([410, 'invitation_over']);
    expect(await accepts('by-us', ours)).toEqual([200, undefined]);
    const { manager } = stack.entities;
    expect(
      await manager.query(
        'SELECT state FROM records.bot_transfers WHERE id = ANY ($1) ORDER BY array_position($1::text[], id)',
        [offers],
      ),
    ).toEqual([{ state: 'withdrawn' }, { state: 'withdrawn' }, { state: 'offered' }]);
    const lines = `SELECT action, actor_id FROM records.audit WHERE account_id = $1
      AND action IN ('key.revoked', 'invitation.withdrawn', 'bot.offer_withdrawn') ORDER BY id`;
    expect(await manager.query(lines, [accountId])).toEqual(
      ['key.revoked', 'invitation.withdrawn', 'bot.offer_withdrawn', 'bot.offer_withdrawn'].map((action) => ({
        action,
        actor_id: staying.userId,
      })),
    );
  });
});
