// The page's way in: the code flow with PKCE at the local issuer, the session it ends in, and what that session
// refuses.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LocalIssuer } from '../../apps/cli/src/issuer/local-issuer.js';
import { localIssuerSetting, startLocalIssuer } from '../../apps/cli/src/issuer/local-issuer.js';
import { TestStack } from '../harness/test-stack.js';
import { pause } from '../harness/until.js';

interface Visit {
  readonly cookies: Readonly<Record<string, string>>;
  readonly location: string;
}

describe('the session of a browser', () => {
  let issuer: LocalIssuer;
  let stack: TestStack;
  beforeAll(async () => {
    issuer = await startLocalIssuer({ port: 0 });
    stack = await TestStack.open({ api: { OIDC_ISSUERS: localIssuerSetting(issuer.url) } });
    await stack.startApi();
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
    await issuer.close();
  }, 60_000);

  const cookieHeader = (cookies: Visit['cookies']): Record<string, string> => ({
    cookie: Object.entries(cookies)
      .map(([name, value]) => `${name}=${value}`)
      .join('; '),
  });

  const visit = async (url: string, cookies: Visit['cookies'] = {}, init: RequestInit = {}) => {
    const response = await fetch(url, { redirect: 'manual', ...init, headers: { ...cookieHeader(cookies) } });
    const set = response.headers.getSetCookie();
    const given = set.map((text) => (text.split(';')[0] ?? '').split('=') as [string, string]);
    const merged = { ...cookies, ...Object.fromEntries(given) };
    const all = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== ''));
    const text = await response.text();
    return { response, set, text, cookies: all, location: response.headers.get('location') ?? '' };
  };

  /** Up to the way back, which the test may take or spoil. */
  const choose = async (person: string, returnTo = '/'): Promise<Visit> => {
    const begun = await visit(`${stack.apiUrl}/v1/auth/login?return_to=${encodeURIComponent(returnTo)}`);
    expect(begun.response.status).toBe(302);
    const asked = new URL(begun.location);
    expect((await visit(begun.location)).text).toContain('Demo owner');
    asked.searchParams.set('person', person);
    const chosen = await visit(`${issuer.url}/authorize`, {}, { method: 'POST', body: asked.searchParams });
    expect(chosen.response.status).toBe(303);
    return { cookies: begun.cookies, location: chosen.location };
  };

  const signIn = async (person: string): Promise<Visit['cookies']> => {
    const chosen = await choose(person);
    const back = await visit(chosen.location, chosen.cookies);
    expect([back.response.status, back.text]).toEqual([303, '']);
    return back.cookies;
  };

  const me = async (cookies: Visit['cookies']) => {
    const { response, text } = await visit(`${stack.apiUrl}/v1/me`, cookies);
    const body = JSON.parse(text) as Readonly<Record<string, unknown>> & {
      readonly session: { readonly csrf_token: string };
    };
    return { status: response.status, body };
  };

  const code = (text: string): unknown => (JSON.parse(text) as { code?: unknown }).code;

  it('begins with the code flow and is nothing that a script or another site could use', async () => {
    const chosen = await choose('newcomer', '/page?tab=1');
    const back = await visit(chosen.location, chosen.cookies);
    expect([back.response.status, back.location]).toEqual([303, '/page?tab=1']);
    const [session = ''] = back.set;
    expect(session).toMatch(/^fairmeter_session=fms_[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Lax$/);
    expect(Object.keys(back.cookies)).toEqual(['fairmeter_session']);
    expect((await me(back.cookies)).body).toMatchObject({
      email: 'newcomer@demo.localhost',
      accounts: [{ role: 'owner', status: 'active' }],
    });
    const credits = await visit(`${stack.apiUrl}/v1/account/credits`, back.cookies);
    expect(credits.response.status).toBe(200);
    const [kept] = await stack.entities.manager.query<{ n: number }[]>(
      `SELECT count(*)::int AS n FROM records.sessions WHERE token_hash = $1 OR token_hash LIKE 'fms%'`,
      [back.cookies['fairmeter_session']],
    );
    expect(kept).toEqual({ n: 0 });
  });

  it('writes only with the token of our own page, and ends at once when it is ended', async () => {
    const cookies = await signIn('newcomer');
    const { body } = await me(cookies);
    const logout = async (headers: Record<string, string>) =>
      fetch(`${stack.apiUrl}/v1/auth/logout`, { method: 'POST', headers: { ...cookieHeader(cookies), ...headers } });
    for (const headers of [{}, { 'fairmeter-csrf': '' }, { 'fairmeter-csrf': 'x'.repeat(43) }]) {
      const refused = await logout(headers);
      expect([refused.status, code(await refused.text())]).toEqual([403, 'csrf_token_wrong']);
    }
    expect((await me(cookies)).status).toBe(200);
    const ended = await logout({ 'fairmeter-csrf': body.session.csrf_token });
    expect([ended.status, ended.headers.getSetCookie()[0]]).toEqual([204, expect.stringContaining('Max-Age=0')]);
    const after = await me(cookies);
    expect([after.status, after.body['code']]).toEqual([401, 'session_ended']);
  });

  describe('of a second', () => {
    let cookies: Awaited<ReturnType<typeof signIn>>;
    beforeAll(async () => {
      await stack.startApi({ SESSION_MS: '1000' });
      cookies = await signIn('newcomer');
      await pause(1_100);
    }, 60_000);
    afterAll(async () => {
      await stack.startApi();
    }, 60_000);

    it('is over when its time is', async () => {
      const after = await me(cookies);
      expect([after.status, after.body['code']]).toEqual([401, 'session_ended']);
    });
  });

  it('comes of no sign-in that another browser began, twice, or that was changed on the way', async () => {
    const chosen = await choose('owner');
    const foreign = await choose('member');
    const spoilt = new URL(chosen.location);
    spoilt.searchParams.set('state', 'another');
    // What another issuer sends back, or somebody who keeps silent about which one it is (RFC 9207).
    const mixedUp = new URL(chosen.location);
    mixedUp.searchParams.set('iss', 'https://another.example');
    const unnamed = new URL(chosen.location);
    unnamed.searchParams.delete('iss');
    const invented = new URL(chosen.location);
    invented.searchParams.set('code', 'another');
    const without = new URL(chosen.location);
    without.searchParams.delete('code');
    for (const [at, cookies] of [
      [chosen.location, {}],
      [chosen.location, { fairmeter_sign_in: 'bm90IGpzb24' }],
      [chosen.location, foreign.cookies],
      [spoilt.toString(), chosen.cookies],
      [mixedUp.toString(), chosen.cookies],
      [unnamed.toString(), chosen.cookies],
      [invented.toString(), chosen.cookies],
      [without.toString(), chosen.cookies],
    ] as const) {
      const refused = await visit(at, cookies);
      expect([refused.response.status, code(refused.text)]).toEqual([401, 'sign_in_failed']);
      expect(refused.set).toEqual([]);
    }
    expect((await visit(chosen.location, chosen.cookies)).response.status).toBe(303);
    expect((await visit(chosen.location, chosen.cookies)).response.status).toBe(401);
  });

  it('never leads to another site', async () => {
    for (const place of ['https://other.example', '//other.example', '/\\other.example', 'page', '/a\nb']) {
      const answer = await visit(`${stack.apiUrl}/v1/auth/login?return_to=${encodeURIComponent(place)}`);
      expect([place, answer.response.status]).toEqual([place, 422]);
    }
  });

  it('of staff is one of staff, for an hour at most', async () => {
    const chosen = await choose('support');
    const back = await visit(chosen.location, chosen.cookies);
    expect(back.set[0]).toContain('Max-Age=3600;');
    expect((await me(back.cookies)).body).toMatchObject({ staff: 'support', accounts: [] });
  });

  it('of staff ends at once when the issuer says something else of them, or may no longer say it', async () => {
    const [first, second] = [await signIn('support'), await signIn('support')];
    const refused = [401, 'session_ended'];
    const told = async (cookies: Visit['cookies']): Promise<unknown[]> => {
      const { status, body } = await me(cookies);
      return [status, status === 200 ? body['staff'] : body['code']];
    };
    expect([await told(first), await told(second)]).toEqual([
      [200, 'support'],
      [200, 'support'],
    ]);
    const setting = JSON.parse(localIssuerSetting(issuer.url)) as [{ staff: object }];
    const [{ staff: _, ...nobodys }] = setting;
    await stack.startApi({ OIDC_ISSUERS: JSON.stringify([nobodys]) });
    expect(await told(first)).toEqual(refused);
    // A token of the same person, by which this API hears that they are no staff any more.
    const form = new URLSearchParams({ grant_type: 'password', username: 'support' });
    const answer = await fetch(`${issuer.url}/token`, { method: 'POST', body: form });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    await fetch(`${stack.apiUrl}/v1/me`, { headers: { authorization: `Bearer ${token}` } });
    await stack.startApi();
    expect([await told(first), await told(second)]).toEqual([refused, refused]);
    expect(await told(await signIn('support'))).toEqual([200, 'support']);
  });

  it('has a name behind TLS that no neighbouring host can set, and so has its beginning', async () => {
    const api = await stack.startApi({ API_PUBLIC_URL: 'https://api.example' });
    const begun = await visit(`${api.url}/v1/auth/login`);
    expect(begun.set).toEqual([
      expect.stringMatching(/^__Host-fairmeter_sign_in=[\w-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/),
    ]);
    expect(new URL(begun.location).searchParams.get('redirect_uri')).toBe('https://api.example/v1/auth/callback');
    const plain = await visit(`${api.url}/v1/me`, { fairmeter_session: 'fms_of-a-neighbour' });
    expect([plain.response.status, code(plain.text)]).toEqual([401, 'unauthenticated']);
    await stack.stopApi(api);
    await stack.startApi();
  });
});
