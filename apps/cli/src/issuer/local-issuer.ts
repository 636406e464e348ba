// Command line. A small issuer of OpenID Connect for the local stack: code flow with PKCE, keys, and a page to choose
// somebody on. It asks for no password, and therefore listens on this machine alone.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose';
import type { DemoPerson } from './demo-people.js';
import { DEMO_PEOPLE } from './demo-people.js';
import type { IssuerKey } from './issuer-key.js';
import { ISSUER_ALGORITHM, issuerKey } from './issuer-key.js';
import { signInPage } from './sign-in-page.js';
import { SignInCodes } from './sign-in-codes.js';

export const LOCAL_AUDIENCE = 'fairmeter';
export const LOCAL_CLIENT = 'fairmeter-page';
const TOKEN_LASTS_S = 3_600;
const MAX_BODY_BYTES = 65_536;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

export interface LocalIssuerOptions {
  /** 0 for any free one. */
  readonly port: number;
  readonly keyFile?: string;
  readonly people?: readonly DemoPerson[];
}

export interface LocalIssuer {
  readonly url: string;
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const json = (status: number, body: object): Reply => ({
  status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
});
const refused = (error: string): Reply => json(400, { error });

export async function startLocalIssuer(options: LocalIssuerOptions): Promise<LocalIssuer> {
  const desk = new IssuerDesk(await issuerKey(options.keyFile), options.people ?? DEMO_PEOPLE);
  const server = createServer((request, response) => {
    desk.answer(request).then(
      (reply) => send(response, reply),
      () => send(response, { status: 500 }),
    );
  });
  // It lives as long as the stack around it and keeps no process from ending.
  server.on('connection', (socket) => socket.unref());
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  desk.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: desk.url,
    close: async () => {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}

function send(response: ServerResponse, { status, headers = {}, body = '' }: Reply): void {
  response.writeHead(status, headers).end(body);
}

/** What the API must be told so that it takes this issuer's word. */
export function localIssuerSetting(url: string): string {
  const staff = { claim: 'roles', support: 'support', admin: 'admin' };
  return JSON.stringify([{ issuer: url, audience: LOCAL_AUDIENCE, client_id: LOCAL_CLIENT, staff }]);
}

class IssuerDesk {
  url = '';
  private readonly codes = new SignInCodes(() => performance.now());

  constructor(
    private readonly key: IssuerKey,
    private readonly people: readonly DemoPerson[],
  ) {}

  async answer(request: IncomingMessage): Promise<Reply> {
    // Another site that has its own name lead to this machine would have to send that name.
    if (`http://${request.headers.host ?? ''}` !== this.url) return { status: 421 };
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    switch (`${request.method ?? ''} ${pathname}`) {
      case 'GET /.well-known/openid-configuration':
        return json(200, this.configuration());
      case 'GET /jwks':
        return json(200, { keys: [this.key.published] });
      case 'GET /authorize':
        return this.page(searchParams);
      case 'POST /authorize':
        return this.choose(await formOf(request));
      case 'POST /token':
        return this.token(await formOf(request));
      default:
        return { status: 404 };
    }
  }

  private configuration(): object {
    return {
      issuer: this.url,
      authorization_endpoint: `${this.url}/authorize`,
      token_endpoint: `${this.url}/token`,
      jwks_uri: `${this.url}/jwks`,
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code', 'password'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [ISSUER_ALGORITHM],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      token_endpoint_auth_methods_supported: ['none'],
      scopes_supported: ['openid', 'email', 'profile'],
    };
  }

  private page(asked: URLSearchParams): Reply {
    const fault = faultOf(asked);
    if (fault !== undefined) return refused(fault);
    const headers = {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    };
    return { status: 200, headers, body: signInPage(this.people, asked) };
  }

  private choose(form: URLSearchParams): Reply {
    const fault = faultOf(form);
    if (fault !== undefined) return refused(fault);
    const person = this.personOf(form.get('person'));
    if (person === undefined) return refused('access_denied');
    const redirectUri = form.get('redirect_uri') ?? '';
    const code = this.codes.give({
      subject: person.subject,
      redirectUri,
      challenge: form.get('code_challenge') ?? '',
      nonce: form.get('nonce'),
    });
    const back = new URL(redirectUri);
    back.searchParams.set('code', code);
    back.searchParams.set('state', form.get('state') ?? '');
    back.searchParams.set('iss', this.url);
    return { status: 303, headers: { location: back.toString() } };
  }

  private async token(form: URLSearchParams): Promise<Reply> {
    // For the command line, as the page is for the browser: whoever is on this machine may be anybody.
    if (form.get('grant_type') === 'password') {
      const person = this.personOf(form.get('username'));
      return person === undefined ? refused('invalid_grant') : json(200, await this.tokensFor(person, null));
    }
    if (form.get('grant_type') !== 'authorization_code') return refused('unsupported_grant_type');
    if (form.get('client_id') !== LOCAL_CLIENT) return refused('invalid_client');
    const order = this.codes.take(form.get('code') ?? '', {
      redirectUri: form.get('redirect_uri') ?? '',
      verifier: form.get('code_verifier') ?? '',
    });
    const person = this.personOf(order?.subject ?? null);
    if (order === undefined || person === undefined) return refused('invalid_grant');
    return json(200, await this.tokensFor(person, order.nonce));
  }

  private personOf(subject: string | null): DemoPerson | undefined {
    return this.people.find((one) => one.subject === subject);
  }

  private async tokensFor(person: DemoPerson, nonce: string | null): Promise<object> {
    const id = nonce === null ? {} : { nonce };
    return {
      token_type: 'Bearer',
      expires_in: TOKEN_LASTS_S,
      access_token: await this.signed(person, LOCAL_AUDIENCE, {}),
      id_token: await this.signed(person, LOCAL_CLIENT, id),
    };
  }

  private async signed(person: DemoPerson, audience: string, more: Readonly<Record<string, string>>): Promise<string> {
    const { subject, name, email, roles } = person;
    return new SignJWT({ name, email, email_verified: true, roles, ...more })
      .setProtectedHeader({ alg: ISSUER_ALGORITHM, kid: this.key.id, typ: 'JWT' })
      .setIssuer(this.url)
      .setSubject(subject)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(`${TOKEN_LASTS_S}s`)
      .sign(this.key.signing);
  }
}

/** What keeps a sign-in from being begun; nobody is ever sent anywhere but back to this machine. */
function faultOf(asked: URLSearchParams): string | undefined {
  if (asked.get('client_id') !== LOCAL_CLIENT) return 'invalid_client';
  if (asked.get('response_type') !== 'code') return 'unsupported_response_type';
  const redirect = asked.get('redirect_uri') ?? '';
  if (!URL.canParse(redirect) || !LOOPBACK.has(new URL(redirect).hostname)) return 'invalid_request';
  if (asked.get('code_challenge_method') !== 'S256' || (asked.get('code_challenge') ?? '') === '') {
    return 'invalid_request';
  }
  return undefined;
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error('the form is too large');
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
