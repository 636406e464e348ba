// Activities room. A purchase: its checkout with whoever takes the money, what news of the payment means for the lots
// it bought, and the way back.
import type {
  AppliedPayment,
  BegunReversal,
  CheckoutActivities,
  CheckoutLook,
  PaidBack,
  PaymentActivities,
  PaymentEvent,
  PurchaseInput,
  ReversalInput,
} from '@fairmeter/contracts';
import type { HeardNews, Holder } from '@fairmeter/domain';
import { effectOn, failedRefunds, formatCredits, instant, invariant, owesBack, standingOf } from '@fairmeter/domain';
import type { LotLedger } from '@fairmeter/ledger';
import type { GrantedLot } from '@fairmeter/ledger/reads';
import { readGranted } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import type { EntityDatabase, EntityManager } from '@fairmeter/platform/database';
import type { PaymentPort, SentBack } from '@fairmeter/providers/payments';
import type { Purchase, PurchasePart } from '@fairmeter/records';
import {
  announce,
  findPurchase,
  lockPurchase,
  matchHeard,
  noteHeard,
  noteOwedNoMore,
  readHeard,
  readHolders,
  saveCheckout,
  savePart,
  savePurchase,
  waitForDisk,
  writeAudit,
} from '@fairmeter/records';
import { unlessBusy } from '../ask-again.js';
import type { GrantRules } from '../grants/grant.activities.js';
import { hearOfSubscription } from '../subscription-payments/heard-payments.js';
import { PaidLots } from '../subscription-payments/paid-lots.js';
import { brokenIsFinal } from '../to-application-failure.js';
import { listFailedRefund } from './failed-refunds.js';
import { ReversalSteps } from './reversal-steps.js';

export interface PurchaseParts {
  readonly entities: Pick<EntityDatabase, 'manager' | 'transaction'>;
  readonly lots: LotLedger;
  readonly payments: PaymentPort;
  readonly clock: Clock;
  /** What staff may do alone, and how long what they may not waits for another. */
  readonly rules: Pick<GrantRules, 'alone' | 'decideMs'>;
}

export class PurchaseActivities implements CheckoutActivities, PaymentActivities {
  private readonly reversals: ReversalSteps;
  private readonly paidLots: PaidLots;

  constructor(private readonly parts: PurchaseParts) {
    this.reversals = new ReversalSteps(parts.rules, parts.clock);
    this.paidLots = new PaidLots(parts);
  }

  async openCheckout({ purchaseId }: PurchaseInput): Promise<CheckoutLook> {
    return brokenIsFinal(async () => {
      const { entities, payments } = this.parts;
      const purchase = await this.known(purchaseId);
      if (purchase.checkoutRef !== null) return this.look(purchase);
      if (purchase.isEnded) return { state: 'closed' };
      const opened = await payments.open({
        of: { kind: 'purchase', id: purchaseId },
        page: 1,
        keepsMethod: false,
        title: `${formatCredits(purchase.credits)} credits`,
        priceMinor: purchase.price.minor,
        currency: purchase.price.currency,
      });
      if (opened === null) return { state: 'closed' };
      const { checkoutRef, url, seen } = opened;
      await saveCheckout(entities.manager, purchaseId, { provider: payments.provider, checkoutRef, url });
      return seen;
    });
  }

  async lookAtCheckout({ purchaseId }: PurchaseInput): Promise<CheckoutLook> {
    return this.look(await this.known(purchaseId));
  }

  async payBack({ purchaseId }: PurchaseInput): Promise<PaidBack> {
    return brokenIsFinal(async () => {
      const { entities, payments } = this.parts;
      const purchase = await this.known(purchaseId);
      const sent = purchase.provider === payments.provider ? await this.sendBack(purchase) : null;
      if (sent !== null) return { outcome: 'paid_back', ...sent };
      await entities.transaction(async (tx) => this.noteRefused(tx, purchase));
      return { outcome: 'refused' };
    });
  }

  /**
   * The row is locked while the ledger posts: news of one purchase is taken one by one. The posting has a key of its
   * own, so a transaction that is lost after it finds it again.
   */
  async applyPayment(event: PaymentEvent): Promise<AppliedPayment> {
    return brokenIsFinal(() =>
      this.parts.entities.transaction(async (tx) => {
        await waitForDisk(tx);
        const purchaseId = await lockPurchase(tx, event);
        if (purchaseId === null)
          return { state: null, owedBack: null, ...(await hearOfSubscription(tx, event, this.paidLots)) };
        const of = { what: 'purchase_id', id: purchaseId } as const;
        await noteHeard(tx, event, of);
        const { paymentRef } = event;
        if (paymentRef !== undefined) await matchHeard(tx, of, paymentRef);
        return this.bringTo(tx, await this.known(purchaseId, tx), event);
      }),
    );
  }

