// API room. The subscription that comes with an account: begun right after the account's own row is there, and by
// whoever looks next where that did not succeed. Beginning it again is nothing.
import type { SubscriptionInput } from '@fairmeter/contracts';
import type { Logger } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { AccountSettings } from '@fairmeter/records';
import { markSubscriptionBegun, readAccount } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import { API_LOGGER } from '../tokens.js';
import { SubscriptionCalls } from './subscription-calls.js';

/** Somebody who signs in waits so long for the first credits, and no longer where no worker is there. */
const FIRST_CREDITS_WITHIN_MS = 1_000;

@Injectable()
export class SubscriptionOpenings {
  constructor(
    private readonly calls: SubscriptionCalls,
    private readonly database: TenantDatabase,
    @Inject(API_LOGGER) private readonly logger: Logger,
  ) {}

  /** Of an account that is new. Nobody is kept from signing in by it: what is awaited stays so, and is begun later. */
  async open(accountId: string): Promise<void> {
    try {
      const tenant = { accountId, subject: accountId };
      const account = await this.database.asTenant(tenant, async (tx) => readAccount(tx, accountId));
      if (account?.subscription === 'awaited') await this.begin(account, { withinMs: FIRST_CREDITS_WITHIN_MS });
    } catch (error) {
      this.logger.warn({ err: error, accountId }, 'the subscription of a new account is still to be begun');
    }
  }

  async begin(account: AccountSettings, patience: { readonly withinMs?: number } = {}): Promise<void> {
    await this.calls.begin(inputOf(account), patience);
    await this.markBegun(account);
  }

  /** It stands: whoever began it may have gone before hearing so, or have waited no longer. */
  async found(account: AccountSettings): Promise<void> {
    if (account.subscription === 'awaited') await this.markBegun(account);
  }

  private async markBegun({ accountId }: AccountSettings): Promise<void> {
    await this.database.beforeTenant(async (tx) => markSubscriptionBegun(tx, accountId));
  }
}

/** What the workflow of an account begins with, should it not run. */
export function inputOf({ accountId, timeZone, planId }: AccountSettings): SubscriptionInput {
  return { subject: { kind: 'account', accountId }, zone: timeZone, planId };
}
