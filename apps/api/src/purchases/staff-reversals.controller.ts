// API room. Purchases that wait for a second person of the staff before they are sent back. Parse, call, convert.
import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AskingStaff, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { StaffCaller } from '../callers/caller.js';
import { Answers, NeedsKey, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { BODY_PROBLEMS } from '../openapi/usual-problems.js';
import { readBody, readQuery } from '../requests/body.js';
import { contextOf } from '../requests/request-context.js';
import { reversalRequest } from './purchase-body.js';
import type { ReversalBody, ReversalsBody } from './reversal-body.js';
import { reversalsQuery, toReversalBody } from './reversal-body.js';
import type { ReversalWord } from './reversal-desk.js';
import { ReversalDesk } from './reversal-desk.js';

@ApiTags('Support')
@NeedsKey()
@Controller('v1/staff/reversals')
@UseGuards(CallerGuard)
export class StaffReversalsController {
  constructor(private readonly desk: ReversalDesk) {}

  @Get()
  @Operation({
    operationId: 'listReversals',
    summary: 'Purchases that one person could not send back alone',
    description: 'Of all accounts, the newest first.',
  })
  @TakesQuery(reversalsQuery)
  @Answers(200, 'Reversals', 'One page.')
  @Problems('validation_failed')
  async list(@AskingStaff() staff: StaffCaller, @Query() query: unknown): Promise<ReversalsBody> {
    const { rows, nextCursor } = await this.desk.page(staff, readQuery(reversalsQuery, query));
    return { data: rows.map(toReversalBody), next_cursor: nextCursor };
  }

  @Post(':reversal_id/approve')
  @HttpCode(200)
  @Operation({
    operationId: 'approveReversal',
    summary: 'Let a reversal through',
    description: 'By an admin who did not ask for it. The money goes back with it. Approving again comes to the same.',
  })
  @ApiParam({ name: 'reversal_id' })
  @Takes('ReversePurchase')
  @Answers(200, 'Reversal', 'The reversal, approved.')
  @Problems('reversal_not_found', 'reversal_decided', 'second_person_needed', 'purchase_not_reversible')
  @Problems('service_unavailable', ...BODY_PROBLEMS)
  async approve(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Param('reversal_id') reversalId: string,
    @Body() body: unknown,
  ): Promise<ReversalBody> {
    return toReversalBody(await this.desk.approve(wordOf(request, { staff, reversalId }, body)));
  }

  @Post(':reversal_id/reject')
  @HttpCode(200)
  @Operation({
    operationId: 'rejectReversal',
    summary: 'Stop a reversal',
    description: 'By anybody of the staff, also by who asked for it. Nothing goes back.',
  })
  @ApiParam({ name: 'reversal_id' })
  @Takes('ReversePurchase')
  @Answers(200, 'Reversal', 'The reversal, rejected.')
  @Problems('reversal_not_found', 'reversal_decided', ...BODY_PROBLEMS)
  async reject(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Param('reversal_id') reversalId: string,
    @Body() body: unknown,
  ): Promise<ReversalBody> {
    return toReversalBody(await this.desk.reject(wordOf(request, { staff, reversalId }, body)));
  }
}

function wordOf(request: FastifyRequest, by: Pick<ReversalWord, 'staff' | 'reversalId'>, body: unknown): ReversalWord {
  return { ...by, requestId: contextOf(request).requestId, reason: readBody(reversalRequest, body).reason };
}
