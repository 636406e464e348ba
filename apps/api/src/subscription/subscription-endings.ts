// API room. An account that is closed renews nothing any more: neither its own plan nor those of visitors at its bots.
// What was granted of a period that runs stays until that ends; nothing follows.
import { TenantDatabase } from '@fairmeter/platform/database';
import type { LivingSubscriptions } from '@fairmeter/records';
import { readLivingSubscriptions } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { SubscriptionCalls } from './subscription-calls.js';

const READ_AT_ONCE = 200;
const TOLD_AT_ONCE = 20;

@Injectable()
export class SubscriptionEndings {
  constructor(
    private readonly database: TenantDatabase,
    private readonly calls: SubscriptionCalls,
  ) {}

  /** Telling one that has ended does no harm, so asking again goes on where it stood. */
  async endAll(caller: Caller): Promise<void> {
    const { accountId } = caller;
    // Of its own also where no row says so yet: it may have been begun a moment ago.
    await this.calls.close({ kind: 'account', accountId });
    let after: string | null = null;
    for (;;) {
      const page: LivingSubscriptions = await this.read(caller, after);
      for (let from = 0; from < page.subjects.length; from += TOLD_AT_ONCE) {
        const some = page.subjects.slice(from, from + TOLD_AT_ONCE);
        await Promise.all(some.map(async (subject) => this.calls.close(subject)));
      }
      if (page.last === null) return;
      after = page.last;
    }
  }

  private async read(caller: Caller, after: string | null): Promise<LivingSubscriptions> {
    return this.database.asTenant(tenantOf(caller), async (tx) =>
      readLivingSubscriptions(tx, caller.accountId, { after, limit: READ_AT_ONCE }),
    );
  }
}
