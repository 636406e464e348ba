// A visitor's plan at one bot, on the real server: it begins once it is paid, is full again with each period, and ends
// where it is cancelled or not paid any more. The owner's credits never move.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SubscriptionSubject } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { closeAccount } from '@fairmeter/records';
import { expectLedgerHolds } from '../harness/audit.js';
import { keepStory } from '../harness/kept-stories.js';
import { openBot } from '../harness/people.js';
import { ScriptedPayments, Subscribed } from '../harness/subscribed.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

describe('the plan of a visitor', () => {
  const payments = new ScriptedPayments();
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.startWorkerLike({ around: () => ({ subscriptionPayments: payments }) });
  }, 60_000);
  afterAll(async () => {
    await expectLedgerHolds(stack);
    await stack.stop();
  }, 60_000);

  async function newVisitor(): Promise<Subscribed> {
    payments.pays = 'at_once';
    const { accountId, botId } = await openBot(stack, { plan: 'plan_free' });
    const subject = { kind: 'end_user', accountId, botId, visitorId: newId('vis') } as const;
    return new Subscribed(stack, subject, { zone: 'Europe/Berlin', planId: 'plan_visitor' });
  }

  const archive = async (subject: SubscriptionSubject): Promise<unknown> =>
    stack.entities.manager.query('UPDATE records.bots SET archived_at = clock_timestamp() WHERE account_id = $1', [
      subject.accountId,
    ]);

  it('[B12] [B22] is full again with each period, and what was left of the old one is gone', async () => {
    const visitor = await newVisitor();
    const { state, period } = await visitor.open();
    expect(state).toBe('active');
    // What was left is gone with the boundary, and booked so within the hour behind it.
    await visitor.skip({ to: (period?.end ?? 0) + 61 * MINUTE_MS });
    const [old, present] = await visitor.lots();
    expect(old).toMatchObject({ open: '0.000000', expiresAt: present?.validFrom });
    expect(present?.open).toBe(old?.granted);
    expect(await visitor.account()).toMatchObject({ plan: 'plan_free', status: 'active' });
    await visitor.close();
    await keepStory(stack, 'renewed', { workflowId: visitor.workflowId, workflow: visitor.workflow });
  }, 60_000);

  it('begins with its payment and no sooner', async () => {
    const visitor = await newVisitor();
    payments.pays = 'by_hand';
    const ordered = await visitor.open();
    expect(ordered).toMatchObject({ plan: null, order: { plan: { planId: 'plan_visitor' } } });
    expect(await visitor.lots()).toEqual([]);
    await visitor.hear(payments.open, true);
    const lots = await until(
      () => visitor.lots(),
      ({ length }) => length > 0,
    );
    expect(lots).toHaveLength(1);
    // Its lot is there before the step is over, and until then it stands as it did.
    const begun = await until(
      () => visitor.open(),
      ({ order }) => order === null,
    );
    expect(begun).toMatchObject({ state: 'active', plan: { planId: 'plan_visitor' } });
  });

  it('ends with the time that was paid once it is cancelled, and so does its workflow', async () => {
    const visitor = await newVisitor();
    const { period } = await visitor.open();
    expect(await visitor.cancel()).toMatchObject({ state: 'cancel_scheduled' });
    await visitor.skip({ to: (period?.end ?? 0) + MINUTE_MS });
    await visitor.handle.result();
    expect(await visitor.lots()).toHaveLength(1);
    expect(await visitor.news()).toEqual(['plan_changed', 'end_scheduled', 'ended']);
    // Whoever comes back begins anew.
    expect(await visitor.open()).toMatchObject({ state: 'active' });
  }, 60_000);

  it('ends with the time that was paid where its bot is archived by then, and nobody is asked to pay', async () => {
    const visitor = await newVisitor();
    const { period } = await visitor.open();
    const asked = payments.asked.length;
    await archive(visitor.subject);
    await visitor.skip({ to: (period?.end ?? 0) + MINUTE_MS });
    await visitor.handle.result();
    expect([payments.asked.length, await visitor.news()]).toEqual([asked, ['plan_changed', 'ended']]);
    expect(await visitor.lots()).toHaveLength(1);
  }, 60_000);

  it('renews nothing once the account that answers for its bot is closed, also where nobody told it', async () => {
    const visitor = await newVisitor();
    const { period } = await visitor.open();
    const asked = payments.asked.length;
    await closeAccount(stack.entities.manager, visitor.subject.accountId);
    await visitor.skip({ to: (period?.end ?? 0) + MINUTE_MS });
    await visitor.handle.result();
    expect([payments.asked.length, await visitor.news()]).toEqual([asked, ['plan_changed', 'ended']]);
  }, 60_000);

  it('ends where it is not paid any more, after as long as that is waited for', async () => {
    const visitor = await newVisitor();
    const { period } = await visitor.open();
    payments.pays = 'by_hand';
    await visitor.skip({ to: (period?.end ?? 0) + DAY_MS });
    expect((await visitor.remembered()).arrears).not.toBeNull();
    await visitor.skip({ to: (period?.end ?? 0) + 15 * DAY_MS });
    await visitor.handle.result();
    expect((await visitor.news()).slice(1)).toEqual(['past_due', 'ended']);
    expect(payments.dropped).toContain(payments.open);
    expect(await visitor.lots()).toHaveLength(1);
  }, 60_000);
});
