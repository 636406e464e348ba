// Goal: what is shown and previewed of a plan is what its worker then does, also where the waiting for payments is set
// otherwise than usual; and what was wished once is done once, however long ago. Method: API and worker by the same
// settings, a renewal that nobody pays, looked at before any worker has noticed and after, and runs that have gone on.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { reckonSignal, subscriptionWorkflowId } from '@fairmeter/contracts';
import type { Answer } from '../harness/bot-client.js';
import { creditsOf } from '../harness/orders.js';
import type { TellingChange } from '../harness/subscribers.js';
import { DAY_MS, Subscriber } from '../harness/subscribers.js';
import { TestIssuer } from '../harness/signed-in.js';
import { TestStack } from '../harness/test-stack.js';
import { Mood } from '../harness/topped-up.js';
import { until } from '../harness/until.js';

const GRACE_MS = 3 * DAY_MS;
const SETTINGS = { PAYMENT_GRACE_MS: String(GRACE_MS) };
const MINUTE_MS = 60_000;

let issuer: TestIssuer;
let stack: TestStack;
const mood = new Mood();
beforeAll(async () => {
  issuer = await TestIssuer.open();
  const api = { OIDC_ISSUERS: issuer.setting, ...SETTINGS };
  stack = await TestStack.start({ payments: mood.payments, api, worker: SETTINGS });
}, 60_000);
afterAll(async () => {
  await stack.stop();
  await issuer.close();
}, 60_000);

/** For how long the missing payment is waited for, as its owner is told now. */
async function waitsFor(subscriber: Subscriber): Promise<number> {
  const standing = await subscriber.standing();
  const arrears = standing['arrears'] as { readonly grace_until: string } | null;
  if (standing['state'] !== 'past_due' || arrears === null) throw new Error(JSON.stringify(standing));
  return Date.parse(arrears.grace_until) - Date.now();
}

describe('a change of plan', () => {
  let told: readonly TellingChange[];
  beforeAll(async () => {
    mood.declines = false;
    const subscriber = await Subscriber.signUp(stack, issuer, 'exactly');
    await subscriber.losesOfEach(creditsOf('1.5'));
    const larger = [await subscriber.changeAsTold('plan_standard'), await subscriber.changeAsTold('plan_premium')];
    told = [...larger, await subscriber.changeAsTold('plan_standard')];
  }, 60_000);

  it('[E18] changes what is available by exactly what its preview has told, whatever was used before', () => {
    expect(told.map(({ before, after }) => after - before)).toEqual(told.map(({ change }) => change));
    // 300 and three more of today, less the 48.5 that are left of the free period.
    expect(told[0]).toMatchObject({ before: 49_000_000n, change: 254_500_000n });
    // A smaller plan waits for the end of what is paid.
    expect(told[2]).toMatchObject({ change: 0n });
  });

  it('[E17] adds the rest of the period at once: 300 to 1000 with 20 of 30 days left are 466.7', async () => {
    const subscriber = await Subscriber.signUp(stack, issuer, 'prorated');
    await subscriber.changeTo('plan_standard');
    const now = Date.now();
    await subscriber.dateBack({ start: now - 10 * DAY_MS, end: now + 20 * DAY_MS });
    const preview = await subscriber.preview({ plan_id: 'plan_premium' });
    expect(preview.body).toMatchObject({
      takes_effect: 'when_paid',
      credits: '466.700000',
      price: { amount_minor: '4000', iso_4217: 'eur' },
      ends_present_period: false,
      next_renewal: { at: new Date(now + 20 * DAY_MS).toISOString(), credits: '1000.000000' },
    });
    const changed = await subscriber.changeTo('plan_premium');
    expect(changed.body).toMatchObject({ plan: { id: 'plan_premium' }, next_renewal: preview.body['next_renewal'] });
    expect(await subscriber.available()).toEqual({ daily: '10.000000', subscription: '766.700000' });
  });
});

describe('a renewal that is not paid, by settings of our own', () => {
  it('[E18] is waited for as long as was shown before its worker looked at it', async () => {
    const subscriber = await Subscriber.signUp(stack, issuer, 'owing');
    mood.declines = false;
    expect((await subscriber.changeTo('plan_standard')).body).toMatchObject({ state: 'active' });
    mood.declines = true;
    const end = Date.now() - 1_000;
    await subscriber.dateBack({ start: end - 30 * DAY_MS, end });
    const shown = await waitsFor(subscriber);
    expect(Math.abs(shown - GRACE_MS)).toBeLessThan(MINUTE_MS);
    const preview = await subscriber.preview({ plan_id: 'plan_premium' });
    // Whoever asks begins its workflow again, and that writes down what has fallen due.
    const confirmed = await subscriber.change({
      plan_id: 'plan_premium',
      previewed_period: preview.body['period_start'],
    });
    expect([confirmed.status, preview.body['takes_effect']]).toEqual([200, 'when_paid']);
    expect(Math.abs((await waitsFor(subscriber)) - shown)).toBeLessThan(MINUTE_MS);
  });
});

