// API room. The people of an account. Parse, call, convert.
import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Patch, Post, Put, Req } from '@nestjs/common';
import { UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiCookieAuth, ApiHeader, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { People } from '../callers/people.js';
import { changeKeyOf, readIdempotencyKey } from '../jobs/idempotency-key.js';
import { Answers, NeedsKey, Problems, Takes } from '../openapi/describe.js';
import { IDENTITY_TOKEN, SESSION } from '../openapi/told-rights.js';
import { BODY_PROBLEMS } from '../openapi/usual-problems.js';
import { readBody } from '../requests/body.js';
import { contextOf } from '../requests/request-context.js';
import { MemberDesk } from './member-desk.js';
import type { AcceptedBody, ChangedMemberBody, InvitedBody, MemberLimitBody, MembersBody } from './members-body.js';
import { acceptBody, changeMemberBody, inviteBody, setMemberLimitBody } from './members-body.js';

const requestIdOf = (request: FastifyRequest): string => contextOf(request).requestId;

@ApiTags('People')
@NeedsKey()
@Controller('v1/account')
@UseGuards(CallerGuard)
export class MembersController {
  constructor(private readonly desk: MemberDesk) {}

  @Get('members')
  @Operation({ operationId: 'listMembers', summary: 'Who is in the account, and who was asked' })
  @Answers(200, 'Members', 'All of them.')
  async list(@Asking() caller: Caller): Promise<MembersBody> {
    return this.desk.list(caller);
  }

  @Post('members')
  @Operation({
    operationId: 'inviteMember',
    summary: 'Ask somebody to join',
    description:
      'By an address that the issuer of whoever accepts has verified. The token is in this answer and nowhere else; ' +
      'asking the same address again ends the earlier invitation. Everybody who was asked is kept one of the seats ' +
      'of the plan. Under an Idempotency-Key it is asked once.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: '1 to 255 bytes, no control characters.' })
  @Takes('InviteMember')
  @Answers(201, 'InvitedMember', 'The invitation and its token.')
  @Problems('account_not_active', 'seats_taken', 'idempotency_mismatch', 'idempotency_key_invalid', ...BODY_PROBLEMS)
  async invite(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<InvitedBody> {
    const idempotencyKey = key === undefined ? null : readIdempotencyKey(key);
    const { email } = readBody(inviteBody, body);
    return this.desk.invite({ caller, requestId: requestIdOf(request) }, { email, idempotencyKey });
  }

  @Delete('invitations/:invitation_id')
  @HttpCode(204)
  @Operation({ operationId: 'withdrawInvitation', summary: 'Take an invitation back' })
  @ApiParam({ name: 'invitation_id' })
  @ApiResponse({ status: 204, description: 'It can no longer be accepted.' })
  @Problems('invitation_not_found')
  async withdraw(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('invitation_id') id: string,
  ): Promise<void> {
    await this.desk.withdraw({ caller, requestId: requestIdOf(request) }, id);
  }

  @Patch('members/:user_id')
  @Operation({
    operationId: 'changeMember',
    summary: 'Make somebody an owner or a member',
    description: 'To hand an account over, make somebody else an owner and then yourself a member.',
  })
  @ApiParam({ name: 'user_id' })
  @Takes('ChangeMember')
  @Answers(200, 'ChangedMember', 'As it is now.')
  @Problems('member_not_found', 'last_owner', 'account_not_active', ...BODY_PROBLEMS)
  async change(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('user_id') userId: string,
    @Body() body: unknown,
  ): Promise<ChangedMemberBody> {
    const { role } = readBody(changeMemberBody, body);
    await this.desk.changeRole({ caller, requestId: requestIdOf(request) }, userId, role);
    return { user_id: userId, role };
  }

  @Put('members/:user_id/limit')
  @Operation({
    operationId: 'setMemberLimit',
    summary: 'Set how much a member may use of the account',
    description: 'For a day, a billing period or in all. Holds from the next step of every job of that person on.',
  })
  @ApiParam({ name: 'user_id' })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: '1 to 255 bytes, no control characters.' })
  @Takes('SetMemberLimit')
  @Answers(200, 'MemberLimit', 'Every limit of that person now.')
  @Problems('member_not_found', 'account_not_active', 'idempotency_mismatch', 'idempotency_key_invalid')
  @Problems('service_unavailable', ...BODY_PROBLEMS)
  async setLimit(
    @Asking() caller: Caller,
    @Param('user_id') userId: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<MemberLimitBody> {
    const changeKey = changeKeyOf(caller, key === undefined ? null : readIdempotencyKey(key));
    return this.desk.setLimit(caller, userId, { changeKey, ...readBody(setMemberLimitBody, body) });
  }

  @Delete('members/:user_id')
  @HttpCode(204)
  @Operation({
    operationId: 'removeMember',
    summary: 'Remove a member, or leave',
    description: 'Tokens and sessions of that person open this account no more, from the next request on.',
  })
  @ApiParam({ name: 'user_id' })
  @ApiResponse({ status: 204, description: 'Gone.' })
  @Problems('member_not_found', 'last_owner')
  async remove(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('user_id') userId: string,
  ): Promise<void> {
    await this.desk.remove({ caller, requestId: requestIdOf(request) }, userId);
  }
}

/** Whoever accepts is not in the account yet, and may be in any number of others. */
@ApiTags('People')
@ApiBearerAuth(IDENTITY_TOKEN)
@ApiCookieAuth(SESSION)
@Controller('v1/invitations')
export class InvitationsController {
  constructor(
    private readonly desk: MemberDesk,
    private readonly people: People,
  ) {}

  @Post('accept')
  @HttpCode(200)
  @ApiOperation({ operationId: 'acceptInvitation', summary: 'Join an account' })
  @Takes('AcceptInvitation')
  @Answers(200, 'AcceptedInvitation', 'Where you are a member now.')
  @Problems('invitation_not_found', 'invitation_over', 'already_member', 'account_not_active', 'seats_taken')
  @Problems('unauthenticated', 'token_invalid', 'token_expired', 'session_ended', 'csrf_token_wrong', ...BODY_PROBLEMS)
  async accept(@Req() request: FastifyRequest, @Body() body: unknown): Promise<AcceptedBody> {
    const { person } = await this.people.signedIn(request);
    const { token } = readBody(acceptBody, body);
    return { account_id: await this.desk.accept(person, token, requestIdOf(request)), role: 'member' };
  }
}
