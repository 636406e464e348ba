// API room. Grants of credits by staff: asked for, decided by a second person, listed. Parse, call, convert.
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AskingStaff, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { StaffCaller } from '../callers/caller.js';
import { readIdempotencyKey } from '../jobs/idempotency-key.js';
import { Answers, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { BODY_PROBLEMS, ONCE_PROBLEMS } from '../openapi/usual-problems.js';
import { readBody, readQuery } from '../requests/body.js';
import { contextOf } from '../requests/request-context.js';
import type { StaffGrantBody, StaffGrantsBody } from './grant-body.js';
import { askGrantBody, decideGrantBody, staffGrantsQuery, toStaffGrantBody } from './grant-body.js';
import type { AskedByStaff } from './grant-desk.js';
import { GrantDesk } from './grant-desk.js';
import { GrantReader } from './grant-reader.js';

@ApiTags('Staff')
@ApiBearerAuth('api_key')
@Problems('unauthenticated', 'token_invalid', 'token_expired', 'session_ended', 'forbidden')
@Controller('v1/staff')
@UseGuards(CallerGuard)
export class StaffGrantsController {
  constructor(
    private readonly desk: GrantDesk,
    private readonly reader: GrantReader,
  ) {}

  @Post('accounts/:account_id/grants')
  @Operation({
    operationId: 'askForGrant',
    summary: 'Grant credits to an account',
    description:
      'Posted at once up to what one person of that role may give alone; above it the grant is `requested` and waits ' +
      'for an admin other than who asked. The same key and body again answer with the same grant as it is now.',
  })
  @ApiParam({ name: 'account_id' })
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '1 to 255 bytes, no control characters.' })
  @Takes('AskForGrant')
  @Answers(201, 'StaffGrant', 'The grant as it is.')
  @Problems(
    'account_not_found',
    'account_not_active',
    'contribution_rewarded',
    'grant_unknown',
    ...BODY_PROBLEMS,
    ...ONCE_PROBLEMS,
  )
  async ask(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Param('account_id') accountId: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<StaffGrantBody> {
    const idempotencyKey = readIdempotencyKey(key);
    const order = { accountId, idempotencyKey, body: readBody(askGrantBody, body) };
    return toStaffGrantBody(await this.desk.ask(askedBy(staff, request), order));
  }

  @Post('grants/:grant_id/approve')
  @HttpCode(200)
  @Operation({
    operationId: 'approveGrant',
    summary: 'Let a grant through',
    description: 'By an admin who did not ask for it. Approving again comes to the same.',
  })
  @ApiParam({ name: 'grant_id' })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: '1 to 255 bytes, no control characters.' })
  @Takes('DecideGrant')
  @Answers(200, 'StaffGrant', 'The grant, posted.')
  @Problems(
    'grant_not_found',
    'grant_decided',
    'second_person_needed',
    'grant_unknown',
    'idempotency_key_invalid',
    ...BODY_PROBLEMS,
  )
  async approve(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Param('grant_id') grantId: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<StaffGrantBody> {
    if (key !== undefined) readIdempotencyKey(key);
    const { reason } = readBody(decideGrantBody, body);
    return toStaffGrantBody(await this.desk.decide(askedBy(staff, request), { grantId, verdict: 'approve', reason }));
  }

  @Post('grants/:grant_id/reject')
  @HttpCode(200)
  @Operation({
    operationId: 'rejectGrant',
    summary: 'Stop a grant',
    description: 'By anybody of the staff, also by who asked for it. Nothing is posted.',
  })
  @ApiParam({ name: 'grant_id' })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: '1 to 255 bytes, no control characters.' })
  @Takes('DecideGrant')
  @Answers(200, 'StaffGrant', 'The grant, rejected.')
  @Problems('grant_not_found', 'grant_decided', 'grant_unknown', 'idempotency_key_invalid', ...BODY_PROBLEMS)
  async reject(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Param('grant_id') grantId: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<StaffGrantBody> {
    if (key !== undefined) readIdempotencyKey(key);
    const { reason } = readBody(decideGrantBody, body);
    return toStaffGrantBody(await this.desk.decide(askedBy(staff, request), { grantId, verdict: 'reject', reason }));
  }

  @Get('grants')
  @Operation({ operationId: 'listStaffGrants', summary: 'Grants of all accounts', description: 'The newest first.' })
  @TakesQuery(staffGrantsQuery)
  @Answers(200, 'StaffGrants', 'One page.')
  @Problems('validation_failed')
  async grants(@AskingStaff() staff: StaffCaller, @Query() query: unknown): Promise<StaffGrantsBody> {
    const { rows, nextCursor } = await this.reader.ofAll(staff, readQuery(staffGrantsQuery, query));
    return { data: rows.map(toStaffGrantBody), next_cursor: nextCursor };
  }
}

function askedBy(staff: StaffCaller, request: FastifyRequest): AskedByStaff {
  return { staff, requestId: contextOf(request).requestId };
}