  async beginReversal(input: ReversalInput): Promise<BegunReversal> {
    const { purchaseId, accountId } = input;
    return brokenIsFinal(() =>
      this.parts.entities.transaction(async (tx): Promise<BegunReversal> => {
        await lockPurchase(tx, { purchaseId });
        const purchase = await findPurchase(tx, purchaseId);
        if (purchase?.accountId !== accountId) return { outcome: 'not_found' };
        const { state } = purchase;
        if (state !== 'paid') return { outcome: 'stands', state };
        if (purchase.owesBack) return { outcome: 'owed' };
        return this.reversals.begin(tx, purchase, input);
      }),
    );
  }

  private async look({ checkoutRef, isEnded }: Purchase): Promise<CheckoutLook> {
    const { payments } = this.parts;
    if (checkoutRef === null) return { state: 'open' };
    return isEnded ? payments.close(checkoutRef) : payments.look(checkoutRef);
  }

  private async sendBack({ id, checkoutRef, paymentRef }: Purchase): Promise<SentBack | null> {
    const { entities, payments } = this.parts;
    const paid = paymentRef ?? (checkoutRef === null ? undefined : (await payments.look(checkoutRef)).paymentRef);
    if (paid === undefined) return null;
    const failedBefore = failedRefunds(await readHeard(entities.manager, id)).length;
    return payments.payBack({ of: { kind: 'purchase', id }, paymentRef: paid, failedBefore });
  }

  private async noteRefused(tx: EntityManager, { id, accountId, state }: Purchase): Promise<void> {
    if (!(await noteOwedNoMore(tx, id))) return;
    await writeAudit(tx, {
      accountId,
      actor: { role: 'platform', id: 'payments' },
      action: 'purchase.reversal_refused',
      targetId: id,
      before: { state, owes_back: true },
      after: { state, owes_back: false },
    });
  }

  /** What stands by all that was heard: in the ledger first, then in the row. */
  private async bringTo(tx: EntityManager, known: Purchase, event: PaymentEvent): Promise<AppliedPayment> {
    const { paymentRef = null } = event;
    const purchase = await asPosted(tx, known);
    const heard = await readHeard(tx, purchase.id);
    const state = standingOf(heard);
    const holders = await readHolders(tx, purchase);
    const holderOf = (scopeId: string): Holder => holders.get(scopeId) ?? 'there';
    let grants = purchase.grants;
    for (const part of purchase.parts) {
      let { lotId } = part;
      const effect = effectOn({ given: lotId !== null, holder: holderOf(part.scopeId) }, state);
      if (effect === 'take_back') lotId = await this.takeBack(purchase, part);
      if (effect === 'grant') {
        // By its number: what a won dispute gives is another than what was given before.
        grants = purchase.grants + 1;
        lotId = await this.grant(purchase, part);
      }
      await savePart(tx, purchase.id, { ...part, lotId });
    }
    const isOwed = owesBack(state, holderOf(purchase.scopeId), grants > 0);
    const owes = state === 'paid' && mustGoBack({ isAsked: purchase.owesBack, isOwed, event, heard });
    await savePurchase(tx, purchase.id, { state, grants, paymentRef, owesBack: owes });
    await listFailed(tx, { before: known, state, heard });
    if (state === 'reversed') await this.reversals.over(tx, purchase.id);
    if (state === 'paid' && known.state !== 'paid') await announcePaid(tx, purchase, grants);
    return { state, owedBack: owes ? purchase.id : null };
  }

  private async takeBack({ id, accountId }: Purchase, { scopeId, lotId }: PurchasePart): Promise<null> {
    invariant(lotId !== null, 'operation.applied-once', `${id} is taken back where nothing was given`);
    const owner = { scopeId, accountId };
    const taken = await unlessBusy(this.parts.lots.clawBack(owner, instant(this.parts.clock.now()), lotId));
    invariant(taken.ok, 'operation.applied-once', taken.ok ? '' : `taking back answered ${taken.refusal.code}`);
    return null;
  }

