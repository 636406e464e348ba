// Loops over the jobs of a thread, on the real stack: a client that sends the same again and again is stopped in the
// job in which the threshold falls, and what was ours goes back in the jobs that have long settled.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@fairmeter/platform/database';
import { bookOf, createModelPort, ScriptedModel, stageScript } from '@fairmeter/providers';
import { renderToolCall, ScriptedTools } from '@fairmeter/providers/tools';
import { recordIncident } from '@fairmeter/records';
import { instant } from '@fairmeter/domain';
import { expectLedgerHolds } from '../harness/audit.js';
import type { Answer } from '../harness/bot-client.js';
import { BotClient } from '../harness/bot-client.js';
import type { TestBot } from '../harness/people.js';
import { giveCredits, openBot } from '../harness/people.js';
import { ReportingBot, toolCall, USED } from '../harness/reporting-bot.js';
import { reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';
import { visit, VISITOR_ENV } from '../harness/visitors.js';

const CRASHES = 'the bundler dies of this';
const LOOPED = { state: 'stopped_loop', end_reason: 'loop_detected' };

/** Every try writes other code, and our check dies of it each time. */
const tries = [1, 2, 3, 4].flatMap((turn) => {
  const content = `// ${CRASHES}\nexport const n = ${turn};\n`;
  const write = renderToolCall({ tool: 'write', path: 'src/index.ts', content });
  const done = renderToolCall({ tool: 'done', summary: 'done' });
  const marker = `[try ${turn}]`;
  const stages = stageScript({ plan: [reply('one file')], generate: [reply(`${write}${done}`)] });
  return bookOf(stages, marker).entries.map((entry) => ({ ...entry, when: { promptIncludes: marker } }));
});

describe('the jobs of a thread', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({
      models: createModelPort({ scripted: new ScriptedModel({ entries: tries }) }),
      tools: new ScriptedTools([{ tool: 'check', whenFileIncludes: CRASHES, fault: 'tool_crashed' }]),
      api: { ...VISITOR_ENV },
    });
  }, 60_000);
  afterEach(async () => {
    await expectLedgerHolds(stack);
    await stack.entities.manager.query("UPDATE records.incidents SET ended_at = started_at + interval '1 ms'");
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  const managed = async (): Promise<TestBot> =>
    openBot(stack, { credits: '100', program: 'workspace', maxIterations: 1, maxCredits: '50' });

  async function send(owner: TestBot, turn: number, thread: string): Promise<{ id: string; job: Answer['body'] }> {
    const bot = new BotClient(stack, owner);
    const body = { prompt: `Make a page [try ${turn}]`, thread_id: thread, extras: { zip: false } };
    const submitted = await bot.submit({ key: `${thread}-${turn}`, body });
    expect([submitted.status, submitted.body['code']]).toEqual([202, undefined]);
    const id = String(submitted.body['id']);
    return { id, job: (await bot.ended(id)).body };
  }

  async function loopOf(owner: TestBot, id: string): Promise<Answer['body']> {
    const { body } = await until(
      async () => new BotClient(stack, owner).get(`/v1/jobs/${id}/cost`),
      (cost) => Array.isArray(cost.body['loops']) && cost.body['loops'].length > 0,
    );
    return (body['loops'] as readonly Answer['body'][])[0] ?? {};
  }

  const refundOf = async (owner: TestBot, id: string): Promise<unknown> =>
    (await new BotClient(stack, owner).get(`/v1/jobs/${id}`)).body['refunded'];

  it('[edge 56] stops the third try of the same, and gives back what the second paid, settled as it is', async () => {
    const owner = await managed();
    const first = await send(owner, 1, 'one talk');
    const second = await send(owner, 2, 'one talk');
    expect([first.job['state'], second.job['state']]).toEqual(['completed_partial', 'completed_partial']);
    const third = await send(owner, 3, 'one talk');
    expect(third.job).toMatchObject(LOOPED);
    const loop = await loopOf(owner, third.id);
    expect(loop).toMatchObject({ signal: 'equal_errors', cause: 'platform_fault', action: 'refunded' });
    // Plan and code of the second and the third, each 0.6; the first try was honest.
    expect(loop).toMatchObject({ amount: '2.400000', first_honest_step: { job_id: first.id } });
    expect(await Promise.all([first, second, third].map(({ id }) => refundOf(owner, id)))).toEqual([
      '0.000000',
      '1.200000',
      '1.200000',
    ]);
    const { body: cost } = await new BotClient(stack, owner).get(`/v1/jobs/${second.id}/cost`);
    expect(cost['refunds']).toEqual([expect.objectContaining({ lane: 'auto', finding: null, amount: '1.200000' })]);
    for (const { id } of [second, third]) {
      const explained = await new BotClient(stack, owner).get(`/v1/jobs/${id}/cost/explain`);
      expect(explained.body).toMatchObject({ matches: true });
      expect((await new BotClient(stack, owner).get(`/v1/jobs/${id}/timeline`)).status).toBe(200);
    }
    // A loop that was found ends its count: the next try is the first of another one.
    expect((await send(owner, 4, 'one talk')).job).toMatchObject({ state: 'completed_partial' });
  }, 60_000);

  it('[edge 56] takes tries in threads of their own for what they are', async () => {
    const owner = await managed();
    for (const turn of [1, 2, 3]) {
      expect((await send(owner, turn, `talk ${turn}`)).job).toMatchObject({ state: 'completed_partial' });
    }
  }, 60_000);

  it('[edge 56] takes tries of three visitors for what they are, though all call the talk by one name', async () => {
    const owner = await managed();
    for (const turn of [1, 2, 3]) {
      const { token } = await visit(stack, owner, `visitor ${turn}`);
      const { job } = await send({ ...owner, key: token }, turn, 'the usual name');
      expect(job).toMatchObject({ state: 'completed_partial' });
    }
  }, 60_000);

  it('[edge 56] gives nothing back across payers: a person looks at it', async () => {
    const owner = await managed();
    const first = await send(owner, 1, 'moved');
    const accountId = newId('acc');
    const { manager } = stack.entities;
    await manager.query(
      `INSERT INTO records.accounts (id, name, status, time_zone, plan_id)
       VALUES ($1, 'New owner', 'active', 'UTC', 'plan_premium')`,
      [accountId],
    );
    await manager.query('UPDATE records.bots SET account_id = $1 WHERE id = $2', [accountId, owner.botId]);
    await manager.query('UPDATE records.api_keys SET account_id = $1 WHERE bot_id = $2', [accountId, owner.botId]);
    await giveCredits(stack, accountId, '100');
    const second = await send(owner, 2, 'moved');
    const third = await send(owner, 3, 'moved');
    expect(third.job).toMatchObject(LOOPED);
    const loop = await loopOf(owner, third.id);
    expect(loop).toMatchObject({ cause: 'platform_fault', action: 'review', amount: '0.000000' });
    const refunded = await manager.query<{ refunded: string }[]>(
      'SELECT DISTINCT refunded::text FROM ledger.jobs WHERE id = ANY ($1)',
      [[first.id, second.id, third.id]],
    );
    expect(refunded).toEqual([{ refunded: '0' }]);
    const told = await manager.query<unknown[]>(
      `SELECT payload ->> 'action' AS action FROM ledger.outbox WHERE job_id = $1 AND type = 'loop.found'`,
      [third.id],
    );
    expect(told).toEqual([{ action: 'review' }]);
  }, 60_000);

  const failed = { status: 'error', error: { class: 'unavailable', text: 'no answer' } };

  /** A model call of 0.6 and a tool that fails, in a job of its own. */
  async function failingJob(bot: ReportingBot, key: string): Promise<{ id: string; end: Answer }> {
    const body = { prompt: 'Publish it', mode: 'reported', thread_id: 'again' };
    const submitted = await bot.client.submit({ key, body });
    const id = String(submitted.body['id']);
    await bot.step(id, {}, USED);
    const end = await bot.step(id, toolCall('publish', { to: 'prod' }), failed);
    if (end.body['loop'] === null) await bot.finish(id);
    return { id, end };
  }

  it('[F11] judges by incidents that were written down: ours in their window, whatever the caller shows', async () => {
    const bot = await ReportingBot.open(stack);
    const incident = newId('inc');
    await recordIncident(stack.entities.manager, {
      id: incident,
      from: instant(Date.now() - 60_000),
      until: null,
      scope: 'all',
      name: null,
      description: 'Nothing got through.',
    });
    await failingJob(bot, 'first');
    const second = await failingJob(bot, 'second');
    const { id, end } = await failingJob(bot, 'third');
    expect(end.body).toMatchObject({
      loop: { signal: 'equal_errors', cause: 'platform_fault', action: 'refunded', steps: [2] },
      job: LOOPED,
    });
    expect(await Promise.all([second.id, id].map((each) => refundOf(bot.owner, each)))).toEqual([
      '0.600000',
      '0.600000',
    ]);
    expect(await loopOf(bot.owner, id)).toMatchObject({ incidents: [incident] });
  }, 60_000);

  it('[F11] leaves a loop outside of the window, or of another provider, as unclear as it was', async () => {
    const bot = await ReportingBot.open(stack);
    await recordIncident(stack.entities.manager, {
      id: newId('inc'),
      from: instant(Date.now() - 60_000),
      until: null,
      scope: 'provider',
      name: 'another-provider',
      description: 'Slow answers.',
    });
    for (const key of ['first', 'second']) await failingJob(bot, key);
    const { end } = await failingJob(bot, 'third');
    expect(end.body).toMatchObject({ loop: { cause: 'unclear', action: 'stopped', refunded: '0.000000' } });
  }, 60_000);
});
