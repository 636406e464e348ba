// Goal: what a visitor bought stands while its payment does, whatever is told in whichever order; and who goes before
// paying pays for nothing. Method: the running stack with a server that speaks Stripe's protocol.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { purchaseWorkflowId } from '@fairmeter/contracts';
import type { PaymentNews } from '@fairmeter/domain';
import { expectLedgerHolds } from '../harness/audit.js';
import { Shop } from '../harness/shop.js';
import { StripeShop } from '../harness/stripe-shop.js';
import { bodyOf } from '../harness/stripe-server.js';
import { skipWorkflow } from '../harness/time-skip.js';
import { until } from '../harness/until.js';

let desk: StripeShop;
beforeAll(async () => {
  desk = await StripeShop.open();
}, 60_000);
afterAll(async () => {
  await expectLedgerHolds(desk.stack);
  await desk.close();
}, 60_000);

describe('what a visitor bought', () => {
  it('[B11] is there once its payment is told of, and used up by answers', async () => {
    const { shopper, id } = await desk.ordered();
    expect(await shopper.units()).toBe('0.000000');
    await desk.tell('paid', { id, intent: '' });
    const { body } = await shopper.becomes(id, 'paid');
    expect(body['lots']).toMatchObject([{ bot_id: desk.shop.bot.botId, lot_id: expect.any(String) }]);
    expect(await shopper.units()).toBe('10.000000');
  });

  const orders: readonly (readonly [readonly PaymentNews[], string, string])[] = [
    [['paid', 'disputed', 'dispute_won'], 'paid', '10.000000'],
    [['paid', 'dispute_won', 'disputed'], 'paid', '10.000000'],
    [['dispute_won', 'disputed', 'paid'], 'paid', '10.000000'],
    [['dispute_won', 'paid', 'disputed'], 'paid', '10.000000'],
    [['disputed', 'dispute_won', 'paid'], 'paid', '10.000000'],
    [['disputed', 'paid', 'dispute_won'], 'paid', '10.000000'],
    [['disputed', 'paid'], 'disputed', '0.000000'],
    [['reversed', 'paid'], 'reversed', '0.000000'],
    [['reversed', 'disputed', 'paid', 'dispute_won'], 'reversed', '0.000000'],
    [['paid', 'reversed', 'disputed', 'dispute_won'], 'reversed', '0.000000'],
  ];
  it.each(orders)('[edge 72, edge 73] told %j it is %s and gives %s, told one by one and at once', async (...row) => {
    const [told, state, units] = row;
    for (const atOnce of [false, true]) {
      const sale = await desk.ordered();
      desk.stripe.pay(sale.id);
      if (atOnce) await Promise.all(told.map(async (one) => desk.tell(one, sale)));
      for (const one of atOnce ? [] : told) await desk.tell(one, sale);
      await desk.heard(told.length, sale);
      await sale.shopper.becomes(sale.id, state);
      expect([atOnce, await sale.shopper.units()]).toEqual([atOnce, units]);
    }
  });

  it('[edge 72] is taken back at a chargeback; what was used is owed, and the next purchase pays it', async () => {
    const { shopper, id, intent } = await desk.paid();
    const job = await shopper.visitor.client.submit({ body: { prompt: 'Hi', max_credits: '5' } });
    await shopper.visitor.client.ended(String(job.body['id']));
    const left = Number(await shopper.units());
    expect(left).toBeLessThan(10);
    await desk.tell('disputed', { id, intent });
    await shopper.becomes(id, 'disputed');
    expect(await shopper.units()).toBe('0.000000');
    const refused = await shopper.visitor.client.submit({ key: 'again', body: { prompt: 'Hi' } });
    expect(refused.status).toBe(402);
    const next = await shopper.buy(await desk.shop.sell('10'), { key: 'second' });
    await desk.tell('paid', { id: String(next.body['id']), intent: '' });
    await shopper.becomes(String(next.body['id']), 'paid');
    expect(Number(await shopper.units())).toBeCloseTo(left, 6);
  });

  it('[A30, edge 72] of a pack of two goes at both bots with its payment', async () => {
    const [ann, there] = [await desk.shop.visitor('two'), await desk.shop.visitor('two', desk.shop.other)];
    const allowances = { [desk.shop.bot.botId]: '2', [desk.shop.other.botId]: '3' };
    const product = String((await desk.shop.offer({ allowances })).body['product_id']);
    const id = String((await ann.buy(product, { tokens: [there.visitor.token] })).body['id']);
    await desk.tell('paid', { id, intent: '' });
    await ann.becomes(id, 'paid');
    expect([await ann.units(), await there.units()]).toEqual(['2.000000', '3.000000']);
    await desk.tell('reversed', { id, intent: desk.stripe.sessionOf(id).paymentIntent });
    await ann.becomes(id, 'reversed');
    expect([await ann.units(), await there.units()]).toEqual(['0.000000', '0.000000']);
  });
});

