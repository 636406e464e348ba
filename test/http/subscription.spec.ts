// The plan of an account over HTTP: it comes with the first sign-in, is previewed, changed, ended and kept, by its
// owner alone, and what the preview tells is what comes.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { subscriptionWorkflowId } from '@fairmeter/contracts';
import type { Answer } from '../harness/bot-client.js';
import { expectLedgerHolds } from '../harness/audit.js';
import { openAccountKey, openBot } from '../harness/people.js';
import { OwnerClient } from '../harness/owner-client.js';
import { threeSteps } from '../harness/scripts.js';
import { SignedIn, TestIssuer } from '../harness/signed-in.js';
import { DAY_MS, Subscriber } from '../harness/subscribers.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

let issuer: TestIssuer;
let stack: TestStack;
beforeAll(async () => {
  issuer = await TestIssuer.open();
  stack = await TestStack.start({ models: threeSteps().port, api: { OIDC_ISSUERS: issuer.setting } });
}, 60_000);
afterAll(async () => {
  await expectLedgerHolds(stack);
  await stack.stop();
  await issuer.close();
}, 60_000);

const signUp = async (sub: string): Promise<Subscriber> => Subscriber.signUp(stack, issuer, sub);
const told = ({ status, body }: Answer): unknown[] => [status, body['code']];

describe('the subscription of an account', () => {
  it('comes with the first sign-in, once, however many requests that is', async () => {
    const somebody = new SignedIn(stack.apiUrl, issuer.token({ sub: 'first-of-all' }));
    const answers = await Promise.all(Array.from({ length: 10 }, async () => somebody.get('/v1/account')));
    const [accountId] = new Set(answers.map(({ body }) => String(body['account_id'])));
    const standing = (await somebody.get('/v1/account/subscription')).body;
    expect(standing).toMatchObject({
      state: 'free',
      plan: { id: 'plan_free', version: 1, name: 'free' },
      billing_period: null,
      scheduled: null,
      order: null,
      arrears: null,
      next_renewal: { plan: { id: 'plan_free' }, credits: '50.000000', price: null },
      time_zone: 'UTC',
    });
    const { start, end } = standing['period'] as { start: string; end: string };
    expect(Date.parse(end) - Date.parse(start)).toBe(30 * DAY_MS);
    const { data } = (await somebody.get('/v1/account/credits/lots')).body as { data: { kind: string }[] };
    expect(data.map(({ kind }) => kind).sort()).toEqual(['daily', 'subscription']);
    const [row] = await stack.entities.manager.query<{ subscription: string }[]>(
      'SELECT subscription FROM records.accounts WHERE id = $1',
      [accountId],
    );
    expect(row).toEqual({ subscription: 'begun' });
  });

  it('[E18] does what its preview has told: credits, price, and the next renewal', async () => {
    const subscriber = await signUp('previewing');
    const before = await subscriber.standing();
    const preview = await subscriber.preview({ plan_id: 'plan_standard' });
    expect([preview.status, preview.body]).toEqual([
      200,
      {
        period_start: (before['period'] as { start: string }).start,
        takes_effect: 'when_paid',
        credits: '300.000000',
        daily_credits: '3.000000',
        ends_credits: '50.000000',
        pays_debt: '0.000000',
        available_change: '253.000000',
        price: { amount_minor: '2900', iso_4217: 'eur' },
        ends_present_period: true,
        drops_pending: false,
        next_renewal: {
          at: expect.any(String) as unknown,
          plan: { id: 'plan_standard', version: 1, name: 'standard' },
          credits: '300.000000',
          price: { amount_minor: '2900', iso_4217: 'eur' },
        },
      },
    ]);
    expect(await subscriber.standing()).toEqual(before);
    const changed = await subscriber.changeTo('plan_standard');
    expect([changed.status, changed.body]).toMatchObject([
      200,
      { state: 'active', plan: { id: 'plan_standard' }, order: null, next_renewal: { credits: '300.000000' } },
    ]);
    expect(await subscriber.available()).toEqual({ daily: '5.000000', subscription: '300.000000' });
    expect((await subscriber.owner.get('/v1/account')).body['plan_id']).toBe('plan_standard');
  });

  it('[E19] opens a better model with the plan, from the very next request on', async () => {
    const subscriber = await signUp('better-model');
    const { botId } = await subscriber.bot();
    const submit = async (): Promise<Answer> =>
      subscriber.owner.once(`/v1/bots/${botId}/jobs`, {
        body: { prompt: 'p', model: 'demo-premium', max_credits: '5' },
      });
    expect(told(await submit())).toEqual([403, 'model_not_in_plan']);
    await subscriber.changeTo('plan_premium');
    expect(told(await submit())).toEqual([202, undefined]);
  });

  it('[D9] may be upgraded at zero credits too, and the pause is over', async () => {
    const subscriber = await signUp('at-zero');
    const { botId } = await subscriber.bot();
    await subscriber.spendAll();
    const submit = async (): Promise<Answer> =>
      subscriber.owner.once(`/v1/bots/${botId}/jobs`, { body: { prompt: 'p', max_credits: '5' } });
    expect(told(await submit())).toEqual([402, 'credits_exhausted']);
    expect((await subscriber.changeTo('plan_standard')).status).toBe(200);
    expect(told(await submit())).toEqual([202, undefined]);
  });

  it('[E21] keeps what is paid for until its end: smaller plan, end, and a way back', async () => {
    const subscriber = await signUp('smaller');
    await subscriber.changeTo('plan_premium');
    const paid = await subscriber.standing();
    const { end } = paid['period'] as { end: string };
    expect((await subscriber.preview({ plan_id: 'plan_standard' })).body).toMatchObject({
      takes_effect: 'at_end_of_paid_time',
      credits: '0.000000',
      daily_credits: '0.000000',
      ends_credits: '0.000000',
      available_change: '0.000000',
      price: null,
      next_renewal: { at: end, plan: { id: 'plan_standard' }, credits: '300.000000' },
    });
    expect((await subscriber.changeTo('plan_standard')).body).toMatchObject({
      state: 'active',
      plan: { id: 'plan_premium' },
      scheduled: { to: 'plan', plan_id: 'plan_standard', at: end },
    });
    expect((await subscriber.available()).subscription).toBe('1000.000000');
    expect((await subscriber.owner.once('/v1/account/subscription/cancel')).body).toMatchObject({
      state: 'cancel_scheduled',
      scheduled: { to: 'end', plan_id: null, at: end },
      next_renewal: { plan: { id: 'plan_free' }, credits: '50.000000', price: null },
    });
    const undone = await subscriber.owner.once('/v1/account/subscription/undo');
    expect([undone.status, undone.body]).toEqual([200, paid]);
    expect(told(await subscriber.owner.once('/v1/account/subscription/undo'))).toEqual([409, 'change_without_effect']);
  });

  describe('that was made smaller', () => {
    let again: Answer;
    let renewed: Answer['body'];
    // Its period has to end, which takes some seconds: enough for whoever asks before that, on a slow machine too.
    beforeAll(async () => {
      const subscriber = await signUp('renewing');
      await subscriber.changeTo('plan_premium');
      await subscriber.changeTo('plan_standard');
      const end = Date.now() + 8_000;
      await subscriber.dateBack({ start: end - 30 * DAY_MS, end });
      // Whoever asks begins its workflow again: the same wish once more.
      again = await subscriber.changeTo('plan_standard');
      const isSmaller = ({ plan }: Answer['body']): boolean => (plan as { id: string }).id === 'plan_standard';
      renewed = await until(async () => subscriber.standing(), isSmaller);
    }, 60_000);

    it('[E21] has the smaller amount from the renewal on', () => {
      expect(again.status).toBe(200);
      expect(renewed).toMatchObject({ state: 'active', scheduled: null });
    });
  });
});

