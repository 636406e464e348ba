// Activities room. Money for subscriptions: asked for once under each key, looked after while no news comes, and given
// back where nobody waits for it any more.
import type {
  AskedSubscriptionPayment,
  PaymentEvent,
  ReturnedPaymentActivities,
  ReturnedPaymentInput,
  SubscriptionPaymentActivities,
  SubscriptionPaymentAnswer,
  SubscriptionPaymentInput,
} from '@fairmeter/contracts';
import type { StandingByReference, SubscriptionPolicy } from '@fairmeter/domain';
import { invariant } from '@fairmeter/domain';
import type { EntityDatabase, EntityManager } from '@fairmeter/platform/database';
import { newId } from '@fairmeter/platform/database';
import type { PaidFor, PaymentOrder, PaymentPort, SeenPayment } from '@fairmeter/providers/payments';
import type { AskedOf, SubscriptionPayment } from '@fairmeter/records';
import {
  lockReference,
  lockSubscriptionPayment,
  placeSubscriptionPayment,
  readLastPaidRef,
  readPaymentsWithDueLots,
  readSubscriptionPayment,
  saveAsked,
  saveDropped,
  saveOver,
  takePaymentsToLookAt,
  waitForDisk,
  writeAudit,
} from '@fairmeter/records';
import { brokenIsFinal } from '../to-application-failure.js';
import { auditedPrice, isRenewed, seenNews, settle, takeNews } from './heard-payments.js';
import type { PaidLots } from './paid-lots.js';

export interface SubscriptionPaymentParts {
  readonly entities: Pick<EntityDatabase, 'manager' | 'transaction'>;
  readonly payments: PaymentPort;
  /** How long what is owed is waited for: as long there is a page to pay it on. */
  readonly policy: SubscriptionPolicy;
  readonly paidLots: PaidLots;
}

/** What came of asking the provider. */
type Asked = Pick<AskedOf, 'page'> & { readonly seen: SeenPayment };

type SettledPayment = SubscriptionPayment & Pick<StandingByReference, 'owesBack' | 'surplus'>;

/** Looked at in one go. */
const LOOKS_AT_ONCE = 20;

export class SubscriptionPaymentDesk implements SubscriptionPaymentActivities, ReturnedPaymentActivities {
  constructor(private readonly parts: SubscriptionPaymentParts) {}

  async askSubscriptionPayment(ask: AskedSubscriptionPayment): Promise<SubscriptionPaymentAnswer> {
    return brokenIsFinal(async () => {
      const { subject, key, plan, why, replaces = null } = ask;
      const price = { minor: BigInt(ask.price.minor), currency: ask.price.currency };
      const payment = await this.written(async (tx) =>
        placeSubscriptionPayment(tx, { id: newId('spy'), subject, key, plan, price, why, replaces }),
      );
      if (payment.state !== 'open' || payment.provider !== null) return answerOf(payment);
      const asked = why === 'renewal' ? await this.charge(payment) : await this.openPage(payment);
      const stands = await this.written(async (tx) => this.noteAsked(tx, payment.id, asked));
      // Dropped, or whose it is forgotten, while the provider was asked.
      if (!stands.isWanted) await this.giveUp(stands);
      return answerOf(stands);
    });
  }

  async dropSubscriptionPayment(dropped: SubscriptionPaymentInput): Promise<void> {
    return brokenIsFinal(async () => {
      const payment = await this.written(async (tx) => {
        const known = await readSubscriptionPayment(tx, dropped);
        if (known === null) return null;
        await saveDropped(tx, known.id);
        return this.settled(tx, known.id);
      });
      if (payment !== null) await this.giveUp(payment);
    });
  }

  async returnSubscriptionPayment({ paymentId }: ReturnedPaymentInput): Promise<void> {
    return brokenIsFinal(async () => {
      const paid = await this.written(async (tx) => this.settled(tx, paymentId));
      await this.giveBack(paid.state === 'paid' ? await this.closedPage(paid) : paid);
    });
  }

