// API room. Submit a job, see how it stands, see what it cost. Parse, call, convert.
import type { ApiConfig } from '@fairmeter/platform';
import { startSpan } from '@fairmeter/platform';
import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { admit, admitBot, admitScope, Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { isKey, REPORT_SCOPE } from '../callers/caller.js';
import { Answers, NeedsKey, Problems, Takes } from '../openapi/describe.js';
import { ProblemError } from '../problems/problem-error.js';
import type { QuoteBody } from '../quotes/quote-body.js';
import { toQuoteBody } from '../quotes/quote-body.js';
import { QuoteDesk } from '../quotes/quote-desk.js';
import { readBody } from '../requests/body.js';
import { contextOf } from '../requests/request-context.js';
import { API_CONFIG } from '../tokens.js';
import { VisitorRefusals } from '../visitors/visitor-refusals.js';
import { languageOf } from '../wording/accept-language.js';
import { Admission } from './admission.js';
import type { CostBody } from './cost-body.js';
import { toCostBody } from './cost-body.js';
import { readIdempotencyKey } from './idempotency-key.js';
import type { JobBody, SubmittedBody } from './job-body.js';
import { toJobBody } from './job-body.js';
import { JobReader } from './job-reader.js';
import { OwnerRefusals } from './owner-refusals.js';
import { REQUEST_PROBLEMS } from './request-problems.js';
import { submitBody } from './submit-body.js';

const SUBMIT_PROBLEMS = [
  'credits_exhausted',
  'rate_limited',
  'idempotency_mismatch',
  'idempotency_key_missing',
  'idempotency_key_invalid',
  ...REQUEST_PROBLEMS,
  'concurrency_limit',
  'quote_not_found',
  'quote_expired',
  'quote_mismatch',
  'admission_unknown',
  'admission_expired',
  'ledger_busy',
] as const;

@ApiTags('Jobs')
@NeedsKey()
@Controller('v1')
@UseGuards(CallerGuard)
export class JobsController {
  constructor(
    private readonly admission: Admission,
    private readonly reader: JobReader,
    private readonly desk: QuoteDesk,
    private readonly refusals: VisitorRefusals,
    private readonly ownRefusals: OwnerRefusals,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  @Post('bots/:bot_id/jobs')
  @HttpCode(202)
  @Operation({
    operationId: 'submitJob',
    summary: 'Submit a job',
    description:
      'Holds credits for the first step and starts the job. The same key and body again answer with the same job as ' +
      'it is now; a refusal is never stored, so asking again after a top-up is decided anew. With `dry_run` the ' +
      'answer is a quote, and nothing is held or started.',
  })
  @ApiParam({ name: 'bot_id', description: 'The bot of the API key, or any bot of the account whose key it is.' })
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '1 to 255 bytes, no control characters.' })
  @Takes('SubmitJob')
  @Answers(200, 'Quote', 'With `dry_run`: what the job would cost.')
  @Answers(202, 'SubmittedJob', 'The job was admitted, now or by an earlier request of this key.')
  @Problems(...SUBMIT_PROBLEMS)
  async submit(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Asking() caller: Caller,
    @Param('bot_id') botId: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<SubmittedBody | QuoteBody> {
    admitBot(caller, botId);
    if (isDryRun(body)) {
      admit(caller, 'giveQuote');
      const request = readBody(submitBody, body);
      void reply.code(200);
      return toQuoteBody(await this.desk.give({ caller, botId, request }));
    }
    const idempotencyKey = readIdempotencyKey(key);
    const wish = readBody(submitBody, body);
    if (wish.mode === 'reported') admitReporting(caller);
    // What a visitor sets aside is the owner's to lend: a step at a time.
    if (caller.kind === 'visitor' && wish.reserve === 'full') throw notForVisitors('reserve');
    const { job, replayed } = await startSpan(
      {
        name: 'submit job',
        traceparent: contextOf(request).traceparent,
        attributes: { 'fairmeter.bot_id': botId },
      },
      async ({ traceparent }) => {
        const submit = { caller, botId, idempotencyKey, body: wish, traceparent };
        return this.admission.submit(submit).catch(async (error: unknown) => {
          if (caller.kind !== 'visitor') throw await this.ownRefusals.heard(error, caller);
          throw await this.refusals.heard(error, caller, languageOf(request.headers['accept-language']));
        });
      },
    );
    const shown = toJobBody(job, this.config.publicUrl);
    void reply.header('location', shown.links.self);
    return { ...shown, replayed };
  }

  @Get('jobs/:job_id')
  @Operation({ operationId: 'getJob', summary: 'How a job stands' })
  @ApiParam({ name: 'job_id' })
  @Answers(200, 'Job', 'The job as it is now.')
  @Problems('job_not_found')
  async job(@Asking() caller: Caller, @Param('job_id') jobId: string): Promise<JobBody> {
    return toJobBody(await this.reader.job(caller, jobId), this.config.publicUrl);
  }

  @Get('jobs/:job_id/cost')
  @Operation({ operationId: 'getJobCost', summary: 'What a job cost, and why' })
  @ApiParam({ name: 'job_id' })
  @Answers(200, 'JobCost', 'Every step and attempt, and the lots that paid.')
  @Problems('job_not_found')
  async cost(@Asking() caller: Caller, @Param('job_id') jobId: string): Promise<CostBody> {
    return toCostBody(await this.reader.cost(caller, jobId));
  }
}

/** Asked before the body is read: a dry run needs no key, and everything else is told of a missing one first. */
function isDryRun(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'dry_run' in body && body.dry_run === true;
}

/** A bot that runs an agent of its own does so by its key; nobody else could tell of its steps. */
function admitReporting(caller: Caller): void {
  if (!isKey(caller)) {
    throw new ProblemError('forbidden', 'Only a key may report steps of its own.', {
      members: { required_scope: REPORT_SCOPE },
    });
  }
  admitScope(caller, REPORT_SCOPE);
}

function notForVisitors(field: string): ProblemError {
  return new ProblemError('forbidden', `A visitor does not choose \`${field}\`.`, { members: { field } });
}
