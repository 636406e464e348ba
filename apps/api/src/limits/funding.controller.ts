// API room. Who pays for the visitors of a bot: read, changed, and seen before it is changed. Parse, call, convert.
import { instant } from '@fairmeter/domain';
import { readVisitorsCredits } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { FundingSettings } from '@fairmeter/records';
import { readFunding } from '@fairmeter/records';
import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Patch, Post, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import { admitBot, Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { changeKeyOf, readIdempotencyKey } from '../jobs/idempotency-key.js';
import { Answers, NeedsKey, Problems, Takes } from '../openapi/describe.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { readBody } from '../requests/body.js';
import { API_CLOCK } from '../tokens.js';
import type { FundingBody, FundingPreviewBody } from './funding-body.js';
import { changeFundingBody, toFundingBody, toFundingPreview } from './funding-body.js';
import { TermsDesk } from './terms-desk.js';

@ApiTags('Bots')
@NeedsKey()
@Controller('v1/bots/:bot_id/funding')
@UseGuards(CallerGuard)
export class FundingController {
  constructor(
    private readonly desk: TermsDesk,
    private readonly database: TenantDatabase,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  @Get()
  @Operation({ operationId: 'getFunding', summary: 'Who pays for the visitors of a bot' })
  @ApiParam({ name: 'bot_id' })
  @Answers(200, 'Funding', 'What is set.')
  @Problems('bot_not_found')
  async funding(@Asking() caller: Caller, @Param('bot_id') botId: string): Promise<FundingBody> {
    return toFundingBody(await this.read(caller, botId));
  }

  @Patch()
  @Operation({
    operationId: 'changeFunding',
    summary: 'Change who pays for the visitors of a bot',
    description: 'Counts for jobs submitted from then on: a job keeps the payer it was submitted with.',
  })
  @ApiParam({ name: 'bot_id' })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: '1 to 255 bytes, no control characters.' })
  @Takes('ChangeFunding')
  @Answers(200, 'Funding', 'What is set now.')
  @Problems(
    'bot_not_found',
    'account_not_active',
    'idempotency_mismatch',
    'idempotency_key_invalid',
    'validation_failed',
    'service_unavailable',
  )
  async change(
    @Asking() caller: Caller,
    @Param('bot_id') botId: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<FundingBody> {
    admitBot(caller, botId);
    const changeKey = changeKeyOf(caller, key === undefined ? null : readIdempotencyKey(key));
    const asked = readBody(changeFundingBody, body);
    await this.desk.change(caller, changeKey, {
      what: 'funding',
      botId,
      ...(asked.sales_mode === undefined ? {} : { salesMode: asked.sales_mode }),
      ...(asked.funding_mode === undefined ? {} : { fundingMode: asked.funding_mode }),
      ...(asked.public_may_use_bonus === undefined ? {} : { publicMayUseBonus: asked.public_may_use_bonus }),
    });
    return toFundingBody(await this.read(caller, botId));
  }

  @Post('preview')
  @HttpCode(200)
  @Operation({
    operationId: 'previewFunding',
    summary: 'What a change of funding would do',
    description: 'Changes nothing. `warnings` say what an owner should know before.',
  })
  @ApiParam({ name: 'bot_id' })
  @Takes('ChangeFunding')
  @Answers(200, 'FundingPreview', 'Before and after.')
  @Problems('bot_not_found', 'validation_failed')
  async preview(
    @Asking() caller: Caller,
    @Param('bot_id') botId: string,
    @Body() body: unknown,
  ): Promise<FundingPreviewBody> {
    const asked = readBody(changeFundingBody, body);
    const before = await this.read(caller, botId);
    const at = instant(this.clock.now());
    const own = await this.database.asTenant(tenantOf(caller), async (tx) => readVisitorsCredits(tx, { botId, at }));
    return toFundingPreview(before, asked, own);
  }

  private async read(caller: Caller, botId: string): Promise<FundingSettings> {
    admitBot(caller, botId);
    const funding = await this.database.asTenant(tenantOf(caller), async (tx) =>
      readFunding(tx, caller.accountId, botId),
    );
    if (funding === null) throw refusalProblem({ code: 'bot_not_found' }, 0);
    return funding;
  }
}
