// API room. The owner's side of visitors: tokens for them, and what they use. Parse, call, convert.
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { admitBot, Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { actorOf } from '../callers/caller.js';
import { admitLive } from '../callers/environment.js';
import { VisitorTokens } from '../callers/visitor-tokens.js';
import { Answers, NeedsKey, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { readBody, readQuery } from '../requests/body.js';
import { pageQuery } from '../requests/page.js';
import { contextOf } from '../requests/request-context.js';
import { VisitorDesk } from './visitor-desk.js';
import type { ErasureBody } from './visitor-erasure.js';
import { VisitorErasure } from './visitor-erasure.js';
import type { VisitorsBody, VisitorTokenBody } from './visitors-body.js';
import { toVisitorsBody, toVisitorTokenBody, visitorTokenRequest } from './visitors-body.js';

@ApiTags('Visitors')
@NeedsKey()
@Controller('v1/bots/:bot_id')
@UseGuards(CallerGuard)
export class VisitorsController {
  constructor(
    private readonly desk: VisitorDesk,
    private readonly tokens: VisitorTokens,
    private readonly erasure: VisitorErasure,
  ) {}

  @Post('visitor-tokens')
  @HttpCode(201)
  @Operation({
    operationId: 'giveVisitorToken',
    summary: 'A token for a visitor of the bot',
    description:
      'For your backend, once it knows who the visitor is. The first token of an `external_ref` makes the visitor; ' +
      'later ones name the same. A key needs the scope `visitors`: keep it where no visitor can read it. Visitors ' +
      'are live: a test key gives no tokens. A token ends with the key or the owner that gave it, and when the bot ' +
      'is moved or archived, whatever `expires_at` says: on `visitor_token_expired` give a new one.',
  })
  @ApiParam({ name: 'bot_id' })
  @Takes('VisitorTokenRequest')
  @Answers(201, 'VisitorToken', 'A token that expires by itself.')
  @Problems('validation_failed', 'bot_not_found', 'service_unavailable')
  async give(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('bot_id') botId: string,
    @Body() body: unknown,
  ): Promise<VisitorTokenBody> {
    admitLive(caller);
    admitBot(caller, botId);
    const { external_ref: externalRef, ttl_seconds: ttlSeconds } = readBody(visitorTokenRequest, body);
    this.tokens.signingKey();
    const { requestId } = contextOf(request);
    const { visitorId, round } = await this.desk.meet({ caller, botId, requestId }, externalRef);
    const visitor = { visitorId, botId };
    const given = await this.tokens.give({ ...visitor, ttlSeconds, giverId: actorOf(caller).id, round });
    return toVisitorTokenBody(visitor, given);
  }

  @Delete('visitors/:visitor_id')
  @Operation({
    operationId: 'deleteVisitor',
    summary: 'Delete a visitor of the bot',
    description:
      'Cancels and settles what runs, erases words and files, ends remaining units. Figures stay under the id alone. ' +
      'Whoever comes back under the same name is a new visitor and starts at 0.',
  })
  @ApiParam({ name: 'bot_id' })
  @ApiParam({ name: 'visitor_id' })
  @Answers(200, 'Erasure', 'Nothing of the visitor\u2019s words is left.')
  @Problems('bot_not_found', 'visitor_not_found', 'service_unavailable')
  async delete(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('bot_id') botId: string,
    @Param('visitor_id') visitorId: string,
  ): Promise<ErasureBody> {
    admitBot(caller, botId);
    return this.erasure.erase({ caller, botId, requestId: contextOf(request).requestId }, visitorId);
  }

  @Get('visitors')
  @Operation({
    operationId: 'listVisitors',
    summary: 'The visitors of the bot and what they used',
    description:
      'Usage units by pseudonym, the newest visitor first. What somebody paid is not the bot owner\u2019s to see.',
  })
  @ApiParam({ name: 'bot_id' })
  @TakesQuery(pageQuery)
  @Answers(200, 'Visitors', 'One page.')
  @Problems('validation_failed', 'bot_not_found')
  async list(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('bot_id') botId: string,
    @Query() query: unknown,
  ): Promise<VisitorsBody> {
    admitBot(caller, botId);
    const { requestId } = contextOf(request);
    return toVisitorsBody(await this.desk.list({ caller, botId, requestId }, readQuery(pageQuery, query)));
  }
}
