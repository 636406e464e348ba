// API room. What an account used and how its credits moved, as staff see it. Parse, call, convert.
import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { ledgerQuery } from '../account/account-query.js';
import { AccountReader } from '../account/account-reader.js';
import type { LedgerBody } from '../account/ledger-body.js';
import { toLedgerBody } from '../account/ledger-body.js';
import { AskingStaff, CallerGuard, Operation } from '../callers/caller.guard.js';
import type { StaffCaller } from '../callers/caller.js';
import { Answers, NeedsKey, Problems, TakesQuery } from '../openapi/describe.js';
import { readQuery } from '../requests/body.js';
import type { UsageBody } from '../usage/usage-body.js';
import { toUsageBody } from '../usage/usage-body.js';
import { usageQuery } from '../usage/usage-query.js';
import { UsageReader } from '../usage/usage-reader.js';
import { NamedAccounts } from './named-accounts.js';

@ApiTags('Support')
@NeedsKey()
@Controller('v1/staff/accounts/:account_id')
@UseGuards(CallerGuard)
export class StaffAccountsController {
  constructor(
    private readonly accounts: NamedAccounts,
    private readonly ledger: AccountReader,
    private readonly usages: UsageReader,
  ) {}

  @Get('ledger')
  @Operation({
    operationId: 'listEntriesOfAccount',
    summary: 'Every movement of the credits of an account',
    description: 'As its owner sees them. What visitors bought for themselves is no credit of the account.',
  })
  @ApiParam({ name: 'account_id' })
  @TakesQuery(ledgerQuery)
  @Answers(200, 'Ledger', 'One page.')
  @Problems('account_not_found', 'validation_failed')
  async entries(
    @AskingStaff() staff: StaffCaller,
    @Param('account_id') accountId: string,
    @Query() query: unknown,
  ): Promise<LedgerBody> {
    const asked = readQuery(ledgerQuery, query);
    return toLedgerBody(await this.ledger.entries(await this.accounts.viewerIn(staff, accountId), asked));
  }

  @Get('usage')
  @Operation({
    operationId: 'getUsageOfAccount',
    summary: 'What an account used and was charged, by up to two properties',
    description: 'As its owner sees it: bots of both types in one list, the type being a property as any other.',
  })
  @ApiParam({ name: 'account_id' })
  @TakesQuery(usageQuery)
  @Answers(200, 'Usage', 'Rows and total of one snapshot.')
  @Problems('account_not_found', 'validation_failed', 'rate_limited', 'too_much_to_count')
  async usage(
    @AskingStaff() staff: StaffCaller,
    @Param('account_id') accountId: string,
    @Query() query: unknown,
  ): Promise<UsageBody> {
    const asked = readQuery(usageQuery, query);
    return toUsageBody(await this.usages.usage(await this.accounts.viewerIn(staff, accountId), asked));
  }
}
