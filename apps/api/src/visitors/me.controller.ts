// API room. A visitor's own page: usage units at the bot and what can be done about them. Parse, call, convert.
import { Controller, Delete, Get, Headers, Req, Res, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AskingVisitor, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { VisitorCaller } from '../callers/caller.js';
import { Answers, NeedsVisitor, Problems } from '../openapi/describe.js';
import { contextOf } from '../requests/request-context.js';
import { languageOf } from '../wording/accept-language.js';
import type { MyOffersBody } from './offers-body.js';
import { toMyOffersBody } from './offers-body.js';
import type { UsageUnitsBody } from './usage-units.js';
import { toUsageUnitsBody, UsageUnits } from './usage-units.js';
import type { ErasureBody } from './visitor-erasure.js';
import { VisitorErasure } from './visitor-erasure.js';

@ApiTags('Visitors')
@NeedsVisitor()
@Controller('v1/me')
@UseGuards(CallerGuard)
export class VisitorMeController {
  constructor(
    private readonly units: UsageUnits,
    private readonly erasure: VisitorErasure,
  ) {}

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

  @Delete()
  @Operation({
    operationId: 'deleteMe',
    summary: 'Delete this visitor',
    description: 'For good: `deletion` of the usage units says what that means, to be shown before.',
  })
  @Answers(200, 'Erasure', 'Nothing of this visitor\u2019s words is left.')
  @Problems('service_unavailable')
  async delete(@Req() request: FastifyRequest, @AskingVisitor() caller: VisitorCaller): Promise<ErasureBody> {
    const { botId, visitorId } = caller;
    return this.erasure.erase({ caller, botId, requestId: contextOf(request).requestId }, visitorId);
  }

  @Get('offers')
  @Operation({
    operationId: 'getMyOffers',
    summary: 'What this visitor may get at this bot',
    description: 'With the three things that a visitor is told before getting any of it.',
  })
  @ApiHeader({ name: 'Accept-Language', required: false })
  @Answers(200, 'MyOffers', 'What is offered now.')
  async offers(
    @Res({ passthrough: true }) reply: FastifyReply,
    @AskingVisitor() caller: VisitorCaller,
    @Headers('accept-language') header: string | undefined,
  ): Promise<MyOffersBody> {
    const language = languageOf(header);
    void reply.header('content-language', language);
    return toMyOffersBody(caller.botId, await this.units.read(caller), language);
  }
}
