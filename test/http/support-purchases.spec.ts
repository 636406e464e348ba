// Goal: support sends a purchase back the way it was paid, once, for a reason, and never more than that. Method: the
// running stack with staff who are signed in and a server that speaks Stripe's protocol.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@fairmeter/platform/database';
import { expectLedgerHolds } from '../harness/audit.js';
import { Shop } from '../harness/shop.js';
import { StripeShop } from '../harness/stripe-shop.js';

let desk: StripeShop;
beforeAll(async () => {
  desk = await StripeShop.open();
}, 60_000);
afterAll(async () => {
  await expectLedgerHolds(desk.stack);
  await desk.close();
}, 60_000);

const reverse = async (accountId: string, id: string, reason: unknown = 'Asked for by the buyer') =>
  desk.support.call('POST', `/v1/staff/accounts/${accountId}/purchases/${id}/reverse`, { reason });

/** Of the shop of this file. */
const audited = async (id: string): Promise<readonly Readonly<Record<string, unknown>>[]> =>
  (await desk.shop.owner.call('GET', `/v1/audit?target_id=${id}`)).body['data'] as readonly Readonly<
    Record<string, unknown>
  >[];

describe('support', () => {
  it('[edge 68, B2, F26] sends a purchase back the way it was paid, once, for a reason that is kept', async () => {
    const { shopper, id, intent } = await desk.paid();
    await desk.shop.owner.call('POST', `/v1/bots/${desk.shop.bot.botId}/archive`);
    // Whoever of them is first.
    const answers = await Promise.all([1, 2, 3].map(async () => reverse(desk.shop.accountId, id)));
    for (const { status, body } of answers) {
      expect([status, body]).toMatchObject([200, { id, state: 'reversed', buyer_id: shopper.visitor.id }]);
    }
    expect((await reverse(desk.shop.accountId, id, 'Another reason')).body).toMatchObject({ state: 'reversed' });
    expect(desk.refundsOf({ intent })).toBe(1);
    await desk.shop.owner.call('POST', `/v1/bots/${desk.shop.bot.botId}/unarchive`);
    // The archived bot's tokens ended with it.
    expect(await (await shopper.comeBack()).units()).toBe('0.000000');
    const lines = await audited(id);
    expect(lines).toMatchObject([
      {
        action: 'purchase.reversed',
        actor: { role: 'support', id: expect.stringMatching(/^usr_/) },
        reason: 'Asked for by the buyer',
        before: { state: 'paid', amount_minor: '500', iso_4217: 'eur' },
        after: { state: 'reversed', amount_minor: '500', iso_4217: 'eur' },
      },
    ]);
  });

  it('sends back nothing that was not paid, is disputed, or is another account\u2019s; and says why not', async () => {
    const pending = await desk.ordered();
    const disputed = await desk.paid();
    await desk.tell('disputed', disputed);
    await disputed.shopper.becomes(disputed.id, 'disputed');
    const stranger = await Shop.open(desk.stack);
    const tried: readonly (readonly [string, string, unknown, object])[] = [
      [desk.shop.accountId, pending.id, 'Why', { status: 409, code: 'purchase_not_reversible', state: 'pending' }],
      [desk.shop.accountId, disputed.id, 'Why', { status: 409, code: 'purchase_not_reversible', state: 'disputed' }],
      [stranger.accountId, disputed.id, 'Why', { status: 404, code: 'purchase_not_found' }],
      ['acc_none', disputed.id, 'Why', { status: 404, code: 'purchase_not_found' }],
      ['nonsense', disputed.id, 'Why', { status: 404, code: 'account_not_found' }],
      [desk.shop.accountId, newId('pur'), 'Why', { status: 404, code: 'purchase_not_found' }],
      [desk.shop.accountId, disputed.id, '', { status: 422, code: 'validation_failed' }],
      [desk.shop.accountId, disputed.id, undefined, { status: 422, code: 'validation_failed' }],
    ];
    for (const [accountId, id, reason, answer] of tried) {
      const { body } = await desk.support.call('POST', `/v1/staff/accounts/${accountId}/purchases/${id}/reverse`, {
        reason,
      });
      expect(body).toMatchObject(answer);
    }
    expect(desk.stripe.refunds).not.toContain(disputed.intent);
    const byOwner = await desk.shop.owner.call(
      'POST',
      `/v1/staff/accounts/${desk.shop.accountId}/purchases/${pending.id}/reverse`,
      {
        body: { reason: 'Mine' },
      },
    );
    expect(byOwner.status).toBe(403);
  });

  it('hears where whoever took the money will not send it back: the units stay, and the audit says so', async () => {
    const { shopper, id, intent } = await desk.paid();
    desk.stripe.disputed.add(intent);
    expect((await reverse(desk.shop.accountId, id)).body).toMatchObject({
      status: 409,
      code: 'purchase_not_reversible',
    });
    expect(await shopper.units()).toBe('10.000000');
    const lines = await audited(id);
    expect(lines.map(({ action }) => action)).toEqual(['purchase.reversal_refused', 'purchase.reversed']);
    desk.stripe.disputed.delete(intent);
    expect((await reverse(desk.shop.accountId, id, 'The bank let go')).body).toMatchObject({ state: 'reversed' });
    expect(await shopper.units()).toBe('0.000000');
    expect((await audited(id))[0]).toMatchObject({ action: 'purchase.reversed', reason: 'The bank let go' });
  });

  it('[edge 73] whose answer from the provider was lost has sent it back once', async () => {
    const { shopper, id, intent } = await desk.paid();
    desk.stripe.lostAnswers = 1;
    expect((await reverse(desk.shop.accountId, id)).body).toMatchObject({ state: 'reversed' });
    expect(desk.refundsOf({ intent })).toBe(1);
    expect(await shopper.units()).toBe('0.000000');
  });

  it('sees what was bought in one account, page by page, and nothing of others', async () => {
    const own = await Shop.open(desk.stack);
    const sales = [await own.ordered(), await own.ordered()];
    const path = `/v1/staff/accounts/${own.accountId}/purchases`;
    const first = (await desk.support.get(`${path}?limit=1`)).body;
    expect(first).toMatchObject({ data: [{ id: sales[1]?.id, buyer_id: sales[1]?.shopper.visitor.id }] });
    const rest = (await desk.support.get(`${path}?limit=1&cursor=${String(first['next_cursor'])}`)).body;
    expect(rest).toMatchObject({ data: [{ id: sales[0]?.id }], next_cursor: null });
    expect((await desk.support.get('/v1/staff/accounts/acc_none/purchases')).body).toMatchObject({
      code: 'account_not_found',
    });
  });
});
