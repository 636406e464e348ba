// API room. Profile, style guide and snippets of a bot. Parse, call, convert.
import type { GuideBodies, GuideKind } from '@fairmeter/domain';
import { Body, Controller, Get, Param, Put, Query, Req, UseGuards } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { admitBot, Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { askedBy } from '../changes/asked-by.js';
import { Answers, NeedsKey, Problems, Takes, TakesQuery } from '../openapi/describe.js';
import { readBody, readQuery } from '../requests/body.js';
import { GUIDE_BODIES, guideQuery, toGuideBody } from './guide-body.js';
import { GuideDesk } from './guide-desk.js';

const WRITE_PROBLEMS = ['bot_not_found', 'malformed_json', 'validation_failed', 'unsupported_media_type'] as const;
const READ_PROBLEMS = ['bot_not_found', 'guide_not_found', 'validation_failed'] as const;
const VERSIONED = 'Each change is a new version; the same again is none. Jobs under way keep the version they have.';

@ApiTags('Bots')
@NeedsKey()
@Controller('v1/bots/:bot_id')
@UseGuards(CallerGuard)
export class GuidesController {
  constructor(private readonly desk: GuideDesk) {}

  @Get('profile')
  @Operation({ operationId: 'getProfile', summary: 'What the bot is for, and the stack it writes for' })
  @ApiParam({ name: 'bot_id' })
  @TakesQuery(guideQuery)
  @Answers(200, 'Profile', 'The version asked for, or the latest.')
  @Problems(...READ_PROBLEMS)
  async profile(
    @Asking() caller: Caller,
    @Param('bot_id') botId: string,
    @Query() query: unknown,
  ): Promise<Told<'profile'>> {
    return this.read(caller, { botId, kind: 'profile' }, query);
  }

  @Put('profile')
  @Operation({ operationId: 'putProfile', summary: 'Write the profile', description: VERSIONED })
  @ApiParam({ name: 'bot_id' })
  @Takes('NewProfile')
  @Answers(200, 'Profile', 'The version that holds from now on.')
  @Problems(...WRITE_PROBLEMS)
  async putProfile(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('bot_id') botId: string,
    @Body() body: unknown,
  ): Promise<Told<'profile'>> {
    return this.write(askedBy(caller, request), { botId, kind: 'profile' }, readBody(GUIDE_BODIES.profile, body));
  }

  @Get('style-guide')
  @Operation({ operationId: 'getStyleGuide', summary: 'The rules that answers keep to' })
  @ApiParam({ name: 'bot_id' })
  @TakesQuery(guideQuery)
  @Answers(200, 'StyleGuide', 'The version asked for, or the latest.')
  @Problems(...READ_PROBLEMS)
  async styleGuide(
    @Asking() caller: Caller,
    @Param('bot_id') botId: string,
    @Query() query: unknown,
  ): Promise<Told<'style_guide'>> {
    return this.read(caller, { botId, kind: 'style_guide' }, query);
  }

  @Put('style-guide')
  @Operation({ operationId: 'putStyleGuide', summary: 'Write the style guide', description: VERSIONED })
  @ApiParam({ name: 'bot_id' })
  @Takes('NewStyleGuide')
  @Answers(200, 'StyleGuide', 'The version that holds from now on.')
  @Problems(...WRITE_PROBLEMS)
  async putStyleGuide(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('bot_id') botId: string,
    @Body() body: unknown,
  ): Promise<Told<'style_guide'>> {
    const rules = readBody(GUIDE_BODIES.style_guide, body);
    return this.write(askedBy(caller, request), { botId, kind: 'style_guide' }, rules);
  }

  @Get('snippets')
  @Operation({ operationId: 'getSnippets', summary: 'What needs not be told again with every request' })
  @ApiParam({ name: 'bot_id' })
  @TakesQuery(guideQuery)
  @Answers(200, 'Snippets', 'The version asked for, or the latest.')
  @Problems(...READ_PROBLEMS)
  async snippets(
    @Asking() caller: Caller,
    @Param('bot_id') botId: string,
    @Query() query: unknown,
  ): Promise<Told<'snippets'>> {
    return this.read(caller, { botId, kind: 'snippets' }, query);
  }

  @Put('snippets')
  @Operation({ operationId: 'putSnippets', summary: 'Write all snippets', description: VERSIONED })
  @ApiParam({ name: 'bot_id' })
  @Takes('NewSnippets')
  @Answers(200, 'Snippets', 'The version that holds from now on.')
  @Problems(...WRITE_PROBLEMS)
  async putSnippets(
    @Req() request: FastifyRequest,
    @Asking() caller: Caller,
    @Param('bot_id') botId: string,
    @Body() body: unknown,
  ): Promise<Told<'snippets'>> {
    return this.write(askedBy(caller, request), { botId, kind: 'snippets' }, readBody(GUIDE_BODIES.snippets, body));
  }

  private async read<K extends GuideKind>(caller: Caller, of: Of<K>, query: unknown): Promise<Told<K>> {
    admitBot(caller, of.botId);
    const { version = null } = readQuery(guideQuery, query);
    return toGuideBody(of.botId, await this.desk.read(caller, of, version));
  }

  private async write<K extends GuideKind>(
    asked: ReturnType<typeof askedBy>,
    of: Of<K>,
    body: GuideBodies[K],
  ): Promise<Told<K>> {
    admitBot(asked.caller, of.botId);
    return toGuideBody(of.botId, await this.desk.write(asked, of, body));
  }
}

interface Of<K extends GuideKind> {
  readonly botId: string;
  readonly kind: K;
}

type Told<K extends GuideKind> = ReturnType<typeof toGuideBody<K>>;
