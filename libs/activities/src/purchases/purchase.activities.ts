// Activities room. A purchase: opening its checkout with whoever takes the money, and what news of the payment means
// for the lot it bought.
import type {
  AppliedPayment,
  CheckoutActivities,
  CheckoutLook,
  PaymentActivities,
  PaymentEvent,
  PurchaseInput,
} from '@fairmeter/contracts';
import type { PaymentNews, PurchaseEffect } from '@fairmeter/domain';
import { formatCredits, instant, invariant, onPaymentNews } from '@fairmeter/domain';
import type { LotLedger } from '@fairmeter/ledger';
import type { Clock } from '@fairmeter/platform';
import type { EntityDatabase } from '@fairmeter/platform/database';
import type { PaymentPort } from '@fairmeter/providers/payments';
import type { Purchase, PurchaseStands } from '@fairmeter/records';
import {
  findPurchase,
  lockPurchase,
  noteHeard,
  saveCheckout,
  savePurchase,
  takeUnmatched,
  waitForDisk,
} from '@fairmeter/records';
import { unlessBusy } from '../ask-again.js';
import { brokenIsFinal } from '../to-application-failure.js';

export interface PurchaseParts {
  readonly entities: EntityDatabase;
  readonly lots: LotLedger;
  readonly payments: PaymentPort;
  readonly clock: Clock;
}

export class PurchaseActivities implements CheckoutActivities, PaymentActivities {
  constructor(private readonly parts: PurchaseParts) {}

  async openCheckout({ purchaseId }: PurchaseInput): Promise<CheckoutLook> {
    return brokenIsFinal(async () => {
      const { entities, payments } = this.parts;
      const purchase = await this.known(purchaseId);
      if (purchase.checkoutRef !== null) return this.lookAtCheckout({ purchaseId });
      const checkout = await payments.open({
        purchaseId,
        title: `${formatCredits(purchase.credits)} credits`,
        priceMinor: purchase.price.minor,
        currency: purchase.price.currency,
      });
      const { checkoutRef, url, seen } = checkout;
      await saveCheckout(entities.manager, purchaseId, { provider: payments.provider, checkoutRef, url });
      return seen;
    });
  }

  async lookAtCheckout({ purchaseId }: PurchaseInput): Promise<CheckoutLook> {
    const { checkoutRef } = await this.known(purchaseId);
    return checkoutRef === null ? { state: 'open' } : this.parts.payments.look(checkoutRef);
  }

  /**
   * The row is locked while the ledger posts: news of one purchase is taken one by one. The posting has a key of its
   * own, so a transaction that is lost after it finds it again.
   */
  async applyPayment(event: PaymentEvent): Promise<AppliedPayment> {
    return brokenIsFinal(() =>
      this.parts.entities.transaction(async (tx) => {
        await waitForDisk(tx);
        const purchase = await lockPurchase(tx, event);
        const isNew = await noteHeard(tx, event, purchase?.id ?? null);
        if (purchase === null) return { state: null };
        const { paymentRef } = event;
        const later = paymentRef === undefined ? [] : await takeUnmatched(tx, purchase.id, paymentRef);
        const news = [...(isNew ? [event.news] : []), ...later];
        const stands = await this.inOrder(purchase, news);
        await savePurchase(tx, purchase.id, { ...stands, paymentRef: paymentRef ?? null });
        return { state: stands.state };
      }),
    );
  }

  private async inOrder(purchase: Purchase, news: readonly PaymentNews[]): Promise<Omit<PurchaseStands, 'paymentRef'>> {
    let { state, lotId, grants } = purchase;
    for (const one of news) {
      const step = onPaymentNews({ state, granted: grants > 0 }, one);
      state = step.state;
      if (step.effect === null) continue;
      const done = await this.carryOut(step.effect, { ...purchase, lotId, grants });
      lotId = done.lotId;
      grants = done.grants;
    }
    return { state, lotId, grants };
  }

  private async carryOut(
    effect: PurchaseEffect,
    purchase: Purchase,
  ): Promise<Pick<PurchaseStands, 'lotId' | 'grants'>> {
    const { scopeId, accountId, lotId, grants } = purchase;
    const owner = { scopeId, accountId };
    const asOf = instant(this.parts.clock.now());
    if (effect === 'take_back') {
      invariant(lotId !== null, 'operation.applied-once', `${purchase.id} was paid and has no lot`);
      const taken = await unlessBusy(this.parts.lots.clawBack(owner, asOf, lotId));
      invariant(taken.ok, 'operation.applied-once', taken.ok ? '' : `taking back answered ${taken.refusal.code}`);
      return { lotId, grants };
    }
    // By its number: what was given and lost with its transaction is found again, what a won dispute gives is another.
    const granted = await unlessBusy(
      this.parts.lots.grant(owner, asOf, {
        kind: purchase.lotKind,
        amount: purchase.credits,
        validFrom: instant(purchase.createdAt.getTime()),
        expiresAt: null,
        sourceRef: `purchase/${purchase.id}/${grants + 1}`,
      }),
    );
    invariant(granted.ok, 'operation.applied-once', granted.ok ? '' : `granting answered ${granted.refusal.code}`);
    return { lotId: granted.value.result.lotId, grants: grants + 1 };
  }

  private async known(purchaseId: string): Promise<Purchase> {
    const purchase = await findPurchase(this.parts.entities.manager, purchaseId);
    invariant(purchase !== null, 'operation.applied-once', `there is no purchase ${purchaseId}`);
    return purchase;
  }
}
