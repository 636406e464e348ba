// Goal: a bot that moves takes along what is on offer at it, and what was bought or ordered there before stays whole:
// in the books it was sold in. Method: the running stack with a server that speaks Stripe's protocol.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectLedgerHolds } from '../harness/audit.js';
import type { OwnerClient } from '../harness/owner-client.js';
import { Shop, type Shopper } from '../harness/shop.js';
import { StripeShop, type Sale } from '../harness/stripe-shop.js';
import { until } from '../harness/until.js';

const answers = { purpose_clear: true, trained_enough: true, results_reviewable: true };

describe('a bot that moves with what is sold at it', () => {
  let desk: StripeShop;
  let to: Shop;
  beforeAll(async () => {
    desk = await StripeShop.open();
    to = await Shop.open(desk.stack);
  }, 60_000);
  afterAll(async () => {
    await expectLedgerHolds(desk.stack);
    await desk.close();
  }, 60_000);

  const move = async (from: Shop): Promise<void> => {
    const offered = await from.owner.call('POST', `/v1/bots/${from.bot.botId}/transfers`, {
      body: { to_account_id: to.accountId },
    });
    const accepted = await to.owner.call('POST', `/v1/bot-transfers/${String(offered.body['id'])}/accept`);
    expect(accepted.body).toMatchObject({ state: 'accepted' });
    const published = await to.owner.call('POST', `/v1/bots/${from.bot.botId}/publish`, { body: answers });
    expect(published.status).toBe(200);
  };
  /** To whom the bot belongs now. */
  const back = async ({ shopper }: Pick<Sale, 'shopper'>): Promise<Shopper> => shopper.comeBack(to.owner.secret);
  const packsOf = async (owner: OwnerClient): Promise<unknown[]> => {
    const { body } = await owner.call('GET', '/v1/bot-packs');
    return (body['data'] as { product_id: string }[]).map(({ product_id: id }) => id);
  };
  const ordered = async (from: Shop): Promise<Sale> => {
    const { shopper, id, answer } = await from.ordered();
    expect([answer.status, answer.body['state']]).toEqual([201, 'pending']);
    return { shopper, id, intent: desk.stripe.sessionOf(id).paymentIntent };
  };
  const booksOf = async (id: string): Promise<unknown> =>
    desk.stack.entities.manager.query(
      `SELECT p.account_id AS sold_by, l.account_id AS booked_by FROM records.purchases p
       JOIN records.purchase_parts q ON q.purchase_id = p.id LEFT JOIN ledger.lots l ON l.id = q.lot_id
       WHERE p.id = $1`,
      [id],
    );

  it('[edge 67] takes along packs of that bot alone, which the new owner changes and sells from then on', async () => {
    const from = await Shop.open(desk.stack);
    const alone = await from.offer({ allowances: { [from.bot.botId]: '4' } });
    const both = await from.offer({ allowances: { [from.bot.botId]: '1', [from.other.botId]: '1' } });
    const stays = await from.offer({ allowances: { [from.other.botId]: '2' } });
    const product = (answer: typeof alone): string => String(answer.body['product_id']);
    await move(from);
    expect(await packsOf(from.owner)).toEqual([product(stays)]);
    expect(await packsOf(to.owner)).toEqual([product(alone)]);
    const path = `/v1/bot-packs/${String(alone.body['id'])}`;
    const price = { amount_minor: '700', iso_4217: 'eur' };
    expect((await from.owner.call('PATCH', path, { body: { price } })).status).toBe(404);
    const changed = await to.owner.call('PATCH', path, { body: { price } });
    expect([changed.status, changed.body]).toMatchObject([200, { id: alone.body['id'], version: 2 }]);
    const ann = await from.visitor('ann', { ...from.bot, accountId: to.accountId, key: to.owner.secret });
    expect((await ann.offers()).map(({ id }) => id)).toEqual([product(changed)]);
    for (const [key, gone] of [alone, both].entries()) {
      expect((await ann.buy(product(gone), { key: String(key) })).status).toBe(404);
    }
    const id = String((await ann.buy(product(changed))).body['id']);
    await desk.tell('paid', { id, intent: '' });
    await ann.becomes(id, 'paid');
    expect(await ann.units()).toBe('4.000000');
    expect(await booksOf(id)).toEqual([{ sold_by: to.accountId, booked_by: to.accountId }]);
  });

  it('[edge 67] leaves what was bought in the books of who sold it, where support sends it back', async () => {
    const from = await Shop.open(desk.stack);
    const sale = await ordered(from);
    await desk.tell('paid', sale);
    await sale.shopper.becomes(sale.id, 'paid');
    await move(from);
    const shopper = await back(sale);
    expect((await shopper.purchase(sale.id)).body).toMatchObject({ id: sale.id, state: 'paid' });
    expect((await shopper.call('GET', '/v1/purchases')).body['data']).toMatchObject([{ id: sale.id }]);
    const support = async (accountId: string): Promise<unknown> => {
      const path = `/v1/staff/accounts/${accountId}/purchases/${sale.id}/reverse`;
      const { status, body } = await desk.support.call('POST', path, { reason: 'Asked for by the buyer' });
      return [status, body['state'] ?? body['code']];
    };
    expect(await support(to.accountId)).toEqual([404, 'purchase_not_found']);
    expect(await shopper.units()).toBe('10.000000');
    expect(await support(from.accountId)).toEqual([200, 'reversed']);
    expect([await shopper.units(), desk.refundsOf(sale)]).toEqual(['0.000000', 1]);
  });

  it('[edge 67] leaves what was ordered payable, also once the account that sold it is closed', async () => {
    const from = await Shop.open(desk.stack);
    const sale = await ordered(from);
    await move(from);
    await desk.stack.entities.manager.query(`UPDATE records.accounts SET status = 'closed' WHERE id = $1`, [
      from.accountId,
    ]);
    await desk.tell('paid', sale);
    const shopper = await back(sale);
    await shopper.becomes(sale.id, 'paid');
    expect([await shopper.units(), desk.refundsOf(sale)]).toEqual(['10.000000', 0]);
    expect(await booksOf(sale.id)).toEqual([{ sold_by: from.accountId, booked_by: from.accountId }]);
  });

  it('[edge 66] ends what was ordered of the owner before once the new owner deletes that visitor', async () => {
    const from = await Shop.open(desk.stack);
    const { shopper, id } = await ordered(from);
    await move(from);
    const deleted = await to.owner.call('DELETE', `/v1/bots/${from.bot.botId}/visitors/${shopper.visitor.id}`);
    expect([deleted.status, deleted.body['state']]).toEqual([200, 'erased']);
    await until(
      async () => desk.stripe.sessionOf(id).status,
      (status) => status === 'expired',
    );
  });
});
