// People by the tokens of an issuer: what holds is believed, what does not is told why, and the first sign-in opens an
// account, once.
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignedIn, TestIssuer } from '../harness/signed-in.js';
import { TestStack } from '../harness/test-stack.js';

/** Nothing listens there. */
const AWAY = 'http://127.0.0.1:1';

describe('a token of an issuer', () => {
  let issuer: TestIssuer;
  let stack: TestStack;
  beforeAll(async () => {
    issuer = await TestIssuer.open();
    const away = { issuer: AWAY, audience: issuer.audience };
    const setting = JSON.stringify([...(JSON.parse(issuer.setting) as object[]), away]);
    stack = await TestStack.open({ api: { OIDC_ISSUERS: setting } });
    await stack.startApi();
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
    await issuer.close();
  }, 60_000);

  const ask = async (token: string): Promise<unknown[]> => {
    const { status, body } = await new SignedIn(stack.apiUrl, token).get('/v1/account/credits');
    return [status, body['code']];
  };
  const seconds = (fromNow: number): number => Math.floor(Date.now() / 1_000) + fromNow;
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const count = async (table: string): Promise<number> => {
    const [row] = await stack.entities.manager.query<{ n: number }[]>(
      `SELECT count(*)::int AS n FROM records.${table}`,
    );
    return row?.n ?? -1;
  };

  it('opens the person\u2019s account', async () => {
    expect(await ask(issuer.token({ sub: 'first-of-all' }))).toEqual([200, undefined]);
  });

  it('is refused by name where it does not hold, and nobody is made of it', async () => {
    const before = await count('users');
    issuer.addKey('never-published', { publish: false });
    const claims = { iss: issuer.url, aud: issuer.audience, sub: 'intruder', exp: seconds(600) };
    const text = `${encode({ alg: 'HS256', kid: 'first' })}.${encode(claims)}`;
    const good = issuer.token({ sub: 'intruder' });
    const [head = '', , mark = ''] = good.split('.');
    const changed = `${head}.${encode({ ...claims, sub: 'admin' })}.${mark}`;
    const told: Readonly<Record<string, string>> = {
      token_expired: issuer.token({ sub: 'intruder', exp: seconds(-60) }),
      token_not_yet_valid: issuer.token({ sub: 'intruder', nbf: seconds(60) }),
      token_wrong_audience: issuer.token({ sub: 'intruder', aud: 'another-service' }),
      token_key_unknown: issuer.token({ sub: 'intruder' }, { kid: 'never-published' }),
    };
    for (const [code, token] of Object.entries(told)) expect(await ask(token)).toEqual([401, code]);
    const unsigned = [
      `${encode({ alg: 'none' })}.${encode(claims)}.`,
      `${encode({ alg: 'None', kid: 'first' })}.${encode(claims)}.${mark}`,
      `${text}.${createHmac('sha256', 'secret').update(text).digest('base64url')}`,
    ];
    for (const token of unsigned) expect(await ask(token)).toEqual([401, 'token_unsigned']);
    const bad = [
      changed,
      `${head}.${encode(claims)}.`,
      issuer.token({ sub: 'intruder' }, { kid: 'first', signWith: 'never-published' }),
      issuer.token({ iss: 'https://another.example', sub: 'intruder' }),
      issuer.token({ sub: undefined }),
      issuer.token({ sub: '' }),
      issuer.token({ sub: 'x'.repeat(300) }),
      // No place of ours holds these as they are, and so another one could be taken for them.
      issuer.token({ sub: 'a\u0000' }),
      issuer.token({ sub: 'a\ud800' }),
      issuer.token({ sub: 'intruder', exp: undefined }),
      issuer.token({ sub: 'intruder', exp: 'tomorrow' }),
      'a.b.c',
      `${encode({ alg: 'RS256' })}.${encode([])}.${mark}`,
    ];
    for (const token of bad) expect([token, ...(await ask(token))]).toEqual([token, 401, 'token_invalid']);
    expect(await ask('not-a-token')).toEqual([401, 'key_invalid']);
    expect(await count('users')).toBe(before);
  });

  it('with an unknown key makes the API ask for keys once, not once per token', async () => {
    issuer.addKey('unknown-here', { publish: false });
    const before = issuer.keysAsked;
    const token = issuer.token({}, { kid: 'unknown-here' });
    const answers = await Promise.all(Array.from({ length: 20 }, async () => ask(token)));
    for (const answer of answers) expect(answer).toEqual([401, 'token_key_unknown']);
    expect(issuer.keysAsked - before).toBeLessThanOrEqual(1);
  });

  it('of an issuer that cannot be asked is neither believed nor refused', async () => {
    const answer = await new SignedIn(stack.apiUrl, issuer.token({ iss: AWAY })).get('/v1/account/credits');
    expect([answer.status, answer.body]).toEqual([
      503,
      expect.objectContaining({ code: 'service_unavailable', part: 'issuer' }),
    ]);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('of an issuer whose keys would come over plain text is not believed', async () => {
    // It leads here, and its name does not say so: as any other machine it would answer over plain text.
    const careless = await TestIssuer.open({ keysHost: '[::ffff:127.0.0.1]' });
    const api = await stack.startApi({ OIDC_ISSUERS: careless.setting });
    const answer = await new SignedIn(api.url, careless.token()).get('/v1/account/credits');
    expect([answer.status, answer.body['code']]).toEqual([503, 'service_unavailable']);
    expect(careless.keysAsked).toBe(0);
    await stack.stopApi(api);
    await careless.close();
  });

  it('opens one account, also for 20 first requests at two processes in the same instant', async () => {
    const other = await stack.startApi();
    const token = issuer.token({ sub: 'in-a-hurry', email: 'hurry@example.test', email_verified: true });
    const [users, accounts] = [await count('users'), await count('accounts')];
    const bodies = await Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        const answer = await new SignedIn(at % 2 === 0 ? stack.apiUrl : other.url, token).get('/v1/me');
        expect(answer.status).toBe(200);
        return answer.body;
      }),
    );
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
    expect(bodies[0]).toMatchObject({ email: 'hurry@example.test', accounts: [{ role: 'owner', status: 'active' }] });
    expect([await count('users'), await count('accounts')]).toEqual([users + 1, accounts + 1]);
    const lines = await stack.entities.manager.query<unknown[]>(
      `SELECT action, actor_role FROM records.audit WHERE actor_id = $1`,
      [bodies[0]?.['user_id']],
    );
    expect(lines).toEqual([{ action: 'account.opened', actor_role: 'owner' }]);
  });

  it('of the staff opens no account and none of anybody else', async () => {
    const accounts = await count('accounts');
    for (const [role, staff] of [
      ['helpdesk', 'support'],
      ['operator', 'admin'],
    ] as const) {
      const person = new SignedIn(stack.apiUrl, issuer.token({ sub: `of-${role}`, roles: [role] }));
      expect((await person.get('/v1/me')).body).toMatchObject({ staff, accounts: [] });
      expect((await person.get('/v1/account/credits')).body).toMatchObject({ code: 'forbidden' });
    }
    expect(await count('accounts')).toBe(accounts);
  });

  it('brings no staff role back that a newer one has taken, for itself or for a session of before', async () => {
    const sub = 'was-staff';
    const said = (role: string | null, iat: number | undefined): SignedIn =>
      new SignedIn(stack.apiUrl, issuer.token({ sub, iat, ...(role === null ? {} : { roles: [role] }) }));
    const staff = async (person: SignedIn): Promise<unknown> => {
      const { status, body } = await person.get('/v1/me');
      return status === 200 ? body['staff'] : body['code'];
    };
    const role = async (): Promise<unknown> =>
      stack.entities.manager.query('SELECT staff_role FROM records.users WHERE subject = $1', [sub]);
    const older = said('operator', seconds(-300));
    expect([await staff(older), await role()]).toEqual(['admin', [{ staff_role: 'admin' }]]);
    expect(await staff(said('helpdesk', seconds(-200)))).toBe('support');
    expect([await staff(older), await role()]).toEqual(['token_expired', [{ staff_role: 'support' }]]);
    const repeated = said('helpdesk', seconds(-100));
    expect(await staff(repeated)).toBe('support');
    // Between two words of the same: what was said last has the later date, though it changed nothing.
    expect([await staff(said(null, seconds(-150))), await role()]).toEqual([null, [{ staff_role: 'support' }]]);
    expect(await staff(said(null, seconds(-50)))).toBeNull();
    expect([await staff(repeated), await role()]).toEqual(['token_expired', [{ staff_role: null }]]);
    expect(await staff(said('operator', seconds(-40)))).toBe('admin');
    expect(await staff(said('operator', undefined))).toBe('token_invalid');
  });

  it('says an address only where its issuer has verified it', async () => {
    const me = async (claims: object) =>
      (await new SignedIn(stack.apiUrl, issuer.token({ sub: 'addressed', ...claims })).get('/v1/me')).body['email'];
    expect(await me({ email: 'victim@example.test', email_verified: false })).toBeNull();
    expect(await me({ email: 'mine@example.test', email_verified: true })).toBe('mine@example.test');
    expect(await me({})).toBe('mine@example.test');
  });
});
