// API room. Buys credits: places the order and asks its workflow for the checkout. No money is written here, and a
// repeated request finds the order it made before.
import { PURCHASE_WORKFLOW, checkoutUpdate, purchaseWorkflowId } from '@fairmeter/contracts';
import { accountScope, endUserScope } from '@fairmeter/domain';
import type { ApiConfig, Clock } from '@fairmeter/platform';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import type { Product, Purchase } from '@fairmeter/records';
import { findByKey, findProduct, findPurchase, placeOrder, readOffers, readPurchases } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { jobCallerOf, tenantOf } from '../callers/caller.js';
import { hashOfAsked } from '../changes/asked-hash.js';
import { callerName, keyHash } from '../jobs/admission-hashes.js';
import { AdmissionClient, AdmissionUnknown } from '../jobs/admission-client.js';
import { ProblemError } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { readCursor, writeCursor } from '../requests/cursor.js';
import { pageSize } from '../requests/page.js';
import { API_CLOCK, API_CONFIG } from '../tokens.js';

export interface Buy {
  readonly caller: Caller;
  readonly productId: string;
  readonly idempotencyKey: Uint8Array;
}

export interface PurchasesAnswer {
  readonly purchases: readonly Purchase[];
  readonly nextCursor: string | null;
}

const PURCHASES = 'purchases';

@Injectable()
export class PurchaseDesk {
  constructor(
    private readonly database: TenantDatabase,
    private readonly temporal: AdmissionClient,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async offers(caller: Caller): Promise<Product[]> {
    return this.database.asTenant(tenantOf(caller), async (tx) => readOffers(tx, soldTo(caller)));
  }

  async buy(buy: Buy): Promise<Purchase> {
    const order = await this.place(buy);
    if (order.state !== 'pending' || order.checkoutUrl !== null) return order;
    await this.openCheckout(order.id);
    const opened = await this.purchase(buy.caller, order.id);
    if (opened.state === 'pending' && opened.checkoutUrl === null) {
      throw new ProblemError('service_unavailable', 'Nobody takes payments here now.', {
        members: { part: 'payments' },
      });
    }
    return opened;
  }

  async purchase(caller: Caller, purchaseId: string): Promise<Purchase> {
    const found = await this.database.asTenant(tenantOf(caller), async (tx) => findPurchase(tx, purchaseId));
    if (found?.scopeId !== scopeOf(caller)) throw noSuchPurchase();
    return found;
  }

  async purchases(
    caller: Caller,
    { limit, cursor }: { limit?: number | undefined; cursor?: string | undefined },
  ): Promise<PurchasesAnswer> {
    const size = pageSize(limit);
    const [before = null] = cursor === undefined ? [] : readCursor(PURCHASES, cursor);
    const found = await this.database.asTenant(tenantOf(caller), async (tx) =>
      readPurchases(tx, scopeOf(caller), { before, limit: size + 1 }),
    );
    const purchases = found.slice(0, size);
    const last = purchases.at(-1);
    const hasMore = found.length > size && last !== undefined;
    return { purchases, nextCursor: hasMore ? writeCursor(PURCHASES, [last.id]) : null };
  }

  private async place({ caller, productId, idempotencyKey }: Buy): Promise<Purchase> {
    const owner = { accountId: caller.accountId, botId: PURCHASES };
    const key = keyHash(owner, idempotencyKey, callerName(jobCallerOf(caller)));
    const bodyHash = hashOfAsked({ product_id: productId });
    const order = await this.database.asTenant(tenantOf(caller), async (tx) => {
      const before = await findByKey(tx, key);
      if (before !== null) return before;
      const product = await findProduct(tx, productId);
      if (product === null || !product.offered || product.botId !== soldTo(caller)) {
        throw new ProblemError('product_not_found', 'There is no such offer.');
      }
      const { accountId, subject } = tenantOf(caller);
      const ids = { id: newId('pur'), accountId, buyerId: subject, scopeId: scopeOf(caller) };
      return placeOrder(tx, { ...ids, product, keyHash: key, bodyHash });
    });
    if (order.bodyHash !== bodyHash) throw refusalProblem({ code: 'idempotency_mismatch' }, this.clock.now());
    return order;
  }

  private async openCheckout(purchaseId: string): Promise<void> {
    try {
      await this.temporal.startAndAsk(checkoutUpdate, {
        workflow: PURCHASE_WORKFLOW,
        workflowId: purchaseWorkflowId(purchaseId),
        input: { purchaseId },
        updateId: 'checkout',
        deadline: this.clock.now() + this.config.admitDeadlineMs,
      });
    } catch (error) {
      if (!(error instanceof AdmissionUnknown)) throw error;
      throw new ProblemError(
        'checkout_unknown',
        'The order is placed and its checkout is not open yet. Send the same request again with the same ' +
          'Idempotency-Key: it cannot be done twice.',
        { cause: error, members: { purchase_id: purchaseId } },
      );
    }
  }
}

/** A visitor buys for one bot, everybody else for the account. */
function soldTo(caller: Caller): string | null {
  return caller.kind === 'visitor' ? caller.botId : null;
}

function scopeOf(caller: Caller): string {
  return caller.kind === 'visitor' ? endUserScope(caller.botId, caller.visitorId) : accountScope(caller.accountId);
}

function noSuchPurchase(): ProblemError {
  return new ProblemError('purchase_not_found', 'There is no such purchase.');
}
