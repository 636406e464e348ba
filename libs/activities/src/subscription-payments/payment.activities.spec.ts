// Goal: a subscription's payment is asked for once, declined is an answer, and it is what its news says in any order.
// Method: the activities on a real database and a server that speaks Stripe's protocol.
import { DemoPayments } from '@fairmeter/providers/payments';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { bodyOf, intentBody } from '../../../../test/harness/stripe-server.js';
import { SubscriptionPayer, Till } from '../../../../test/harness/subscription-payer.js';

/** Stripe's library asks once more by itself where a connection breaks. */
const ONCE_AND_AGAIN = 2;

let till: Till;
beforeAll(async () => {
  till = await Till.open();
}, 60_000);
afterAll(async () => {
  await till.close();
}, 60_000);
beforeEach(() => {
  till.stripe.charging = 'succeeded';
});

describe('a first payment and an upgrade', () => {
  it.each(['start', 'upgrade'] as const)(
    'of %s is paid on a page where the method is kept, and told as often as it likes',
    async (why) => {
      const payer = new SubscriptionPayer(till);
      const asked = await payer.ask('first', why);
      const session = await payer.page('first');
      expect(asked).toEqual({ state: 'open', checkoutUrl: session.url });
      expect(session).toMatchObject({ amount: '900 eur', keepsMethod: true });
      expect(await payer.ask('first', why)).toEqual(asked);
      const event = await till.told('checkout.session.completed', bodyOf(await payer.pays('first')));
      for (const once of [1, 2, 3]) {
        expect([once, await payer.hears(event)]).toMatchObject([once, { key: 'first', paid: true, owesBack: false }]);
      }
      expect(await payer.payment('first')).toMatchObject({ state: 'paid', checkoutUrl: null });
      expect(await payer.ask('first', why)).toEqual({ state: 'paid', checkoutUrl: null });
    },
  );

  it('is one where the answer was lost, whichever it was', async () => {
    const payer = new SubscriptionPayer(till);
    till.stripe.lostAnswers = ONCE_AND_AGAIN;
    await expect(payer.ask('first')).rejects.toThrow();
    expect(await payer.ask('first')).toMatchObject({ state: 'open' });
    const { id } = await payer.payment('first');
    expect([...till.stripe.sessions.values()].filter(({ purchaseId }) => purchaseId === id)).toHaveLength(1);
    await payer.paid('first');
    till.stripe.lostCharges = ONCE_AND_AGAIN;
    await expect(payer.ask('again', 'renewal')).rejects.toThrow();
    expect(await payer.ask('again', 'renewal')).toMatchObject({ state: 'paid' });
    expect(await payer.charges('again')).toHaveLength(1);
  });

  it('has failed once its page is over, and is paid all the same where that is heard later', async () => {
    const payer = new SubscriptionPayer(till);
    await payer.ask('first');
    const session = await payer.page('first');
    const over = await till.told('checkout.session.expired', bodyOf(session));
    const paid = await till.told('checkout.session.completed', bodyOf(await payer.pays('first')));
    expect(await payer.hears(over)).toMatchObject({ paid: false });
    expect(await payer.hears(paid)).toMatchObject({ paid: true });
    expect(await payer.hears(over)).toMatchObject({ paid: true });
  });

  it('costs nothing where it is less than can be taken, and is given up without asking anybody', async () => {
    const payer = new SubscriptionPayer(till);
    expect(await payer.ask('coin', 'upgrade', '3')).toEqual({ state: 'paid', checkoutUrl: null });
    await payer.drop('coin');
    expect(await payer.stateOf('coin')).toBe('returned');
  });
});