describe('a wish that is repeated by its key after its run has gone on', () => {
  let subscriber: Subscriber;
  let wishes: Readonly<Record<'change' | 'cancel', () => Promise<Answer>>>;
  let first: Readonly<Record<'change' | 'cancel', Answer>>;
  let undone: Answer;
  let before: object;
  beforeAll(async () => {
    mood.declines = false;
    subscriber = await Subscriber.signUp(stack, issuer, 'repeating');
    const { body: preview } = await subscriber.preview({ plan_id: 'plan_standard' });
    const body = { plan_id: 'plan_standard', previewed_period: preview['period_start'] };
    wishes = {
      change: async () => subscriber.change(body, 'change once'),
      cancel: async () => subscriber.owner.once('/v1/account/subscription/cancel', { key: 'cancel once' }),
    };
    first = { change: await wishes.change(), cancel: await wishes.cancel() };
    undone = await subscriber.owner.once('/v1/account/subscription/undo');
    await goesOn(subscriber);
    before = await madeOf(subscriber);
  }, 60_000);

  /** In a run of its own: what a release of time-zone rules sends is a step that nobody wished. */
  async function goesOn({ accountId }: Subscriber): Promise<void> {
    const workflowId = subscriptionWorkflowId({ kind: 'account', accountId });
    const handle = stack.temporal.client.workflow.getHandle(workflowId);
    const { runId } = await handle.describe();
    await until(
      async () => {
        await handle.signal(reckonSignal);
        return (await handle.describe()).runId;
      },
      (now) => now !== runId,
    );
  }

  /** All that a wish could have changed. */
  async function madeOf({ accountId, owner }: Subscriber): Promise<object> {
    const { manager } = stack.entities;
    const rows = async (sql: string): Promise<unknown> => manager.query(sql, [accountId]);
    return {
      standing: await subscriber.standing(),
      audit: (await owner.get('/v1/audit')).body['data'],
      lots: (await owner.get('/v1/account/credits/lots?include_ended=true')).body['data'],
      payments: await rows('SELECT key, state FROM records.subscription_payments WHERE account_id = $1 ORDER BY id'),
      news: await rows(`SELECT payload ->> 'news' AS news FROM ledger.outbox
        WHERE scope_id = 'account/' || $1 AND type = 'subscription.changed' ORDER BY scope_seq`),
    };
  }

  const told = ({ status, body }: Answer): readonly unknown[] => [status, body];

  it('[F16] changes nothing, and is answered as it was', async () => {
    expect([first.change.body['state'], first.cancel.body['state'], undone.body['state']]).toEqual([
      'active',
      'cancel_scheduled',
      'active',
    ]);
    expect(told(await wishes.change())).toEqual(told(first.change));
    expect(told(await wishes.cancel())).toEqual(told(first.cancel));
    expect(await madeOf(subscriber)).toEqual(before);
  });

  it('[F16] changes nothing where the API died before it kept its answer: it is told what stands', async () => {
    await stack.entities.manager.query('DELETE FROM records.replies WHERE account_id = $1', [subscriber.accountId]);
    const standing = await subscriber.standing();
    expect(told(await wishes.change())).toEqual([200, standing]);
    expect(told(await wishes.cancel())).toEqual([200, standing]);
    expect(await madeOf(subscriber)).toEqual(before);
  });
});

describe('a time zone that was asked for and never came', () => {
  it('[edge 10] leaves the day for another one, once it is not under way any more', async () => {
    const subscriber = await Subscriber.signUp(stack, issuer, 'moving');
    const { accountId, owner } = subscriber;
    const patch = async (zone: string): Promise<number> =>
      (await owner.call('PATCH', '/v1/account', { time_zone: zone })).status;
    const { manager } = stack.entities;
    /** As if nothing had come of it, so long ago. */
    const cameToNothing = async (ago: number): Promise<void> => {
      await manager.query(`UPDATE records.accounts SET time_zone = 'UTC' WHERE id = $1`, [accountId]);
      const [kept] = await manager.query<{ key: string; body: string }[]>(
        `SELECT key_hash AS key, body_hash AS body FROM records.replies
         WHERE account_id = $1 AND answer ->> 'zone' = 'Asia/Kolkata'`,
        [accountId],
      );
      await manager.query('DELETE FROM records.replies WHERE key_hash = $1', [kept?.key]);
      await manager.query(
        'INSERT INTO records.replies (key_hash, account_id, body_hash, answer) VALUES ($1, $2, $3, $4)',
        [kept?.key, accountId, kept?.body, JSON.stringify({ zone: 'Asia/Kolkata', at: Date.now() - ago })],
      );
    };
    expect(await patch('Asia/Kolkata')).toBe(200);
    await cameToNothing(50 * MINUTE_MS);
    expect(await patch('Europe/Berlin')).toBe(429);
    await cameToNothing(61 * MINUTE_MS);
    expect([await patch('Europe/Berlin'), await patch('Asia/Tokyo'), await patch('Asia/Kolkata')]).toEqual([
      200, 429, 429,
    ]);
  });
});
