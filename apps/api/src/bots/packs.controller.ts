// API room. Packs of several bots as they are on offer. Each bot in one has an allowance of its own, and what a visitor
// buys of it is usable at that bot alone.
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import { addBotPack, findBot, listBotPacks, withdrawBotPack } from '@fairmeter/records';
import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Req, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { askedBy } from '../changes/asked-by.js';
import { Changes, note } from '../changes/changes.js';
import { readIdempotencyKey } from '../jobs/idempotency-key.js';
import { Answers, NeedsKey, Problems, Takes } from '../openapi/describe.js';
import { ProblemError } from '../problems/problem-error.js';
import { readBody } from '../requests/body.js';
import { found } from './bot-desk.js';
import type { PackBody, PacksBody, WithdrawnBody } from './pack-body.js';
import { newPackBody, toPackBody } from './pack-body.js';

const MOST_PACKS = 200;

@ApiTags('Bots')
@NeedsKey()
@Controller('v1/bot-packs')
@UseGuards(CallerGuard)
export class PacksController {
  constructor(
    private readonly changes: Changes,
    private readonly database: TenantDatabase,
  ) {}

  @Post()
  @Operation({ operationId: 'makeBotPack', summary: 'Offer several bots together' })
  @ApiHeader({ name: 'Idempotency-Key', required: true, description: '1 to 255 bytes, no control characters.' })
  @Takes('NewBotPack')
  @Answers(201, 'BotPack', 'The pack.')
  @Problems('bot_not_found', 'idempotency_key_missing', 'idempotency_key_invalid', 'idempotency_mismatch')
  @Problems('malformed_json', 'validation_failed', 'unsupported_media_type')
  async make(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
  ): Promise<PackBody> {
    const once = { place: 'bot-packs', idempotencyKey: readIdempotencyKey(key), body: readBody(newPackBody, body) };
    const { answer } = await this.changes.makeOnce(askedBy(caller, request), once, async (changing) => {
      const { name, allowances } = once.body;
      for (const { bot_id: botId } of allowances) found(await findBot(changing.tx, botId));
      const pack = {
        id: newId('bpk'),
        accountId: caller.accountId,
        name,
        allowances: allowances.map(({ bot_id: botId, credits: of }) => ({ botId, credits: of })),
      };
      await addBotPack(changing.tx, pack);
      const shown = toPackBody(pack);
      const after = { allowances: shown.allowances };
      await note(changing, { action: 'bot_pack.made', targetId: pack.id, before: null, after });
      return { answer: shown, kept: shown };
    });
    return answer;
  }

  @Get()
  @Operation({ operationId: 'listBotPacks', summary: 'The packs on offer, the newest first' })
  @Answers(200, 'BotPacks', 'At most 200.')
  async list(@Asking() caller: Caller): Promise<PacksBody> {
    const packs = await this.database.asTenant(tenantOf(caller), async (tx) => listBotPacks(tx, MOST_PACKS));
    return { data: packs.map(toPackBody) };
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
    return this.changes.make(askedBy(caller, request), async (changing) => {
      if (!(await withdrawBotPack(changing.tx, packId))) {
        throw new ProblemError('pack_not_found', 'The account offers no such pack.');
      }
      await note(changing, { action: 'bot_pack.withdrawn', targetId: packId, before: null, after: null });
      return { id: packId, withdrawn: true };
    });
  }
}
