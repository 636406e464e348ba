// Goal: a renewal can be paid in one way at a time as long as it is waited for, and is paid once, whatever comes late.
// Method: the activities on a real database and a server that speaks Stripe's protocol.
import { USUAL_SUBSCRIPTION_POLICY } from '@fairmeter/domain';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { StripeSession } from '../../../../test/harness/stripe-server.js';
import { bodyOf } from '../../../../test/harness/stripe-server.js';
import { SubscriptionPayer, Till } from '../../../../test/harness/subscription-payer.js';

let till: Till;
beforeAll(async () => {
  till = await Till.open();
}, 60_000);
afterAll(async () => {
  await till.close();
}, 60_000);

const tells = async (payer: SubscriptionPayer, type: string, session: StripeSession): Promise<unknown> =>
  payer.hears(await till.told(`checkout.session.${type}`, bodyOf(session)));

/** On its first page, by a debit that takes days and then fails. */
async function failedLate(): Promise<{ payer: SubscriptionPayer; first: StripeSession }> {
  const payer = new SubscriptionPayer(till);
  await payer.ask('renewed', 'renewal');
  const first = till.stripe.payLater((await payer.payment('renewed')).id);
  expect(await payer.isLookedAt('renewed')).toEqual([]);
  till.stripe.comesTo(first, 'requires_payment_method');
  expect(await tells(payer, 'async_payment_failed', first)).toMatchObject({ paid: false });
  return { payer, first };
}

const looksDue = async (payer: SubscriptionPayer): Promise<boolean> => {
  const [row] = await till.db.entities.manager.query<{ due: boolean | null }[]>(
    'SELECT look_at <= clock_timestamp() AS due FROM records.subscription_payments WHERE id = $1',
    [(await payer.payment('renewed')).id],
  );
  return row?.due === true;
};

describe('a renewal whose page was done with and whose money never came', () => {
  it('[edge 38] is past due with another page at once', async () => {
    const { payer, first } = await failedLate();
    expect(await looksDue(payer)).toBe(true);
    expect(await payer.isLookedAt('renewed')).toMatchObject([{ news: 'failed' }]);
    const second = await payer.page('renewed');
    expect([second.id === first.id, second.status, (await payer.payment('renewed')).checkoutUrl]).toEqual([
      false,
      'open',
      second.url,
    ]);
    expect(await tells(payer, 'completed', await payer.pays('renewed'))).toMatchObject({ paid: true });
  });

  it('[edge 38] is found out by who looks, where nothing was told', async () => {
    const payer = new SubscriptionPayer(till);
    await payer.ask('renewed', 'renewal');
    const first = till.stripe.payLater((await payer.payment('renewed')).id);
    till.stripe.comesTo(first, 'requires_payment_method');
    expect(await payer.isLookedAt('renewed')).toMatchObject([{ news: 'failed' }]);
    expect((await payer.page('renewed')).id).not.toBe(first.id);
  });

  it('[edge 73] is paid once by what came of the first page after all: the second one is closed', async () => {
    const { payer, first } = await failedLate();
    await payer.isLookedAt('renewed');
    const second = await payer.page('renewed');
    till.stripe.comesTo(first, 'succeeded');
    first.paymentStatus = 'paid';
    expect(await tells(payer, 'async_payment_succeeded', first)).toMatchObject({ paid: true });
    expect([await payer.stateOf('renewed'), second.status]).toEqual(['paid', 'expired']);
  });

  it('[edge 73] gives back what is paid on the second page as well, and stays paid by the first', async () => {
    const { payer, first } = await failedLate();
    await payer.isLookedAt('renewed');
    const second = await payer.pays('renewed');
    first.paymentStatus = 'paid';
    await tells(payer, 'async_payment_succeeded', first);
    for (const once of [1, 2]) {
      await tells(payer, 'completed', second);
      const refunds = [till.refundsOf(first.paymentIntent), till.refundsOf(second.paymentIntent)];
      expect([once, await payer.stateOf('renewed'), ...refunds]).toEqual([once, 'paid', 0, 1]);
    }
    const back = { object: 'charge', payment_intent: second.paymentIntent, metadata: {}, refunded: true };
    await payer.hears(await till.told('charge.refunded', back));
    const { state, paymentRef } = await payer.payment('renewed');
    expect([state, paymentRef]).toEqual(['paid', first.paymentIntent]);
  });
});

describe('the page of a renewal that is not paid', () => {
  it('[edge 38] is one while it lives, and none comes once it is waited for no longer', async () => {
    const payer = new SubscriptionPayer(till);
    await payer.ask('renewed', 'renewal');
    const first = await payer.page('renewed');
    expect([await payer.isLookedAt('renewed'), await payer.isLookedAt('renewed')]).toEqual([[], []]);
    expect((await payer.page('renewed')).id).toBe(first.id);
    const { graceMs, renewAheadMs } = USUAL_SUBSCRIPTION_POLICY;
    await till.db.entities.manager.query('UPDATE records.subscription_payments SET created_at = $2 WHERE id = $1', [
      (await payer.payment('renewed')).id,
      new Date(Date.now() - graceMs - renewAheadMs),
    ]);
    first.status = 'expired';
    expect(await payer.isLookedAt('renewed')).toMatchObject([{ news: 'failed' }]);
    expect([(await payer.page('renewed')).id, await looksDue(payer)]).toEqual([first.id, false]);
    expect(await payer.stateOf('renewed')).toBe('failed');
  });
});
