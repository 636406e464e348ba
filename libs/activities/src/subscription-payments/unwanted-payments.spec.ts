// Goal: money that comes where nobody waits for it goes back once, and a payment whose news never came is found out.
// Method: the activities on a real database and a server that speaks Stripe's protocol.
import { newId } from '@fairmeter/platform/database';
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
  till.stripe.refunding = 'succeeded';
});

async function openVisitor(): Promise<{ payer: SubscriptionPayer; isForgotten: () => Promise<void> }> {
  const [accountId, botId, visitorId] = [newId('acc'), newId('bot'), newId('vis')];
  const { manager } = till.db.entities;
  await manager.query(
    `INSERT INTO records.accounts (id, name, status, time_zone, plan_id)
     VALUES ($1, 'Test', 'active', 'UTC', 'plan_free')`,
    [accountId],
  );
  await manager.query(
    `INSERT INTO records.bots (id, account_id, type, name, default_model, default_max_iterations,
     default_max_credits) VALUES ($1, $2, 'chat', 'B', 'demo-chat', 1, 1000000)`,
    [botId, accountId],
  );
  await manager.query(
    `INSERT INTO records.visitors (id, account_id, bot_id, pseudonym) VALUES ($1, $2, $3, 'somebody')`,
    [visitorId, accountId, botId],
  );
  return {
    payer: new SubscriptionPayer(till, { subject: { kind: 'end_user', accountId, botId, visitorId } }),
    isForgotten: async () => {
      await manager.query('UPDATE records.visitors SET deleted_at = clock_timestamp() WHERE id = $1', [visitorId]);
    },
  };
}

/** For a person, of the refund of a payment. */
async function listedOf(paymentId: string, refundRef: string): Promise<readonly unknown[]> {
  return till.db.entities.manager.query(
    `SELECT figures FROM records.drift WHERE kind = 'refund_failed' AND subject = $1`,
    [`${paymentId}/${refundRef}`],
  );
}

async function isToBeLookedAt(payer: SubscriptionPayer, key: string): Promise<boolean> {
  const [row] = await till.db.entities.manager.query<{ look_at: Date | null }[]>(
    'SELECT look_at FROM records.subscription_payments WHERE id = $1',
    [(await payer.payment(key)).id],
  );
  return row !== undefined && row.look_at !== null;
}

