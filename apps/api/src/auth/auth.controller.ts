// API room. Sign in, come back, sign out. Answers are redirects and cookies; the page asks /v1/me who it is for.
import type { ApiConfig } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import { endSession } from '@fairmeter/records';
import { Controller, Get, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { People } from '../callers/people.js';
import { Problems, TakesQuery } from '../openapi/describe.js';
import { readQuery } from '../requests/body.js';
import { API_CONFIG } from '../tokens.js';
import { begunCookieName, cookieText, readCookie, sessionCookieName } from './session-cookie.js';
import { OWN_PLACE, SignIn } from './sign-in.js';

const AUTH_PATH = '/v1/auth';
const BEGUN_LASTS_S = 600;
const MAX_PLACE = 500;

const loginQuery = z.strictObject({
  return_to: z
    .string()
    .max(MAX_PLACE)
    .regex(OWN_PLACE, 'must be a path of this service')
    .optional()
    .describe('Where to go afterwards.'),
  issuer: z.string().max(MAX_PLACE).optional().describe('One of several; without it the first that is set up.'),
});

@ApiTags('People')
@Controller('v1/auth')
export class AuthController {
  constructor(
    private readonly signIn: SignIn,
    private readonly people: People,
    private readonly database: TenantDatabase,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  @Get('login')
  @ApiOperation({ operationId: 'beginSignIn', summary: 'Go and sign in' })
  @TakesQuery(loginQuery)
  @ApiResponse({ status: 302, description: 'To the issuer.' })
  @Problems('validation_failed', 'not_found', 'service_unavailable')
  async login(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Query() query: unknown): Promise<void> {
    const { return_to: returnTo = '/', issuer } = readQuery(loginQuery, query);
    const { begun, location } = await this.signIn.begin(this.callbackUrl(request), { issuer, returnTo });
    const value = Buffer.from(JSON.stringify(begun)).toString('base64url');
    await reply
      .header('cache-control', 'no-store')
      .header('set-cookie', this.begunCookie(value, BEGUN_LASTS_S))
      .redirect(location, 302);
  }

  @Get('callback')
  @ApiOperation({ operationId: 'endSignIn', summary: 'Come back from the issuer' })
  @ApiResponse({ status: 303, description: 'Signed in, with a cookie of the session, to where it began.' })
  @Problems('sign_in_failed', 'token_invalid', 'service_unavailable')
  async callback(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const came = new URL(request.url, 'http://localhost').searchParams;
    const kept = readCookie(request, begunCookieName(this.config));
    const { sessionToken, lastsMs, returnTo } = await this.signIn.end(kept, came);
    await reply
      .header('cache-control', 'no-store')
      .header('set-cookie', [this.sessionCookie(sessionToken, Math.floor(lastsMs / 1_000)), this.begunCookie('', 0)])
      .redirect(returnTo, 303);
  }

  @Post('logout')
  @HttpCode(204)
  @ApiOperation({ operationId: 'signOut', summary: 'End the session' })
  @ApiResponse({ status: 204, description: 'The session is over, and so is its cookie.' })
  @Problems('unauthenticated', 'session_ended', 'csrf_token_wrong')
  async logout(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const { session } = await this.people.signedIn(request);
    if (session !== null) await this.database.beforeTenant(async (tx) => endSession(tx, session.token));
    void reply.header('set-cookie', this.sessionCookie('', 0));
  }

  private callbackUrl(request: FastifyRequest): string {
    return `${this.config.publicUrl ?? `http://${request.host}`}${AUTH_PATH}/callback`;
  }

  private sessionCookie(value: string, maxAgeS: number): string {
    return cookieText(this.config, { name: sessionCookieName(this.config), value, maxAgeS });
  }

  private begunCookie(value: string, maxAgeS: number): string {
    return cookieText(this.config, { name: begunCookieName(this.config), value, maxAgeS });
  }
}
