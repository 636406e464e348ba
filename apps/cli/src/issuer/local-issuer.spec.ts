// Goal: the local issuer signs in only whom it has, only for this machine, and each code once. Method: over HTTP.
import { request as httpRequest } from 'node:http';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { escapeHtml } from './sign-in-page.js';
import type { LocalIssuer } from './local-issuer.js';
import { LOCAL_CLIENT, startLocalIssuer } from './local-issuer.js';
import { SignInCodes } from './sign-in-codes.js';

let folder: string;
let issuer: LocalIssuer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairmeter-issuer-'));
  issuer = await startLocalIssuer({ port: 0, keyFile: join(folder, 'key.json') });
}, 60_000);

afterAll(async () => {
  await issuer.close();
  rmSync(folder, { recursive: true });
}, 60_000);

const asked = (over: Readonly<Record<string, string>> = {}): URLSearchParams =>
  new URLSearchParams({
    response_type: 'code',
    client_id: LOCAL_CLIENT,
    redirect_uri: 'http://127.0.0.1:1/v1/auth/callback',
    code_challenge: 'c',
    code_challenge_method: 'S256',
    ...over,
  });

const publishedKeys = async (at: LocalIssuer): Promise<unknown> => (await fetch(`${at.url}/jwks`)).json();

describe('the local issuer', () => {
  it('keeps its key from start to start, to itself', async () => {
    const keys = await publishedKeys(issuer);
    expect(JSON.stringify(keys)).not.toContain('"d"');
    expect(statSync(join(folder, 'key.json')).mode & 0o777).toBe(0o600);
    const again = await startLocalIssuer({ port: 0, keyFile: join(folder, 'key.json') });
    expect(await publishedKeys(again)).toEqual(keys);
    await again.close();
  });

  it('sends nobody anywhere but to this machine, and asks for a proof of who began', async () => {
    for (const over of [
      { client_id: 'another' },
      { response_type: 'token' },
      { redirect_uri: 'https://other.example/callback' },
      { redirect_uri: 'nowhere' },
      { code_challenge_method: 'plain' },
      { code_challenge: '' },
    ]) {
      const page = await fetch(`${issuer.url}/authorize?${asked(over).toString()}`);
      const chosen = await fetch(`${issuer.url}/authorize`, {
        method: 'POST',
        redirect: 'manual',
        body: asked({ ...over, person: 'owner' }),
      });
      expect([over, page.status, chosen.status]).toEqual([over, 400, 400]);
    }
  });

  it('knows nobody it was not told of', async () => {
    const form = new URLSearchParams({ grant_type: 'password', username: 'root' });
    const answer = await fetch(`${issuer.url}/token`, { method: 'POST', body: form });
    expect([answer.status, await answer.json()]).toEqual([400, { error: 'invalid_grant' }]);
  });

  it('does not answer to another name for this machine', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { host: 'other.example' };
      httpRequest(`${issuer.url}/jwks`, { headers }, (answer) => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(421);
  });
});

describe('a code', () => {
  const order = {
    subject: 'owner',
    redirectUri: 'http://127.0.0.1/back',
    challenge: createHash('sha256').update('verifier').digest('base64url'),
    nonce: null,
  };
  const proof = { redirectUri: order.redirectUri, verifier: 'verifier' };

  it('is good once, for a minute, for whoever holds the proof', () => {
    let now = 0;
    const codes = new SignInCodes(() => now);
    const code = codes.give(order);
    expect(codes.take(code, proof)).toMatchObject(order);
    expect(codes.take(code, proof)).toBeUndefined();
    for (const wrong of [
      { ...proof, verifier: 'x' },
      { ...proof, redirectUri: 'x' },
    ]) {
      const guessed = codes.give(order);
      expect(codes.take(guessed, wrong)).toBeUndefined();
      expect(codes.take(guessed, proof)).toBeUndefined();
    }
    const late = codes.give(order);
    now = 60_001;
    expect(codes.take(late, proof)).toBeUndefined();
  });
});

describe('the page', () => {
  it('shows text as text', () => {
    expect(escapeHtml(`<a href="&">`)).toBe('&lt;a href=&quot;&amp;&quot;&gt;');
  });
});
