// API room. Who am I? Also for those who have to choose one of several accounts first, and so have none yet.
import { Controller, Get, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { People } from '../callers/people.js';
import { Answers, Problems } from '../openapi/describe.js';
import type { MeBody } from './me-body.js';
import { toMeBody } from './me-body.js';

@ApiTags('People')
@ApiBearerAuth('api_key')
@Controller('v1/me')
export class MeController {
  constructor(private readonly people: People) {}

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
}
