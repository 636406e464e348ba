// API room. Packs of credits that visitors may buy, of one bot or of several. Parse, call, convert.
import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { Req, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { askedBy } from '../changes/asked-by.js';
import { readIdempotencyKey } from '../jobs/idempotency-key.js';
import { Answers, NeedsKey, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { BODY_PROBLEMS, ONCE_PROBLEMS } from '../openapi/usual-problems.js';
import { readBody, readQuery } from '../requests/body.js';
import { pageQuery } from '../requests/page.js';
import type { PackBody, PacksBody, WithdrawnBody } from './pack-body.js';
import { changePackBody, newPackBody } from './pack-body.js';
import { PackDesk } from './pack-desk.js';

@ApiTags('Bots')
@NeedsKey()
@Controller('v1/bot-packs')
@UseGuards(CallerGuard)
export class PacksController {
  constructor(private readonly desk: PackDesk) {}

  @Post()
  @Operation({
    operationId: 'makeBotPack',
    summary: 'Offer a pack of credits to visitors',
    description: 'For one bot, or for several together: each has an allowance of its own, usable nowhere else.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '1 to 255 bytes, no control characters.' })
  @Takes('NewBotPack')
  @Answers(201, 'BotPack', 'The pack.')
  @Problems('bot_not_found', 'bot_archived', ...ONCE_PROBLEMS, ...BODY_PROBLEMS)
  async make(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<PackBody> {
    const idempotencyKey = readIdempotencyKey(key);
    return this.desk.make({ ...askedBy(caller, request), idempotencyKey }, readBody(newPackBody, body));
  }

  @Get()
  @Operation({ operationId: 'listBotPacks', summary: 'The packs on offer, the newest first' })
  @TakesQuery(pageQuery)
  @Answers(200, 'BotPacks', 'One page, each pack in its present version.')
  @Problems('validation_failed')
  async list(@Asking() caller: Caller, @Query() query: unknown): Promise<PacksBody> {
    return this.desk.list(caller, readQuery(pageQuery, query));
  }

  @Patch(':pack_id')
  @Operation({
    operationId: 'changeBotPack',
    summary: 'Offer a pack otherwise',
    description: 'As its next version. Whoever has the page to pay for an earlier one still pays that price.',
  })
  @ApiParam({ name: 'pack_id' })
  @Takes('ChangeBotPack')
  @Answers(200, 'BotPack', 'The pack as it is offered now.')
  @Problems('pack_not_found', 'bot_not_found', 'bot_archived', ...BODY_PROBLEMS)
  async change(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('pack_id') packId: string,
    @Body() body: unknown,
  ): Promise<PackBody> {
    return this.desk.change(askedBy(caller, request), packId, readBody(changePackBody, body));
  }

  @Delete(':pack_id')
  @HttpCode(200)
  @Operation({
    operationId: 'withdrawBotPack',
    summary: 'Offer a pack no longer',
    description: 'What was bought of it stays.',
  })
  @ApiParam({ name: 'pack_id' })
  @Answers(200, 'Withdrawn', 'The pack is not on offer any more.')
  @Problems('pack_not_found')
  async withdraw(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('pack_id') packId: string,
  ): Promise<WithdrawnBody> {
    await this.desk.withdraw(askedBy(caller, request), packId);
    return { id: packId, withdrawn: true };
  }
}
