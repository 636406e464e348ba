// The page's way in: the code flow with PKCE at the local issuer, the session it ends in, and what that session
// refuses.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LocalIssuer } from '../../apps/cli/src/issuer/local-issuer.js';
import { localIssuerSetting, startLocalIssuer } from '../../apps/cli/src/issuer/local-issuer.js';
import { TestStack } from '../harness/test-stack.js';

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

  it('is over when its time is', async () => {
    await stack.startApi({ SESSION_MS: '1000' });
    const cookies = await signIn('newcomer');
    await new Promise((resume) => setTimeout(resume, 1_100));
    const after = await me(cookies);
    expect([after.status, after.body['code']]).toEqual([401, 'session_ended']);
    await stack.startApi();
  });

  it('comes of no sign-in that another browser began, twice, or that was changed on the way', async () => {
    const chosen = await choose('owner');
    const foreign = await choose('member');
    const spoilt = new URL(chosen.location);
    spoilt.searchParams.set('state', 'another');
    const invented = new URL(chosen.location);
    invented.searchParams.set('code', 'another');
    const without = new URL(chosen.location);
    without.searchParams.delete('code');
    for (const [at, cookies] of [
      [chosen.location, {}],
      [chosen.location, { fairmeter_sign_in: 'bm90IGpzb24' }],
      [chosen.location, foreign.cookies],
      [spoilt.toString(), chosen.cookies],
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

  it('of staff is one of staff', async () => {
    expect((await me(await signIn('support'))).body).toMatchObject({ staff: 'support', accounts: [] });
  });
});
