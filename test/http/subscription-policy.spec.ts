// Goal: what is shown and previewed of a plan is what its worker then does, also where the waiting for payments is set
// otherwise than usual. Method: API and worker by the same settings, and a renewal that nobody pays: looked at before
// any worker has noticed, and after.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DAY_MS, Subscriber } from '../harness/subscribers.js';
import { TestIssuer } from '../harness/signed-in.js';
import { TestStack } from '../harness/test-stack.js';
import { Mood } from '../harness/topped-up.js';

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
