// API room. Threads as they stand and what they used. Parse, call, convert.
import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { Asking, AskingStaff, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { Caller, StaffCaller } from '../callers/caller.js';
import { Answers, NeedsKey, Problems, TakesQuery } from '../openapi/describe.js';
import { readQuery } from '../requests/body.js';
import { accountIdField } from '../requests/fields.js';
import { ProblemError } from '../problems/problem-error.js';
import type { ThreadBody, ThreadUsageBody } from './thread-body.js';
import { threadQuery, threadUsageQuery, toThreadBody, toThreadUsageBody } from './thread-body.js';
import { eyesOf, eyesOfStaff, ThreadReader } from './thread-reader.js';

@ApiTags('Threads')
@NeedsKey()
@Controller('v1')
@UseGuards(CallerGuard)
export class ThreadsController {
  constructor(private readonly reader: ThreadReader) {}

  @Get('threads/:thread_id')
  @Operation({
    operationId: 'getThread',
    summary: 'A thread: its messages, how much each read, and whether that grows',
    description: 'For whoever takes part in it, and for whoever answers for its bot.',
  })
  @ApiParam({ name: 'thread_id' })
  @TakesQuery(threadQuery)
  @Answers(200, 'Thread', 'The whole thread in figures, and one page of its jobs.')
  @Problems('thread_not_found', 'validation_failed')
  async thread(
    @Asking() caller: Caller,
    @Param('thread_id') threadId: string,
    @Query() query: unknown,
  ): Promise<ThreadBody> {
    const asked = readQuery(threadQuery, query);
    return toThreadBody(await this.reader.page(eyesOf(caller, asked), threadId, asked));
  }

  @Get('threads/:thread_id/usage')
  @Operation({ operationId: 'getThreadUsage', summary: 'What a thread used, by model' })
  @ApiParam({ name: 'thread_id' })
  @TakesQuery(threadUsageQuery)
  @Answers(200, 'ThreadUsage', 'Its figures.')
  @Problems('thread_not_found', 'validation_failed')
  async usage(
    @Asking() caller: Caller,
    @Param('thread_id') threadId: string,
    @Query() query: unknown,
  ): Promise<ThreadUsageBody> {
    const asked = readQuery(threadUsageQuery, query);
    return toThreadUsageBody(await this.reader.usage(eyesOf(caller, asked), threadId, asked));
  }

  @Get('staff/accounts/:account_id/threads/:thread_id')
  @Operation({ operationId: 'getThreadOfAccount', summary: 'A thread of an account, as support sees it' })
  @ApiParam({ name: 'account_id' })
  @ApiParam({ name: 'thread_id' })
  @TakesQuery(threadQuery)
  @Answers(200, 'Thread', 'The whole thread in figures, and one page of its jobs.')
  @Problems('thread_not_found', 'validation_failed')
  async threadOfAccount(
    @AskingStaff() staff: StaffCaller,
    @Param() { account_id: accountId, thread_id: threadId }: { account_id: string; thread_id: string },
    @Query() query: unknown,
  ): Promise<ThreadBody> {
    const asked = readQuery(threadQuery, query);
    return toThreadBody(await this.reader.page(eyesOfStaff(staff, mustName(accountId), asked), threadId, asked));
  }

  @Get('staff/accounts/:account_id/threads/:thread_id/usage')
  @Operation({ operationId: 'getThreadUsageOfAccount', summary: 'What a thread of an account used, by model' })
  @ApiParam({ name: 'account_id' })
  @ApiParam({ name: 'thread_id' })
  @TakesQuery(threadUsageQuery)
  @Answers(200, 'ThreadUsage', 'Its figures.')
  @Problems('thread_not_found', 'validation_failed')
  async usageOfAccount(
    @AskingStaff() staff: StaffCaller,
    @Param() { account_id: accountId, thread_id: threadId }: { account_id: string; thread_id: string },
    @Query() query: unknown,
  ): Promise<ThreadUsageBody> {
    const asked = readQuery(threadUsageQuery, query);
    return toThreadUsageBody(await this.reader.usage(eyesOfStaff(staff, mustName(accountId), asked), threadId, asked));
  }
}

/** What is no id of an account has no threads. */
function mustName(accountId: string): string {
  if (accountIdField.safeParse(accountId).success) return accountId;
  throw new ProblemError('thread_not_found', 'There is no such thread.');
}
