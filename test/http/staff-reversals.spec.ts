// Goal: nobody of the staff sends back more than one person may, whatever happens while it waits for another. Method:
// the running stack, staff who are signed in, and a server that speaks Stripe's protocol.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  PURCHASE_REVERSAL_WORKFLOW,
  purchaseReversalWorkflowId,
  reversalApprovalWorkflowId,
} from '@fairmeter/contracts';
import { newId } from '@fairmeter/platform/database';
import { expectLedgerHolds } from '../harness/audit.js';
import type { Answer } from '../harness/bot-client.js';
import { keepStory } from '../harness/kept-stories.js';
import type { StaffClient } from '../harness/staff.js';
import type { Sale } from '../harness/stripe-shop.js';
import { StripeShop } from '../harness/stripe-shop.js';

let desk: StripeShop;
let support: StaffClient;
let admin: StaffClient;
let otherAdmin: StaffClient;

beforeAll(async () => {
  desk = await StripeShop.open();
  support = desk.staff('support');
  admin = desk.staff('admin');
  otherAdmin = desk.staff('admin');
}, 60_000);
afterAll(async () => {
  await expectLedgerHolds(desk.stack);
  await desk.close();
}, 60_000);

const reverse = async (by: StaffClient, { id }: Sale, reason = 'Asked for by the buyer'): Promise<Answer> =>
  by.call('POST', `/v1/staff/accounts/${desk.shop.accountId}/purchases/${id}/reverse`, { body: { reason } });

const decide = async (by: StaffClient, reversalId: string, verdict: 'approve' | 'reject'): Promise<Answer> =>
  by.call('POST', `/v1/staff/reversals/${reversalId}/${verdict}`, { body: { reason: 'Looked at it' } });

/** Paid, and asked for by somebody of support, who may not send back as much alone. */
async function waiting(): Promise<Sale & { readonly reversalId: string }> {
  const sale = await desk.paid('150');
  const { status, body } = await reverse(support, sale);
  expect([status, body]).toMatchObject([202, { id: sale.id, state: 'paid', reversal_id: expect.any(String) }]);
  return { ...sale, reversalId: String(body['reversal_id']) };
}

const told = async (reversalId: string): Promise<unknown> => {
  const { body } = await admin.call('GET', '/v1/staff/reversals?limit=200');
  return (body['data'] as { id: string }[]).find(({ id }) => id === reversalId);
};