  /**
   * For whoever missed the news: a webhook may never come. What is seen is told as the provider would have told it.
   * Says how many were looked at; where one of them fails, the others are looked at all the same.
   */
  async lookAtPayments(tell: (news: PaymentEvent) => Promise<void>): Promise<number> {
    const { entities, payments } = this.parts;
    const due = await takePaymentsToLookAt(entities.manager, LOOKS_AT_ONCE);
    const failures: unknown[] = [];
    for (const payment of due) {
      if (payment.provider !== payments.provider) continue;
      try {
        for (const news of await this.newsOf(payment)) await tell(news);
      } catch (error) {
        failures.push(error);
      }
    }
    failures.push(...(await this.giveDueLots()));
    if (failures.length > 0) throw failures[0];
    return due.length;
  }

  /** What jobs held when a payment came back: they have ended since, or are asked for again with the next look. */
  private async giveDueLots(): Promise<unknown[]> {
    const ids = await readPaymentsWithDueLots(this.parts.entities.manager, LOOKS_AT_ONCE);
    const failures: unknown[] = [];
    for (const id of ids) {
      try {
        await this.written(async (tx) => this.settled(tx, id));
      } catch (error) {
        failures.push(error);
      }
    }
    return failures;
  }

  private async newsOf(payment: SubscriptionPayment): Promise<readonly PaymentEvent[]> {
    const { id, isWanted } = payment;
    if (!isWanted) {
      await this.giveUp(await this.written(async (tx) => this.settled(tx, id)));
      return [];
    }
    const { state, paymentRef } = await this.look(payment);
    if (state === 'open') return [];
    if (state === 'paid') return [seenNews(id, 'paid', paymentRef)];
    if (!isRenewed(payment)) return [seenNews(id, 'failed', undefined)];
    if (!this.isWaitedFor(payment)) {
      await this.written(async (tx) => saveOver(tx, id));
      return [seenNews(id, 'failed', undefined)];
    }
    // A page lives for a day, and a renewal may be paid later than that: there is another one.
    const asked = await this.openPage(payment);
    await this.written(async (tx) => this.noteAsked(tx, id, asked));
    return [
      asked.seen.state === 'paid' ? seenNews(id, 'paid', asked.seen.paymentRef) : seenNews(id, 'failed', undefined),
    ];
  }

  /** Whoever was not waited for any longer orders a plan, and pays for that. */
  private isWaitedFor({ placedAt }: SubscriptionPayment): boolean {
    const { renewAheadMs, graceMs } = this.parts.policy;
    return Date.now() < placedAt + renewAheadMs + graceMs;
  }

  /** By what the last one was paid with. Where there is none, or it is declined, somebody may pay on a page. */
  private async charge(payment: SubscriptionPayment): Promise<Asked> {
    const { entities, payments } = this.parts;
    const { subject } = payment;
    const earlier = await readLastPaidRef(entities.manager, { subject, provider: payments.provider });
    if (earlier === null) return this.openPage(payment);
    const seen = await payments.chargeAgain(orderOf(payment), earlier);
    if (seen.state !== 'closed') return { page: null, seen };
    const { page, seen: onPage } = await this.openPage(payment);
    return { page, seen: onPage.state === 'open' ? { state: 'closed' } : onPage };
  }

  private async openPage(payment: SubscriptionPayment): Promise<Asked> {
    const no = payment.pages + 1;
    const opened = await this.parts.payments.open({ ...orderOf(payment), page: no, keepsMethod: true });
    // Too little to be taken: nobody is kept waiting for a coin.
    if (opened === null) return { page: null, seen: { state: 'paid' } };
    const { checkoutRef, url, seen } = opened;
    return { page: { no, checkoutRef, url }, seen };
  }

  private async noteAsked(tx: EntityManager, id: string, { page, seen }: Asked): Promise<SettledPayment> {
    const { state, paymentRef } = seen;
    await lockReference(tx, paymentRef);
    const payment = await this.locked(tx, id);
    const { provider } = this.parts.payments;
    await saveAsked(tx, id, { provider, page, paymentRef: state === 'open' ? (paymentRef ?? null) : null });
    if (state !== 'open') await takeNews(tx, payment, seenNews(id, state === 'paid' ? 'paid' : 'failed', paymentRef));
    return this.settled(tx, id);
  }

  private async look({ checkoutRef, paymentRef }: SubscriptionPayment): Promise<SeenPayment> {
    const { payments } = this.parts;
    if (checkoutRef !== null) return payments.look(checkoutRef);
    return paymentRef === null ? { state: 'open' } : payments.lookAtCharge(paymentRef);
  }