describe('a visitor who goes before paying', () => {
  const lotsOf = async (id: string): Promise<unknown> =>
    desk.stack.entities.manager.query(`SELECT id FROM ledger.lots WHERE scope_id LIKE '%' || $1`, [id]);

  it('[edge 66] leaves a checkout at which nobody can pay any more', async () => {
    const { shopper, id } = await desk.ordered();
    expect((await shopper.call('DELETE', '/v1/me')).status).toBe(200);
    await until(
      async () => desk.stripe.sessionOf(id).status,
      (status) => status === 'expired',
    );
    expect(await desk.stack.temporal.client.workflow.getHandle(purchaseWorkflowId(id)).result()).toBe('pending');
  });

  it('[edge 66, edge 73] and has paid all the same gets the money back, and nobody gets the units', async () => {
    const { shopper, id, intent } = await desk.ordered();
    const { visitor } = shopper;
    const message = desk.stripe.message('checkout.session.completed', bodyOf(desk.stripe.pay(id)));
    expect((await shopper.call('DELETE', '/v1/me')).status).toBe(200);
    const told = async (): Promise<unknown> =>
      fetch(`${desk.stack.apiUrl}/v1/payments/stripe`, { method: 'POST', ...message });
    await Promise.all([told(), told(), told()]);
    await desk.becomes(id, 'reversed');
    expect(desk.refundsOf({ intent })).toBe(1);
    expect(await lotsOf(visitor.id)).toEqual([]);
    await desk.tell('reversed', { id, intent });
    expect(await desk.stateOf(id)).toBe('reversed');
    // Under the same name somebody new comes, who starts at 0.
    const again = await desk.shop.visitor('nobody-known');
    expect(await again.units()).toBe('0.000000');
  });

  it('[edge 66] after paying: neither a chargeback nor a dispute that is won moves anything for nobody', async () => {
    const sale = await desk.paid();
    expect((await sale.shopper.call('DELETE', '/v1/me')).status).toBe(200);
    const count = async (): Promise<unknown> =>
      desk.stack.entities.manager.query(`SELECT count(*) FROM ledger.entries WHERE scope_id LIKE '%' || $1`, [
        sale.shopper.visitor.id,
      ]);
    const before = await count();
    await desk.tell('disputed', sale);
    await desk.tell('dispute_won', sale);
    await desk.heard(3, sale);
    expect([await desk.stateOf(sale.id), await count()]).toEqual(['paid', before]);
    expect(desk.stripe.refunds).not.toContain(sale.intent);
  });

  it('an order whose workflow heard nothing of it is closed at its next look', async () => {
    const { shopper, id } = await desk.ordered();
    await desk.stack.entities.manager.query('UPDATE records.purchases SET ended_at = now() WHERE id = $1', [id]);
    await skipWorkflow(desk.stack, purchaseWorkflowId(id), { by: 61_000 });
    await until(
      async () => desk.stripe.sessionOf(id).status,
      (status) => status === 'expired',
    );
    expect((await shopper.purchase(id)).body).toMatchObject({ state: 'pending' });
  }, 30_000);

  it('[edge 70] what is paid for a closed account goes back as well', async () => {
    const own = await Shop.open(desk.stack);
    const { id } = await own.ordered();
    await desk.stack.entities.manager.query(`UPDATE records.accounts SET status = 'closed' WHERE id = $1`, [
      own.accountId,
    ]);
    await desk.tell('paid', { id, intent: '' });
    await desk.becomes(id, 'reversed');
    expect(desk.stripe.refunds).toContain(desk.stripe.sessionOf(id).paymentIntent);
  });
});
