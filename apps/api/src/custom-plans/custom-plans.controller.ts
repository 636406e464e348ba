// API room. Custom plans as an owner asks for them. Parse, call, convert.
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { askedBy } from '../changes/asked-by.js';
import { readIdempotencyKey } from '../jobs/idempotency-key.js';
import { Answers, NeedsKey, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { BODY_PROBLEMS, ONCE_PROBLEMS } from '../openapi/usual-problems.js';
import { readBody, readQuery } from '../requests/body.js';
import { pageQuery } from '../requests/page.js';
import type { CustomPlanRequestBody, CustomPlanRequestsBody } from './custom-plan-body.js';
import { askCustomPlanBody, toCustomPlanRequestBody } from './custom-plan-body.js';
import { CustomPlanDesk } from './custom-plan-desk.js';

@ApiTags('Account')
@NeedsKey()
@Controller('v1/account/custom-plan-requests')
@UseGuards(CallerGuard)
export class CustomPlansController {
  constructor(private readonly desk: CustomPlanDesk) {}

  @Post()
  @Operation({
    operationId: 'askForCustomPlan',
    summary: 'Ask for a plan of your own',
    description: 'One request at a time. The staff answer it with a plan that this account alone may take, or decline.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '1 to 255 bytes, no control characters.' })
  @Takes('AskForCustomPlan')
  @Answers(201, 'CustomPlanRequest', 'The request.')
  @Problems('custom_plan_request_open', 'account_not_active', ...BODY_PROBLEMS, ...ONCE_PROBLEMS)
  async ask(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<CustomPlanRequestBody> {
    const idempotencyKey = readIdempotencyKey(key);
    const wish = readBody(askCustomPlanBody, body);
    return toCustomPlanRequestBody(await this.desk.ask(askedBy(caller, request), idempotencyKey, wish));
  }

  @Get()
  @Operation({ operationId: 'listCustomPlanRequests', summary: 'What was asked for, and what became of it' })
  @TakesQuery(pageQuery)
  @Answers(200, 'CustomPlanRequests', 'One page.')
  @Problems('validation_failed')
  async list(@Asking() caller: Caller, @Query() query: unknown): Promise<CustomPlanRequestsBody> {
    const { rows, nextCursor } = await this.desk.requests(caller, readQuery(pageQuery, query));
    return { data: rows.map(toCustomPlanRequestBody), next_cursor: nextCursor };
  }

  @Post(':custom_plan_request_id/withdraw')
  @HttpCode(200)
  @Operation({
    operationId: 'withdrawCustomPlanRequest',
    summary: 'Take a request back',
    description: 'While nobody has decided it. Withdrawing again comes to the same.',
  })
  @ApiParam({ name: 'custom_plan_request_id' })
  @Answers(200, 'CustomPlanRequest', 'The request, withdrawn.')
  @Problems('custom_plan_request_not_found', 'custom_plan_request_decided')
  async withdraw(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('custom_plan_request_id') id: string,
  ): Promise<CustomPlanRequestBody> {
    return toCustomPlanRequestBody(await this.desk.withdraw(askedBy(caller, request), id));
  }
}
