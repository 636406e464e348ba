// The subscription of an account that was opened while nobody could begin it: nobody is kept from signing in, and it is
// begun later, once.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { beginSubscription } from '../../apps/worker/src/begin-subscription.js';
import type { Answer } from '../harness/bot-client.js';
import { SignedIn, TestIssuer } from '../harness/signed-in.js';
import { TestStack, type RunningWorker } from '../harness/test-stack.js';

describe('the subscription of an account that came without it', () => {
  let issuer: TestIssuer;
  let stack: TestStack;
  let ann: SignedIn;
  let ben: SignedIn;
  let accounts: Answer['body'][];
  beforeAll(async () => {
    issuer = await TestIssuer.open();
    stack = await TestStack.open({ api: { OIDC_ISSUERS: issuer.setting, ADMIT_DEADLINE_MS: '500' } });
    await stack.startApi();
    [ann, ben] = [signedIn('ann'), signedIn('ben')];
    // Whoever signs in waits a moment for whoever would begin it.
    accounts = await Promise.all([ann, ben].map(async (one) => (await one.get('/v1/account')).body));
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
    await issuer.close();
  }, 60_000);

  const signedIn = (sub: string): SignedIn => new SignedIn(stack.apiUrl, issuer.token({ sub }));
  const awaited = async (): Promise<string[]> => {
    const rows = await stack.entities.manager.query<{ id: string }[]>(
      `SELECT id FROM records.accounts WHERE subscription = 'awaited' ORDER BY id`,
    );
    return rows.map(({ id }) => id);
  };

  it('is awaited while nobody is there who could begin it, and keeps nobody from signing in', async () => {
    expect(accounts.map(({ status, plan_id: planId }) => [status, planId])).toEqual([
      ['active', 'plan_free'],
      ['active', 'plan_free'],
    ]);
    expect(await awaited()).toEqual(accounts.map(({ account_id: id }) => String(id)).sort());
    const early = await ann.get('/v1/account/subscription');
    expect([early.status, early.body['code']]).toEqual([503, 'subscription_unknown']);
  });

  describe('once a worker is there', () => {
    let parts: RunningWorker['parts'];
    let known: Answer;
    beforeAll(async () => {
      parts = (await stack.startWorker()).parts;
      // Who is told after half a second that nothing is known yet leaves the mark to the sweep: this one waits longer.
      const patient = await stack.startApi({ ADMIT_DEADLINE_MS: '30000' });
      known = await new SignedIn(patient.url, issuer.token({ sub: 'ann' })).get('/v1/account/subscription');
    }, 60_000);

    it('is begun by a sweep, or by whoever asks for it first', async () => {
      expect([known.status, known.body['state']]).toEqual([200, 'free']);
      expect(await awaited()).toEqual([String(accounts[1]?.['account_id'])]);
      const sweep = async (): Promise<number> =>
        parts.beginAwaitedSubscriptions(async (one) => beginSubscription(stack.temporal, one));
      expect([await sweep(), await sweep()]).toEqual([1, 0]);
      expect((await ben.get('/v1/account/subscription')).body).toMatchObject({ state: 'free' });
      for (const one of [ann, ben]) {
        const { data } = (await one.get('/v1/account/credits/lots')).body as { data: { kind: string }[] };
        expect(data.filter(({ kind }) => kind === 'subscription')).toHaveLength(1);
      }
    });
  });
});
