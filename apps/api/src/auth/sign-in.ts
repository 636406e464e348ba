// API room. Signing in to the page: the code flow with PKCE, from the way to the issuer until the session is there.
import { createHash, randomBytes } from 'node:crypto';
import type { ApiConfig, Clock } from '@fairmeter/platform';
import { instant } from '@fairmeter/domain';
import { TenantDatabase } from '@fairmeter/platform/database';
import { newSecret, openSession } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { People } from '../callers/people.js';
import { ProblemError } from '../problems/problem-error.js';
import { API_CLOCK, API_CONFIG } from '../tokens.js';
import { IdentityTokens } from './identity-tokens.js';
import type { Issuer, IssuerMetadata } from './issuer.js';
import { IssuerAway } from './issuer.js';

const ANSWERS_WITHIN_MS = 10_000;

/** A place of this service alone: `//` and `/\` lead a browser to somebody else's. */
export const OWN_PLACE = /^\/(?![/\\])[\x21-\x7e]*$/;

/** What the browser keeps for us while it is away, in a cookie that no script can read. */
const begun = z.strictObject({
  issuer: z.string(),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  redirectUri: z.string(),
  /** Checked again: a cookie may come from somebody else than us. */
  returnTo: z.string().regex(OWN_PLACE),
});
export type BegunSignIn = z.output<typeof begun>;

const tokens = z.object({ id_token: z.string() });

export interface SignInEnd {
  readonly sessionToken: string;
  readonly lastsMs: number;
  readonly returnTo: string;
}

@Injectable()
export class SignIn {
  constructor(
    private readonly identities: IdentityTokens,
    private readonly people: People,
    private readonly database: TenantDatabase,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async begin(
    redirectUri: string,
    wish: { readonly issuer: string | undefined; readonly returnTo: string },
  ): Promise<{ readonly begun: BegunSignIn; readonly location: string }> {
    const issuer = this.issuerFor(wish.issuer);
    const { authorization_endpoint: endpoint } = await metadataOf(issuer);
    if (endpoint === undefined) throw failed('The issuer has no place to sign in at.');
    const secret = (): string => randomBytes(32).toString('base64url');
    const kept: BegunSignIn = {
      issuer: issuer.settings.issuer,
      state: secret(),
      nonce: secret(),
      verifier: secret(),
      redirectUri,
      returnTo: wish.returnTo,
    };
    const location = new URL(endpoint);
    const asked = {
      response_type: 'code',
      client_id: issuer.settings.clientId ?? '',
      redirect_uri: redirectUri,
      scope: 'openid email profile',
      state: kept.state,
      nonce: kept.nonce,
      code_challenge: createHash('sha256').update(kept.verifier).digest('base64url'),
      code_challenge_method: 'S256',
    };
    for (const [name, value] of Object.entries(asked)) location.searchParams.set(name, value);
    return { begun: kept, location: location.toString() };
  }

  /** What the browser brought back of a sign-in; whoever gave another one a link has no cookie for it. */
  async end(keptText: string | undefined, came: URLSearchParams): Promise<SignInEnd> {
    const kept = readBegun(keptText);
    if (kept === undefined) throw failed('This browser began no sign-in, or began it too long ago.');
    if (came.get('state') !== kept.state) throw failed('What came back belongs to another sign-in.');
    const issuer = this.issuerFor(kept.issuer);
    await mustBeOf(issuer, came.get('iss'));
    const code = came.get('code');
    if (code === null) throw failed('The issuer signed nobody in.');
    const audience = issuer.settings.clientId ?? '';
    const token = await this.exchange(issuer, code, kept);
    const says = await this.identities.readOf(issuer, token, { audience, nonce: kept.nonce });
    const { userId } = await this.people.know(says);
    const sessionToken = newSecret('fms_');
    const { sessionMs, staffSessionMs } = this.config;
    const lastsMs = says.staff.role === null ? sessionMs : Math.min(sessionMs, staffSessionMs);
    const expiresAt = instant(this.clock.now() + lastsMs);
    await this.database.beforeTenant(async (tx) =>
      openSession(tx, { token: sessionToken, userId, staffRole: says.staff.role, expiresAt }),
    );
    return { sessionToken, lastsMs, returnTo: kept.returnTo };
  }

  private issuerFor(name: string | undefined): Issuer {
    const able = this.identities.issuers.filter(({ settings }) => settings.clientId !== undefined);
    const issuer = name === undefined ? able[0] : able.find(({ settings }) => settings.issuer === name);
    if (issuer === undefined) throw new ProblemError('not_found', 'Nobody signs in here through this issuer.');
    return issuer;
  }

  private async exchange(issuer: Issuer, code: string, kept: BegunSignIn): Promise<string> {
    const { clientId = '', clientSecret } = issuer.settings;
    const { token_endpoint: endpoint } = await metadataOf(issuer);
    if (endpoint === undefined) throw failed('The issuer gives no tokens.');
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: kept.redirectUri,
      code_verifier: kept.verifier,
      client_id: clientId,
    });
    const answer = await fetch(endpoint, {
      method: 'POST',
      body: form,
      redirect: 'error',
      headers: { accept: 'application/json', ...basic(clientId, clientSecret) },
      signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
    }).catch((error: unknown) => {
      throw away(error);
    });
    if (answer.status >= 500) throw away(new Error(`the issuer answered ${answer.status}`));
    const read = tokens.safeParse(await answer.json().catch(() => undefined));
    if (!answer.ok || !read.success) throw failed('The issuer gave no token for what it had sent back.');
    return read.data.id_token;
  }
}

function basic(clientId: string, secret: string | undefined): Readonly<Record<string, string>> {
  if (secret === undefined) return {};
  const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

async function metadataOf(issuer: Issuer): Promise<IssuerMetadata> {
  try {
    return await issuer.metadata();
  } catch (error) {
    throw error instanceof IssuerAway ? away(error) : error;
  }
}

/**
 * Where there are several issuers, one of them could send a browser back with the code of another (RFC 9207). Whoever
 * says who answers must be who was asked, and whoever says that it always does must do so.
 */
async function mustBeOf(issuer: Issuer, said: string | null): Promise<void> {
  const { issuer: name, authorization_response_iss_parameter_supported: isAlwaysSaid = false } =
    await metadataOf(issuer);
  if (said === null ? isAlwaysSaid : said !== name) throw failed('What came back is of another issuer.');
}

function readBegun(text: string | undefined): BegunSignIn | undefined {
  if (text === undefined) return undefined;
  try {
    return begun.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    return undefined;
  }
}

function failed(detail: string): ProblemError {
  return new ProblemError('sign_in_failed', detail);
}

function away(cause: unknown): ProblemError {
  return new ProblemError('service_unavailable', 'The issuer cannot be asked.', { members: { part: 'issuer' }, cause });
}
