// API room. A visitor's own page: usage units at the bot and what can be done about them. Parse, call, convert.
import { Controller, Get, Headers, Res, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AskingVisitor, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { VisitorCaller } from '../callers/caller.js';
import { Answers, NeedsVisitor } from '../openapi/describe.js';
import { languageOf } from '../wording/accept-language.js';
import type { OffersBody } from './offers-body.js';
import { toOffersBody } from './offers-body.js';
import type { UsageUnitsBody } from './usage-units.js';
import { toUsageUnitsBody, UsageUnits } from './usage-units.js';

@ApiTags('Visitors')
@NeedsVisitor()
@Controller('v1/me')
@UseGuards(CallerGuard)
export class MeController {
  constructor(private readonly units: UsageUnits) {}

  @Get('usage-units')
  @Operation({
    operationId: 'getUsageUnits',
    summary: 'What remains for this visitor at this bot',
    description: 'With what visitors have to be told, in English or German.',
  })
  @ApiHeader({ name: 'Accept-Language', required: false })
  @Answers(200, 'UsageUnits', 'The units of this visitor, at this bot alone.')
  async usageUnits(
    @Res({ passthrough: true }) reply: FastifyReply,
    @AskingVisitor() caller: VisitorCaller,
    @Headers('accept-language') header: string | undefined,
  ): Promise<UsageUnitsBody> {
    const language = languageOf(header);
    void reply.header('content-language', language);
    return toUsageUnitsBody(caller.botId, await this.units.read(caller), language);
  }

  @Get('offers')
  @Operation({
    operationId: 'listOffers',
    summary: 'What this visitor may get at this bot',
    description: 'With the three things that a visitor is told before getting any of it.',
  })
  @ApiHeader({ name: 'Accept-Language', required: false })
  @Answers(200, 'Offers', 'What is offered now.')
  async offers(
    @Res({ passthrough: true }) reply: FastifyReply,
    @AskingVisitor() caller: VisitorCaller,
    @Headers('accept-language') header: string | undefined,
  ): Promise<OffersBody> {
    const language = languageOf(header);
    void reply.header('content-language', language);
    return toOffersBody(caller.botId, await this.units.read(caller), language);
  }
}
