// API room. Bots that go to another account: offered, accepted, withdrawn. Parse, call, convert.
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { admitBot, Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { askedBy } from '../changes/asked-by.js';
import { readIdempotencyKey } from '../jobs/idempotency-key.js';
import { Answers, NeedsKey, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { BODY_PROBLEMS } from '../openapi/usual-problems.js';
import { readBody, readQuery } from '../requests/body.js';
import { pageQuery } from '../requests/page.js';
import type { TransferBody, TransfersBody } from './transfer-body.js';
import { offerBody } from './transfer-body.js';
import { TransferDesk } from './transfer-desk.js';

@ApiTags('Bots')
@NeedsKey()
@Controller('v1')
@UseGuards(CallerGuard)
export class TransfersController {
  constructor(private readonly desk: TransferDesk) {}

  @Post('bots/:bot_id/transfers')
  @Operation({
    operationId: 'offerBot',
    summary: 'Offer a bot to another account',
    description:
      'Nothing changes before the owner of that account accepts. Under an Idempotency-Key it is offered once.',
  })
  @ApiParam({ name: 'bot_id' })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: '1 to 255 bytes, no control characters.' })
  @Takes('OfferBot')
  @Answers(201, 'BotTransfer', 'The offer.')
  @Problems('bot_not_found', 'transfer_open', 'idempotency_mismatch', 'idempotency_key_invalid', ...BODY_PROBLEMS)
  async offer(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Headers('idempotency-key') key: string | undefined,
    @Param('bot_id') botId: string,
    @Body() body: unknown,
  ): Promise<TransferBody> {
    admitBot(caller, botId);
    const idempotencyKey = key === undefined ? null : readIdempotencyKey(key);
    const { to_account_id: toAccount } = readBody(offerBody, body);
    return this.desk.offer(askedBy(caller, request), botId, { toAccount, idempotencyKey });
  }

  @Get('bot-transfers')
  @Operation({ operationId: 'listTransfers', summary: 'Bots offered by the account and to it, the newest first' })
  @TakesQuery(pageQuery)
  @Answers(200, 'BotTransfers', 'One page.')
  @Problems('validation_failed')
  async list(@Asking() caller: Caller, @Query() query: unknown): Promise<TransfersBody> {
    return this.desk.list(caller, readQuery(pageQuery, query));
  }

  @Post('bot-transfers/:transfer_id/accept')
  @HttpCode(200)
  @Operation({
    operationId: 'acceptBot',
    summary: 'Take over a bot that was offered',
    description:
      'The bot is private then, its keys are revoked, and jobs under way settle with the account that began them. ' +
      'Its visitors come along with what they have at it. What it did before stays in the books of the account that ' +
      'gave it; campaigns of that account for it end, and packs of several bots that it is part of are withdrawn.',
  })
  @ApiParam({ name: 'transfer_id' })
  @Answers(200, 'BotTransfer', 'The bot belongs to the account that asked.')
  @Problems('transfer_not_found', 'transfer_over')
  async accept(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('transfer_id') transferId: string,
  ): Promise<TransferBody> {
    return this.desk.accept(askedBy(caller, request), transferId);
  }

  @Post('bot-transfers/:transfer_id/withdraw')
  @HttpCode(200)
  @Operation({ operationId: 'withdrawBot', summary: 'End an offer, by either side' })
  @ApiParam({ name: 'transfer_id' })
  @Answers(200, 'BotTransfer', 'The bot stays where it is.')
  @Problems('transfer_not_found', 'transfer_over')
  async withdraw(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('transfer_id') transferId: string,
  ): Promise<TransferBody> {
    return this.desk.withdraw(askedBy(caller, request), transferId);
  }
}
