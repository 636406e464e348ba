// API room. What an account was given by the platform, and how anybody can earn credits. Parse, call, convert.
import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { Answers, NeedsKey, Problems, TakesQuery } from '../openapi/describe.js';
import { readQuery } from '../requests/body.js';
import type { EarningRulesBody, GrantsBody } from './grant-body.js';
import { EARNING_RULES_TOLD, grantsQuery, toGrantBody } from './grant-body.js';
import { GrantReader } from './grant-reader.js';

@ApiTags('Account')
@NeedsKey()
@Controller('v1/account')
@UseGuards(CallerGuard)
export class GrantsController {
  constructor(private readonly reader: GrantReader) {}

  @Get('grants')
  @Operation({
    operationId: 'listGrants',
    summary: 'What the account was given',
    description: 'Beside plan and purchases. Each grant is a lot of its own: they add up.',
  })
  @TakesQuery(grantsQuery)
  @Answers(200, 'Grants', 'One page.')
  @Problems('validation_failed')
  async grants(@Asking() caller: Caller, @Query() query: unknown): Promise<GrantsBody> {
    const { at, rows, nextCursor } = await this.reader.ofAccount(caller, readQuery(grantsQuery, query));
    return { data: rows.map((grant) => toGrantBody(grant, at)), next_cursor: nextCursor };
  }
}

/** For everybody: no key is asked for. */
@ApiTags('Account')
@Controller('v1/earning-rules')
export class EarningRulesController {
  @Get()
  @ApiOperation({ operationId: 'listEarningRules', summary: 'How credits can be earned' })
  @Answers(200, 'EarningRules', 'All of them.')
  rules(): EarningRulesBody {
    return EARNING_RULES_TOLD;
  }
}