describe('a change of plan', () => {
  it('is refused where nobody could choose it, and named where it is badly said', async () => {
    const subscriber = await signUp('badly-said');
    const { start } = (await subscriber.standing())['period'] as { start: string };
    for (const planId of ['plan_gold', 'plan_custom', 'plan_visitor']) {
      expect(told(await subscriber.preview({ plan_id: planId }))).toEqual([422, 'plan_not_offered']);
      const body = { plan_id: planId, previewed_period: start };
      expect(told(await subscriber.change(body))).toEqual([422, 'plan_not_offered']);
    }
    for (const body of [{}, { plan_id: 'plan_free', cancel: true }, { cancel: false }, { plan_id: 'free' }, { x: 1 }]) {
      expect(told(await subscriber.preview(body))).toEqual([422, 'validation_failed']);
    }
    for (const body of [{}, { plan_id: 'plan_standard' }, { plan_id: 'plan_standard', previewed_period: 'soon' }]) {
      expect(told(await subscriber.change(body))).toEqual([422, 'validation_failed']);
    }
    expect(told(await subscriber.owner.call('POST', '/v1/account/subscription/cancel'))).toEqual([
      400,
      'idempotency_key_missing',
    ]);
    expect(told(await subscriber.owner.once('/v1/account/subscription/cancel'))).toEqual([
      409,
      'change_without_effect',
    ]);
  });

  it('is refused once a new period has begun since its preview; of two people at once one is told so', async () => {
    const subscriber = await signUp('two-people');
    const { body } = await subscriber.preview({ plan_id: 'plan_premium' });
    const period = { previewed_period: body['period_start'] };
    const asked = ['plan_premium', 'plan_business'].map(async (id) => subscriber.change({ plan_id: id, ...period }));
    const answers = (await Promise.all(asked)).map(told);
    expect(answers.sort()).toEqual([
      [200, undefined],
      [409, 'preview_stale'],
    ]);
    const late = await subscriber.change({ plan_id: 'plan_business_annual', ...period });
    const { start } = (await subscriber.standing())['period'] as { start: string };
    expect([late.status, late.body]).toMatchObject([409, { code: 'preview_stale', period_start: start }]);
  });

  it('is made once for each Idempotency-Key, and told again as it was', async () => {
    const subscriber = await signUp('once');
    const { body: preview } = await subscriber.preview({ plan_id: 'plan_standard' });
    const body = { plan_id: 'plan_standard', previewed_period: preview['period_start'] };
    const answers = await Promise.all([1, 2, 3].map(async () => subscriber.change(body, 'one-key')));
    const first = await subscriber.change(body, 'one-key');
    expect(answers.map((answer) => [answer.status, answer.body])).toEqual(answers.map(() => [200, first.body]));
    expect(told(await subscriber.change({ ...body, plan_id: 'plan_premium' }, 'one-key'))).toEqual([
      409,
      'idempotency_mismatch',
    ]);
    expect((await subscriber.available()).subscription).toBe('300.000000');
  });

  it('stands in the audit with who asked and what it was before', async () => {
    const subscriber = await signUp('audited');
    await subscriber.changeTo('plan_standard');
    const { user_id: userId } = (await subscriber.owner.get('/v1/me')).body;
    const { data } = (await subscriber.owner.get('/v1/audit')).body as { data: Record<string, unknown>[] };
    const line = data.find(({ action }) => String(action).startsWith('subscription.'));
    expect(line).toMatchObject({ actor: { role: 'owner', id: userId } });
    expect(JSON.stringify(line?.['before'])).toContain('plan_free');
    expect(JSON.stringify(line?.['after'])).toContain('plan_standard');
  });

  it('is its owner\u2019s alone: no key makes it, and no other account is seen', async () => {
    const [subscriber, other] = [await signUp('own'), await signUp('other')];
    const key = new OwnerClient(stack, await openAccountKey(stack, subscriber.accountId, ['account', 'manage']));
    expect((await key.call('GET', '/v1/account/subscription')).body).toEqual(await subscriber.standing());
    const body = { plan_id: 'plan_standard', previewed_period: null };
    expect(told(await key.call('POST', '/v1/account/subscription/change', { body }))).toEqual([403, 'forbidden']);
    expect(told(await other.owner.inAccount(subscriber.accountId).get('/v1/account/subscription'))).toEqual([
      404,
      'account_not_found',
    ]);
    const without = await openBot(stack);
    const keyOfNone = await OwnerClient.open(stack, without.accountId);
    expect(told(await keyOfNone.call('GET', '/v1/account/subscription'))).toEqual([404, 'subscription_not_found']);
  });
});

