// API room. What the account allows: read, set, and seen before it is set. Parse, call, convert.
import type { Environment } from '@fairmeter/domain';
import { Body, Controller, Get, Headers, HttpCode, Post, Put, Query, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { environmentShown } from '../callers/environment.js';
import { changeKeyOf, readIdempotencyKey } from '../jobs/idempotency-key.js';
import { Answers, NeedsKey, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { readBody, readQuery } from '../requests/body.js';
import { LimitsDesk } from './limits-desk.js';
import type { LimitsBody, LimitsPreviewBody } from './limits-body.js';
import { limitsOfQuery, limitsQuery, setLimitsBody } from './limits-body.js';

@ApiTags('Account')
@NeedsKey()
@Controller('v1/account/limits')
@UseGuards(CallerGuard)
export class LimitsController {
  constructor(private readonly desk: LimitsDesk) {}

  @Get()
  @Operation({
    operationId: 'getLimits',
    summary: 'What the account allows, and what is used of it',
    description:
      'Spend, free reserve, training, bots, members, keys and visitors. Campaigns list their own. A member is shown ' +
      'no limit of another member, of a key or of a visitor.',
  })
  @TakesQuery(limitsQuery)
  @Answers(200, 'Limits', 'One page of the limits that are set, by kind, subject and period.')
  @Problems('validation_failed')
  async limits(@Asking() caller: Caller, @Query() query: unknown): Promise<LimitsBody> {
    const { environment, ...page } = readQuery(limitsQuery, query);
    return this.desk.list(caller, environmentShown(caller, environment), page);
  }

  @Put()
  @Operation({
    operationId: 'setLimits',
    summary: 'Set or take away limits of the account',
    description:
      'Holds from the next step of every job on. A limit below what is used stops what would come on top at once, ' +
      'and takes nothing back. The limit of a test key is set with `environment=test`; elsewhere it would never ' +
      'count, and is refused.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: '1 to 255 bytes, no control characters.' })
  @TakesQuery(limitsOfQuery)
  @Takes('SetLimits')
  @Answers(200, 'Limits', 'The first page of the limits that are set now.')
  @Problems('account_not_active', 'key_not_found', 'idempotency_mismatch', 'idempotency_key_invalid')
  @Problems('validation_failed', 'service_unavailable')
  async set(
    @Asking() caller: Caller,
    @Headers('idempotency-key') key: string | undefined,
    @Query() query: unknown,
    @Body() body: unknown,
  ): Promise<LimitsBody> {
    const environment = environmentAsked(caller, query);
    const asked = changeKeyOf(caller, key === undefined ? null : readIdempotencyKey(key));
    // What is set in one environment is another change than the same in the other.
    const changeKey = environment === 'live' ? asked : `${environment}/${asked}`;
    await this.desk.set(caller, { environment, changeKey }, readBody(setLimitsBody, body).limits);
    return this.desk.list(caller, environment, {});
  }

  @Post('preview')
  @HttpCode(200)
  @Operation({
    operationId: 'previewLimits',
    summary: 'What setting limits would do',
    description: 'Changes nothing.',
  })
  @TakesQuery(limitsOfQuery)
  @Takes('SetLimits')
  @Answers(200, 'LimitsPreview', 'Before and after of each limit that is named.')
  @Problems('key_not_found', 'validation_failed')
  async preview(@Asking() caller: Caller, @Query() query: unknown, @Body() body: unknown): Promise<LimitsPreviewBody> {
    return this.desk.preview(caller, environmentAsked(caller, query), readBody(setLimitsBody, body).limits);
  }
}

function environmentAsked(caller: Caller, query: unknown): Environment {
  return environmentShown(caller, readQuery(limitsOfQuery, query).environment);
}
