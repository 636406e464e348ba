// What a visitor's plan limits, over the whole stack: jobs that the visitor pays for are held to it beside plan and bot
// of the owner, each refusal names it as the visitor's own, and what somebody else pays for is not held to it.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endUserScope, instant } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { ScriptedReply } from '@fairmeter/providers';
import { publishRateCard } from '@fairmeter/records';
import { BotClient } from '../harness/bot-client.js';
import { cardWith, creditsOf, planVersionFor, priceFor } from '../harness/orders.js';
import type { TestBot } from '../harness/people.js';
import { openBot } from '../harness/people.js';
import { byStage, reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { visit, VISITOR_ENV, visitOnPlan } from '../harness/visitors.js';

/** Longer than any test here: jobs stay open until the stack is taken down. */
const never: ScriptedReply = { ...reply('plan'), delayMs: 600_000 };

const small = planVersionFor(
  {
    id: 'plan_visitor_small',
    name: 'small',
    maxIterations: 3,
    maxConcurrentJobs: 2,
    maxContextTokens: 500,
    maxCredits: creditsOf('4'),
    maxDeadlineMs: 600_000,
    models: { tiers: ['standard'], names: [] },
    artefacts: { allowed: false, maxFiles: 0, maxBytes: 0 },
  },
  { scope: 'end_user' },
);

describe('the limits of a visitor who pays', () => {
  let stack: TestStack;
  let owner: TestBot;
  beforeAll(async () => {
    stack = await TestStack.start({ models: byStage({ plan: [never] }).port, api: VISITOR_ENV });
    const standard = { ...priceFor({ model: 'demo-coder', providerModel: 'demo-coder' }), source: 'a test' };
    const card = {
      ...cardWith(),
      id: newId('txt'),
      announcedAt: instant(Date.now()),
      effectiveFrom: instant(Date.now()),
      models: [standard, { ...standard, model: 'demo-better', tier: 'premium' as const }],
      units: [],
    };
    await stack.entities.transaction((tx) => publishRateCard(tx, card));
    owner = await openBot(stack, { credits: '5000', maxCredits: '5' });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  const onPlan = async (ref: string): Promise<BotClient> =>
    (await visitOnPlan(stack, owner, { ref, plan: small })).client;

  it.each([
    { status: 422, code: 'iterations_over_plan', body: { max_iterations: 4 }, members: { limit: 3, asked: 4 } },
    {
      status: 403,
      code: 'model_not_in_plan',
      body: { model: 'demo-better' },
      members: { asked: 'demo-better', allowed_tiers: ['standard'], allowed_models: [] },
    },
    { status: 422, code: 'context_over_plan', body: { prompt: 'word '.repeat(600) }, members: { limit: 500 } },
    { status: 403, code: 'artefact_not_in_plan', body: { extras: { zip: true } }, members: { asked: 'zip' } },
    { status: 422, code: 'budget_over_limit', body: { max_credits: '4.1' }, members: { limit: '4.000000' } },
    {
      status: 422,
      code: 'deadline_over_limit',
      body: { deadline: '2999-01-01T00:00:00Z' },
      members: { asked: '2999-01-01T00:00:00.000Z' },
    },
  ])('[A27] answers $status $code by the visitor’s own plan', async ({ status, code, body, members }) => {
    const ann = await onPlan(code);
    const refused = await ann.submit({ body: { prompt: 'p', ...body } });
    expect([refused.status, refused.body]).toMatchObject([
      status,
      { code, ...members, plan: 'small', limited_by: 'visitor_plan' },
    ]);
    expect(JSON.stringify(refused.body)).not.toContain('premium');
    // Whoever has none is bound by what the owner allows alone.
    if (code === 'context_over_plan') return;
    const free = await visit(stack, owner, `free/${code}`);
    const answer = await free.client.submit({ body: { prompt: 'p', ...body } });
    const asOwnerAllows = code === 'deadline_over_limit' ? [422, 'over_bot_limit'] : [202, undefined];
    expect([answer.status, answer.body['code'], answer.body['limited_by']]).toEqual([...asOwnerAllows, undefined]);
  });

  it('[A26] [E19] has defaults give way to that plan, the model too, and a job keeps what it got', async () => {
    const bot = await openBot(stack, { model: 'demo-better', credits: '5000', maxCredits: '5' });
    const { id, client } = await visitOnPlan(stack, bot, { ref: 'ann', plan: small });
    const pinned = { model: 'demo-coder', max_iterations: 3, max_credits: '4.000000', extras: { zip: false } };
    const admitted = await client.submit();
    expect([admitted.status, admitted.body]).toMatchObject([202, pinned]);
    await stack.entities.manager.query(
      `UPDATE records.subscriptions SET state = 'ended', plan_id = NULL, plan_version = NULL, period_start = NULL,
         period_end = NULL WHERE visitor_id = $1`,
      [id],
    );
    expect((await client.get(`/v1/jobs/${String(admitted.body['id'])}`)).body).toMatchObject(pinned);
    const next = await client.submit({ key: 'next', body: { prompt: 'p', max_iterations: 9 } });
    expect([next.status, next.body['model'], next.body['max_iterations']]).toEqual([202, 'demo-better', 9]);
  });

  it('[A27] admits of six jobs at once the two that the plan has room for, and takes no room of others', async () => {
    const [ann, ben] = [await onPlan('busy'), await onPlan('idle')];
    const answers = await Promise.all(Array.from({ length: 6 }, async (_, index) => ann.submit({ key: `${index}` })));
    const refused = answers.filter(({ status }) => status === 429);
    expect([answers.filter(({ status }) => status === 202).length, refused.length]).toEqual([2, 4]);
    for (const { body, headers } of refused) {
      expect(headers.get('retry-after')).toBe('5');
      expect(body).toMatchObject({ code: 'concurrency_limit', limit: 2, plan: 'small', limited_by: 'visitor_plan' });
    }
    expect((await ben.submit()).status).toBe(202);
    expect((await new BotClient(stack, owner).submit({ key: 'of-the-owner' })).status).toBe(202);
  });

  it('does not lower what the owner gives: where the business sells direct, the owner’s limits hold', async () => {
    const bot = await openBot(stack, { credits: '5000', maxCredits: '5' });
    const { id, client } = await visitOnPlan(stack, bot, { ref: 'ann', plan: small });
    const direct = `UPDATE records.bots SET sales_mode = 'business_direct' WHERE id = $1`;
    await stack.entities.manager.query(direct, [bot.botId]);
    const more = { prompt: 'p', max_iterations: 4 };
    expect((await client.submit({ body: more })).body['code']).toBe('iterations_over_plan');
    const scopeId = endUserScope(bot.botId, id);
    const lot = { kind: 'eu_allowance', sourceRef: 'period' } as const;
    const ended = await stack.grants.endLot({ scopeId, accountId: bot.accountId }, instant(Date.now()), lot);
    expect(ended.ok).toBe(true);
    const given = await client.submit({ body: more });
    expect([given.status, given.body['max_iterations']]).toEqual([202, 4]);
  });
});
