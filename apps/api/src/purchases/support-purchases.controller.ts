// API room. Purchases as support sees and reverses them. Parse, call, convert.
import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AskingStaff, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { StaffCaller } from '../callers/caller.js';
import { Answers, NeedsKey, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { BODY_PROBLEMS } from '../openapi/usual-problems.js';
import { accountIdField } from '../requests/fields.js';
import { readBody, readQuery } from '../requests/body.js';
import { pageQuery } from '../requests/page.js';
import { contextOf } from '../requests/request-context.js';
import { ProblemError } from '../problems/problem-error.js';
import type { AllSoldBody, SoldBody } from './purchase-body.js';
import { reversalRequest, toSoldBody } from './purchase-body.js';
import type { StaffAsk } from './reversals.js';
import { SupportDesk } from './support-desk.js';

@ApiTags('Support')
@NeedsKey()
@Controller('v1/staff/accounts/:account_id/purchases')
@UseGuards(CallerGuard)
export class SupportPurchasesController {
  constructor(private readonly desk: SupportDesk) {}

  @Get()
  @Operation({
    operationId: 'listPurchasesOfAccount',
    summary: 'What an account and the visitors of its bots bought',
  })
  @ApiParam({ name: 'account_id' })
  @TakesQuery(pageQuery)
  @Answers(200, 'AllSold', 'One page.')
  @Problems('account_not_found', 'validation_failed')
  async purchases(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Param('account_id') accountId: string,
    @Query() query: unknown,
  ): Promise<AllSoldBody> {
    const ask = askOf(request, staff, accountId);
    const { sold, nextCursor } = await this.desk.purchases(ask, readQuery(pageQuery, query));
    return { data: sold.map(toSoldBody), next_cursor: nextCursor };
  }

  @Post(':purchase_id/reverse')
  @HttpCode(200)
  @Operation({
    operationId: 'reversePurchase',
    summary: 'Send the money of a purchase back',
    description:
      'All that was paid and has not gone back, the way it came; its credits are taken back with it, and what was ' +
      'used of them is owed. More credits than one person of that role may send back alone wait for an admin other ' +
      'than who asked. Asked again, it answers with the purchase as it is.',
  })
  @ApiParam({ name: 'account_id' })
  @ApiParam({ name: 'purchase_id' })
  @Takes('ReversePurchase')
  @Answers(200, 'Sold', 'The purchase, reversed.')
  @Answers(202, 'Sold', 'The purchase, still paid: `reversal_id` waits for a second person.')
  @Problems('purchase_not_found', 'purchase_not_reversible', 'service_unavailable', ...BODY_PROBLEMS)
  async reverse(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Param('account_id') accountId: string,
    @Param('purchase_id') purchaseId: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SoldBody> {
    const ask = askOf(request, staff, accountId);
    const { reason } = readBody(reversalRequest, body);
    const sold = await this.desk.reverse(ask, purchaseId, reason);
    if (sold.reversalId !== null) void reply.status(202);
    return toSoldBody(sold);
  }
}

function askOf(request: FastifyRequest, staff: StaffCaller, accountId: string): StaffAsk {
  if (!accountIdField.safeParse(accountId).success) {
    throw new ProblemError('account_not_found', 'There is no such account.');
  }
  return { staff, accountId, requestId: contextOf(request).requestId };
}
