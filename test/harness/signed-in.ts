// Test harness. People with tokens: an issuer of the local kind, and one that a test signs for as badly as it likes.
import { createSign, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer } from './bot-client.js';
import { until } from './until.js';

export interface Claims {
  readonly [name: string]: unknown;
}

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** Publishes the keys it is told to, and counts how often it is asked for them. */
export class TestIssuer {
  readonly audience = 'fairmeter-test';
  keysAsked = 0;
  private readonly keys = new Map<string, KeyObject>();
  private published: object[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
    private readonly keysAt: string,
  ) {}

  /** The host under which it says that its keys are; itself by default. */
  static async open({ keysHost = '127.0.0.1' } = {}): Promise<TestIssuer> {
    const late: { issuer?: TestIssuer } = {};
    const server = createServer((request, response) => {
      const body = late.issuer?.page(request.url ?? '');
      response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body ?? {}));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const issuer = new TestIssuer(server, `http://127.0.0.1:${port}`, `http://${keysHost}:${port}/keys`);
    late.issuer = issuer;
    issuer.addKey('first');
    return issuer;
  }

  /** What the API is started with. */
  get setting(): string {
    const staff = { claim: 'roles', support: 'helpdesk', admin: 'operator' };
    return JSON.stringify([{ issuer: this.url, audience: this.audience, staff }]);
  }

  addKey(kid: string, { publish = true } = {}): void {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    this.keys.set(kid, privateKey);
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' };
    if (publish) this.published = [...this.published, jwk];
  }

  /** Good unless told otherwise. */
  token(claims: Claims = {}, by: { readonly kid?: string; readonly signWith?: string } = {}): string {
    const { kid = 'first' } = by;
    const now = Math.floor(Date.now() / 1_000);
    const usual = { iss: this.url, aud: this.audience, sub: 'somebody', iat: now, exp: now + 600 };
    const text = `${encode({ alg: 'RS256', typ: 'JWT', kid })}.${encode({ ...usual, ...claims })}`;
    const key = this.keys.get(by.signWith ?? kid);
    if (key === undefined) throw new Error(`no such key: ${kid}`);
    return `${text}.${createSign('RSA-SHA256').update(text).sign(key).toString('base64url')}`;
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private page(path: string): object | undefined {
    if (path === '/.well-known/openid-configuration') return { issuer: this.url, jwks_uri: this.keysAt };
    if (path !== '/keys') return undefined;
    this.keysAsked += 1;
    return { keys: this.published };
  }
}

export interface AskedOnce {
  readonly body?: object;
  readonly key: string;
}

/** One person at the API, by a token of the issuer. */
export class SignedIn {
  constructor(
    private readonly apiUrl: string,
    readonly token: string,
    private readonly account?: string,
  ) {}

  /** The same person, in one of several accounts. */
  inAccount(accountId: string): SignedIn {
    return new SignedIn(this.apiUrl, this.token, accountId);
  }

  async call(method: string, path: string, body?: object): Promise<Answer> {
    return this.send(method, path, body === undefined ? {} : { body });
  }

  /** Under an Idempotency-Key: a new one unless it is named. */
  async once(path: string, asked: Omit<AskedOnce, 'key'> & { readonly key?: string } = {}): Promise<Answer> {
    return this.send('POST', path, { key: randomUUID(), ...asked });
  }

  private async send(method: string, path: string, { body, key }: Partial<AskedOnce>): Promise<Answer> {
    const response = await fetch(`${this.apiUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(this.account === undefined ? {} : { 'fairmeter-account': this.account }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? {} : (JSON.parse(text) as Readonly<Record<string, unknown>>),
    };
  }

  async get(path: string): Promise<Answer> {
    return this.call('GET', path);
  }
}

/** What comes with an account is there once its first sign-in has been answered so: nothing is written over later. */
export async function subscriptionStands(owner: Pick<SignedIn, 'get'>): Promise<void> {
  await until(
    async () => owner.get('/v1/account/subscription'),
    ({ status }) => status === 200,
  );
}
