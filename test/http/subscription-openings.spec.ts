// The subscription of an account that was opened while nobody could begin it: nobody is kept from signing in, and it is
// begun later, once.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@fairmeter/platform/database';
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
      // Who is told after half a second that nothing is known yet leaves the mark to others: this one waits longer.
      const patient = await stack.startApi({ ADMIT_DEADLINE_MS: '30000' });
      known = await new SignedIn(patient.url, issuer.token({ sub: 'ann' })).get('/v1/account/subscription');
    }, 60_000);

    const sweep = async (): Promise<number> =>
      parts.beginAwaitedSubscriptions(async (one) => beginSubscription(stack.temporal, one));

    /** So many accounts more, in the order in which they have their turns. */
    async function opened(many: number): Promise<readonly string[]> {
      const ids = Array.from({ length: many }, () => newId('acc')).sort();
      await stack.entities.manager.query(
        `INSERT INTO records.accounts (id, name, status, time_zone, plan_id, subscription)
         SELECT id, 'New', 'active', 'UTC', 'plan_free', 'awaited' FROM unnest($1::text[]) id`,
        [ids],
      );
      return ids;
    }

    it('is begun by a sweep, or by whoever asks for it first', async () => {
      expect([known.status, known.body['state']]).toEqual([200, 'free']);
      expect(await awaited()).toEqual([String(accounts[1]?.['account_id'])]);
      expect([await sweep(), await sweep()]).toEqual([1, 0]);
      expect((await ben.get('/v1/account/subscription')).body).toMatchObject({ state: 'free' });
      for (const one of [ann, ben]) {
        const { data } = (await one.get('/v1/account/credits/lots')).body as { data: { kind: string }[] };
        expect(data.filter(({ kind }) => kind === 'subscription')).toHaveLength(1);
      }
    });

    it('is awaited no longer once somebody finds that it stands', async () => {
      const { manager } = stack.entities;
      // As if whoever began it had gone before hearing so.
      await manager.query(`UPDATE records.accounts SET subscription = 'awaited' WHERE id = $1`, [
        accounts[0]?.['account_id'],
      ]);
      expect((await ann.get('/v1/account/subscription')).status).toBe(200);
      expect(await awaited()).toEqual([]);
    });

    it('is begun although the one of an account before it cannot be', async () => {
      const [broken] = await opened(2);
      const sweepAll = parts.beginAwaitedSubscriptions(async (one) => {
        if (one.accountId === broken) throw new Error('it never begins');
        await beginSubscription(stack.temporal, one);
      });
      await expect(sweepAll).rejects.toThrow('1 of 2 could not be begun');
      expect(await awaited()).toEqual([broken]);
      // Once all others have had their turn it has one again.
      expect([await sweep(), await sweep()]).toEqual([0, 1]);
      expect(await awaited()).toEqual([]);
    });

    it('is tried of a few alone where none can be begun, and of the others the next time', async () => {
      const ids = await opened(5);
      const tried: string[] = [];
      const inVain = async (): Promise<number> =>
        parts.beginAwaitedSubscriptions(async ({ accountId }) => {
          tried.push(accountId);
          throw new Error('Temporal is away');
        });
      await expect(inVain()).rejects.toThrow('3 of 5 could not be begun');
      await expect(inVain()).rejects.toThrow('2 of 2 could not be begun');
      expect(tried).toEqual(ids);
      expect([await sweep(), await sweep()]).toEqual([0, 5]);
    });
  });
});
