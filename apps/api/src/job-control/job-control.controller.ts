// API room. Cancel a job, let it try again, change its budget. Parse, call, convert; nothing of it costs anything.
import { hasEnded } from '@fairmeter/domain';
import type { ApiConfig } from '@fairmeter/platform';
import { Body, Controller, Headers, HttpCode, Inject, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { askedBy } from '../changes/asked-by.js';
import { readIdempotencyKey } from '../jobs/idempotency-key.js';
import type { JobBody } from '../jobs/job-body.js';
import { toJobBody } from '../jobs/job-body.js';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { Answers, NeedsKey, Problems, Takes } from '../openapi/describe.js';
import { readBody } from '../requests/body.js';
import { API_CONFIG } from '../tokens.js';
import { budgetBody } from './budget-body.js';
import { JobControl } from './job-control.js';
import { SteeredForOthers } from './steered-for-others.js';

@ApiTags('Jobs')
@NeedsKey()
@Controller('v1/jobs')
@UseGuards(CallerGuard)
export class JobControlController {
  constructor(
    private readonly control: JobControl,
    private readonly notes: SteeredForOthers,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  @Post(':job_id/cancel')
  @HttpCode(200)
  @Operation({
    operationId: 'cancelJob',
    summary: 'Cancel a job',
    description:
      'Finished steps stay charged, the step in flight costs what the provider had produced until it was stopped, at ' +
      'most what was held for it. Answers with the ending the job got: one that ended by itself meanwhile stays so.',
  })
  @ApiParam({ name: 'job_id' })
  @Answers(200, 'Job', 'The job has ended, now or before.')
  @Answers(202, 'Job', 'No worker was there to end it; the request waits for one.')
  @Problems('job_not_found', 'service_unavailable')
  async cancel(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('job_id') jobId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobBody> {
    const job = await this.control.cancel(caller, jobId, this.notes.cancelled(askedBy(caller, request)));
    if (!hasEnded(job.state)) void reply.status(202);
    return toJobBody(job, this.config.publicUrl);
  }

  @Post(':job_id/resume')
  @HttpCode(202)
  @Operation({
    operationId: 'resumeJob',
    summary: 'Let a job that waits for credits try again now',
    description:
      'It does so by itself after a reset, a grant or a purchase. A job that does not wait goes on as it is.',
  })
  @ApiParam({ name: 'job_id' })
  @Answers(202, 'Job', 'The job as it is; its events say whether there was enough.')
  @Problems('job_not_found', 'job_ended', 'service_unavailable')
  async resume(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('job_id') jobId: string,
  ): Promise<JobBody> {
    const noteFirst = this.notes.resumed(askedBy(caller, request));
    return toJobBody(await this.control.resume(caller, jobId, noteFirst), this.config.publicUrl);
  }

  @Post(':job_id/budget')
  @HttpCode(200)
  @Operation({
    operationId: 'changeJobBudget',
    summary: 'Change the budget of a job under way',
    description: 'Nothing is held for it: a budget is a ceiling. It cannot go below what is spent and set aside.',
  })
  @ApiParam({ name: 'job_id' })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: '1 to 255 bytes, no control characters.' })
  @Takes('ChangeBudget')
  @Answers(200, 'Job', 'The job with its new budget.')
  @Problems(
    'job_not_found',
    'job_ended',
    'budget_below_spent',
    'budget_over_limit',
    'idempotency_mismatch',
    'idempotency_key_invalid',
    'malformed_json',
    'validation_failed',
    'unsupported_media_type',
    'service_unavailable',
  )
  async changeBudget(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('job_id') jobId: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<JobBody> {
    const idempotencyKey = key === undefined ? null : readIdempotencyKey(key);
    const { max_credits: maxCredits } = readBody(budgetBody, body);
    const notes = this.notes.budgeted(askedBy(caller, request), maxCredits);
    const job = await this.control.changeBudget(caller, jobId, { maxCredits, idempotencyKey, notes });
    return toJobBody(job, this.config.publicUrl);
  }
}
