// API room. A bot that runs its own agent: begin a step, end it, finish the job. Parse, call, convert.
import type { ApiConfig } from '@fairmeter/platform';
import { Body, Controller, Headers, HttpCode, Inject, Param, Post, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import { readIdempotencyKey } from '../jobs/idempotency-key.js';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { Answers, NeedsKey, Problems, Takes } from '../openapi/describe.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { readBody } from '../requests/body.js';
import { API_CONFIG } from '../tokens.js';
import type { BegunStepBody, EndedStepBody, FinishedBody } from './reported-answer.js';
import { toBegunBody, toEndedBody, toFinishedBody } from './reported-answer.js';
import { beginStepBody, endStepBody, finishBody } from './reported-body.js';
import { ReportedDesk } from './reported-desk.js';
import { beginWords, callOf, endWords } from './reported-words.js';

const KEY_HEADER = { name: 'Idempotency-Key', required: true, description: '1 to 255 bytes, no control characters.' };
const STEP_NUMBER = /^[1-9]\d{0,8}$/;

const PROBLEMS_OF_ALL = [
  'job_not_found',
  'job_not_reported',
  'job_ended',
  'idempotency_mismatch',
  'idempotency_key_missing',
  'idempotency_key_invalid',
  'malformed_json',
  'validation_failed',
  'unsupported_media_type',
  'body_too_large',
  'service_unavailable',
] as const;

@ApiTags('Reported jobs')
@NeedsKey()
@Controller('v1/jobs')
@UseGuards(CallerGuard)
export class ReportedJobsController {
  constructor(
    private readonly desk: ReportedDesk,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
  ) {}

  @Post(':job_id/steps')
  @HttpCode(201)
  @Operation({
    operationId: 'beginStep',
    summary: 'Ask to begin a step of a reported job',
    description:
      'Holds the most the step may cost. A refusal for credits pauses the job: ask again after `resets_at`, a grant ' +
      'or a purchase, with the same key or another; `waits_until` says how long it waits.',
  })
  @ApiParam({ name: 'job_id' })
  @ApiHeader(KEY_HEADER)
  @Takes('BeginStep')
  @Answers(201, 'BegunStep', 'The step may begin; the same key answers the same.')
  @Problems(
    ...PROBLEMS_OF_ALL,
    'credits_exhausted',
    'debt_outstanding',
    'spend_limit_reached',
    'bot_limit_reached',
    'key_limit_reached',
    'model_not_priced',
    'model_not_in_plan',
    'iterations_used_up',
    'step_open',
    'step_not_open',
  )
  async begin(
    @Asking() caller: Caller,
    @Param('job_id') jobId: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<BegunStepBody> {
    const idempotencyKey = readIdempotencyKey(key);
    const wish = readBody(beginStepBody, body);
    const begun = await this.desk.begin(caller, jobId, { ...callOf(jobId, idempotencyKey, wish), ...beginWords(wish) });
    return toBegunBody(jobId, begun);
  }

  @Post(':job_id/steps/:step/end')
  @HttpCode(200)
  @Operation({
    operationId: 'endStep',
    summary: 'End a step with what it used',
    description:
      'Charges the use by the pinned card, as of a step of ours, and answers with what is left and whether the job ' +
      'loops. An end that comes after its job has ended, after its step was begun anew, or after the 15 minutes that ' +
      'a step may be open charges nothing.',
  })
  @ApiParam({ name: 'job_id' })
  @ApiParam({ name: 'step', description: 'Its number inside the job, counted from 1.' })
  @ApiHeader(KEY_HEADER)
  @Takes('EndStep')
  @Answers(200, 'EndedStep', 'The charge; the same key answers the same.')
  @Problems(...PROBLEMS_OF_ALL, 'step_not_open', 'attempt_closed', 'amount_out_of_range')
  async end(
    @Asking() caller: Caller,
    @Param('job_id') jobId: string,
    @Param('step') stepText: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<EndedStepBody> {
    const idempotencyKey = readIdempotencyKey(key);
    const told = readBody(endStepBody, body);
    if (!STEP_NUMBER.test(stepText)) throw refusalProblem({ code: 'step_not_open', step: 0 }, 0);
    const step = Number(stepText);
    const { words, flags } = endWords(told);
    const call = callOf(jobId, idempotencyKey, { ...told, step });
    const ended = await this.desk.end(caller, jobId, { ...call, ...words, step });
    return toEndedBody({ jobId, step, attempt: told.attempt, flags }, ended);
  }

  @Post(':job_id/finish')
  @HttpCode(200)
  @Operation({
    operationId: 'finishJob',
    summary: 'Finish a reported job',
    description: 'All its steps have ended. What was set aside is given back, and the charge is final.',
  })
  @ApiParam({ name: 'job_id' })
  @ApiHeader(KEY_HEADER)
  @Takes('FinishJob')
  @Answers(200, 'FinishedJob', 'The job with the ending it got.')
  @Problems(...PROBLEMS_OF_ALL, 'step_open')
  async finish(
    @Asking() caller: Caller,
    @Param('job_id') jobId: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<FinishedBody> {
    const idempotencyKey = readIdempotencyKey(key);
    const { state } = readBody(finishBody, body);
    const { answer, job } = await this.desk.finish(caller, jobId, {
      ...callOf(jobId, idempotencyKey, { state }),
      state,
    });
    return toFinishedBody(job, answer, this.config.publicUrl);
  }
}