describe('a payment that nobody waits for', () => {
  it('can be paid no more', async () => {
    const payer = new SubscriptionPayer(till);
    await payer.ask('first');
    await payer.drop('first');
    expect(await payer.payment('first')).toMatchObject({ state: 'dropped', checkoutUrl: null });
    expect((await payer.page('first')).status).toBe('expired');
    await payer.drop('never asked for');
  });

  it('goes back where it was paid before, once, told and dropped as often as it likes', async () => {
    const payer = new SubscriptionPayer(till);
    const intent = await payer.paid('first');
    await payer.ask('renewed', 'renewal');
    const charge = (await payer.payment('renewed')).paymentRef;
    for (const key of ['first', 'first', 'renewed']) await payer.drop(key);
    expect([till.refundsOf(intent), till.refundsOf(charge)]).toEqual([1, 1]);
    const event = await till.told('charge.refunded', { object: 'charge', payment_intent: intent, refunded: true });
    expect(await payer.hears(event)).toMatchObject({ paid: null, owesBack: false });
    expect([await payer.stateOf('first'), await payer.stateOf('renewed')]).toEqual(['returned', 'returned']);
    expect(till.refundsOf(intent)).toBe(1);
    // What went back is charged again to nobody.
    expect(await payer.ask('after', 'renewal')).toMatchObject({ state: 'open' });
  });

  it('whose refund fails after days stays where it was, and is listed for a person, once', async () => {
    const payer = new SubscriptionPayer(till);
    const intent = await payer.paid('first');
    till.stripe.refunding = 'pending';
    await payer.drop('first');
    expect(await payer.stateOf('first')).toBe('returned');
    const refund = { ...till.stripe.refundFails(intent) };
    for (const type of ['refund.updated', 'refund.failed']) {
      expect(await payer.hears(await till.told(type, refund))).toBeUndefined();
    }
    expect([await payer.stateOf('first'), till.refundsOf(intent)]).toEqual(['returned', 0]);
    const { id } = await payer.payment('first');
    const figures = { subscription_payment_id: id, payment_ref: intent, refund_ref: refund.id, amount_minor: '900' };
    expect(await listedOf(id, refund.id)).toMatchObject([
      { figures: { ...figures, state: 'returned', iso_4217: 'eur' } },
    ]);
    const audited = (await till.auditOf(id)) as readonly { readonly action: string }[];
    expect(audited.filter(({ action }) => action === 'subscription_payment.refund_failed')).toHaveLength(1);
  });

  it('[edge 68] whose refund failed before anybody knew whose it is is listed once that is known', async () => {
    const payer = new SubscriptionPayer(till);
    await payer.ask('first');
    const session = await payer.pays('first');
    const { id } = await payer.payment('first');
    const refund = { id: `re_${id}`, object: 'refund', status: 'failed', payment_intent: session.paymentIntent };
    expect(await payer.hears(await till.told('refund.failed', { ...refund, metadata: {} }))).toBeUndefined();
    expect(await listedOf(id, refund.id)).toEqual([]);
    const paid = await till.told('checkout.session.completed', bodyOf(session));
    for (const once of [1, 2]) {
      await payer.hears(paid);
      expect([once, await listedOf(id, refund.id)]).toMatchObject([
        once,
        [{ figures: { subscription_payment_id: id, payment_ref: session.paymentIntent, state: 'paid' } }],
      ]);
    }
    expect(await till.auditOf(id)).toMatchObject([
      { action: 'subscription_payment.refund_failed', after: { state: 'paid', refund_ref: refund.id } },
    ]);
  });

  it('goes back where somebody is just paying: seen when it is dropped, or told of after it', async () => {
    const payer = new SubscriptionPayer(till);
    await payer.ask('seen');
    const session = await payer.pays('seen');
    await payer.drop('seen');
    expect([await payer.stateOf('seen'), till.refundsOf(session.paymentIntent)]).toEqual(['returned', 1]);
    await payer.paid('first');
    till.stripe.charging = 'processing';
    await payer.ask('slow', 'renewal');
    const { paymentRef } = await payer.payment('slow');
    await payer.drop('slow');
    expect(till.refundsOf(paymentRef)).toBe(0);
    const intent = till.stripe.intents.get(paymentRef ?? '');
    if (intent === undefined) throw new Error('nothing was charged');
    const event = await till.told('payment_intent.succeeded', intentBody({ ...intent, status: 'succeeded' }));
    for (const once of [1, 2, 3]) {
      await payer.hears(event);
      expect([once, await payer.stateOf('slow'), till.refundsOf(paymentRef)]).toEqual([once, 'returned', 1]);
    }
  });

  it('[edge 73] goes back where it is looked at, and is looked at until then and no longer', async () => {
    const payer = new SubscriptionPayer(till);
    await payer.paid('first');
    till.stripe.charging = 'processing';
    for (const key of ['pays late', 'never pays']) {
      await payer.ask(key, 'renewal');
      await payer.drop(key);
      expect([await payer.isLookedAt(key), await payer.stateOf(key)]).toEqual([[], 'dropped']);
      expect(await isToBeLookedAt(payer, key)).toBe(true);
    }
    for (const [key, status] of [
      ['pays late', 'succeeded'],
      ['never pays', 'requires_payment_method'],
    ] as const) {
      const { paymentRef } = await payer.payment(key);
      const intent = till.stripe.intents.get(paymentRef ?? '');
      if (intent === undefined) throw new Error('nothing was charged');
      till.stripe.intents.set(intent.id, { ...intent, status });
      await payer.isLookedAt(key);
      expect(await isToBeLookedAt(payer, key)).toBe(false);
    }
    expect([await payer.stateOf('pays late'), await payer.stateOf('never pays')]).toEqual(['returned', 'dropped']);
    expect(till.refundsOf((await payer.payment('pays late')).paymentRef)).toBe(1);
  });

  it('[edge 66] goes back to a visitor who was forgotten meanwhile', async () => {
    const { payer, isForgotten } = await openVisitor();
    await payer.ask('first');
    await payer.ask('renewed', 'renewal');
    await isForgotten();
    const session = await payer.pays('first');
    await payer.hears(await till.told('checkout.session.completed', bodyOf(session)));
    expect([await payer.stateOf('first'), till.refundsOf(session.paymentIntent)]).toEqual(['returned', 1]);
    expect(await payer.isLookedAt('renewed')).toEqual([]);
    expect([await payer.stateOf('renewed'), (await payer.page('renewed')).status]).toEqual(['dropped', 'expired']);
  });

  it('[edge 66] stays paid where a visitor was forgotten after it, whatever is heard of it later', async () => {
    const { payer, isForgotten } = await openVisitor();
    const intent = await payer.paid('first');
    await isForgotten();
    const dispute = { id: `dp_${intent}`, object: 'dispute', payment_intent: intent, metadata: {} };
    await payer.hears(await till.told('charge.dispute.created', { ...dispute, status: 'needs_response' }));
    expect(await payer.stateOf('first')).toBe('returned');
    await payer.hears(await till.told('charge.dispute.closed', { ...dispute, status: 'won' }));
    expect([await payer.stateOf('first'), till.refundsOf(intent)]).toEqual(['paid', 0]);
  });

  it('stays with whoever took it where that will not send it back, and the audit says so', async () => {
    const payer = new SubscriptionPayer(till);
    const intent = await payer.paid('first');
    till.stripe.disputed.add(intent);
    await payer.drop('first');
    expect(await payer.stateOf('first')).toBe('dropped');
    const { id } = await payer.payment('first');
    expect(await till.auditOf(id)).toMatchObject([{ action: 'subscription_payment.return_refused' }]);
  });
});

