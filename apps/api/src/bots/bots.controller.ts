// API room. Bots: made, listed, changed, shown to everybody or to nobody, archived. Parse, call, convert.
import { Body, Controller, Get, Headers, HttpCode, Param, Patch, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { admitBot, Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { askedBy } from '../changes/asked-by.js';
import { readIdempotencyKey } from '../jobs/idempotency-key.js';
import { Answers, NeedsKey, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { BODY_PROBLEMS } from '../openapi/usual-problems.js';
import { readBody, readQuery } from '../requests/body.js';
import type { BotBody, BotsBody } from './bot-body.js';
import { botsQuery, changeBotBody, newBotBody, publicationBody, toBotBody } from './bot-body.js';
import { BotDesk } from './bot-desk.js';

const SETUP_PROBLEMS = [
  'model_not_priced',
  'model_not_in_plan',
  'iterations_over_plan',
  'context_over_plan',
  'artefact_not_in_plan',
  'deadline_over_limit',
  'budget_over_limit',
  'budget_below_minimum',
] as const;

@ApiTags('Bots')
@NeedsKey()
@Controller('v1/bots')
@UseGuards(CallerGuard)
export class BotsController {
  constructor(private readonly desk: BotDesk) {}

  @Post()
  @Operation({
    operationId: 'makeBot',
    summary: 'Make a bot',
    description: 'Of either type it spends from the pools of its account and has none of its own. It begins private.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '1 to 255 bytes, no control characters.' })
  @Takes('NewBot')
  @Answers(201, 'Bot', 'The bot.')
  @Problems(
    ...(['idempotency_key_missing', 'idempotency_key_invalid', 'idempotency_mismatch'] as const),
    ...SETUP_PROBLEMS,
    ...BODY_PROBLEMS,
  )
  async make(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<BotBody> {
    const asked = { ...askedBy(caller, request), idempotencyKey: readIdempotencyKey(key) };
    return this.desk.make(asked, readBody(newBotBody, body));
  }

  @Get()
  @Operation({ operationId: 'listBots', summary: 'The bots of the account, the newest first' })
  @TakesQuery(botsQuery)
  @Answers(200, 'Bots', 'One page, chat and coding bots in one list.')
  @Problems('validation_failed')
  async list(@Asking() caller: Caller, @Query() query: unknown): Promise<BotsBody> {
    const { bots, nextCursor } = await this.desk.list(caller, readQuery(botsQuery, query));
    return { data: bots.map(toBotBody), next_cursor: nextCursor };
  }

  @Get(':bot_id')
  @Operation({ operationId: 'getBot', summary: 'A bot as it is set up' })
  @ApiParam({ name: 'bot_id' })
  @Answers(200, 'Bot', 'The bot.')
  @Problems('bot_not_found')
  async bot(@Asking() caller: Caller, @Param('bot_id') botId: string): Promise<BotBody> {
    admitBot(caller, botId);
    return toBotBody(await this.desk.bot(caller, botId));
  }

  @Patch(':bot_id')
  @Operation({
    operationId: 'changeBot',
    summary: 'Change what a bot is set to',
    description:
      'Fields that are left out stay as they are. Jobs under way keep what they were admitted with. Back to private ' +
      'is possible at any time: visitors\u2019 jobs that run go on to their end, and new ones are refused.',
  })
  @ApiParam({ name: 'bot_id' })
  @Takes('ChangeBot')
  @Answers(200, 'Bot', 'The bot as it is now.')
  @Problems('bot_not_found', 'publication_incomplete', ...SETUP_PROBLEMS, ...BODY_PROBLEMS)
  async change(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('bot_id') botId: string,
    @Body() body: unknown,
  ): Promise<BotBody> {
    admitBot(caller, botId);
    return this.desk.change(askedBy(caller, request), botId, readBody(changeBotBody, body));
  }

  @Post(':bot_id/publish')
  @HttpCode(200)
  @Operation({
    operationId: 'publishBot',
    summary: 'Open a bot to visitors',
    description: 'Three questions are answered first; the answers are kept with who gave them and when.',
  })
  @ApiParam({ name: 'bot_id' })
  @Takes('Publication')
  @Answers(200, 'Bot', 'The bot, which is public now.')
  @Problems('bot_not_found', 'publication_incomplete', ...BODY_PROBLEMS)
  async publish(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('bot_id') botId: string,
    @Body() body: unknown,
  ): Promise<BotBody> {
    admitBot(caller, botId);
    return this.desk.publish(askedBy(caller, request), botId, readBody(publicationBody, body));
  }

  @Post(':bot_id/unpublish')
  @HttpCode(200)
  @Operation({
    operationId: 'unpublishBot',
    summary: 'Close a bot to visitors',
    description: 'Their jobs that run go on to their end; new ones are refused with `bot_private`.',
  })
  @ApiParam({ name: 'bot_id' })
  @Answers(200, 'Bot', 'The bot, which is private now.')
  @Problems('bot_not_found')
  async unpublish(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('bot_id') botId: string,
  ): Promise<BotBody> {
    admitBot(caller, botId);
    return this.desk.unpublish(askedBy(caller, request), botId);
  }

  @Post(':bot_id/archive')
  @HttpCode(200)
  @Operation({
    operationId: 'archiveBot',
    summary: 'Archive a bot',
    description: 'It takes no new jobs. What it did stays to be read, and jobs that run go on to their end.',
  })
  @ApiParam({ name: 'bot_id' })
  @Answers(200, 'Bot', 'The bot, archived now or before.')
  @Problems('bot_not_found')
  async archive(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('bot_id') botId: string,
  ): Promise<BotBody> {
    admitBot(caller, botId);
    return this.desk.archive(askedBy(caller, request), botId);
  }

  @Post(':bot_id/unarchive')
  @HttpCode(200)
  @Operation({ operationId: 'unarchiveBot', summary: 'Bring an archived bot back' })
  @ApiParam({ name: 'bot_id' })
  @Answers(200, 'Bot', 'The bot, which takes jobs again.')
  @Problems('bot_not_found')
  async unarchive(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('bot_id') botId: string,
  ): Promise<BotBody> {
    admitBot(caller, botId);
    return this.desk.unarchive(askedBy(caller, request), botId);
  }
}
