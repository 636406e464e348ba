// API room. What an account used and what it was charged, told by what the owner asks for. Parse, call, convert.
import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { Answers, NeedsKey, Problems, TakesQuery } from '../openapi/describe.js';
import { readQuery } from '../requests/body.js';
import type { UsageBody } from './usage-body.js';
import { toUsageBody } from './usage-body.js';
import { usageQuery } from './usage-query.js';
import { UsageReader } from './usage-reader.js';

@ApiTags('Account')
@NeedsKey()
@Controller('v1/account/usage')
@UseGuards(CallerGuard)
export class UsageController {
  constructor(private readonly reader: UsageReader) {}

  @Get()
  @Operation({
    operationId: 'getUsage',
    summary: 'What was used and charged, by up to two properties',
    description:
      'For example `?group_by=kind,day`, or `?group_by=artefact` to compare jobs with a ZIP and without. Credits are ' +
      'counted when they moved, so `total.net` is the net of the ledger for that time, whichever way it is told: ' +
      'rows and `rest` add up to it exactly. Filters combine; tips are of all jobs that ended in that time. ' +
      'A member is told of own jobs alone.',
  })
  @TakesQuery(usageQuery)
  @Answers(200, 'Usage', 'Rows and total of one snapshot.')
  @Problems('validation_failed', 'rate_limited', 'too_much_to_count')
  async usage(@Asking() caller: Caller, @Query() query: unknown): Promise<UsageBody> {
    return toUsageBody(await this.reader.usage(caller, readQuery(usageQuery, query)));
  }
}
