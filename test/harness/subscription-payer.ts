// Test harness. A subscription and whoever takes its money: what it asks for, what Stripe tells of it, and what comes
// of that, by the activities alone.
import type { AppliedPayment, PaymentEvent, SubscriptionPaymentAnswer } from '@fairmeter/contracts';
import type { SubscriptionSubject } from '@fairmeter/domain';
import { USUAL_SUBSCRIPTION_POLICY, ZERO } from '@fairmeter/domain';
import { systemClock } from '@fairmeter/platform';
import { newId } from '@fairmeter/platform/database';
import type { PaymentPort } from '@fairmeter/providers/payments';
import { openStripe, openStripeEvents } from '@fairmeter/providers/payments';
import type { SubscriptionPayment } from '@fairmeter/records';
import { readSubscriptionPayment } from '@fairmeter/records';
import { PurchaseActivities } from '../../libs/activities/src/purchases/purchase.activities.js';
import { PaidLots } from '../../libs/activities/src/subscription-payments/paid-lots.js';
import { SubscriptionPaymentDesk } from '../../libs/activities/src/subscription-payments/payment.activities.js';
import { LedgerDatabase } from './ledger-database.js';
import { bodyOf, type StripeIntent, StripeServer, type StripeSession } from './stripe-server.js';

const NO_REVERSALS = { alone: { support: ZERO, admin: ZERO }, decideMs: 0 };

/** A database, and a server that speaks Stripe's protocol. */
export class Till {
  private constructor(
    readonly db: LedgerDatabase,
    readonly stripe: StripeServer,
    readonly port: PaymentPort,
  ) {}

  static async open(): Promise<Till> {
    const [db, stripe] = await Promise.all([LedgerDatabase.open(), StripeServer.start()]);
    const settings = { apiKey: stripe.apiKey, baseUrl: stripe.url, returnUrl: 'https://shop.test/back' };
    return new Till(db, stripe, await openStripe(settings));
  }

  async close(): Promise<void> {
    await Promise.all([this.db.close(), this.stripe.close()]);
  }

  /** What Stripe sends, as it is read once its signature fits. */
  async told(type: string, object: Readonly<Record<string, unknown>>): Promise<PaymentEvent> {
    const { body, headers } = this.stripe.message(type, object);
    const events = await openStripeEvents(this.stripe.secret);
    const event = events.read(Buffer.from(body), headers['stripe-signature'] ?? '');
    if (event === null || event === undefined) throw new Error(`nothing is heard of ${type}`);
    return { provider: 'stripe', ...event };
  }

  /** How often the money of a payment went back. */
  refundsOf(intent: string | null): number {
    return this.stripe.refunds.filter((one) => one === intent).length;
  }

  async auditOf(targetId: string): Promise<unknown> {
    return this.db.entities.manager.query(
      'SELECT action, before, after FROM records.audit WHERE target_id = $1 ORDER BY id',
      [targetId],
    );
  }
}

export interface PayerWish {
  readonly subject?: SubscriptionSubject;
  readonly port?: PaymentPort;
}

interface AskedOrder {
  readonly key: string;
  readonly why: SubscriptionPayment['why'];
  readonly minor: string;
  readonly replaces?: string;
}

/** One subscription. */
export class SubscriptionPayer {
  readonly subject: SubscriptionSubject;
  private readonly payments: SubscriptionPaymentDesk;
  private readonly news: PurchaseActivities;

  constructor(
    private readonly till: Till,
    { subject, port = till.port }: PayerWish = {},
  ) {
    this.subject = subject ?? { kind: 'account', accountId: newId('acc') };
    const { entities, grants: lots } = till.db;
    const paidLots = new PaidLots({ lots, clock: systemClock });
    const policy = USUAL_SUBSCRIPTION_POLICY;
    this.payments = new SubscriptionPaymentDesk({ entities, payments: port, policy, paidLots });
    this.news = new PurchaseActivities({ entities, lots, payments: port, clock: systemClock, rules: NO_REVERSALS });
  }

  async ask(key: string, why: SubscriptionPayment['why'] = 'start', minor = '900'): Promise<SubscriptionPaymentAnswer> {
    return this.asked({ key, why, minor });
  }

  /** In the place of one that was taken back. */
  async askAgain(key: string, replaces: string): Promise<SubscriptionPaymentAnswer> {
    return this.asked({ key, why: 'again', minor: '900', replaces });
  }

  private async asked({ minor, ...order }: AskedOrder): Promise<SubscriptionPaymentAnswer> {
    const plan = { planId: 'plan_free', version: 1 };
    const price = { minor, currency: 'eur' };
    return this.payments.askSubscriptionPayment({ subject: this.subject, plan, price, asOf: Date.now(), ...order });
  }

  /** What the bank tells of a payment that was made. */
  async disputed(paymentRef: string, news: 'opened' | 'won', id = `dp_${paymentRef}`): Promise<void> {
    const dispute = { id, object: 'dispute', payment_intent: paymentRef, metadata: {} };
    const [type, status] = news === 'opened' ? ['created', 'needs_response'] : ['closed', 'won'];
    await this.hears(await this.till.told(`charge.dispute.${type}`, { ...dispute, status }));
  }

  async drop(key: string): Promise<void> {
    return this.payments.dropSubscriptionPayment({ subject: this.subject, key });
  }

  async payment(key: string): Promise<SubscriptionPayment> {
    const found = await readSubscriptionPayment(this.till.db.entities.manager, { subject: this.subject, key });
    if (found === null) throw new Error(`nothing was asked for under ${key}`);
    return found;
  }

  async stateOf(key: string): Promise<string> {
    return (await this.payment(key)).state;
  }

  /** Its last page. */
  async page(key: string): Promise<StripeSession> {
    return this.till.stripe.sessionOf((await this.payment(key)).id);
  }

  /** On its page, by a card of its own. */
  async pays(key: string): Promise<StripeSession> {
    return this.till.stripe.pay((await this.payment(key)).id);
  }

  /** Whatever was charged for it with nobody there. */
  async charges(key: string): Promise<readonly StripeIntent[]> {
    const { id } = await this.payment(key);
    return [...this.till.stripe.intents.values()].filter(
      ({ metadata }) => metadata['subscription_payment_id'] === id && metadata['charged_again'] !== undefined,
    );
  }

  /** As the webhook hands it over, with what the workflow of the event does next. */
  async hears(event: PaymentEvent): Promise<AppliedPayment['subscription']> {
    const { subscription } = await this.news.applyPayment(event);
    if (subscription?.owesBack === true) await this.payments.returnSubscriptionPayment(subscription);
    return subscription;
  }

  /** Says under which reference. */
  async paid(key: string, why: SubscriptionPayment['why'] = 'start'): Promise<string> {
    await this.ask(key, why);
    return this.payAndHear(key);
  }

  async payAndHear(key: string): Promise<string> {
    const session = await this.pays(key);
    await this.hears(await this.till.told('checkout.session.completed', bodyOf(session)));
    return session.paymentIntent;
  }

  /** As the worker does it once its time has come. */
  async isLookedAt(key: string): Promise<readonly PaymentEvent[]> {
    await this.till.db.entities.manager.query(
      `UPDATE records.subscription_payments SET look_at = now() - interval '1 second' WHERE id = $1`,
      [(await this.payment(key)).id],
    );
    const news: PaymentEvent[] = [];
    await this.payments.lookAtPayments(async (event) => {
      news.push(event);
      await this.hears(event);
    });
    return news;
  }
}
