// What an account allows and who pays at its bots, over HTTP: set once, seen before, held to from the next step on, and
// written into the audit.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { limitsBody, limitsPreviewBody } from '../../apps/api/src/limits/limits-body.js';
import { fundingBody, fundingPreviewBody } from '../../apps/api/src/limits/funding-body.js';
import { campaignBody, campaignPreviewBody, campaignsBody } from '../../apps/api/src/campaigns/campaigns-body.js';
import { expectLedgerHolds } from '../harness/audit.js';
import type { Answer } from '../harness/bot-client.js';
import { admitted, ask, countersOf, giveVisitor, paidJob, run, visitorOf } from '../harness/payers.js';
import { openAccountKey, openBot, type TestBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

type Verb = 'GET' | 'PUT' | 'POST' | 'PATCH';

/** A body, and beside it the Idempotency-Key. */
type Asked = Readonly<Record<string, unknown>> & { readonly key?: string };

describe('the terms of an account', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({ models: threeSteps().port, worker: { WAIT_FOR_CREDITS_MS: '1000' } });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  /** The owner's backend: a key of the account that may set it up. */
  async function backend(bot: TestBot, scopes: readonly string[] = ['account', 'manage']) {
    const secret = await openAccountKey(stack, bot.accountId, scopes);
    return async (verb: Verb, path: string, { key, ...body }: Asked = {}): Promise<Pick<Answer, 'status' | 'body'>> => {
      const hasBody = Object.keys(body).length > 0;
      const response = await fetch(`${stack.apiUrl}/v1/${path}`, {
        method: verb,
        headers: {
          authorization: `Bearer ${secret}`,
          ...(key === undefined ? {} : { 'idempotency-key': key }),
          ...(hasBody ? { 'content-type': 'application/json' } : {}),
        },
        ...(hasBody ? { body: JSON.stringify(body) } : {}),
      });
      return { status: response.status, body: (await response.json()) as Answer['body'] };
    };
  }

  const codeOf = async (bot: TestBot, wish: Parameters<typeof ask>[2]): Promise<string> => {
    const answer = await ask(stack, bot, wish);
    return typeof answer === 'string' ? 'admitted' : answer.code;
  };

  const reserve = (amount: string | null): Asked => ({
    limits: [{ kind: 'free_reserve', period: 'billing_period', amount }],
  });

  describe('a lowered reserve', () => {
    let bot: TestBot;
    let owner: Awaited<ReturnType<typeof backend>>;
    let running: Awaited<ReturnType<typeof paidJob>>;
    const told: Pick<Answer, 'status' | 'body'>[] = [];
    let refused: string;
    // Whoever was running waits a second for credits before it finishes.
    beforeAll(async () => {
      bot = await openBot(stack, { credits: '20' });
      owner = await backend(bot);
      told.push(await owner('PUT', 'account/limits', reserve('10')));
      const jobId = await admitted(stack, bot, visitorOf('vis_1'));
      told.push(await owner('POST', 'account/limits/preview', reserve('0.1')));
      told.push(await owner('PUT', 'account/limits', reserve('0.1')));
      refused = await codeOf(bot, visitorOf('vis_2'));
      running = await paidJob(stack, jobId);
    }, 60_000);

    it('[B9] [B16] [edge 75] stops free answers at once, running ones finish', async () => {
      const [set, preview, lowered] = told;
      expect(limitsBody.parse(set?.body).data).toMatchObject([
        { kind: 'free_reserve', subject: '', amount: '10.000000', used: '0.000000' },
      ]);
      expect(limitsPreviewBody.parse(preview?.body).data).toMatchObject([
        { before: '10.000000', after: '0.100000', stops_now: true },
      ]);
      expect(lowered?.status).toBe(200);
      expect(refused).toBe('free_usage_exhausted');
      expect(running).toMatchObject({ funding: 'free_visitor' });
      expect(await run(stack, bot)).toMatchObject({ state: 'completed' });
    });

    it('[B16] lets them in again once it is taken away', async () => {
      const gone = limitsBody.parse((await owner('PUT', 'account/limits', reserve(null))).body);
      expect(gone.data).toEqual([]);
      expect(await codeOf(bot, visitorOf('vis_3'))).toBe('admitted');
    });
  });

  it('[A16] writes each change into the audit once, however often it is asked for', async () => {
    const bot = await openBot(stack, { credits: '20' });
    const owner = await backend(bot);
    for (const _ of [1, 2, 3])
      expect((await owner('PUT', 'account/limits', { ...reserve('3'), key: 'same' })).status).toBe(200);
    const other = await owner('PUT', 'account/limits', { ...reserve('4'), key: 'same' });
    expect([other.status, other.body['code']]).toEqual([409, 'idempotency_mismatch']);
    await owner('PUT', 'account/limits', reserve('5'));
    const lines = await stack.entities.manager.query<object[]>(
      `SELECT actor_role, action, target_id, before, after FROM records.audit WHERE account_id = $1 ORDER BY at, id`,
      [bot.accountId],
    );
    const line = { actor_role: 'account_key', action: 'limits.changed', target_id: bot.accountId };
    expect(lines).toEqual([
      {
        ...line,
        before: { 'free_reserve billing_period': null },
        after: { 'free_reserve billing_period': '3.000000' },
      },
      {
        ...line,
        before: { 'free_reserve billing_period': '3.000000' },
        after: { 'free_reserve billing_period': '5.000000' },
      },
    ]);
  });

  it('[A16] changes nothing under a key that said something else before', async () => {
    const bot = await openBot(stack, { credits: '20' });
    const owner = await backend(bot);
    const direct = { sales_mode: 'business_direct', key: 'once' };
    expect((await owner('PATCH', `bots/${bot.botId}/funding`, direct)).status).toBe(200);
    const other = await owner('PUT', 'account/limits', { ...reserve('3'), key: 'once' });
    expect([other.status, other.body['code']]).toEqual([409, 'idempotency_mismatch']);
    expect(limitsBody.parse((await owner('GET', 'account/limits')).body).data).toEqual([]);
  });

  it('lists every limit, a page at a time', async () => {
    const bot = await openBot(stack, { credits: '20' });
    const owner = await backend(bot);
    const visitors = ['vis_1', 'vis_2', 'vis_3'].map((subject) => ({ kind: 'visitor', subject }));
    const limits = [{ kind: 'spend' }, ...visitors].map((name) => ({ ...name, period: 'day', amount: '1' }));
    expect((await owner('PUT', 'account/limits', { limits })).status).toBe(200);
    const subjects: string[] = [];
    let path = 'account/limits?limit=3';
    for (const pages of [3, 1]) {
      const page = limitsBody.parse((await owner('GET', path)).body);
      expect([page.data.length, page.next_cursor === null]).toEqual([pages, pages === 1]);
      subjects.push(...page.data.map(({ subject }) => subject));
      path = `account/limits?limit=3&cursor=${String(page.next_cursor)}`;
    }
    expect(subjects).toEqual(['', 'vis_1', 'vis_2', 'vis_3']);
    expect((await owner('GET', 'account/limits?cursor=x')).status).toBe(422);
  });

  it('[A20] [B20] [edge 77] changes who pays: the next job has another payer, and the owner is warned', async () => {
    const bot = await openBot(stack, { credits: '20' });
    const owner = await backend(bot);
    await giveVisitor(stack, bot, { visitorId: 'vis_1', kind: 'eu_pack', credits: '1.8' });
    const path = `bots/${bot.botId}/funding`;
    const direct = { sales_mode: 'business_direct' };
    expect(fundingPreviewBody.parse((await owner('POST', `${path}/preview`, direct)).body)).toMatchObject({
      before: { sales_mode: 'platform_sells' },
      after: { sales_mode: 'business_direct', funding_mode: 'owner_pool' },
      visitors_with_credits: 1,
      visitors_credits: '1.800000',
      warnings: ['visitors_hold_credits', 'account_pays_visitors'],
    });
    expect(fundingBody.parse((await owner('PATCH', path, direct)).body)).toEqual({
      sales_mode: 'business_direct',
      funding_mode: 'owner_pool',
      public_may_use_bonus: false,
    });
    expect((await run(stack, bot, visitorOf('vis_1'))).funding).toBe('end_user');
    expect((await run(stack, bot, visitorOf('vis_1'))).funding).toBe('business_direct');
    await owner('PATCH', path, { sales_mode: 'platform_sells', funding_mode: 'end_user_credits' });
    expect(await codeOf(bot, visitorOf('vis_2'))).toBe('no_credits_for_bot');
  });

  const springOf = (bot: TestBot): Asked => ({ bot_id: bot.botId, name: 'Spring', limit: '5', per_visitor: '2' });

  it('[B16] opens a campaign once, seen before, and raises it while it runs', async () => {
    const bot = await openBot(stack, { credits: '500', plan: 'plan_custom' });
    const owner = await backend(bot);
    const asked = springOf(bot);
    expect(campaignPreviewBody.parse((await owner('POST', 'campaigns/preview', asked)).body)).toEqual({
      limit: '5.000000',
      per_visitor: '2.000000',
      available: '500.000000',
      covered: true,
      visitors: 2,
    });
    const opened = campaignBody.parse((await owner('POST', 'campaigns', { ...asked, key: 'spring' })).body);
    expect(opened).toMatchObject({ runs: true, limit: '5.000000', per_visitor: '2.000000', remaining: '5.000000' });
    expect((await owner('POST', 'campaigns', { ...asked, key: 'spring' })).body['id']).toBe(opened.id);
    const over = await owner('PATCH', `campaigns/${opened.id}`, { ends_at: '1999-01-01T00:00:00Z' });
    expect(over.status).toBe(422);
    const raised = campaignBody.parse((await owner('PATCH', `campaigns/${opened.id}`, { limit: '100' })).body);
    expect(raised).toMatchObject({ limit: '100.000000', per_visitor: '2.000000', name: 'Spring' });
  });

  describe('a campaign with 50 visitors in flight', () => {
    let bot: TestBot;
    let owner: Awaited<ReturnType<typeof backend>>;
    let campaignId: string;
    let answers: Awaited<ReturnType<typeof ask>>[];
    // Fifty workflows are begun at once, which takes the time it takes; what came of it is looked at below.
    beforeAll(async () => {
      bot = await openBot(stack, { credits: '500', plan: 'plan_custom' });
      owner = await backend(bot);
      const opened = await owner('POST', 'campaigns', { ...springOf(bot), key: 'spring' });
      campaignId = campaignBody.parse(opened.body).id;
      const visitors = Array.from({ length: 50 }, (_, index) => `vis_${index}`);
      answers = await Promise.all(visitors.map(async (id) => ask(stack, bot, { ...visitorOf(id), campaignId })));
    }, 60_000);

    it('[B16] [edge 74] gives at most its limit', async () => {
      const admitted = answers.flatMap((answer) => (typeof answer === 'string' ? [answer] : []));
      const refused = answers.flatMap((answer) => (typeof answer === 'string' ? [] : [answer.code]));
      expect(new Set(refused)).toEqual(new Set(['campaign_limit_reached']));
      expect(admitted.length).toBeGreaterThan(0);
      const jobs = await Promise.all(admitted.map(async (id) => paidJob(stack, id)));
      expect(new Set(jobs.map(({ funding }) => funding))).toEqual(new Set(['campaign']));
      const [listed] = campaignsBody.parse((await owner('GET', 'campaigns')).body).data;
      expect(listed).toMatchObject({ id: campaignId, held: '0.000000' });
      expect(Number(listed?.used)).toBeLessThanOrEqual(5);
      expect(Number(listed?.used)).toBeGreaterThan(0);
    });

    it('[B16] goes on once its limit is raised', async () => {
      expect((await owner('PATCH', `campaigns/${campaignId}`, { limit: '100' })).status).toBe(200);
      expect(await codeOf(bot, { ...visitorOf('vis_new'), campaignId })).toBe('admitted');
      expect((await countersOf(stack, bot)).length).toBeGreaterThan(1);
    });
  });

  it('is not to be had by others: foreign bots are not there, keys without the scope are refused', async () => {
    const bot = await openBot(stack, { credits: '5' });
    const foreign = await openBot(stack, { credits: '5' });
    const owner = await backend(bot);
    const path = `bots/${foreign.botId}/funding`;
    expect((await owner('PATCH', path, { sales_mode: 'business_direct' })).status).toBe(404);
    expect((await owner('GET', path)).status).toBe(404);
    const campaign = { bot_id: foreign.botId, name: 'Not mine', limit: '5' };
    expect((await owner('POST', 'campaigns', { ...campaign, key: 'theirs' })).status).toBe(404);
    expect((await owner('PATCH', 'campaigns/cmp_1', { name: 'x' })).body['code']).toBe('campaign_not_found');
    const reader = await backend(bot, ['account']);
    expect((await reader('PUT', 'account/limits', reserve('1'))).status).toBe(403);
    expect((await reader('GET', 'account/limits')).status).toBe(200);
    const wrong = { limits: [{ kind: 'spend', subject: 'bot_1', period: 'day', amount: '1' }] };
    expect((await owner('PUT', 'account/limits', wrong)).status).toBe(422);
    await expectLedgerHolds(stack);
  });
});
