// API room. The account: what it is, its name, what is kept of whoever asks, and its end. Parse, call, convert.
import { Body, Controller, Get, HttpCode, Patch, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { Answers, NeedsKey, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { BODY_PROBLEMS } from '../openapi/usual-problems.js';
import { readBody, readQuery } from '../requests/body.js';
import { contextOf } from '../requests/request-context.js';
import type { AccountBody, ClosedAccountBody, PersonalDataBody } from './account-body.js';
import { changeAccountBody, personalDataQuery, toAccountBody, toPersonalDataBody } from './account-body.js';
import { AccountDesk } from './account-desk.js';

@ApiTags('Account')
@NeedsKey()
@Controller('v1/account')
@UseGuards(CallerGuard)
export class AccountSettingsController {
  constructor(private readonly desk: AccountDesk) {}

  @Get()
  @Operation({ operationId: 'getAccount', summary: 'The account' })
  @Answers(200, 'Account', 'As it is set now.')
  async account(@Asking() caller: Caller): Promise<AccountBody> {
    return toAccountBody(await this.desk.account(caller));
  }

  @Patch()
  @Operation({ operationId: 'changeAccount', summary: 'Rename the account, or change its time zone' })
  @Takes('ChangeAccount')
  @Answers(200, 'Account', 'As it is set now.')
  @Problems('account_not_active', 'time_zone_invalid', 'zone_change_limit', ...BODY_PROBLEMS)
  @Problems('subscription_not_found', 'subscription_unknown')
  async change(@Req() request: FastifyRequest, @Asking() caller: Caller, @Body() body: unknown): Promise<AccountBody> {
    const { name, time_zone: timeZone } = readBody(changeAccountBody, body);
    const { requestId } = contextOf(request);
    const wish = { ...(name === undefined ? {} : { name }), ...(timeZone === undefined ? {} : { timeZone }) };
    return toAccountBody(await this.desk.change({ caller, requestId }, wish));
  }

  @Get('personal-data')
  @Operation({
    operationId: 'getPersonalData',
    summary: 'All that is kept of you in this account',
    description:
      'Who you are, your sessions, every text of yours and every answer to you; files by their jobs. Credits and ' +
      'jobs are kept under your id alone.',
  })
  @TakesQuery(personalDataQuery)
  @Answers(200, 'PersonalData', 'One page of texts, and all of the rest.')
  @Problems('validation_failed')
  async personalData(@Asking() caller: Caller, @Query() query: unknown): Promise<PersonalDataBody> {
    return toPersonalDataBody(await this.desk.personalData(caller, readQuery(personalDataQuery, query)));
  }

  @Post('close')
  @HttpCode(200)
  @Operation({
    operationId: 'closeAccount',
    summary: 'Close the account, for good',
    description:
      'No job can be submitted from then on; those that run are cancelled and settle by what they have used. What ' +
      'was used stays readable. Asking again is safe, and ends what was not ended yet.',
  })
  @Answers(200, 'ClosedAccount', 'It is closed.')
  @Problems('service_unavailable')
  async close(@Req() request: FastifyRequest, @Asking() caller: Caller): Promise<ClosedAccountBody> {
    const openJobs = await this.desk.close({ caller, requestId: contextOf(request).requestId });
    return { account_id: caller.accountId, status: 'closed', open_jobs: openJobs };
  }
}
