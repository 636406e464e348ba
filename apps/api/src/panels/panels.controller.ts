// API room. What an owner looks at to see how a bot does. Parse, call, convert.
import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { admitBot, Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { Answers, NeedsKey, Problems, TakesQuery } from '../openapi/describe.js';
import { readQuery } from '../requests/body.js';
import type { EconomicsBody } from './economics-body.js';
import { toEconomicsBody } from './economics-body.js';
import { economicsQuery, qualityQuery } from './economics-query.js';
import { EconomicsReader } from './economics-reader.js';
import type { QualityBody } from './quality-body.js';
import { toQualityBody } from './quality-body.js';
import { QualityReader } from './quality-reader.js';

@ApiTags('Bots')
@NeedsKey()
@Controller('v1/bots/:bot_id')
@UseGuards(CallerGuard)
export class PanelsController {
  constructor(
    private readonly qualities: QualityReader,
    private readonly economies: EconomicsReader,
  ) {}

  @Get('quality')
  @Operation({
    operationId: 'getBotQuality',
    summary: 'How well a bot is set up',
    description: 'Profile, snippets, domain, credits and the ZIP to download, with hints where a measurement calls.',
  })
  @ApiParam({ name: 'bot_id' })
  @TakesQuery(qualityQuery)
  @Answers(200, 'BotQuality', 'All five, as they are now.')
  @Problems('bot_not_found', 'validation_failed', 'rate_limited', 'too_much_to_count')
  async quality(
    @Asking() caller: Caller,
    @Param('bot_id') botId: string,
    @Query() query: unknown,
  ): Promise<QualityBody> {
    admitBot(caller, botId);
    const { environment } = readQuery(qualityQuery, query);
    return toQualityBody(await this.qualities.quality(caller, botId, environment));
  }

  @Get('economics')
  @Operation({
    operationId: 'getBotEconomics',
    summary: 'Whether a bot pays off',
    description:
      'Of its ended jobs, whoever paid: how often the same is asked again, what a result costs that was kept, and ' +
      'averages with and without a ZIP, and before and after the newest version of what the bot is told.',
  })
  @ApiParam({ name: 'bot_id' })
  @TakesQuery(economicsQuery)
  @Answers(200, 'BotEconomics', 'The report.')
  @Problems('bot_not_found', 'validation_failed')
  async economics(
    @Asking() caller: Caller,
    @Param('bot_id') botId: string,
    @Query() query: unknown,
  ): Promise<EconomicsBody> {
    admitBot(caller, botId);
    return toEconomicsBody(await this.economies.economics(caller, botId, readQuery(economicsQuery, query)));
  }
}
