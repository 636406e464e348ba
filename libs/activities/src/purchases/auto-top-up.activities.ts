// Activities room. A bundle that is bought by itself: whether it is due, its order, and what became of its payment.
// Each step is a short transaction under the lock of what the owner has set, and may be done again.
import { createHash } from 'node:crypto';
import type {
  AutoTopUpActivities,
  AutoTopUpInput,
  BegunTopUp,
  EndedTopUp,
  KeptPayment,
  KeptPaymentActivities,
  PurchaseInput,
} from '@fairmeter/contracts';
import type { TopUpPolicy } from '@fairmeter/domain';
import { accountScope, formatCredits, instant, invariant, isTopUpDue } from '@fairmeter/domain';
import { calendarMonthAt } from '@fairmeter/domain/time';
import { readBook } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import type { EntityDatabase, EntityManager } from '@fairmeter/platform/database';
import { newId } from '@fairmeter/platform/database';
import type { PaymentPort, SeenPayment } from '@fairmeter/providers/payments';
import type { AuditEvent, Bundle, Purchase, SetAutoTopUp } from '@fairmeter/records';
import {
  accountsToppedUp,
  endOrder,
  findAutoTopUp,
  findPurchase,
  lockAutoTopUp,
  placeOrder,
  readAccount,
  readLastPaidRef,
  saveAskedProvider,
  saveCheckout,
  saveTopUp,
  standingOfTopUp,
  writeAudit,
} from '@fairmeter/records';
import { brokenIsFinal } from '../to-application-failure.js';

export interface AutoTopUpParts {
  readonly entities: EntityDatabase;
  readonly payments: PaymentPort;
  readonly clock: Clock;
  readonly policy: TopUpPolicy;
}

/** A provider forgets the key of a charge after a day: asked again later than that, it might charge twice. */
const CHARGED_ONCE_WITHIN_MS = 23 * 60 * 60_000;

const ACTOR: AuditEvent['actor'] = { role: 'platform', id: 'auto_top_up' };

export class AutoTopUps implements AutoTopUpActivities, KeptPaymentActivities {
  constructor(private readonly parts: AutoTopUpParts) {}

  /** Of the accounts named, or of all: those whose owner has switched it on. */
  async switchedOn(accountIds: readonly string[] | null): Promise<readonly string[]> {
    return accountsToppedUp(this.parts.entities.manager, accountIds);
  }

  /** Asked without a lock by whoever hears of news: whoever buys asks again under it. */
  async isDue(accountId: string): Promise<boolean> {
    const { manager } = this.parts.entities;
    const topUp = await findAutoTopUp(manager, accountId);
    return topUp !== null && (await this.dueBundle(manager, topUp)) !== null;
  }

  async beginTopUp({ accountId }: AutoTopUpInput): Promise<BegunTopUp> {
    return brokenIsFinal(() =>
      this.parts.entities.transaction(async (tx) => {
        const topUp = await lockAutoTopUp(tx, accountId);
        if (topUp === null) return { purchaseId: null };
        if (topUp.purchaseId !== null) return { purchaseId: topUp.purchaseId };
        const bundle = await this.dueBundle(tx, topUp);
        return { purchaseId: bundle === null ? null : await order(tx, topUp, bundle) };
      }),
    );
  }

  /** With what the account's plan was paid last: that is what its provider may charge again. */
  async payByKeptMeans({ purchaseId }: PurchaseInput): Promise<KeptPayment> {
    return brokenIsFinal(async () => {
      const { entities, payments } = this.parts;
      const purchase = await findPurchase(entities.manager, purchaseId);
      invariant(purchase !== null, 'operation.applied-once', `there is no purchase ${purchaseId}`);
      // Its news came by itself.
      if (purchase.state !== 'pending') return { outcome: 'paid' };
      const { state, paymentRef: ref } = await this.asked(purchase);
      if (state === 'closed') return { outcome: 'declined' };
      if (ref === undefined) return { outcome: state };
      const checkout = { provider: payments.provider, checkoutRef: ref, url: null };
      await saveCheckout(entities.manager, purchaseId, checkout);
      return { outcome: state, paymentRef: ref };
    });
  }