describe('a renewal', () => {
  it('[E6] is charged to what the last one was paid with, once, with nobody there', async () => {
    const payer = new SubscriptionPayer(till);
    await payer.paid('first');
    const last = await payer.paid('second', 'upgrade');
    expect(await payer.ask('renewed', 'renewal')).toEqual({ state: 'paid', checkoutUrl: null });
    expect(await payer.ask('renewed', 'renewal')).toEqual({ state: 'paid', checkoutUrl: null });
    expect(await payer.charges('renewed')).toMatchObject([
      { amount: '900 eur', customer: `cus_${last}`, method: `pm_${last}` },
    ]);
    expect(await payer.ask('after', 'renewal')).toMatchObject({ state: 'paid' });
    expect(await payer.charges('after')).toMatchObject([{ method: `pm_${last}` }]);
  });

  it('[edge 38] that is declined is an answer, and may be paid on a page; the next goes by what that was', async () => {
    const payer = new SubscriptionPayer(till);
    await payer.paid('first');
    till.stripe.charging = 'requires_payment_method';
    const failed = await payer.ask('renewed', 'renewal');
    expect(failed).toEqual({ state: 'failed', checkoutUrl: expect.stringContaining('https://') });
    expect(await payer.ask('renewed', 'renewal')).toEqual(failed);
    const session = await payer.pays('renewed');
    const paid = await till.told('checkout.session.completed', bodyOf(session));
    expect(await payer.hears(paid)).toMatchObject({ paid: true });
    till.stripe.charging = 'succeeded';
    await payer.ask('after', 'renewal');
    expect(await payer.charges('after')).toMatchObject([{ method: `pm_${session.paymentIntent}` }]);
  });

  it('is asked for on a page where nothing is kept', async () => {
    const payer = new SubscriptionPayer(till);
    expect(await payer.ask('renewed', 'renewal')).toMatchObject({ state: 'open', checkoutUrl: expect.any(String) });
  });

  it.each([
    ['payment_intent.succeeded', true],
    ['payment_intent.payment_failed', false],
  ] as const)('that takes days is open until %s tells of it', async (type, paid) => {
    const payer = new SubscriptionPayer(till);
    await payer.paid('first');
    till.stripe.charging = 'processing';
    expect(await payer.ask('slow', 'renewal')).toEqual({ state: 'open', checkoutUrl: null });
    const { paymentRef } = await payer.payment('slow');
    const intent = till.stripe.intents.get(paymentRef ?? '');
    if (intent === undefined) throw new Error('nothing was charged');
    expect(await payer.hears(await till.told(type, intentBody(intent)))).toMatchObject({ key: 'slow', paid });
  });

  it('[edge 72] of which the money was taken back by the bank is returned, and the audit says so', async () => {
    const payer = new SubscriptionPayer(till);
    await payer.paid('first');
    await payer.ask('renewed', 'renewal');
    const { id, paymentRef } = await payer.payment('renewed');
    const dispute = { id: 'dp_1', object: 'dispute', payment_intent: paymentRef, metadata: {} };
    const lost = await till.told('charge.dispute.created', { ...dispute, status: 'needs_response' });
    expect(await payer.hears(lost)).toMatchObject({ key: 'renewed', paid: null, owesBack: false });
    expect(await payer.stateOf('renewed')).toBe('returned');
    await payer.hears(await till.told('charge.dispute.closed', { ...dispute, status: 'won' }));
    expect(await payer.stateOf('renewed')).toBe('paid');
    const price = { amount_minor: '900', iso_4217: 'eur' };
    expect(await till.auditOf(id)).toEqual([
      {
        action: 'subscription_payment.returned',
        before: { state: 'paid', ...price },
        after: { state: 'returned', ...price },
      },
    ]);
  });

  it('that was disputed before anybody knew whose it is does not count as paid', async () => {
    const payer = new SubscriptionPayer(till);
    await payer.ask('first');
    const session = await payer.pays('first');
    const dispute = { id: 'dp_2', object: 'dispute', payment_intent: session.paymentIntent, metadata: {} };
    expect(await payer.hears(await till.told('charge.dispute.closed', { ...dispute, status: 'lost' }))).toBeUndefined();
    const paid = await till.told('checkout.session.completed', bodyOf(session));
    expect(await payer.hears(paid)).toMatchObject({ paid: null });
    expect(await payer.stateOf('first')).toBe('returned');
  });
});

describe('the built-in provider', () => {
  it('has all paid at once, and declines what it is told to', async () => {
    let declines = false;
    const payer = new SubscriptionPayer(till, { port: new DemoPayments(() => declines) });
    expect(await payer.ask('first')).toEqual({ state: 'paid', checkoutUrl: null });
    expect(await payer.ask('renewed', 'renewal')).toEqual({ state: 'paid', checkoutUrl: null });
    declines = true;
    expect(await payer.ask('upgrade', 'upgrade')).toEqual({ state: 'failed', checkoutUrl: null });
    expect(await payer.ask('late', 'renewal')).toEqual({ state: 'failed', checkoutUrl: null });
    declines = false;
    expect(await payer.isLookedAt('late')).toMatchObject([{ news: 'paid' }]);
    await payer.drop('first');
    expect(await payer.stateOf('first')).toBe('returned');
  });
});
