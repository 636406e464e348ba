// Goal: at zero only AI pauses, each caller is told what is open to that caller, and the pause lifts by itself. Method:
// the running stack and an owner who is signed in, through the door that everybody uses.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { accountScope, consumedAccount, instant, type Instant } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { expectLedgerHolds } from '../harness/audit.js';
import { BotClient, type Answer } from '../harness/bot-client.js';
import { amount, giveCredits, openBot, type BotWish, type TestBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { publishShippedPlans } from '../harness/published-plans.js';
import { SignedIn, TestIssuer } from '../harness/signed-in.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

const DAY_MS = 86_400_000;

describe('an account at zero', () => {
  let issuer: TestIssuer;
  let stack: TestStack;
  beforeAll(async () => {
    issuer = await TestIssuer.open();
    stack = await TestStack.start({ models: threeSteps().port, api: { OIDC_ISSUERS: issuer.setting } });
    await publishShippedPlans(stack);
  }, 60_000);
  afterAll(async () => {
    await expectLedgerHolds(stack);
    await stack.stop();
    await issuer.close();
  }, 60_000);

  interface Owned {
    readonly bot: TestBot;
    /** In the account of the bot. */
    readonly owner: SignedIn;
    readonly submit: (key: string) => Promise<Answer>;
  }

  async function owned(wish: BotWish = {}): Promise<Owned> {
    const bot = await openBot(stack, wish);
    const person = new SignedIn(stack.apiUrl, issuer.token({ sub: newId('usr') }));
    const userId = String(((await person.get('/v1/me')).body as { user_id?: string }).user_id);
    await stack.entities.manager.query(
      `INSERT INTO records.memberships (account_id, user_id, role) VALUES ($1, $2, 'owner')`,
      [bot.accountId, userId],
    );
    const owner = person.inAccount(bot.accountId);
    const submit = async (key: string): Promise<Answer> => {
      const response = await fetch(`${stack.apiUrl}/v1/bots/${bot.botId}/jobs`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${owner.token}`,
          'fairmeter-account': bot.accountId,
          'content-type': 'application/json',
          'idempotency-key': key,
        },
        body: JSON.stringify({ prompt: 'Write a word counter', thread_id: 'thr_zero' }),
      });
      const body = (await response.json()) as Answer['body'];
      return { status: response.status, headers: response.headers, body };
    };
    return { bot, owner, submit };
  }

  /** Of the day it is given, or of a period of 20 more. */
  const give = async ({ bot }: Owned, kind: 'daily' | 'subscription', credits: string) =>
    giveCredits(stack, bot.accountId, {
      credits,
      kind,
      expiresAt: instant(Date.now() + (kind === 'daily' ? DAY_MS / 2 : 20 * DAY_MS)),
    });

  it('[D10] [D12] pauses what asks a model, and nothing else', async () => {
    const { bot, owner, submit } = await owned({ credits: '1.8' });
    const first = await submit('first');
    const jobId = String(first.body['id']);
    await new BotClient(stack, bot).ended(jobId);
    expect((await owner.get('/v1/account/credits')).body).toMatchObject({ available: '0.000000' });
    for (const key of ['second', 'third']) {
      const refused = await submit(key);
      expect([refused.status, refused.body]).toMatchObject([
        402,
        { code: 'credits_exhausted', limit_source: 'account_credits', available: '0.000000', resets_at: null },
      ]);
    }
    expect((await submit('first')).body).toMatchObject({ id: jobId, replayed: true });
    const read = [
      ...['', '/result', '/files', '/cost', '/timeline', '/steps'].map((part) => `/v1/jobs/${jobId}${part}`),
      ...['', '/credits', '/credits/lots', '/ledger', '/usage', '/limits'].map((part) => `/v1/account${part}`),
      ...['/v1/jobs', '/v1/bots', `/v1/bots/${bot.botId}`, '/v1/offers', '/v1/plans', '/v1/models'],
    ];
    for (const path of read) expect([path, (await owner.get(path)).status]).toEqual([path, 200]);
    expect((await owner.call('PATCH', '/v1/account', { name: 'Still here' })).body).toMatchObject({
      name: 'Still here',
    });
    const renamed = await owner.call('PATCH', `/v1/bots/${bot.botId}`, { name: 'Renamed at zero' });
    expect([renamed.status, renamed.body['name']]).toEqual([200, 'Renamed at zero']);
  }, 30_000);

  it('[D11] tells an owner of a bundle, an upgrade, and the instant of the reset', async () => {
    const account = await owned({ plan: 'plan_standard' });
    await give(account, 'subscription', '0.01');
    const owner = { scopeId: accountScope(account.bot.accountId), accountId: account.bot.accountId };
    const order = { zone: 'Asia/Kathmandu', dailyAllowance: amount('0.01') };
    await stack.terms.setTerms({ owner, changeKey: 'days', asOf: instant(Date.now()), order });
    const { body, headers } = await account.submit('at zero');
    const { daily } = (await account.owner.get('/v1/account/credits')).body as { daily: { next_reset_at: string } };
    expect(body).toMatchObject({
      code: 'credits_exhausted',
      options: ['buy_bundle', 'upgrade', 'wait'],
      resets_at: daily.next_reset_at,
    });
    const seconds = (Date.parse(daily.next_reset_at) - Date.now()) / 1_000;
    expect(Math.abs(Number(headers.get('retry-after')) - seconds)).toBeLessThan(30);
  });

  it('[D11] tells of no upgrade on the top tier, of no bundle where none is sold, and a key of its owner', async () => {
    const top = await owned();
    const { manager } = stack.entities;
    await manager.query(`UPDATE records.accounts SET plan_id = 'plan_business' WHERE id = $1`, [top.bot.accountId]);
    expect((await top.submit('top')).body).toMatchObject({ options: ['buy_bundle', 'custom_plan'] });
    const key = await new BotClient(stack, top.bot).submit();
    expect(key.body).toMatchObject({ code: 'credits_exhausted', options: ['tell_owner'] });
    await manager.query('UPDATE records.products SET offered = false');
    try {
      expect((await top.submit('nothing sold')).body).toMatchObject({ options: ['custom_plan'] });
    } finally {
      await manager.query('UPDATE records.products SET offered = true');
    }
  });

  it('[D13] goes on by itself with the reset, and with a purchase in the answer that confirms it', async () => {
    const account = await owned();
    const { bot } = account;
    expect((await account.submit('before')).status).toBe(402);
    const begins = instant(Date.now() + 2_500);
    const granted = await stack.grants.grantToAccount(bot.accountId, instant(0), {
      kind: 'subscription',
      amount: amount('1.8'),
      validFrom: begins,
      expiresAt: instant(begins + 30 * DAY_MS),
      sourceRef: 'next period',
    });
    expect(granted.ok).toBe(true);
    expect((await account.submit('before')).body).toMatchObject({ code: 'credits_exhausted', available: '0.000000' });
    const admitted = await until(
      async () => account.submit('before'),
      ({ status }) => status === 202,
    );
    await new BotClient(stack, bot).ended(String(admitted.body['id']));
    expect((await account.submit('again')).status).toBe(402);
    const response = await fetch(`${stack.apiUrl}/v1/purchases`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${account.owner.token}`,
        'fairmeter-account': bot.accountId,
        'content-type': 'application/json',
        'idempotency-key': 'a bundle',
      },
      body: JSON.stringify({ product_id: 'bundle_100' }),
    });
    expect([response.status, await response.json()]).toMatchObject([201, { state: 'paid' }]);
    expect((await account.submit('again')).status).toBe(202);
  }, 30_000);

  describe('whose period ends', () => {
    type Figures = Readonly<Record<'subscription', object>>;
    let owner: SignedIn;
    let ends: Instant;
    let before: Figures;
    let after: Figures;
    // A period of two seconds, which take as long.
    beforeAll(async () => {
      const account = await owned();
      const { bot } = account;
      owner = account.owner;
      ends = instant(Date.now() + 2_000);
      await giveCredits(stack, bot.accountId, { credits: '40', kind: 'subscription', expiresAt: ends });
      await stack.grants.grantToAccount(bot.accountId, instant(0), {
        kind: 'subscription',
        amount: amount('100'),
        validFrom: ends,
        expiresAt: instant(ends + 30 * DAY_MS),
        sourceRef: 'next period',
      });
      const figures = async (): Promise<Figures> => (await owner.get('/v1/account/credits')).body as Figures;
      before = await figures();
      after = await until(
        figures,
        ({ subscription }) => 'available' in subscription && subscription.available !== '40.000000',
      );
    }, 60_000);

    it('[D7] [E8] has exactly the plan\u2019s amount after a reset, whatever was left', async () => {
      expect(before).toMatchObject({ subscription: { available: '40.000000' } });
      expect(after).toMatchObject({
        available: '100.000000',
        subscription: { available: '100.000000', period_end: new Date(ends + 30 * DAY_MS).toISOString() },
      });
      const { data } = (await owner.get('/v1/account/credits/lots?include_ended=true')).body as { data: object[] };
      expect(data).toMatchObject([
        { state: 'live', open: '100.000000' },
        { state: 'ended', open: '0.000000', lapsed: '40.000000' },
      ]);
    });
  });

  it('[E7] pays from the subscription once the day is spent, and from bonus last', async () => {
    const account = await owned();
    await giveCredits(stack, account.bot.accountId, { credits: '5', kind: 'bonus_promo' });
    await give(account, 'subscription', '1');
    await give(account, 'daily', '0.6');
    const { body } = await account.submit('one');
    const jobId = String(body['id']);
    await new BotClient(stack, account.bot).ended(jobId);
    const charged = await stack.entities.manager.query<{ kind: string; amount: string }[]>(
      `SELECT l.kind, sum(e.amount)::text AS amount FROM ledger.entries e JOIN ledger.lots l ON l.id = e.lot_id
       WHERE e.job_id = $1 AND e.to_account = $2 GROUP BY l.kind, l.valid_from ORDER BY min(e.scope_seq)`,
      [jobId, consumedAccount(accountScope(account.bot.accountId))],
    );
    expect(charged).toEqual([
      { kind: 'daily', amount: '600000' },
      { kind: 'subscription', amount: '1000000' },
      { kind: 'bonus_promo', amount: '200000' },
    ]);
  });
});
