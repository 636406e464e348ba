// API room. What a bot offers to its visitors: seen by its owner, and plans opted in and out. Parse, call, convert.
import { Body, Controller, Get, Param, Put, Req, UseGuards } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { admitBot, Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { askedBy } from '../changes/asked-by.js';
import { Answers, NeedsKey, Problems, Takes } from '../openapi/describe.js';
import { BODY_PROBLEMS } from '../openapi/usual-problems.js';
import { readBody } from '../requests/body.js';
import type { BotOffersBody } from './bot-offers-body.js';
import { setBotOffersBody } from './bot-offers-body.js';
import { BotOffersDesk } from './bot-offers-desk.js';

@ApiTags('Bots')
@NeedsKey()
@Controller('v1/bots/:bot_id/offers')
@UseGuards(CallerGuard)
export class BotOffersController {
  constructor(private readonly desk: BotOffersDesk) {}

  @Get()
  @Operation({
    operationId: 'getBotOffers',
    summary: 'What a bot offers to its visitors',
    description: 'Packs, bought once, are the default; plans are there once they were opted in.',
  })
  @ApiParam({ name: 'bot_id' })
  @Answers(200, 'BotOffers', 'As it is set; visitors see of it what can be bought now.')
  @Problems('bot_not_found')
  async offers(@Asking() caller: Caller, @Param('bot_id') botId: string): Promise<BotOffersBody> {
    admitBot(caller, botId);
    return this.desk.offers(caller, botId);
  }

  @Put()
  @Operation({
    operationId: 'setBotOffers',
    summary: 'Opt plans for visitors in or out',
    description:
      'At the price of the plan. Opting out ends no subscription that runs. Whoever the bot is moved to begins ' +
      'without plans.',
  })
  @ApiParam({ name: 'bot_id' })
  @Takes('SetBotOffers')
  @Answers(200, 'BotOffers', 'What is offered now.')
  @Problems('bot_not_found', 'bot_archived', 'account_not_active', ...BODY_PROBLEMS)
  async set(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('bot_id') botId: string,
    @Body() body: unknown,
  ): Promise<BotOffersBody> {
    admitBot(caller, botId);
    return this.desk.set(askedBy(caller, request), botId, readBody(setBotOffersBody, body));
  }
}
