// API room. Reports of unexpectedly high use, by whoever had it. Parse, call, convert.
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { isKey } from '../callers/caller.js';
import { readIdempotencyKey } from '../jobs/idempotency-key.js';
import { Answers, NeedsVisitor, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { BODY_PROBLEMS, ONCE_PROBLEMS } from '../openapi/usual-problems.js';
import { readBody, readQuery } from '../requests/body.js';
import { pageQuery } from '../requests/page.js';
import { contextOf } from '../requests/request-context.js';
import { languageOf } from '../wording/accept-language.js';
import type { ReviewBody, ReviewsBody } from './review-body.js';
import { informReviewBody, reopenReviewBody, reportReviewBody, toReviewBody } from './review-body.js';
import type { AskedByReporter, Said } from './review-desk.js';
import { ReviewDesk, viewerOf } from './review-desk.js';
import type { Reporter } from './thread-search.js';

@ApiTags('Reviews')
@ApiBearerAuth('session')
@NeedsVisitor()
@Controller('v1/reviews')
@UseGuards(CallerGuard)
export class ReviewsController {
  constructor(private readonly desk: ReviewDesk) {}

  @Post()
  @Operation({
    operationId: 'reportReview',
    summary: 'Report unexpectedly high use of a thread',
    description:
      'Six details are asked for, and what is missing is listed. A second report of a thread that is looked at is ' +
      'linked to the first one. The same key and body again answer with the same review as it is now.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '1 to 255 bytes, no control characters.' })
  @Takes('ReportReview')
  @Answers(201, 'Review', 'The review as it is.')
  @Problems('review_unknown', 'rate_limited', ...BODY_PROBLEMS, ...ONCE_PROBLEMS)
  async report(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<ReviewBody> {
    const idempotencyKey = readIdempotencyKey(key);
    const asked = askedBy(caller, request);
    return told(asked, await this.desk.report(asked, idempotencyKey, readBody(reportReviewBody, body)));
  }

  @Get()
  @Operation({
    operationId: 'listReviews',
    summary: 'Reviews',
    description: 'An owner sees those of the account, everybody else their own. The newest first.',
  })
  @TakesQuery(pageQuery)
  @Answers(200, 'Reviews', 'One page.')
  @Problems('validation_failed')
  async list(@Asking() caller: Caller, @Query() query: unknown): Promise<ReviewsBody> {
    const reporter = reporterOf(caller);
    const { rows, nextCursor } = await this.desk.list(reporter, readQuery(pageQuery, query));
    return { data: rows.map((row) => toReviewBody(row, viewerOf(reporter, row))), next_cursor: nextCursor };
  }

  @Get(':review_id')
  @Operation({ operationId: 'getReview', summary: 'A review', description: 'What was reported, found and decided.' })
  @ApiParam({ name: 'review_id' })
  @Answers(200, 'Review', 'The review as it is.')
  @Problems('review_not_found')
  async get(@Asking() caller: Caller, @Param('review_id') id: string): Promise<ReviewBody> {
    const reporter = reporterOf(caller);
    const review = await this.desk.find(reporter, id);
    return toReviewBody(review, viewerOf(reporter, review));
  }

  @Post(':review_id/info')
  @HttpCode(200)
  @Operation({
    operationId: 'informReview',
    summary: 'Complete a report',
    description: 'While it is `needs_info`. Details that were there may be left out; what is still missing is listed.',
  })
  @ApiParam({ name: 'review_id' })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: '1 to 255 bytes, no control characters.' })
  @Takes('InformReview')
  @Answers(200, 'Review', 'The review as it is.')
  @Problems('review_not_found', 'review_in_state', 'review_unknown', 'idempotency_key_invalid', ...BODY_PROBLEMS)
  async inform(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('review_id') id: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<ReviewBody> {
    const asked = askedBy(caller, request);
    const details = Object.fromEntries(
      Object.entries(readBody(informReviewBody, body)).filter(([, words]) => words !== undefined),
    );
    return told(asked, await this.desk.inform(asked, id, said(details, key)));
  }

  @Post(':review_id/reopen')
  @HttpCode(200)
  @Operation({
    operationId: 'reopenReview',
    summary: 'Have a closed review looked at again',
    description: 'Once, with new facts, by whoever reported it.',
  })
  @ApiParam({ name: 'review_id' })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: '1 to 255 bytes, no control characters.' })
  @Takes('ReopenReview')
  @Answers(200, 'Review', 'The review as it is.')
  @Problems(
    'review_not_found',
    'review_in_state',
    'review_reopened_before',
    'review_unknown',
    'idempotency_key_invalid',
    ...BODY_PROBLEMS,
  )
  async reopen(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('review_id') id: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<ReviewBody> {
    const asked = askedBy(caller, request);
    return told(asked, await this.desk.reopen(asked, id, said(readBody(reopenReviewBody, body).facts, key)));
  }
}

function told({ caller }: AskedByReporter, review: Parameters<typeof toReviewBody>[0]): ReviewBody {
  return toReviewBody(review, viewerOf(caller, review));
}

function askedBy(caller: Caller, request: FastifyRequest): AskedByReporter {
  const language = languageOf(request.headers['accept-language']);
  return { caller: reporterOf(caller), requestId: contextOf(request).requestId, language };
}

function reporterOf(caller: Caller): Reporter {
  if (isKey(caller)) throw new Error('this route is for people and was opened to keys');
  return caller;
}

function said<Body>(body: Body, key: string | undefined): Said<Body> {
  return { body, name: key === undefined ? undefined : readIdempotencyKey(key).toString('hex') };
}