describe('a purchase above what one person may send back', () => {
  it('[edge 68] [F26] goes back once somebody else has let it through, and names both of them', async () => {
    const { id, intent, shopper, reversalId } = await waiting();
    expect(desk.refundsOf({ intent })).toBe(0);
    expect(await shopper.units()).toBe('150.000000');
    // Asked for again, by anybody of support, it is the same one.
    expect((await reverse(desk.staff('support'), { id, intent, shopper })).body['reversal_id']).toBe(reversalId);
    expect((await decide(support, reversalId, 'approve')).body).toMatchObject({ status: 403, code: 'forbidden' });
    const approved = await decide(admin, reversalId, 'approve');
    expect([approved.status, approved.body]).toMatchObject([
      200,
      { state: 'approved', purchase_state: 'reversed', credits: '150.000000', decided_by: await admin.userId() },
    ]);
    expect((await decide(admin, reversalId, 'approve')).body).toEqual(approved.body);
    expect(desk.refundsOf({ intent })).toBe(1);
    expect(await shopper.units()).toBe('0.000000');
    const workflow = PURCHASE_REVERSAL_WORKFLOW;
    await keepStory(desk.stack, 'waits', { workflow, workflowId: purchaseReversalWorkflowId(id) });
    await keepStory(desk.stack, 'approved', { workflow, workflowId: reversalApprovalWorkflowId(id, reversalId) });
    const lines = (await desk.shop.owner.call('GET', `/v1/audit?target_id=${id}`)).body['data'];
    expect(lines).toMatchObject([
      {
        action: 'purchase.reversed',
        actor: { role: 'admin', id: await admin.userId() },
        reason: 'Looked at it',
        before: { state: 'paid', amount_minor: '500' },
        after: { state: 'reversed', asked_by: await support.userId() },
      },
      {
        action: 'purchase.reversal_requested',
        actor: { role: 'support', id: await support.userId() },
        reason: 'Asked for by the buyer',
        after: { state: 'paid', reversal_id: reversalId, credits: '150.000000' },
      },
    ]);
  });

  it('[F26] is never let through by who asked for it, admin or not', async () => {
    const sale = await desk.paid('1500');
    const asked = await reverse(admin, sale);
    expect([asked.status, asked.body]).toMatchObject([202, { state: 'paid' }]);
    const reversalId = String(asked.body['reversal_id']);
    expect((await decide(admin, reversalId, 'approve')).body).toMatchObject({
      status: 403,
      code: 'second_person_needed',
    });
    expect(desk.refundsOf(sale)).toBe(0);
    expect((await decide(otherAdmin, reversalId, 'approve')).body).toMatchObject({ state: 'approved' });
    expect(desk.refundsOf(sale)).toBe(1);
  });

  it('is sent back alone by an admin who may, and then nobody is asked any more', async () => {
    const sale = await waiting();
    const { status, body } = await reverse(admin, sale);
    expect([status, body]).toMatchObject([200, { state: 'reversed', reversal_id: null }]);
    expect((await decide(otherAdmin, sale.reversalId, 'approve')).body).toMatchObject({
      status: 409,
      code: 'reversal_decided',
      state: 'rejected',
    });
    expect(desk.refundsOf(sale)).toBe(1);
  });

  it('approved by two at one moment goes back once, and one of them hears that it was decided', async () => {
    const sale = await waiting();
    const both = await Promise.all([admin, otherAdmin].map(async (by) => decide(by, sale.reversalId, 'approve')));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(desk.refundsOf(sale)).toBe(1);
  });

  it('rejected, also by who asked, stays paid; an approval at once or later does not undo that', async () => {
    const sale = await waiting();
    expect((await decide(support, sale.reversalId, 'reject')).body).toMatchObject({ state: 'rejected' });
    expect((await decide(admin, sale.reversalId, 'approve')).body).toMatchObject({ code: 'reversal_decided' });
    expect(await sale.shopper.units()).toBe('150.000000');
    const race = await waiting();
    const [stopped, approved] = await Promise.all([
      decide(support, race.reversalId, 'reject'),
      decide(admin, race.reversalId, 'approve'),
    ]);
    expect([stopped.status, approved.status].sort()).toEqual([200, 409]);
    expect(desk.refundsOf(race)).toBe(approved.status === 200 ? 1 : 0);
    expect(await race.shopper.units()).toBe(approved.status === 200 ? '0.000000' : '150.000000');
  });

  it('is told as refused, each time, where whoever took the money refuses it, and can be asked for anew', async () => {
    const sale = await waiting();
    desk.stripe.disputed.add(sale.intent);
    const refused = { status: 409, code: 'purchase_not_reversible', state: 'paid' };
    for (let again = 0; again < 2; again += 1) {
      expect((await decide(admin, sale.reversalId, 'approve')).body).toMatchObject(refused);
    }
    expect([await sale.shopper.units(), desk.refundsOf(sale)]).toEqual(['150.000000', 0]);
    desk.stripe.disputed.delete(sale.intent);
    const anew = String((await reverse(support, sale)).body['reversal_id']);
    expect((await decide(admin, anew, 'approve')).body).toMatchObject({ purchase_state: 'reversed' });
    expect(desk.refundsOf(sale)).toBe(1);
  });

  it('[edge 72] that is disputed meanwhile is not sent back beside it, and can be once the bank lets go', async () => {
    const sale = await waiting();
    await desk.tell('disputed', sale);
    await desk.becomes(sale.id, 'disputed');
    expect((await decide(admin, sale.reversalId, 'approve')).body).toMatchObject({
      code: 'purchase_not_reversible',
      state: 'disputed',
    });
    await desk.tell('dispute_won', sale);
    await desk.becomes(sale.id, 'paid');
    expect(await told(sale.reversalId)).toMatchObject({ state: 'requested', purchase_state: 'paid' });
    expect((await decide(admin, sale.reversalId, 'approve')).body).toMatchObject({ state: 'approved' });
    expect(desk.refundsOf(sale)).toBe(1);
  });

  it('[edge 72] that went back through the bank waits for nobody', async () => {
    const sale = await waiting();
    await desk.tell('reversed', sale);
    await desk.becomes(sale.id, 'reversed');
    expect(await told(sale.reversalId)).toMatchObject({ state: 'rejected', decided_by: null });
    expect((await decide(admin, sale.reversalId, 'approve')).body).toMatchObject({ code: 'reversal_decided' });
    expect(desk.refundsOf(sale)).toBe(0);
  });

  it('is rejected by itself when nobody decides in time, and can be asked for anew', async () => {
    const sale = await waiting();
    await desk.stack.entities.manager.query(
      `UPDATE records.purchase_reversals SET decide_until = clock_timestamp() - interval '1 second' WHERE id = $1`,
      [sale.reversalId],
    );
    expect(await told(sale.reversalId)).toMatchObject({ state: 'rejected' });
    expect((await decide(admin, sale.reversalId, 'approve')).body).toMatchObject({ code: 'reversal_decided' });
    const anew = await reverse(support, sale);
    expect(anew.status).toBe(202);
    expect(anew.body['reversal_id']).not.toBe(sale.reversalId);
  });

  it('is not there under an unknown id', async () => {
    for (const verdict of ['approve', 'reject'] as const) {
      expect((await decide(admin, newId('rev'), verdict)).body).toMatchObject({
        status: 404,
        code: 'reversal_not_found',
      });
    }
  });
});
