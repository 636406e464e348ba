// A step that was handed out and that no worker begins, on the real server: found by whoever compares, for as long as
// it waits; a step that is slow is none. Here the worker has one slot, and a slow step of another job holds it.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ReconcileCheck } from '@fairmeter/contracts';
import { workflowsAsked } from '../../apps/worker/src/reconcile/temporal-workflows.js';
import { BotClient } from '../harness/bot-client.js';
import { attemptLines } from '../harness/ledger-facts.js';
import { openBot } from '../harness/people.js';
import { byStage, reply } from '../harness/scripts.js';
import { type RunningWorker, TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

const WAITS_MS = 1_500;

describe('a step that no worker begins', () => {
  const script = byStage({ plan: [reply('plan')], generate: [{ ...reply('=== a.js'), delayMs: 600_000 }] });
  let stack: TestStack;
  let worker: RunningWorker;
  let bot: BotClient;
  let slowId: string;
  let stuckId: string;
  let found: number;

  beforeAll(async () => {
    stack = await TestStack.open({ worker: { RECONCILE_STEP_WAITS_MS: String(WAITS_MS), STEP_SLOTS: '1' } });
    await stack.startApi();
    worker = await stack.startWorker(script.port);
    bot = new BotClient(stack, await openBot(stack, { credits: '100' }));
    slowId = String((await bot.submit({ key: 'slow' })).body['id']);
    await until(
      async () => attemptLines(stack, slowId),
      (lines) => lines.includes('2.1 open'),
    );
    stuckId = String((await bot.submit({ key: 'stuck' })).body['id']);
    found = await until(
      async () => look('stuck_steps'),
      (count) => count > 0,
    );
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  async function look(check: ReconcileCheck): Promise<number> {
    const page = worker.parts.reconciliation(workflowsAsked(stack.temporal));
    return (await page.reconcilePage({ at: { check, after: null } })).found;
  }

  async function drift(): Promise<unknown[]> {
    return stack.entities.manager.query('SELECT kind, subject, done, figures FROM records.drift ORDER BY id');
  }

  it('[F25] is listed once with its job, which is left as it is, and a slow step is not', async () => {
    expect([found, await look('stuck_steps')]).toEqual([1, 0]);
    const figures = { activity: 'runStep', attempt: 1, since: expect.any(String), held: expect.any(String) };
    expect(await drift()).toEqual([{ kind: 'step_not_begun', subject: stuckId, done: 'listed', figures }]);
    await look('found_before');
    expect(await drift()).toMatchObject([{ done: 'listed' }]);
    expect((await bot.get(`/v1/jobs/${stuckId}`)).body).toMatchObject({ end_reason: null, charge: '0.000000' });
  });

  it('is gone once it begins', async () => {
    await bot.steer(slowId, 'cancel');
    await until(
      async () => attemptLines(stack, stuckId),
      (lines) => lines.includes('1.1 billable'),
    );
    await look('found_before');
    expect(await drift()).toMatchObject([{ subject: stuckId, done: 'gone' }]);
  }, 20_000);
});
