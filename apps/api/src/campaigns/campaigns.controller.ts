// API room. Giveaways of a bot: opened, changed, listed, and seen before they are opened. Parse, call, convert.
import { Body, Controller, Get, Headers, HttpCode, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { readIdempotencyKey } from '../jobs/idempotency-key.js';
import { Answers, NeedsKey, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { readBody, readQuery } from '../requests/body.js';
import { CampaignDesk } from './campaign-desk.js';
import type { CampaignBody, CampaignPreviewBody, CampaignsBody } from './campaigns-body.js';
import { campaignsQuery, changeCampaignBody, openCampaignBody } from './campaigns-body.js';

@ApiTags('Campaigns')
@NeedsKey()
@Controller('v1/campaigns')
@UseGuards(CallerGuard)
export class CampaignsController {
  constructor(private readonly desk: CampaignDesk) {}

  @Post()
  @Operation({
    operationId: 'openCampaign',
    summary: 'Open a campaign',
    description:
      'The account pays for jobs that name it, up to the limit: however many run at once, no more is given. ' +
      'Such use is told apart from purchases.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '1 to 255 bytes, no control characters.' })
  @Takes('OpenCampaign')
  @Answers(201, 'Campaign', 'The campaign.')
  @Problems(
    'bot_not_found',
    'account_not_active',
    'idempotency_key_missing',
    'idempotency_key_invalid',
    'idempotency_mismatch',
    'validation_failed',
    'service_unavailable',
  )
  async open(
    @Asking() caller: Caller,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<CampaignBody> {
    return this.desk.open(caller, readIdempotencyKey(key), readBody(openCampaignBody, body));
  }

  @Get()
  @Operation({ operationId: 'listCampaigns', summary: 'Campaigns, the newest first' })
  @TakesQuery(campaignsQuery)
  @Answers(200, 'Campaigns', 'One page.')
  @Problems('validation_failed')
  async list(@Asking() caller: Caller, @Query() query: unknown): Promise<CampaignsBody> {
    return this.desk.campaigns(caller, readQuery(campaignsQuery, query));
  }

  @Patch(':campaign_id')
  @Operation({
    operationId: 'changeCampaign',
    summary: 'Change a campaign',
    description: 'A limit below what is given stops it at once; jobs that run go on.',
  })
  @ApiParam({ name: 'campaign_id' })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: '1 to 255 bytes, no control characters.' })
  @Takes('ChangeCampaign')
  @Answers(200, 'Campaign', 'The campaign as it is now.')
  @Problems(
    'campaign_not_found',
    'account_not_active',
    'idempotency_mismatch',
    'idempotency_key_invalid',
    'validation_failed',
    'service_unavailable',
  )
  async change(
    @Asking() caller: Caller,
    @Param('campaign_id') id: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<CampaignBody> {
    return this.desk.change(caller, id, {
      key: key === undefined ? null : readIdempotencyKey(key),
      asked: readBody(changeCampaignBody, body),
    });
  }

  @Post('preview')
  @HttpCode(200)
  @Operation({
    operationId: 'previewCampaign',
    summary: 'What a campaign could give',
    description: 'Changes nothing.',
  })
  @Takes('OpenCampaign')
  @Answers(200, 'CampaignPreview', 'What the account has for it.')
  @Problems('bot_not_found', 'validation_failed')
  async preview(@Asking() caller: Caller, @Body() body: unknown): Promise<CampaignPreviewBody> {
    return this.desk.preview(caller, readBody(openCampaignBody, body));
  }
}
