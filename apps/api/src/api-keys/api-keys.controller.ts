// API room. Keys: made and shown once, listed, changed, rotated, revoked. Parse, call, convert.
import type { Clock } from '@fairmeter/platform';
import { hasEnded, instant } from '@fairmeter/domain';
import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Query,
  Req,
} from '@nestjs/common';
import { UseGuards } from '@nestjs/common';
import { ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { askedBy } from '../changes/asked-by.js';
import { readIdempotencyKey } from '../jobs/idempotency-key.js';
import { Answers, NeedsKey, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { BODY_PROBLEMS, ONCE_PROBLEMS } from '../openapi/usual-problems.js';
import { readBody, readQuery } from '../requests/body.js';
import { API_CLOCK } from '../tokens.js';
import type { ApiKeyBody, ApiKeysBody, CancelledJobsBody, MadeKeyBody } from './key-body.js';
import { changeKeyBody, keysQuery, newKeyBody, rotateKeyBody, toApiKeyBody } from './key-body.js';
import { KeyDesk } from './key-desk.js';
import { KeyJobs } from './key-jobs.js';

@ApiTags('Keys')
@NeedsKey()
@Controller('v1/api-keys')
@UseGuards(CallerGuard)
export class ApiKeysController {
  constructor(
    private readonly desk: KeyDesk,
    private readonly jobs: KeyJobs,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  @Post()
  @Operation({
    operationId: 'makeApiKey',
    summary: 'Make a key',
    description:
      'Of one bot, or of the whole account. Its secret is in this answer and nowhere else: the same key and body ' +
      'again answer with the same key and without it. A key hands out no scope that it lacks itself.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '1 to 255 bytes, no control characters.' })
  @Takes('NewApiKey')
  @Answers(201, 'MadeApiKey', 'The key and its secret.')
  @Problems('bot_not_found', ...ONCE_PROBLEMS, ...BODY_PROBLEMS)
  async make(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<MadeKeyBody> {
    const asked = { ...askedBy(caller, request), idempotencyKey: readIdempotencyKey(key) };
    return this.desk.make(asked, readBody(newKeyBody, body));
  }

  @Get()
  @Operation({ operationId: 'listApiKeys', summary: 'The keys of the account and its bots, the newest first' })
  @TakesQuery(keysQuery)
  @Answers(200, 'ApiKeys', 'One page.')
  @Problems('validation_failed')
  async list(@Asking() caller: Caller, @Query() query: unknown): Promise<ApiKeysBody> {
    const { keys, nextCursor } = await this.desk.list(caller, readQuery(keysQuery, query));
    const now = instant(this.clock.now());
    return { data: keys.map((key) => toApiKeyBody(key, now)), next_cursor: nextCursor };
  }

  @Patch(':key_id')
  @Operation({ operationId: 'changeApiKey', summary: 'Change the name, the scopes or the end of a key' })
  @ApiParam({ name: 'key_id' })
  @Takes('ChangeApiKey')
  @Answers(200, 'ApiKey', 'The key as it is now.')
  @Problems('key_not_found', 'key_not_active', ...BODY_PROBLEMS)
  async change(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('key_id') keyId: string,
    @Body() body: unknown,
  ): Promise<ApiKeyBody> {
    return this.desk.change(askedBy(caller, request), keyId, readBody(changeKeyBody, body));
  }

  @Post(':key_id/rotate')
  @Operation({
    operationId: 'rotateApiKey',
    summary: 'Put a new key in the place of one',
    description:
      'The new key is the same caller: it finds the jobs of the old one, also by their Idempotency-Keys. The old one ' +
      'works on for the overlap. For a key that leaked choose an overlap of 0, and cancel its jobs.',
  })
  @ApiParam({ name: 'key_id' })
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '1 to 255 bytes, no control characters.' })
  @Takes('RotateApiKey')
  @Answers(201, 'MadeApiKey', 'The new key and its secret.')
  @Problems('key_not_found', 'key_not_active', ...ONCE_PROBLEMS, ...BODY_PROBLEMS)
  async rotate(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('key_id') keyId: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<MadeKeyBody> {
    const asked = { ...askedBy(caller, request), idempotencyKey: readIdempotencyKey(key) };
    const { overlap_seconds: overlapSeconds } = readBody(rotateKeyBody, body ?? {});
    return this.desk.rotate(asked, keyId, overlapSeconds);
  }

  @Delete(':key_id')
  @Operation({
    operationId: 'revokeApiKey',
    summary: 'Revoke a key',
    description: 'From now on it is refused. Jobs that it started run on; `cancel-jobs` ends them.',
  })
  @ApiParam({ name: 'key_id' })
  @Answers(200, 'ApiKey', 'The key, revoked now or before.')
  @Problems('key_not_found')
  async revoke(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('key_id') keyId: string,
  ): Promise<ApiKeyBody> {
    return this.desk.revoke(askedBy(caller, request), keyId);
  }

  @Post(':key_id/cancel-jobs')
  @HttpCode(200)
  @Operation({
    operationId: 'cancelJobsOfKey',
    summary: 'Cancel all jobs that a key has under way',
    description: 'Each ends as a cancelled job does. Revoke or rotate the key first, or it may start others meanwhile.',
  })
  @ApiParam({ name: 'key_id' })
  @Answers(200, 'CancelledJobs', 'What was under way, with the ending each job got.')
  @Problems('key_not_found', 'service_unavailable')
  async cancelJobs(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('key_id') keyId: string,
  ): Promise<CancelledJobsBody> {
    const jobs = await this.jobs.cancelAll(askedBy(caller, request), keyId);
    return {
      key_id: keyId,
      jobs: jobs.map(({ id, state }) => ({ id, state })),
      still_open: jobs.filter(({ state }) => !hasEnded(state)).length,
    };
  }
}
