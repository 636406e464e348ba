// API room. Requests for custom plans as the staff answer them. Parse, call, convert.
import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AskingStaff, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { StaffCaller } from '../callers/caller.js';
import { Answers, NeedsKey, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { BODY_PROBLEMS } from '../openapi/usual-problems.js';
import { readBody, readQuery } from '../requests/body.js';
import { contextOf } from '../requests/request-context.js';
import type { StaffCustomPlanBody, StaffCustomPlansBody } from './custom-plan-body.js';
import {
  approveCustomPlanBody,
  declineCustomPlanBody,
  figuresOf,
  offerCustomPlanBody,
  staffCustomPlansQuery,
  toStaffCustomPlanBody,
} from './custom-plan-body.js';
import type { StaffWord } from './staff-custom-plan-desk.js';
import { StaffCustomPlanDesk } from './staff-custom-plan-desk.js';

const OF_REQUEST = ['custom_plan_request_not_found', 'custom_plan_request_decided', 'service_unavailable'] as const;
const OF_SUBSCRIPTION = ['account_not_active', 'subscription_unknown'] as const;

@ApiTags('Staff')
@NeedsKey()
@Controller('v1/staff/custom-plan-requests')
@UseGuards(CallerGuard)
export class StaffCustomPlansController {
  constructor(private readonly desk: StaffCustomPlanDesk) {}

  @Get()
  @Operation({
    operationId: 'listStaffCustomPlanRequests',
    summary: 'Requests for custom plans of all accounts',
    description: 'The newest first.',
  })
  @TakesQuery(staffCustomPlansQuery)
  @Answers(200, 'StaffCustomPlanRequests', 'One page.')
  @Problems('validation_failed')
  async list(@AskingStaff() staff: StaffCaller, @Query() query: unknown): Promise<StaffCustomPlansBody> {
    const { rows, nextCursor } = await this.desk.requests(staff, readQuery(staffCustomPlansQuery, query));
    return { data: rows.map(toStaffCustomPlanBody), next_cursor: nextCursor };
  }

  @Post(':custom_plan_request_id/offer')
  @HttpCode(200)
  @Operation({
    operationId: 'offerCustomPlan',
    summary: 'Agree to a plan for one account',
    description:
      'Published at once, as a version that never changes and that this account alone may take, where it brings no ' +
      'more credits in a period than an admin may give alone; else it waits for another admin. A later offer takes ' +
      'the place of one that waits. Once it is published the account goes over to it: with the renewal of what is ' +
      'paid, or at once where nothing is paid yet.',
  })
  @ApiParam({ name: 'custom_plan_request_id' })
  @Takes('OfferCustomPlan')
  @Answers(200, 'StaffCustomPlanRequest', 'The request: `published`, or `offered` and waiting.')
  @Problems(...OF_REQUEST, ...OF_SUBSCRIPTION, ...BODY_PROBLEMS)
  async offer(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Param('custom_plan_request_id') id: string,
    @Body() body: unknown,
  ): Promise<StaffCustomPlanBody> {
    const offer = readBody(offerCustomPlanBody, body);
    const word = wordOf(request, { staff, id, reason: offer.reason });
    return toStaffCustomPlanBody(await this.desk.offer(word, figuresOf(offer)));
  }

  @Post(':custom_plan_request_id/approve')
  @HttpCode(200)
  @Operation({
    operationId: 'approveCustomPlan',
    summary: 'Let an offer through',
    description: 'By an admin who did not make it. Approving again comes to the same.',
  })
  @ApiParam({ name: 'custom_plan_request_id' })
  @Takes('ApproveCustomPlan')
  @Answers(200, 'StaffCustomPlanRequest', 'The request, published.')
  @Problems(...OF_REQUEST, ...OF_SUBSCRIPTION, 'second_person_needed', ...BODY_PROBLEMS)
  async approve(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Param('custom_plan_request_id') id: string,
    @Body() body: unknown,
  ): Promise<StaffCustomPlanBody> {
    const { offer_id: offerId, reason } = readBody(approveCustomPlanBody, body);
    return toStaffCustomPlanBody(await this.desk.approve(wordOf(request, { staff, id, reason }), offerId));
  }

  @Post(':custom_plan_request_id/decline')
  @HttpCode(200)
  @Operation({
    operationId: 'declineCustomPlan',
    summary: 'Decline a request',
    description: 'Also one with an offer that waits. Declining again comes to the same.',
  })
  @ApiParam({ name: 'custom_plan_request_id' })
  @Takes('DeclineCustomPlan')
  @Answers(200, 'StaffCustomPlanRequest', 'The request, declined.')
  @Problems(...OF_REQUEST, ...BODY_PROBLEMS)
  async decline(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Param('custom_plan_request_id') id: string,
    @Body() body: unknown,
  ): Promise<StaffCustomPlanBody> {
    const { reason } = readBody(declineCustomPlanBody, body);
    return toStaffCustomPlanBody(await this.desk.decline(wordOf(request, { staff, id, reason })));
  }
}

function wordOf(request: FastifyRequest, said: Omit<StaffWord, 'requestId'>): StaffWord {
  return { ...said, requestId: contextOf(request).requestId };
}
