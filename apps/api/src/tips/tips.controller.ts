// API room. Which tips there are and what calls for each of them. Parse, call, convert.
import { TIP_CODES } from '@fairmeter/domain';
import { Controller, Get, Param, UseGuards } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { Answers, NeedsKey, Problems } from '../openapi/describe.js';
import { ProblemError } from '../problems/problem-error.js';
import type { TipBody, TipsBody } from './tips-body.js';
import { toTipBody, toTipsBody } from './tips-body.js';
import { TipReader } from './tip-reader.js';

@ApiTags('Tips')
@NeedsKey()
@Controller('v1/tips')
@UseGuards(CallerGuard)
export class TipsController {
  constructor(private readonly reader: TipReader) {}

  @Get()
  @Operation({
    operationId: 'listTips',
    summary: 'All tips, and when each is given',
    description:
      'A tip is given only where a measurement calls for it: beside the cost of a job, or beside the usage of an ' +
      'account. For example `join_small_tasks` from ten jobs on that cost the smallest charge. Those that your own ' +
      'work has called for come first, with what was measured.',
  })
  @Answers(200, 'Tips', 'The whole catalogue.')
  async tips(@Asking() caller: Caller): Promise<TipsBody> {
    return toTipsBody(await this.reader.ofCaller(caller));
  }

  @Get(':tip_code')
  @Operation({ operationId: 'getTip', summary: 'One tip' })
  @ApiParam({ name: 'tip_code', example: 'select_less' })
  @Answers(200, 'Tip', 'The tip.')
  @Problems('not_found')
  async tip(@Asking() caller: Caller, @Param('tip_code') asked: string): Promise<TipBody> {
    const code = TIP_CODES.find((one) => one === asked);
    if (code === undefined) throw new ProblemError('not_found', 'There is no such tip.');
    return toTipBody(code, await this.reader.ofCaller(caller));
  }
}