  /** Nobody can pay it any more; whoever has, gets it back, and so does whoever is just paying. */
  private async giveUp(payment: SettledPayment): Promise<void> {
    const { id } = payment;
    const seen = await this.closed(payment);
    const stands = await this.written(async (tx) => {
      if (seen?.state === 'paid') {
        await lockReference(tx, seen.paymentRef);
        await takeNews(tx, await this.locked(tx, id), seenNews(id, 'paid', seen.paymentRef));
      }
      if (seen?.state === 'closed') await saveOver(tx, id);
      return this.settled(tx, id);
    });
    await this.giveBack(stands);
  }

  /** Null where nothing is to be seen: it owes its money back already, or nobody here was asked for it. */
  private async closed({ provider, checkoutRef, paymentRef, owesBack }: SettledPayment): Promise<SeenPayment | null> {
    const { payments } = this.parts;
    if (provider !== payments.provider) return null;
    if (checkoutRef !== null) return payments.close(checkoutRef);
    return owesBack || paymentRef === null ? null : payments.lookAtCharge(paymentRef);
  }

  /** It is paid: whoever has its last page before them must not pay once more; who has, gets that back. */
  private async closedPage(payment: SettledPayment): Promise<SettledPayment> {
    const { id } = payment;
    const seen = await this.closed(payment);
    if (seen?.state !== 'paid') return payment;
    return this.written(async (tx) => {
      await lockReference(tx, seen.paymentRef);
      await takeNews(tx, await this.locked(tx, id), seenNews(id, 'paid', seen.paymentRef));
      return this.settled(tx, id);
    });
  }

  private async giveBack({ id, paymentRef, provider, owesBack, surplus }: SettledPayment): Promise<void> {
    const { payments } = this.parts;
    for (const ref of [...(owesBack ? [paymentRef] : []), ...surplus]) {
      // Without a reference nothing was ever taken.
      const isBack =
        ref === null ||
        (provider === payments.provider && (await payments.payBack({ of: paidFor(id), paymentRef: ref })) !== null);
      await this.written(async (tx) => {
        const locked = await this.locked(tx, id);
        if (isBack) await takeNews(tx, locked, seenNews(id, 'reversed', ref ?? undefined));
        else await noteRefused(tx, locked);
        await this.settled(tx, id);
        if (owesBack) await saveOver(tx, id);
      });
    }
  }

  /** As it stands by all that was heard, and what it was for with it. */
  private async settled(tx: EntityManager, id: string): Promise<SettledPayment> {
    const { state, owesBack, surplus } = await settle(tx, await this.locked(tx, id));
    await this.parts.paidLots.follow(tx, await this.locked(tx, id), state);
    return { ...(await this.locked(tx, id)), owesBack, surplus };
  }

  private async locked(tx: EntityManager, id: string): Promise<SubscriptionPayment> {
    const payment = await lockSubscriptionPayment(tx, { id });
    invariant(payment !== null, 'operation.applied-once', `there is no payment ${id}`);
    return payment;
  }

  /** On disk before anybody is asked for money by it, or told. */
  private async written<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    return this.parts.entities.transaction(async (tx) => {
      await waitForDisk(tx);
      return work(tx);
    });
  }
}

function paidFor(id: string): PaidFor {
  return { kind: 'subscription_payment', id };
}

function orderOf({ id, planName, price }: SubscriptionPayment): PaymentOrder {
  return { of: paidFor(id), title: planName, priceMinor: price.minor, currency: price.currency };
}

function answerOf({ state, checkoutUrl }: SubscriptionPayment): SubscriptionPaymentAnswer {
  return { state: state === 'paid' || state === 'open' ? state : 'failed', checkoutUrl };
}

async function noteRefused(tx: EntityManager, payment: SubscriptionPayment): Promise<void> {
  const { id, subject, state } = payment;
  await writeAudit(tx, {
    accountId: subject.accountId,
    actor: { role: 'platform', id: 'payments' },
    action: 'subscription_payment.return_refused',
    targetId: id,
    before: { state, ...auditedPrice(payment) },
    after: { state, ...auditedPrice(payment) },
  });
}
