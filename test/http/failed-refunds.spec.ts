// Goal: a refund that its provider cannot carry out in the end leaves nobody without money and without units: what was
// taken back comes again, and somebody of the staff learns of it. Method: the running stack with a server that speaks
// Stripe's protocol, whose refunds take days and fail.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '@fairmeter/platform/database';
import { expectLedgerHolds } from '../harness/audit.js';
import type { Answer } from '../harness/bot-client.js';
import type { Sale } from '../harness/stripe-shop.js';
import { StripeShop } from '../harness/stripe-shop.js';

type Row = Readonly<Record<string, unknown>>;

let desk: StripeShop;
beforeAll(async () => {
  desk = await StripeShop.open();
}, 60_000);
afterAll(async () => {
  await expectLedgerHolds(desk.stack);
  await desk.close();
}, 60_000);
beforeEach(() => {
  desk.stripe.refunding = 'pending';
});

const reverse = async ({ id }: Pick<Sale, 'id'>, reason = 'Asked for by the buyer'): Promise<Answer> =>
  desk.support.call('POST', `/v1/staff/accounts/${desk.shop.accountId}/purchases/${id}/reverse`, { reason });

const listed = async (subject: string): Promise<readonly Row[]> => {
  const query = `?kind=refund_failed&account_id=${desk.shop.accountId}`;
  const { body } = await desk.support.get(`/v1/admin/drift${query}`);
  return (body['data'] as readonly Row[]).filter((row) => String(row['subject']).startsWith(subject));
};

const audited = async (id: string): Promise<readonly Row[]> =>
  (await desk.shop.owner.call('GET', `/v1/audit?target_id=${id}`)).body['data'] as readonly Row[];

/** Sent back, and told of as Stripe tells it while the money is under way. */
async function onItsWay(sale: Sale): Promise<void> {
  expect((await reverse(sale)).body).toMatchObject({ state: 'reversed' });
  await desk.tell('reversed', sale);
  await desk.heard(2, sale);
}

describe('a refund that fails after a day', () => {
  it('[edge 68] gives the units back once, and is listed for a person with all that it takes', async () => {
    const sale = await desk.paid();
    await onItsWay(sale);
    expect(await sale.shopper.units()).toBe('0.000000');
    const refund = desk.stripe.refundFails(sale.intent);
    // Stripe tells of one in several ways, in any order.
    for (const type of ['refund.failed', 'charge.refund.updated', 'refund.updated']) {
      await desk.send(type, { ...refund });
    }
    await desk.heard(5, sale);
    expect((await sale.shopper.becomes(sale.id, 'paid')).body['lots']).toMatchObject([{ lot_id: expect.any(String) }]);
    expect(await sale.shopper.units()).toBe('10.000000');
    const price = { amount_minor: '500', iso_4217: 'eur' };
    expect(await listed(sale.id)).toMatchObject([
      {
        subject: `${sale.id}/${refund.id}`,
        figures: { purchase_id: sale.id, refund_ref: refund.id, payment_ref: sale.intent, state: 'paid', ...price },
        resolved_at: null,
      },
    ]);
    expect(await audited(sale.id)).toMatchObject([
      {
        action: 'purchase.refund_failed',
        actor: { role: 'platform' },
        before: { state: 'reversed' },
        after: { state: 'paid', refund_ref: refund.id },
      },
      { action: 'purchase.reversed' },
    ]);
  });

  it('[edge 72] lifts the debt that came of it', async () => {
    const sale = await desk.paid();
    const { client } = sale.shopper.visitor;
    const job = await client.submit({ body: { prompt: 'Hi', max_credits: '5' } });
    await client.ended(String(job.body['id']));
    const left = await sale.shopper.units();
    expect(left).not.toBe('10.000000');
    await onItsWay(sale);
    expect((await client.submit({ key: 'owing', body: { prompt: 'Hi' } })).status).toBe(402);
    await desk.tell('refund_failed', sale);
    await sale.shopper.becomes(sale.id, 'paid');
    expect(await sale.shopper.units()).toBe(left);
    expect((await client.submit({ key: 'after', body: { prompt: 'Hi' } })).status).toBe(202);
  });

  it('[edge 68] can be asked for once more, which is another refund', async () => {
    const sale = await desk.paid();
    await onItsWay(sale);
    await desk.tell('refund_failed', sale);
    await sale.shopper.becomes(sale.id, 'paid');
    desk.stripe.refunding = 'succeeded';
    expect((await reverse(sale, 'To another account of theirs')).body).toMatchObject({ state: 'reversed' });
    expect([desk.refundsOf(sale), await sale.shopper.units()]).toEqual([1, '0.000000']);
  });

  it('told of before the answer of who asked for it, leaves the units where they are', async () => {
    const sale = await desk.paid();
    await reverse(sale);
    const refund = desk.stripe.refundFails(sale.intent, 'canceled');
    await desk.send('refund.updated', { ...refund });
    await sale.shopper.becomes(sale.id, 'paid');
    // The money was told to be on its way only then.
    await desk.tell('reversed', sale);
    await desk.heard(3, sale);
    expect([await desk.stateOf(sale.id), await sale.shopper.units()]).toEqual(['paid', '10.000000']);
  });

  it('[edge 66] to a buyer who had gone is not tried over and over: it waits for a person', async () => {
    const sale = await desk.ordered();
    expect((await sale.shopper.call('DELETE', '/v1/me')).status).toBe(200);
    await desk.tell('paid', sale);
    await desk.becomes(sale.id, 'reversed');
    expect(desk.refundsOf(sale)).toBe(1);
    await desk.tell('refund_failed', sale);
    await desk.becomes(sale.id, 'paid');
    await desk.heard(2, sale);
    expect([desk.refundsOf(sale), await listed(sale.id)]).toMatchObject([0, [{ figures: { state: 'paid' } }]]);
  });

  it('of a payment that nobody knows changes nothing', async () => {
    const id = newId('req');
    await desk.send('refund.failed', { id, object: 'refund', status: 'failed', payment_intent: id, metadata: {} });
    expect(await listed(id)).toEqual([]);
  });
});
