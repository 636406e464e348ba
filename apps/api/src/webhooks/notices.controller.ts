// API room. What an account was told, for whoever has no webhook and no mail. Parse, call, convert.
import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Asking, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller } from '../callers/caller.js';
import { Answers, NeedsKey, Problems, TakesQuery } from '../openapi/describe.js';
import { readQuery } from '../requests/body.js';
import { pageQuery } from '../requests/page.js';
import { NoticeReader } from './notice-reader.js';
import type { NoticesBody } from './webhook-body.js';
import { toNoticeBody } from './webhook-body.js';

@ApiTags('Webhooks')
@NeedsKey()
@Controller('v1/account/notices')
@UseGuards(CallerGuard)
export class NoticesController {
  constructor(private readonly reader: NoticeReader) {}

  @Get()
  @Operation({
    operationId: 'listNotices',
    summary: 'What the account was told',
    description: 'Warnings, and news that no list of its own shows, the newest first, whether or not they were sent.',
  })
  @TakesQuery(pageQuery)
  @Answers(200, 'Notices', 'One page.')
  @Problems('validation_failed')
  async notices(@Asking() caller: Caller, @Query() query: unknown): Promise<NoticesBody> {
    const { rows, nextCursor } = await this.reader.notices(caller, readQuery(pageQuery, query));
    return { data: rows.map(toNoticeBody), next_cursor: nextCursor };
  }
}