  private async grant(purchase: Purchase, { scopeId, credits }: PurchasePart): Promise<string> {
    const owner = { scopeId, accountId: purchase.accountId };
    const granted = await unlessBusy(
      this.parts.lots.grant(owner, instant(this.parts.clock.now()), {
        kind: purchase.lotKind,
        amount: credits,
        validFrom: instant(purchase.createdAt.getTime()),
        expiresAt: null,
        sourceRef: grantRef(purchase.id, purchase.grants + 1),
      }),
    );
    invariant(granted.ok, 'operation.applied-once', granted.ok ? '' : `granting answered ${granted.refusal.code}`);
    return granted.value.result.lotId;
  }

  private async known(purchaseId: string, tx: EntityManager = this.parts.entities.manager): Promise<Purchase> {
    const purchase = await findPurchase(tx, purchaseId);
    invariant(purchase !== null, 'operation.applied-once', `there is no purchase ${purchaseId}`);
    return purchase;
  }
}

/** To an account what it bought for itself: what visitors buy is no news for the owner (B26). */
async function announcePaid(tx: EntityManager, purchase: Purchase, grants: number): Promise<void> {
  const { id, accountId, lotKind, credits } = purchase;
  if (lotKind !== 'bundle') return;
  await announce(tx, {
    accountId,
    visitor: null,
    type: 'purchase.paid',
    about: id,
    facts: { purchase_id: id, credits: formatCredits(credits) },
    onceKey: `purchase/${id}/paid/${grants}`,
  });
}

interface GoingBack {
  /** By staff, or before. */
  readonly isAsked: boolean;
  readonly isOwed: boolean;
  readonly event: PaymentEvent;
  readonly heard: readonly HeardNews[];
}

/** What could not be carried out once is not tried again by itself: somebody has to know where the money can go. */
function mustGoBack({ isAsked, isOwed, event, heard }: GoingBack): boolean {
  if (isFirstWordOfFailure(event, heard)) return false;
  return isAsked || (isOwed && failedRefunds(heard).length === 0);
}

/** What a provider says again of a refund that is known to have failed is no word about the one that followed it. */
function isFirstWordOfFailure(event: PaymentEvent, heard: readonly HeardNews[]): boolean {
  if (event.news !== 'refund_failed') return false;
  const name = event.refundRef ?? `${event.provider}/${event.eventId}`;
  const words = heard.filter(({ news, refund, event: told }) => news === 'refund_failed' && (refund ?? told) === name);
  return words.length === 1;
}

interface WithFailedRefunds {
  readonly before: Purchase;
  readonly state: Purchase['state'];
  readonly heard: readonly HeardNews[];
}

/** Each once, whenever the purchase is known that it was of. */
async function listFailed(tx: EntityManager, { before, state, heard }: WithFailedRefunds): Promise<void> {
  const { id, accountId, price, paymentRef } = before;
  const paid = { amount_minor: price.minor.toString(), iso_4217: price.currency };
  for (const refundRef of failedRefunds(heard)) {
    const of = { what: 'purchase', id, accountId, refundRef, paymentRef } as const;
    await listFailedRefund(tx, { ...of, before: { state: before.state, ...paid }, after: { state, ...paid } });
  }
}

function grantRef(purchaseId: string, grantNo: number): string {
  return `purchase/${purchaseId}/${grantNo}`;
}

/**
 * A crash between a posting and the row leaves the row behind, and what is heard next must not go by it: what is given
 * now, and how often it was, is what the ledger has under the purchase's own references.
 */
async function asPosted(tx: EntityManager, purchase: Purchase): Promise<Purchase> {
  const { id, parts } = purchase;
  const refs = Array.from({ length: purchase.grants + 1 }, (_, before) => grantRef(id, before + 1));
  const scopeIds = parts.map(({ scopeId }) => scopeId);
  const lots = await readGranted(tx, { scopeIds, sourceRefs: refs });
  const numberOf = ({ sourceRef }: GrantedLot): number => refs.indexOf(sourceRef) + 1;
  const lotIdOf = ({ scopeId }: PurchasePart): string | null => {
    const own = lots.filter((lot) => lot.scopeId === scopeId).sort((a, b) => numberOf(b) - numberOf(a));
    return own[0]?.isTakenBack === false ? own[0].lotId : null;
  };
  return {
    ...purchase,
    grants: Math.max(purchase.grants, ...lots.map(numberOf)),
    parts: parts.map((part) => ({ ...part, lotId: lotIdOf(part) })),
  };
}