  async endTopUp({ accountId, purchaseId, outcome }: EndedTopUp): Promise<void> {
    await brokenIsFinal(() =>
      this.parts.entities.transaction(async (tx) => {
        const topUp = await lockAutoTopUp(tx, accountId);
        if (topUp?.purchaseId !== purchaseId) return;
        if (outcome === 'paid') return saveTopUp(tx, accountId, { purchaseId: null, failedAt: null });
        await endOrder(tx, purchaseId);
        await saveTopUp(tx, accountId, { purchaseId: null, failedAt: instant(this.parts.clock.now()) });
        const after = { product_id: topUp.productId, purchase_id: purchaseId };
        await writeAudit(tx, line(accountId, { action: 'auto_top_up.payment_failed', targetId: accountId, after }));
      }),
    );
  }

  /** Charged once, by the purchase's id; what is known to be on its way is looked at. */
  private async asked(purchase: Purchase): Promise<SeenPayment> {
    const { entities, payments, clock } = this.parts;
    const { id, provider, checkoutRef, createdAt } = purchase;
    // Who was asked for it tells of it, and nobody else can.
    if (provider !== null && provider !== payments.provider) return { state: 'open' };
    if (checkoutRef !== null) return payments.lookAtCharge(checkoutRef);
    const isLate = clock.now() >= createdAt.getTime() + CHARGED_ONCE_WITHIN_MS;
    if (provider !== null && isLate) return { state: 'open' };
    // Should only a webhook ever tell that it was paid, it can go back all the same.
    await saveAskedProvider(entities.manager, id, payments.provider);
    return this.charged(purchase);
  }

  private async charged({ id, accountId, credits, price }: Purchase): Promise<SeenPayment> {
    const { entities, payments } = this.parts;
    const { provider } = payments;
    const earlier = await readLastPaidRef(entities.manager, { subject: { kind: 'account', accountId }, provider });
    const title = `${formatCredits(credits)} credits`;
    const order = { of: { kind: 'purchase', id }, title, priceMinor: price.minor, currency: price.currency } as const;
    return payments.chargeAgain(order, earlier);
  }

  /** The bundle that is to be bought now; null where none is. */
  private async dueBundle(tx: EntityManager, topUp: SetAutoTopUp): Promise<Bundle | null> {
    const { accountId } = topUp;
    const now = instant(this.parts.clock.now());
    const account = await readAccount(tx, accountId);
    if (account === null) return null;
    const { book } = await readBook(tx, { scopeId: accountScope(accountId), clockNow: now });
    const standing = await standingOfTopUp(tx, topUp, {
      accountStatus: account.status,
      owes: book.debt > 0n,
      monthStart: calendarMonthAt(account.timeZone, now).start,
    });
    const question = { available: book.availableToAll, now };
    return isTopUpDue(standing, question, this.parts.policy) ? standing.bundle : null;
  }
}

/** It and the note that it is being paid for stand in one transaction: done again, nothing is ordered twice. */
async function order(tx: EntityManager, { accountId, setBy }: SetAutoTopUp, bundle: Bundle): Promise<string> {
  const [id, scopeId] = [newId('pur'), accountScope(accountId)];
  const hash = createHash('sha256').update(`auto-top-up/${id}`).digest('hex');
  await placeOrder(tx, {
    id,
    accountId,
    buyerId: setBy,
    scopeId,
    product: bundle,
    parts: [{ scopeId, bot: null, credits: bundle.credits }],
    keyHash: hash,
    bodyHash: hash,
    automatic: true,
  });
  await saveTopUp(tx, accountId, { purchaseId: id, failedAt: null });
  const after = { product_id: bundle.id, amount_minor: bundle.price.minor.toString() };
  await writeAudit(tx, line(accountId, { action: 'purchase.ordered', targetId: id, after }));
  return id;
}

function line(accountId: string, what: Pick<AuditEvent, 'action' | 'targetId' | 'after'>): AuditEvent {
  return { accountId, actor: ACTOR, before: null, ...what };
}
