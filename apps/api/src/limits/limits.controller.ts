// API room. What the account allows: read, set, and seen before it is set. Parse, call, convert.
import { accountScope, instant } from '@fairmeter/domain';
import type { LimitName, LimitView } from '@fairmeter/ledger/reads';
import { readLimits } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import { Body, Controller, Get, Headers, HttpCode, Inject, Post, Put, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { changeKeyOf, readIdempotencyKey } from '../jobs/idempotency-key.js';
import { Answers, NeedsKey, Problems, Takes } from '../openapi/describe.js';
import { readBody } from '../requests/body.js';
import { API_CLOCK } from '../tokens.js';
import type { LimitsBody, LimitsPreviewBody } from './limits-body.js';
import { nameOf, setLimitsBody, toLimitsBody, toLimitsPreview } from './limits-body.js';
import { TermsDesk, wireLimit } from './terms-desk.js';

@ApiTags('Account')
@NeedsKey()
@Controller('v1/account/limits')
@UseGuards(CallerGuard)
export class LimitsController {
  constructor(
    private readonly desk: TermsDesk,
    private readonly database: TenantDatabase,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @Operation({
    operationId: 'getLimits',
    summary: 'What the account allows, and what is used of it',
    description: 'Spend, free reserve, training, bots, members, keys and visitors. Campaigns list their own.',
  })
  @Answers(200, 'Limits', 'Every limit that is set.')
  async limits(@Asking() caller: Caller): Promise<LimitsBody> {
    return toLimitsBody(await this.read(caller));
  }

  @Put()
  @Operation({
    operationId: 'setLimits',
    summary: 'Set or take away limits of the account',
    description:
      'Holds from the next step of every job on. A limit below what is used stops what would come on top at once, ' +
      'and takes nothing back.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: '1 to 255 bytes, no control characters.' })
  @Takes('SetLimits')
  @Answers(200, 'Limits', 'Every limit that is set now.')
  @Problems('idempotency_mismatch', 'idempotency_key_invalid', 'validation_failed', 'service_unavailable')
  async set(
    @Asking() caller: Caller,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<LimitsBody> {
    const changeKey = changeKeyOf(key === undefined ? null : readIdempotencyKey(key));
    const { limits } = readBody(setLimitsBody, body);
    await this.desk.change(caller, changeKey, { what: 'limits', limits: limits.map(wireLimit) });
    return toLimitsBody(await this.read(caller));
  }

  @Post('preview')
  @HttpCode(200)
  @Operation({
    operationId: 'previewLimits',
    summary: 'What setting limits would do',
    description: 'Changes nothing.',
  })
  @Takes('SetLimits')
  @Answers(200, 'LimitsPreview', 'Before and after of each limit that is named.')
  @Problems('validation_failed')
  async preview(@Asking() caller: Caller, @Body() body: unknown): Promise<LimitsPreviewBody> {
    const { limits } = readBody(setLimitsBody, body);
    const present = await this.read(caller, limits);
    const set = new Set((await this.read(caller)).map(nameOf));
    return toLimitsPreview(limits, present, set);
  }

  private async read(caller: Caller, also: readonly LimitName[] = []): Promise<LimitView[]> {
    const scopeId = accountScope(caller.accountId);
    const at = instant(this.clock.now());
    return this.database.asTenant(tenantOf(caller), async (tx) =>
      readLimits(tx, { scopeId, at, ofCampaigns: false, also }),
    );
  }
}
