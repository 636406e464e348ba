// The subscription of an account that was opened while nobody could begin it: nobody is kept from signing in, and it is
// begun later, once.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunningApi } from '../../apps/api/src/api-server.js';
import { beginSubscription } from '../../apps/worker/src/begin-subscription.js';
import { SignedIn, TestIssuer } from '../harness/signed-in.js';
import { TestStack, type RunningWorker } from '../harness/test-stack.js';

describe('the subscription of an account that came without it', () => {
  let issuer: TestIssuer;
  let stack: TestStack;
  beforeAll(async () => {
    issuer = await TestIssuer.open();
    stack = await TestStack.open({ api: { OIDC_ISSUERS: issuer.setting, ADMIT_DEADLINE_MS: '500' } });
    await stack.startApi();
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
    await issuer.close();
  }, 60_000);

  const awaited = async (): Promise<string[]> => {
    const rows = await stack.entities.manager.query<{ id: string }[]>(
      `SELECT id FROM records.accounts WHERE subscription = 'awaited' ORDER BY id`,
    );
    return rows.map(({ id }) => id);
  };

  const accounts: string[] = [];
  it('keeps nobody from signing in', async () => {
    const people = ['ann', 'ben'].map((sub) => new SignedIn(stack.apiUrl, issuer.token({ sub })));
    const opened = await Promise.all(people.map(async (one) => (await one.get('/v1/account')).body));
    expect(opened.map(({ status, plan_id: planId }) => [status, planId])).toEqual([
      ['active', 'plan_free'],
      ['active', 'plan_free'],
    ]);
    accounts.push(...opened.map(({ account_id: id }) => String(id)));
    expect(await awaited()).toEqual([...accounts].sort());
    const early = await people[0]?.get('/v1/account/subscription');
    expect([early?.status, early?.body['code']]).toEqual([503, 'subscription_unknown']);
  });

  describe('once a worker is there', () => {
    let parts: RunningWorker['parts'];
    let patient: RunningApi;
    beforeAll(async () => {
      ({ parts } = await stack.startWorker());
      // Who is told after half a second that nothing is known yet leaves the mark to the sweep: this one waits longer.
      patient = await stack.startApi({ ADMIT_DEADLINE_MS: '4000' });
    }, 60_000);

    it('is begun by a sweep, or by whoever asks for it first', async () => {
      const [ann, ben] = ['ann', 'ben'].map((sub) => new SignedIn(patient.url, issuer.token({ sub })));
      if (ann === undefined || ben === undefined) throw new Error('two people are signed in');
      const known = await ann.get('/v1/account/subscription');
      expect([known.status, known.body['state']]).toEqual([200, 'free']);
      expect(await awaited()).toEqual([accounts[1]]);
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
