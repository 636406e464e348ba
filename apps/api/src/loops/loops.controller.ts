// API room. Loops for the staff: looked through, and said to have had another cause. Parse, call, convert.
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AskingStaff, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { StaffCaller } from '../callers/caller.js';
import { readIdempotencyKey } from '../jobs/idempotency-key.js';
import { Answers, NeedsKey, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { BODY_PROBLEMS, ONCE_PROBLEMS } from '../openapi/usual-problems.js';
import { readBody, readQuery } from '../requests/body.js';
import { contextOf } from '../requests/request-context.js';
import type { LoopBody, LoopsBody } from './loop-body.js';
import { loopsQuery, reclassifyLoopBody, toLoopBody } from './loop-body.js';
import { LoopDesk } from './loop-desk.js';
import { readLoopId } from './loop-id.js';

@ApiTags('Operations')
@NeedsKey()
@Controller('v1/admin/loops')
@UseGuards(CallerGuard)
export class LoopsController {
  constructor(private readonly desk: LoopDesk) {}

  @Get()
  @Operation({
    operationId: 'listLoops',
    summary: 'The loops that were found, and what came of them',
    description:
      'Of all accounts and both environments, the newest first: what was found and on what evidence, whose fault it ' +
      'was, what its repeats were charged and what of that came back.',
  })
  @TakesQuery(loopsQuery)
  @Answers(200, 'Loops', 'One page.')
  @Problems('validation_failed')
  async list(@AskingStaff() staff: StaffCaller, @Query() query: unknown): Promise<LoopsBody> {
    const { rows, nextCursor } = await this.desk.page(staff, readQuery(loopsQuery, query));
    return { data: rows.map(toLoopBody), next_cursor: nextCursor };
  }

  @Post(':loop_id/reclassify')
  @HttpCode(200)
  @Operation({
    operationId: 'reclassifyLoop',
    summary: 'Say that a loop had another cause',
    description:
      'What was found stays; what is said now comes on top, with who and why. Where it becomes `platform_fault`, its ' +
      'repeats go back by a compensation: at once up to what one person of that role may give alone, else after a ' +
      'second person has approved it. Where it was `platform_fault` and is no more, nothing is taken back. What it ' +
      'would come to is previewed as a compensation whose target is the loop.',
  })
  @ApiParam({ name: 'loop_id' })
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '1 to 255 bytes, no control characters.' })
  @Takes('ReclassifyLoop')
  @Answers(200, 'Loop', 'The loop with its cause as it is now.')
  @Problems('loop_not_found', 'job_running', 'change_without_effect', 'compensation_unknown')
  @Problems(...BODY_PROBLEMS, ...ONCE_PROBLEMS)
  async reclassify(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Param('loop_id') id: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<LoopBody> {
    const { requestId } = contextOf(request);
    const idempotencyKey = readIdempotencyKey(key);
    const word = { loop: readLoopId(id), idempotencyKey, body: readBody(reclassifyLoopBody, body) };
    return toLoopBody(await this.desk.reclassify({ staff, requestId }, word));
  }
}
