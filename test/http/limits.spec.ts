// What plan, bot and request limit, over the whole stack: each refusal names the limit, what was asked and the plan.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { instant } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { ScriptedReply } from '@fairmeter/providers';
import { publishRateCard } from '@fairmeter/records';
import type { Answer } from '../harness/bot-client.js';
import { BotClient } from '../harness/bot-client.js';
import { cardWith, priceFor } from '../harness/orders.js';
import type { BotWish, TestBot } from '../harness/people.js';
import { openBot } from '../harness/people.js';
import { byStage, reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';
import { ledgerOf } from './counts.js';

/** Longer than any test here: jobs stay open until the stack is taken down. */
const never: ScriptedReply = { ...reply('plan'), delayMs: 600_000 };

describe('the limits of a plan', () => {
  let stack: TestStack;
  /** Asked for before all tests, with time enough to ask, so that its deadline is over when it is asked for again. */
  let short: BotClient;
  let soon: { readonly prompt: string; readonly deadline: string };
  beforeAll(async () => {
    stack = await TestStack.start({
      models: byStage({ plan: [never] }).port,
      api: { ADMIT_DEADLINE_MS: '30000', ADMIT_WITHIN_MS: '40000' },
    });
    const source = 'a test';
    const standard = { ...priceFor({ model: 'demo-coder', providerModel: 'demo-coder' }), source };
    const card = {
      ...cardWith(),
      id: newId('txt'),
      announcedAt: instant(Date.now()),
      effectiveFrom: instant(Date.now()),
      models: [standard, { ...standard, model: 'demo-better', tier: 'premium' as const }],
      units: [],
    };
    await stack.entities.transaction((tx) => publishRateCard(tx, card));
    short = new BotClient(stack, await openBot(stack, { credits: '5000', maxCredits: '5' }));
    soon = { prompt: 'p', deadline: new Date(Date.now() + 12_000).toISOString() };
    expect((await short.submit({ key: 'soon', body: soon })).status).toBe(202);
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  const ahead = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();

  async function ask(wish: BotWish, body: Readonly<Record<string, unknown>>): Promise<[Answer, TestBot]> {
    const bot = await openBot(stack, { credits: '5000', maxCredits: '5', ...wish });
    return [await new BotClient(stack, bot).submit({ body: { prompt: 'p', ...body } }), bot];
  }

  async function setBot(bot: TestBot, change: string): Promise<void> {
    await stack.entities.manager.query(`UPDATE records.bots SET ${change} WHERE id = $1`, [bot.botId]);
  }

  it.each([
    { status: 422, code: 'iterations_over_plan', body: { max_iterations: 6 }, members: { limit: 5, asked: 6 } },
    {
      status: 403,
      code: 'model_not_in_plan',
      body: { model: 'demo-better' },
      members: { asked: 'demo-better', allowed_tiers: ['standard'], allowed_models: [] },
    },
    {
      status: 422,
      code: 'context_over_plan',
      body: { context: [{ path: 'a.txt', text: 'word '.repeat(40_000) }] },
      members: { limit: 32_000, asked: 40_007, context_bytes: 200_013 },
    },
    { status: 403, code: 'artefact_not_in_plan', body: { extras: { zip: true } }, members: { asked: 'zip' } },
    {
      status: 422,
      code: 'budget_over_limit',
      body: { max_credits: '10.000001' },
      members: { limit: '10.000000', asked: '10.000001' },
    },
    {
      status: 422,
      code: 'deadline_over_limit',
      body: { deadline: '2999-01-01T00:00:00Z' },
      members: { asked: '2999-01-01T00:00:00.000Z' },
    },
  ])('[A27] answers $status $code, names the limit and starts nothing', async ({ status, code, body, members }) => {
    const [refused, bot] = await ask({ plan: 'plan_free' }, body);
    expect([refused.status, refused.body['code']]).toEqual([status, code]);
    expect(refused.body).toMatchObject({ ...members, plan: 'free', limited_by: 'plan', type: `/problems/${code}` });
    expect(await ledgerOf(stack, bot)).toEqual({ jobs: 0, holds: 0 });
  });

  it('[A27] answers 429 with Retry-After where as many jobs are open as the plan allows', async () => {
    const bot = new BotClient(stack, await openBot(stack, { plan: 'plan_free', credits: '5000', maxCredits: '5' }));
    expect((await bot.submit({ key: 'one' })).status).toBe(202);
    const refused = await bot.submit({ key: 'two' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
    expect(refused.body).toMatchObject({ code: 'concurrency_limit', limit: 1, open_jobs: 1, plan: 'free' });
    expect((await bot.submit({ key: 'one' })).body['replayed']).toBe(true);
  });

  it('[A27] admits of fifty submits at once the five that a plan has room for', async () => {
    const owner = await openBot(stack, { plan: 'plan_standard', credits: '5000', maxCredits: '5' });
    const bot = new BotClient(stack, owner);
    const answers = await Promise.all(Array.from({ length: 50 }, async (_, index) => bot.submit({ key: `${index}` })));
    const of = (status: number): number => answers.filter((answer) => answer.status === status).length;
    expect([of(202), of(429)]).toEqual([5, 45]);
    expect(await ledgerOf(stack, owner)).toEqual({ jobs: 5, holds: 5 });
  }, 60_000);

  it('[edge 18] admits of a hundred submits at once that reserve 1 of 50 credits just fifty', async () => {
    const owner = await openBot(stack, { plan: 'plan_custom', credits: '50' });
    const bot = new BotClient(stack, owner);
    const body = { prompt: 'p', reserve: 'full', max_credits: '1' };
    const keys = Array.from({ length: 100 }, (_, index) => `${index}`);
    const answers = await Promise.all(keys.map(async (key) => bot.submit({ key, body })));
    const of = (status: number): number => answers.filter((answer) => answer.status === status).length;
    expect([of(202), of(402)]).toEqual([50, 50]);
    expect(await ledgerOf(stack, owner)).toEqual({ jobs: 50, holds: 50 });
  }, 60_000);

  it('[E19] opens a better model with the plan, from the very next request on', async () => {
    const [refused, owner] = await ask({ plan: 'plan_standard' }, { model: 'demo-better' });
    expect([refused.status, refused.body['code']]).toEqual([403, 'model_not_in_plan']);
    await stack.entities.manager.query(`UPDATE records.accounts SET plan_id = 'plan_premium' WHERE id = $1`, [
      owner.accountId,
    ]);
    const after = await new BotClient(stack, owner).submit({ body: { prompt: 'p', model: 'demo-better' } });
    expect([after.status, after.body['model']]).toEqual([202, 'demo-better']);
  });

  it('[A26] refuses more iterations than the plan, and takes fewer from bot and request', async () => {
    const [usual] = await ask({ plan: 'plan_free', maxIterations: 9 }, {});
    expect([usual.status, usual.body['max_iterations']]).toEqual([202, 5]);
    const [fewer] = await ask({ plan: 'plan_free', maxIterations: 3 }, { max_iterations: 2 });
    expect([fewer.status, fewer.body['max_iterations']]).toEqual([202, 2]);
  });

  it('[A26] keeps a request to what its bot was lowered to, and says that it was the bot', async () => {
    const owner = await openBot(stack, { credits: '5000' });
    await setBot(owner, `max_iterations = 4, max_credits = 3000000, artefacts = false, models = '{demo-coder}'`);
    const bot = new BotClient(stack, owner);
    const ask4 = async (body: object): Promise<unknown[]> => {
      const { status, body: answer } = await bot.submit({ key: newId('key'), body: { prompt: 'p', ...body } });
      return [status, answer['code'], answer['limited_by']];
    };
    expect(await ask4({ max_iterations: 5 })).toEqual([422, 'iterations_over_plan', 'bot']);
    expect(await ask4({ max_credits: '3.1' })).toEqual([422, 'budget_over_limit', 'bot']);
    expect(await ask4({ extras: { zip: true } })).toEqual([403, 'artefact_not_in_plan', 'bot']);
    expect(await ask4({ model: 'demo-better' })).toEqual([403, 'model_not_in_plan', 'bot']);
    const admitted = await bot.submit({ body: { prompt: 'p' } });
    expect(admitted.body).toMatchObject({ max_iterations: 4, max_credits: '3.000000', extras: { zip: false } });
  });

  describe('of a plan with a large context', () => {
    let refused: Answer;
    let bot: TestBot;
    // Counting so much takes the time it takes.
    beforeAll(async () => {
      [refused, bot] = await ask({ plan: 'plan_premium' }, { prompt: 'word '.repeat(2_000_000) });
    }, 60_000);

    it('[edge 47] refuses two million tokens before any call, with counts', async () => {
      expect([refused.status, refused.body['code']]).toEqual([422, 'context_over_plan']);
      expect(refused.body).toMatchObject({ limit: 1_000_000, context_bytes: 10_000_000, plan: 'premium' });
      expect(Number(refused.body['asked'])).toBeGreaterThanOrEqual(2_000_000);
      expect(await ledgerOf(stack, bot)).toEqual({ jobs: 0, holds: 0 });
    });
  });

  it('[A27] shows the deadline of plan or bot where none was sent, with room for one pause', async () => {
    const minutes = ({ body }: Answer): number => {
      const [deadline, created] = [body['deadline'], body['created_at']].map((text) => Date.parse(String(text)));
      return Math.round(((deadline ?? 0) - (created ?? 0)) / 60_000);
    };
    const [plain] = await ask({ plan: 'plan_free' }, {});
    expect(minutes(plain)).toBe(60 + 24 * 60);
    const owner = await openBot(stack, { plan: 'plan_free', credits: '5000', maxCredits: '5' });
    await setBot(owner, 'max_deadline_ms = 600000');
    expect(minutes(await new BotClient(stack, owner).submit())).toBe(10 + 24 * 60);
  });

  it('says what needs no count before it counts a long request', async () => {
    const owner = await openBot(stack, { plan: 'plan_free', credits: '5000', maxCredits: '5' });
    const bot = new BotClient(stack, owner);
    // More tokens than the plan takes: once it is counted, that is said before anything of files or deadlines.
    const prompt = 'word '.repeat(40_000);
    const codes = async (body: object): Promise<unknown[]> => {
      const asked = [
        await bot.submit({ body: { prompt, ...body } }),
        await bot.post('/v1/quotes', { prompt, ...body }),
      ];
      return asked.map((answer) => answer.body['code']);
    };
    for (const [code, body] of [
      ['artefact_not_in_plan', { extras: { zip: true } }],
      ['deadline_over_limit', { deadline: '2999-01-01T00:00:00Z' }],
      ['model_not_priced', { model: 'unheard-of' }],
      ['context_over_plan', {}],
    ] as const) {
      expect(await codes(body)).toEqual([code, code]);
    }
    await setBot(owner, 'archived_at = clock_timestamp()');
    expect(await codes({})).toEqual(['bot_archived', 'bot_archived']);
  });

  it('keeps deadline, thread, extras and reserve with the job', async () => {
    const deadline = ahead(30);
    const body = { deadline, thread_id: 'talk-7', extras: { tests: false }, reserve: 'full', max_credits: '4' };
    const [admitted] = await ask({}, body);
    expect(admitted.status).toBe(202);
    expect(admitted.body).toMatchObject({
      deadline,
      thread_id: 'talk-7',
      reserve: 'full',
      held: '4.000000',
      extras: { explanation: true, tests: false, install_notes: true, file_tree: true, zip: true },
    });
  });

  describe('of a job whose deadline is over', () => {
    beforeAll(async () => {
      await until(
        async () => Date.now(),
        (now) => now > Date.parse(soon.deadline),
      );
    }, 60_000);

    it('answers it again, and refuses another that would have to be ready by then', async () => {
      expect((await short.submit({ key: 'soon', body: soon })).body['replayed']).toBe(true);
      const late = await short.submit({ key: 'late', body: soon });
      expect([late.status, late.body['code']]).toEqual([422, 'deadline_passed']);
    });
  });
});
