// The door of reported jobs: whose key may open it, what it refuses before anybody is asked, and that words stay
// outside.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bookOf, createModelPort, ScriptedModel, stageScript } from '@fairmeter/providers';
import { workflowIdOf } from '../harness/admissions.js';
import { BotClient } from '../harness/bot-client.js';
import { openBot } from '../harness/people.js';
import { MODEL_CALL, ReportingBot, toolCall, USED } from '../harness/reporting-bot.js';
import { reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

const SECRET = 'a word that stays outside';

describe('the door of reported jobs', () => {
  let stack: TestStack;
  beforeAll(async () => {
    const plan = [{ ...reply('plan'), delayMs: 2_000 }];
    const script = stageScript({ plan, generate: [reply('=== a.js')], review: [reply('APPROVED')] });
    const models = createModelPort({ scripted: new ScriptedModel(bookOf(script)) });
    stack = await TestStack.start({ models });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('[F7] opens only to a key with the scope report', async () => {
    const owner = await openBot(stack, { credits: '100' });
    const bot = new BotClient(stack, owner);
    const body = { prompt: 'Write a word counter', mode: 'reported' };
    const opened = await bot.submit({ body });
    expect([opened.status, opened.body]).toEqual([
      403,
      expect.objectContaining({ code: 'forbidden', required_scope: 'report' }),
    ]);
    for (const verb of ['steps', 'steps/1/end', 'finish']) {
      const refused = await bot.steer('job_any', verb, { key: 'any', body: {} });
      expect([refused.status, refused.body['required_scope']]).toEqual([403, 'report']);
    }
  });

  it('knows no job of another bot, and takes no step of a job that we run', async () => {
    const bot = await ReportingBot.open(stack);
    const jobId = await bot.openJob();
    const stranger = await ReportingBot.open(stack);
    for (const answer of [
      await stranger.begin(jobId),
      await stranger.end(jobId, 1, USED),
      await stranger.finish(jobId),
    ]) {
      expect([answer.status, answer.body['code']]).toEqual([404, 'job_not_found']);
    }
    const managed = await bot.client.submit({ key: 'managed' });
    const begun = await bot.begin(String(managed.body['id']));
    expect([begun.status, begun.body['code']]).toEqual([409, 'job_not_reported']);
  });

  it('needs a key of the caller, and names what does not fit', async () => {
    const bot = await ReportingBot.open(stack);
    const jobId = await bot.openJob();
    const keyless = await bot.client.steer(jobId, 'steps', { body: { iteration: 1, ...MODEL_CALL } });
    expect([keyless.status, keyless.body['code']]).toEqual([400, 'idempotency_key_missing']);
    const wrong = [
      await bot.begin(jobId, { expected: undefined }),
      await bot.begin(jobId, { kind: 'tool_call', expected: undefined }),
      await bot.begin(jobId, { iteration: 0 }),
      await bot.begin(jobId, { args: {}, args_hash: 'x' }),
      await bot.begin(jobId, { args: 'x'.repeat(300_000) }),
      await bot.begin(jobId, { model_name: 'x' }),
      await bot.end(jobId, 1, { attempt: 0 }),
      await bot.end(jobId, 1, { status: 'error' }),
      await bot.end(jobId, 1, { ...USED, usage: { input_tokens: 1, output_tokens: 1 } }),
      await bot.finish(jobId, 'cancelled'),
    ];
    expect(wrong.map(({ status, body }) => [status, body['code']])).toEqual(
      wrong.map(() => [422, 'validation_failed']),
    );
    const unpriced = await bot.begin(jobId, { model: 'a-model-of-nobody' });
    expect([unpriced.status, unpriced.body['code']]).toEqual([422, 'model_not_priced']);
    expect((await bot.client.get(`/v1/jobs/${jobId}`)).body).toMatchObject({ state: 'running', charge: '0.000000' });
  });

  it('[F23] keeps arguments, results and errors out of tables and histories', async () => {
    const bot = await ReportingBot.open(stack);
    const jobId = await bot.openJob();
    await bot.step(jobId, toolCall('write', { text: SECRET }), { result: { text: SECRET } });
    const error = { class: 'not_found', text: SECRET };
    await bot.step(jobId, toolCall('read', { path: SECRET }), { status: 'error', error });
    await bot.finish(jobId);
    const handle = stack.temporal.client.workflow.getHandle(workflowIdOf(bot.owner));
    const payloads = JSON.stringify(await handle.fetchHistory()).matchAll(/"data":"([^"]+)"/g);
    const history = [...payloads].map(([, data]) => Buffer.from(data ?? '', 'base64').toString('utf8')).join('\n');
    expect(history.includes('argsHash')).toBe(true);
    expect(history.includes(SECRET)).toBe(false);
    for (const table of ['steps', 'operations', 'outbox', 'attempts']) {
      const rows = await stack.entities.manager.query<object[]>(`SELECT * FROM ledger.${table}`);
      expect(rows.length).toBeGreaterThan(0);
      expect(JSON.stringify(rows).includes(SECRET)).toBe(false);
    }
  });
});
