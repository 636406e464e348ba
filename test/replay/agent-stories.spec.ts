// Stories to replay, of agents: ours in its workspace, and those of bots that run their own. As with the others, their
// histories are written only when asked to: see docs/decisions/0006-replay-and-time-skipping.md.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bookOf, createModelPort, parseScript, ScriptedModel, stepScript } from '@fairmeter/providers';
import { ScriptedTools } from '@fairmeter/providers/tools';
import { workflowIdOf } from '../harness/admissions.js';
import { BotClient } from '../harness/bot-client.js';
import { fill } from '../harness/histories.js';
import { keepStory } from '../harness/kept-stories.js';
import { attemptLines, workflowOf } from '../harness/ledger-facts.js';
import { giveCredits, openBot } from '../harness/people.js';
import { ReportingBot, toolCall, USED } from '../harness/reporting-bot.js';
import { reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

const DEMO = parseScript(readFileSync(new URL('../../apps/cli/demo/model-script.json', import.meta.url), 'utf8'));

const REVIEW = { program: 'review', maxCredits: '20' } as const;
const slow = { ...reply('=== a.js'), delayMs: 60_000 };
const story = (marker: string, second: typeof slow | ReturnType<typeof reply>) =>
  bookOf(stepScript({ 1: [reply('plan')], 2: [second], 3: [reply('APPROVED')] }), marker).entries.map((entry) => ({
    ...entry,
    when: { promptIncludes: marker },
  }));

describe('stories of agents to replay', () => {
  const model = new ScriptedModel({
    entries: [...story('[slow]', slow), ...story('[raised]', reply('=== a.js')), ...DEMO.entries],
  });
  let stack: TestStack;
  /** Its deadline comes in the middle of a step, while the others are played. */
  let late: Awaited<ReturnType<typeof played>>;
  beforeAll(async () => {
    stack = await TestStack.start({
      models: createModelPort({ scripted: model }),
      tools: new ScriptedTools(DEMO.tools ?? []),
    });
    // As long as the others take together: its second step is under way by then, on a slow machine too.
    const deadline = new Date(Date.now() + 15_000).toISOString();
    late = await played('[slow] Write a word counter', REVIEW, { deadline });
    await until(
      async () => attemptLines(stack, late.jobId),
      (lines) => lines.includes('2.1 open'),
    );
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  async function played(prompt: string, wish: Parameters<typeof openBot>[1] = {}, body: object = {}) {
    const owner = await openBot(stack, { credits: '100', program: 'workspace', maxCredits: '50', ...wish });
    const bot = new BotClient(stack, owner);
    const submitted = await bot.submit({ body: { prompt, ...body } });
    const jobId = String(submitted.body['id']);
    return { bot, owner, jobId, workflowId: workflowIdOf(owner) };
  }

  it('workspace: a check that is red, its repair, and a ZIP', async () => {
    const { bot, jobId, workflowId } = await played('Make a word counter page');
    expect((await bot.ended(jobId, 40_000)).body).toMatchObject({ state: 'completed', iteration: 3 });
    await keepStory(stack, 'workspace', { workflowId });
  }, 60_000);

  it('loop and refund: our own check crashes until the job is stopped', async () => {
    const { bot, jobId, workflowId } = await played('Make a clock page');
    expect((await bot.ended(jobId, 40_000)).body).toMatchObject({ state: 'stopped_loop' });
    await keepStory(stack, 'loop-refund', { workflowId });
    expect((await bot.get(`/v1/jobs/${jobId}`)).body['refunded']).not.toBe('0.000000');
  }, 60_000);

  it('raised: another budget while it waits for credits', async () => {
    const { bot, owner, jobId, workflowId } = await played('[raised] Write a word counter', {
      ...REVIEW,
      credits: '0.9',
    });
    const state = async (): Promise<unknown> => (await bot.get(`/v1/jobs/${jobId}`)).body['state'];
    await until(state, (is) => is === 'waiting_credits');
    expect((await bot.steer(jobId, 'budget', { body: { max_credits: '25' } })).status).toBe(200);
    await giveCredits(stack, owner.accountId, '100');
    expect((await bot.ended(jobId)).body).toMatchObject({ state: 'completed', max_credits: '25.000000' });
    await keepStory(stack, 'raised', { workflowId });
  }, 60_000);

  it('reported: three sub-agents, a step tried anew, and a second run that goes on with what is open', async () => {
    const bot = await ReportingBot.open(stack);
    const jobId = await bot.openJob();
    const { workflowId, runId } = await workflowOf(stack, jobId);
    const first = stack.temporal.client.workflow.getHandle(workflowId, runId);
    const streams = ['one', 'two', 'three'];
    for (const stream of streams) await bot.step(jobId, { stream });
    const begun = await Promise.all(streams.map(async (stream) => bot.begin(jobId, { stream, iteration: 2 })));
    const [again, ...others] = begun.map(({ body }) => Number(body['step']));
    expect((await bot.begin(jobId, { stream: 'one', iteration: 2, step: again })).body).toMatchObject({ attempt: 2 });
    expect((await bot.begin(jobId, { stream: 'two', iteration: 2 })).body).toMatchObject({ code: 'step_open' });
    await fill(first);
    // Whoever calls then is asked to come again, and hears the next run.
    expect((await bot.end(jobId, again, { ...USED, attempt: 2 })).status).toBe(200);
    for (const step of others) expect((await bot.end(jobId, step, USED)).status).toBe(200);
    const wrote = { result: 'wrote it', artefact_hash: 'files' };
    expect((await bot.step(jobId, { ...toolCall('write', { path: 'a.js' }, 2), stream: 'two' }, wrote)).status).toBe(
      200,
    );
    expect((await bot.finish(jobId)).body).toMatchObject({ state: 'completed', charge: '3.601000' });
    expect((await first.describe()).status.name).toBe('CONTINUED_AS_NEW');
    await keepStory(stack, 'reported', { workflowId, runId });
    await keepStory(stack, 'reported-resumed', { workflowId });
  }, 60_000);

  it('deadline: reached in the middle of a step', async () => {
    expect((await late.bot.ended(late.jobId, 40_000)).body).toMatchObject({ end_reason: 'deadline_reached' });
    await keepStory(stack, 'deadline', { workflowId: late.workflowId });
  }, 60_000);
});
