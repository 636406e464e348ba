// Test harness. Accounts that asked to hear of resets: with days of their own, as if they had asked long ago, and due
// to be looked at.
import { accountScope, instant } from '@fairmeter/domain';
import { amount } from './people.js';
import type { TestStack } from './test-stack.js';

export class ResetWatches {
  constructor(private readonly stack: TestStack) {}

  /** Five credits a day. */
  async giveDays(accountId: string): Promise<void> {
    await this.stack.terms.setTerms({
      owner: { scopeId: accountScope(accountId), accountId },
      changeKey: 'daily',
      asOf: instant(Date.now()),
      order: { zone: 'UTC', dailyAllowance: amount('5') },
    });
  }

  /** As if whatever is asked for had been asked for two days ago. */
  async askedBefore(accountId: string): Promise<void> {
    await this.stack.entities.manager.query(
      `UPDATE records.webhook_endpoints SET told_from = told_from - interval '2 days',
         resets_from = resets_from - interval '2 days' WHERE account_id = $1`,
      [accountId],
    );
  }

  /** The first of them is due longest. */
  async areDue(...accountIds: readonly string[]): Promise<void> {
    await this.stack.entities.manager.query(
      `UPDATE records.reset_watches SET look_at = now() - interval '1 hour' + interval '1 s'
         * array_position($1::text[], account_id) WHERE account_id = ANY ($1)`,
      [accountIds],
    );
  }
}
