// API room. What an owner looks at to see how a bot does. Parse, call, convert.
import { Controller, Get, Param, UseGuards } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { admitBot, Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { Answers, NeedsKey, Problems } from '../openapi/describe.js';
import type { QualityBody } from './quality-body.js';
import { toQualityBody } from './quality-body.js';
import { QualityReader } from './quality-reader.js';

@ApiTags('Bots')
@NeedsKey()
@Controller('v1/bots/:bot_id')
@UseGuards(CallerGuard)
export class PanelsController {
  constructor(private readonly qualities: QualityReader) {}

  @Get('quality')
  @Operation({
    operationId: 'getBotQuality',
    summary: 'How well a bot is set up',
    description: 'Profile, snippets, domain, credits and the ZIP to download, with hints where a measurement calls.',
  })
  @ApiParam({ name: 'bot_id' })
  @Answers(200, 'BotQuality', 'All five, as they are now.')
  @Problems('bot_not_found')
  async quality(@Asking() caller: Caller, @Param('bot_id') botId: string): Promise<QualityBody> {
    admitBot(caller, botId);
    return toQualityBody(await this.qualities.quality(caller, botId));
  }
}
