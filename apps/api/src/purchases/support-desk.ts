// API room. Purchases as staff deal with them: seen within one account, and reversed the way they were paid. The work
// is a workflow's: once money is owed back it goes back, whoever goes away meanwhile. What one person may not send back
// alone waits for another.
import { purchaseReversalWorkflowId } from '@fairmeter/contracts';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { Purchase } from '@fairmeter/records';
import { findPurchase, readAccount, readOpenReversals, readPurchasesOfAccount } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { tenantOfStaff } from '../callers/caller.js';
import { ProblemError } from '../problems/problem-error.js';
import type { pageQuery } from '../requests/page.js';
import { noSuchPurchase } from './purchase-desk.js';
import type { PurchasesAnswer } from './purchase-pages.js';
import { pageOfPurchases } from './purchase-pages.js';
import type { StaffAsk } from './reversals.js';
import { notPaid, Reversals } from './reversals.js';

/** With the reversal that waits for a second person, if one does. */
export interface SoldPurchase {
  readonly purchase: Purchase;
  readonly reversalId: string | null;
}

export interface SoldAnswer extends Omit<PurchasesAnswer, 'purchases'> {
  readonly sold: readonly SoldPurchase[];
}

@Injectable()
export class SupportDesk {
  constructor(
    private readonly database: TenantDatabase,
    private readonly reversals: Reversals,
  ) {}

  async purchases(ask: StaffAsk, query: z.output<typeof pageQuery>): Promise<SoldAnswer> {
    const { accountId } = ask;
    return this.database.asTenant(tenantOfStaff(ask.staff, accountId), async (tx) => {
      if ((await readAccount(tx, accountId)) === null) {
        throw new ProblemError('account_not_found', 'There is no such account.');
      }
      const read = pageOfPurchases(query, async (page) => readPurchasesOfAccount(tx, accountId, page));
      const { purchases, nextCursor } = await read;
      const waiting = await readOpenReversals(
        tx,
        purchases.map(({ id }) => id),
      );
      const sold = purchases.map((purchase) => ({ purchase, reversalId: waiting.get(purchase.id) ?? null }));
      return { sold, nextCursor };
    });
  }

  /** Answers with the purchase as it is then: reversed, or waiting for a second person. */
  async reverse(ask: StaffAsk, purchaseId: string, reason: string): Promise<SoldPurchase> {
    const before = await this.sold(ask, purchaseId);
    const { state } = before.purchase;
    if (state === 'reversed') return before;
    if (state !== 'paid') throw notPaid(state);
    const input = await this.reversals.inputOf(ask, purchaseId, reason);
    await this.reversals.begin(purchaseReversalWorkflowId(purchaseId), input);
    return this.sold(ask, purchaseId);
  }

  private async sold({ staff, accountId }: StaffAsk, purchaseId: string): Promise<SoldPurchase> {
    return this.database.asTenant(tenantOfStaff(staff, accountId), async (tx) => {
      const purchase = await findPurchase(tx, purchaseId);
      if (purchase === null) throw noSuchPurchase();
      return { purchase, reversalId: (await readOpenReversals(tx, [purchaseId])).get(purchaseId) ?? null };
    });
  }
}
