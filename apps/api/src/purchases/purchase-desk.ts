// API room. Buys credits: places the order and asks its workflow for the checkout. No money is written here, and a
// repeated request finds the order it made before.
import { PURCHASE_WORKFLOW, checkoutUpdate, purchaseWorkflowId } from '@fairmeter/contracts';
import { instant } from '@fairmeter/domain';
import type { ApiConfig, Clock } from '@fairmeter/platform';
import type { EntityManager } from '@fairmeter/platform/database';
import { newId, TenantDatabase } from '@fairmeter/platform/database';
import type { Product, Purchase } from '@fairmeter/records';
import { findByKey, findPurchase, placeOrder, readPurchases, writeAudit } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { Caller, VisitorCaller } from '../callers/caller.js';
import { actorOf, jobCallerOf, tenantOf } from '../callers/caller.js';
import { VisitorTokens } from '../callers/visitor-tokens.js';
import { hashOfAsked } from '../changes/asked-hash.js';
import { admitRole } from '../changes/account-gate.js';
import type { Asked } from '../changes/changes.js';
import { callerName, keyHash } from '../jobs/admission-hashes.js';
import { AdmissionClient, AdmissionUnknown } from '../jobs/admission-client.js';
import { ProblemError, validationFailed } from '../problems/problem-error.js';
import { refusalProblem } from '../problems/refusal-problem.js';
import { againstTwins } from '../requests/against-twins.js';
import type { pageQuery } from '../requests/page.js';
import { API_CLOCK, API_CONFIG } from '../tokens.js';
import { fault } from '../wording/fault-words.js';
import { partsOf, readOffersFor, scopeOf, whyNothing } from './order.js';
import type { PurchasesAnswer } from './purchase-pages.js';
import { pageOfPurchases } from './purchase-pages.js';

export interface Buy extends Asked {
  readonly productId: string;
  /** Of a pack of several bots: who the buyer is at the others. */
  readonly visitorTokens: readonly string[];
  readonly idempotencyKey: Uint8Array;
}

interface Order extends Asked {
  readonly productId: string;
  readonly others: readonly VisitorCaller[];
  readonly keyHash: string;
  readonly bodyHash: string;
}

const PURCHASES = 'purchases';

@Injectable()
export class PurchaseDesk {
  constructor(
    private readonly database: TenantDatabase,
    private readonly temporal: AdmissionClient,
    private readonly tokens: VisitorTokens,
    @Inject(API_CONFIG) private readonly config: ApiConfig,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async offers(caller: Caller): Promise<readonly Product[]> {
    return this.database.asTenant(tenantOf(caller), async (tx) => {
      const why = await whyNothing(tx, caller, instant(this.clock.now()));
      return why === null ? readOffersFor(tx, caller) : [];
    });
  }

  async buy(buy: Buy): Promise<Purchase> {
    const order = await this.order(buy);
    const placed = await againstTwins(async () =>
      this.database.asTenant(tenantOf(buy.caller), async (tx) => this.placed(tx, order)),
    );
    if (placed.bodyHash !== order.bodyHash) {
      throw refusalProblem({ code: 'idempotency_mismatch' }, this.clock.now());
    }
    if (placed.state !== 'pending' || placed.checkoutUrl !== null) return placed;
    await this.openCheckout(placed.id);
    const opened = await this.purchase(buy.caller, placed.id);
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

  async purchases(caller: Caller, query: z.output<typeof pageQuery>): Promise<PurchasesAnswer> {
    return pageOfPurchases(query, async (page) =>
      this.database.asTenant(tenantOf(caller), async (tx) => readPurchases(tx, scopeOf(caller), page)),
    );
  }

  private async order({ caller, requestId, productId, visitorTokens, idempotencyKey }: Buy): Promise<Order> {
    const owner = { accountId: caller.accountId, botId: PURCHASES };
    const others = await Promise.all(visitorTokens.map(async (token, at) => this.visitorOf(token, at)));
    const visitors = others.map(({ visitorId }) => visitorId).sort();
    return {
      caller,
      requestId,
      productId,
      others,
      keyHash: keyHash(owner, idempotencyKey, callerName(jobCallerOf(caller))),
      // By who they are: a token asked for again is another text.
      bodyHash: hashOfAsked({ product_id: productId, ...(visitors.length === 0 ? {} : { visitors }) }),
    };
  }

  private async visitorOf(token: string, at: number): Promise<VisitorCaller> {
    try {
      return await this.tokens.callerOf(token);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      throw validationFailed([
        { pointer: `/visitor_tokens/${at}`, message: fault('token_void', { code: error.code }) },
      ]);
    }
  }

  private async placed(tx: EntityManager, order: Order): Promise<Purchase> {
    const { caller, requestId, productId, others } = order;
    const before = await findByKey(tx, order.keyHash);
    if (before !== null) return before;
    const now = instant(this.clock.now());
    await admitRole(tx, caller, now);
    const why = await whyNothing(tx, caller, now);
    if (why !== null) throw refusalProblem(why, 0);
    const product = (await readOffersFor(tx, caller)).find(({ id }) => id === productId);
    if (product === undefined) throw new ProblemError('product_not_found', 'There is no such offer.');
    const { accountId, subject: buyerId } = tenantOf(caller);
    const id = newId('pur');
    const parts = partsOf(product, caller, others);
    const hashes = { keyHash: order.keyHash, bodyHash: order.bodyHash };
    const purchase = await placeOrder(tx, {
      id,
      accountId,
      buyerId,
      scopeId: scopeOf(caller),
      product,
      parts,
      ...hashes,
    });
    // What an account pays is for its audit; what a visitor pays is that visitor's own.
    if (caller.kind !== 'visitor') {
      const after = { product_id: productId, amount_minor: product.price.minor.toString() };
      const line = { action: 'purchase.ordered', targetId: id, before: null, after };
      await writeAudit(tx, { ...line, accountId, actor: actorOf(caller), requestId });
    }
    return purchase;
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

export function noSuchPurchase(): ProblemError {
  return new ProblemError('purchase_not_found', 'There is no such purchase.');
}
