// API room. Who am I, and forget me: of a person, in whichever accounts, so also for those who have to choose one of
// several first.
import { Controller, Get, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiCookieAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { People } from '../callers/people.js';
import { Answers, Problems } from '../openapi/describe.js';
import { IDENTITY_TOKEN, SESSION } from '../openapi/told-rights.js';
import { contextOf } from '../requests/request-context.js';
import type { MeBody } from './me-body.js';
import { toMeBody } from './me-body.js';
import type { PersonErasureBody } from './person-erasure.js';
import { PersonErasure } from './person-erasure.js';

@ApiTags('People')
@ApiBearerAuth(IDENTITY_TOKEN)
@ApiCookieAuth(SESSION)
@Controller('v1/me')
export class MeController {
  constructor(
    private readonly people: People,
    private readonly erasure: PersonErasure,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'getMe',
    summary: 'Who is signed in',
    description: 'The first sign-in of somebody new opens an account with that person as its owner, once.',
  })
  @Answers(200, 'Me', 'The person, and the accounts that person is in.')
  @Problems('unauthenticated', 'token_invalid', 'token_expired', 'session_ended', 'service_unavailable')
  async me(@Req() request: FastifyRequest): Promise<MeBody> {
    const signedIn = await this.people.signedIn(request);
    return toMeBody({ ...signedIn, person: await this.people.again(signedIn.person.userId) });
  }

  @Post('erasure')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'forgetMe',
    summary: 'Be forgotten, for good',
    description:
      'In all accounts at once: memberships and sessions end, keys that were shown to you are revoked, what you ' +
      'asked for is cancelled and settles by what it has used, and your name, your addresses and every text and file ' +
      'of yours go. Books and audit keep an id that leads to nobody. The last owner of an account closes it or hands ' +
      'it over first. Whoever signs in with the same identity afterwards is somebody new.',
  })
  @Answers(200, 'PersonErasure', 'Nothing of your words is left.')
  @Problems(
    'last_owner',
    'unauthenticated',
    'token_invalid',
    'token_expired',
    'session_ended',
    'csrf_token_wrong',
    'service_unavailable',
  )
  async forget(@Req() request: FastifyRequest): Promise<PersonErasureBody> {
    const known = await this.people.signedInBefore(request);
    if (known === null) return { user_id: null, state: 'erased' };
    return this.erasure.erase(known.person.userId, contextOf(request).requestId);
  }
}
