// API room. What anybody may know of a public bot before asking it anything. No key is asked for.
import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Answers, Problems } from '../openapi/describe.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { BOT_ID } from '../requests/fields.js';
import type { PublicBotBody } from './bot-body.js';
import { toPublicBotBody } from './bot-body.js';
import { BotDesk } from './bot-desk.js';

@ApiTags('Bots')
@Controller('v1/bots')
export class PublicBotsController {
  constructor(private readonly desk: BotDesk) {}

  @Get(':bot_id/public')
  @ApiOperation({
    operationId: 'getPublicBot',
    summary: 'The public page of a bot',
    description: 'A private bot, and one that never was, are the same answer.',
  })
  @ApiParam({ name: 'bot_id' })
  @Answers(200, 'PublicBot', 'What a newcomer is told.')
  @Problems('bot_not_found')
  async page(@Param('bot_id') botId: string): Promise<PublicBotBody> {
    if (!BOT_ID.test(botId)) throw refusalProblem({ code: 'bot_not_found' }, 0);
    return toPublicBotBody(await this.desk.publicBot(botId));
  }
}