describe('an account', () => {
  const patch = async (subscriber: Subscriber, zone: unknown): Promise<Answer> =>
    subscriber.owner.call('PATCH', '/v1/account', { time_zone: zone });

  it('[edge 10, edge 12] changes its zone by an IANA name, as it is written there, once in a day', async () => {
    const subscriber = await signUp('zoned');
    for (const zone of ['+02:00', 'Mars/Olympus', 'UTC+2', '']) {
      expect(told(await patch(subscriber, zone))).toEqual([422, 'time_zone_invalid']);
    }
    const changed = await patch(subscriber, 'asia/kolkata');
    expect([changed.status, changed.body['time_zone']]).toEqual([200, 'Asia/Kolkata']);
    expect((await subscriber.standing())['time_zone']).toBe('Asia/Kolkata');
    const { daily } = (await subscriber.owner.get('/v1/account/credits')).body as { daily: { next_reset_at: string } };
    expect(daily.next_reset_at.slice(11)).toBe('18:30:00.000Z');
    expect((await patch(subscriber, 'Asia/Kolkata')).status).toBe(200);
    const again = await patch(subscriber, 'Europe/Berlin');
    expect([again.status, again.body]).toMatchObject([
      429,
      { code: 'zone_change_limit', resets_at: daily.next_reset_at },
    ]);
    expect((await subscriber.owner.get('/v1/account')).body['time_zone']).toBe('Asia/Kolkata');
  });

  it('[edge 70] that is closed renews nothing any more', async () => {
    const subscriber = await signUp('closing');
    await subscriber.changeTo('plan_standard');
    expect((await subscriber.owner.call('POST', '/v1/account/close')).status).toBe(200);
    await until(
      async () => subscriber.standing(),
      ({ state }) => state === 'ended',
    );
    const { accountId } = subscriber;
    const handle = stack.temporal.client.workflow.getHandle(subscriptionWorkflowId({ kind: 'account', accountId }));
    await until(
      async () => (await handle.describe()).status.name,
      (name) => name === 'COMPLETED',
    );
    expect((await subscriber.owner.get('/v1/account')).body['status']).toBe('closed');
    expect(told(await subscriber.changeTo('plan_premium'))).toEqual([403, 'account_not_active']);
  });
});