describe('a payment whose news never came', () => {
  it('[edge 73] is found paid where it is looked at', async () => {
    const payer = new SubscriptionPayer(till);
    await payer.ask('first');
    expect(await payer.isLookedAt('first')).toEqual([]);
    await payer.pays('first');
    expect(await payer.isLookedAt('first')).toMatchObject([{ news: 'paid' }]);
    expect(await payer.stateOf('first')).toBe('paid');
    expect(await payer.isLookedAt('first')).toEqual([]);
  });

  it('has failed once its page is over; a renewal gets another page, as long as it is waited for', async () => {
    const payer = new SubscriptionPayer(till);
    for (const [key, why] of [
      ['first', 'start'],
      ['renewed', 'renewal'],
    ] as const) {
      await payer.ask(key, why);
      (await payer.page(key)).status = 'expired';
      expect(await payer.isLookedAt(key)).toMatchObject([{ news: 'failed' }]);
      expect(await payer.stateOf(key)).toBe('failed');
    }
    const { checkoutUrl: url } = await payer.payment('renewed');
    expect(await payer.page('renewed')).toMatchObject({ status: 'open', url });
    await payer.pays('renewed');
    expect(await payer.isLookedAt('renewed')).toMatchObject([{ news: 'paid' }]);
    expect(await payer.stateOf('renewed')).toBe('paid');
  });

  it('is looked at by one of two at once, and again where the first could not ask', async () => {
    const payer = new SubscriptionPayer(till);
    await payer.ask('first');
    await payer.pays('first');
    till.stripe.lostAnswers = ONCE_AND_AGAIN;
    await expect(payer.isLookedAt('first')).rejects.toThrow();
    const looks = await Promise.all([payer.isLookedAt('first'), payer.isLookedAt('first')]);
    expect(looks.flat().length).toBeGreaterThan(0);
    expect(await payer.stateOf('first')).toBe('paid');
  });
});
