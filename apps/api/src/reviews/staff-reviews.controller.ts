// API room. The desk of usage reviews: listed, looked into, decided, let through, closed. Parse, call, convert.
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AskingStaff, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { StaffCaller } from '../callers/caller.js';
import { readIdempotencyKey } from '../jobs/idempotency-key.js';
import { Answers, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { BODY_PROBLEMS } from '../openapi/usual-problems.js';
import { readBody, readQuery } from '../requests/body.js';
import { contextOf } from '../requests/request-context.js';
import type { StaffReviewBody, StaffReviewsBody } from './staff-review-body.js';
import {
  approveReviewBody,
  askReviewBody,
  closeReviewBody,
  decideReviewBody,
  staffReviewsQuery,
  toListedReviewBody,
  toStaffReviewBody,
} from './staff-review-body.js';
import type { SaidByStaff } from './staff-review-desk.js';
import { StaffReviewDesk } from './staff-review-desk.js';

const KEY = { name: 'Idempotency-Key', required: false, description: '1 to 255 bytes, no control characters.' };
const OF_A_WORD = ['review_not_found', 'review_in_state', 'review_unknown', 'idempotency_key_invalid'] as const;

@ApiTags('Staff')
@ApiBearerAuth('api_key')
@Problems('unauthenticated', 'token_invalid', 'token_expired', 'session_ended', 'forbidden')
@Controller('v1/support/reviews')
@UseGuards(CallerGuard)
export class StaffReviewsController {
  constructor(private readonly desk: StaffReviewDesk) {}

  @Get()
  @Operation({ operationId: 'listStaffReviews', summary: 'Reviews of all accounts', description: 'The newest first.' })
  @TakesQuery(staffReviewsQuery)
  @Answers(200, 'StaffReviews', 'One page.')
  @Problems('validation_failed')
  async list(@AskingStaff() staff: StaffCaller, @Query() query: unknown): Promise<StaffReviewsBody> {
    const { rows, nextCursor } = await this.desk.ofAll(staff, readQuery(staffReviewsQuery, query));
    return { data: rows.map(toListedReviewBody), next_cursor: nextCursor };
  }

  @Get(':review_id')
  @Operation({
    operationId: 'getStaffReview',
    summary: 'A review with what was written',
    description: 'Leaves a line of the audit.',
  })
  @ApiParam({ name: 'review_id' })
  @Answers(200, 'StaffReview', 'The review as it is.')
  @Problems('review_not_found')
  async get(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Param('review_id') id: string,
  ): Promise<StaffReviewBody> {
    return toStaffReviewBody(await this.desk.read(saidBy(staff, request), id));
  }

  @Post(':review_id/ask')
  @HttpCode(200)
  @Operation({
    operationId: 'askInReview',
    summary: 'Ask the reporter',
    description: 'Before it is analysed. The clock stands still until the answer.',
  })
  @ApiParam({ name: 'review_id' })
  @ApiHeader(KEY)
  @Takes('AskInReview')
  @Answers(200, 'StaffReview', 'The review as it is.')
  @Problems(...OF_A_WORD, ...BODY_PROBLEMS)
  async ask(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Param('review_id') id: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<StaffReviewBody> {
    const { missing, reason } = readBody(askReviewBody, body);
    return this.say(saidBy(staff, request, key), id, { says: 'ask', missing, words: reason });
  }

  @Post(':review_id/analyse')
  @HttpCode(200)
  @Operation({
    operationId: 'analyseReview',
    summary: 'Look into the thread',
    description:
      'Its jobs one by one, loops and failures over the whole thread, incidents, and a comparison with like tasks. ' +
      'May be done again until it is decided. Of a very long thread it is still under way when this is answered: the ' +
      'review is `analysing`, without the `analysis` of this request so far: null, or an earlier one by its `at`. ' +
      'Read it again until that is another.',
  })
  @ApiParam({ name: 'review_id' })
  @ApiHeader(KEY)
  @Answers(200, 'StaffReview', 'With the analysis, or while it is under way.')
  @Problems(...OF_A_WORD)
  async analyse(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Param('review_id') id: string,
    @Headers('idempotency-key') key: string | undefined,
  ): Promise<StaffReviewBody> {
    return this.say(saidBy(staff, request, key), id, { says: 'analyse', words: null });
  }

  @Post(':review_id/decide')
  @HttpCode(200)
  @Operation({
    operationId: 'decideReview',
    summary: 'Decide a review',
    description:
      'What is confirmed comes back as credits of their own, and never more than is left of the steps. Above what ' +
      'one person may give it waits for an admin other than who decided.',
  })
  @ApiParam({ name: 'review_id' })
  @ApiHeader(KEY)
  @Takes('DecideReview')
  @Answers(200, 'StaffReview', 'The review as it is.')
  @Problems(...OF_A_WORD, 'nothing_refundable', ...BODY_PROBLEMS)
  async decide(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Param('review_id') id: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<StaffReviewBody> {
    const { verdict, cause, reasons, steps } = readBody(decideReviewBody, body);
    const picked = steps.map(({ job_id: jobId, steps: ordinals }) => ({ jobId, steps: ordinals }));
    return this.say(saidBy(staff, request, key), id, { says: 'decide', verdict, cause, picked, words: reasons });
  }

  @Post(':review_id/approve')
  @HttpCode(200)
  @Operation({
    operationId: 'approveReview',
    summary: 'Let a restoration through, or send it back',
    description: 'By an admin who did not decide it.',
  })
  @ApiParam({ name: 'review_id' })
  @ApiHeader(KEY)
  @Takes('ApproveReview')
  @Answers(200, 'StaffReview', 'The review as it is.')
  @Problems(...OF_A_WORD, 'second_person_needed', ...BODY_PROBLEMS)
  async approve(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Param('review_id') id: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<StaffReviewBody> {
    const { verdict, reason } = readBody(approveReviewBody, body);
    return this.say(saidBy(staff, request, key), id, { says: verdict, words: reason });
  }

  @Post(':review_id/close')
  @HttpCode(200)
  @Operation({
    operationId: 'closeReview',
    summary: 'Close a review with advice',
    description: 'When the credits are there, or nothing was confirmed.',
  })
  @ApiParam({ name: 'review_id' })
  @ApiHeader(KEY)
  @Takes('CloseReview')
  @Answers(200, 'StaffReview', 'The review as it is.')
  @Problems(...OF_A_WORD, 'advice_needed', ...BODY_PROBLEMS)
  async close(
    @Req() request: FastifyRequest,
    @AskingStaff() staff: StaffCaller,
    @Param('review_id') id: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<StaffReviewBody> {
    const { advice } = readBody(closeReviewBody, body);
    const tips = advice.flatMap((piece) => ('tip' in piece ? [piece.tip] : []));
    const texts = advice.flatMap((piece) => ('text' in piece ? [piece.text] : []));
    const words = texts.length === 0 ? null : texts.join('\n\n');
    return this.say(saidBy(staff, request, key), id, { says: 'close', advice: advice.length, tips, words });
  }

  private async say(
    said: SaidByStaff,
    id: string,
    word: Parameters<StaffReviewDesk['say']>[2],
  ): Promise<StaffReviewBody> {
    return toStaffReviewBody(await this.desk.say(said, id, word));
  }
}

function saidBy(staff: StaffCaller, request: FastifyRequest, key?: string): SaidByStaff {
  const name = key === undefined ? undefined : readIdempotencyKey(key).toString('hex');
  return { staff, requestId: contextOf(request).requestId, name };
}
