// The stories whose histories are committed, played on real servers and replayed at once. Asked to by the harness, they
// write what they played: see docs/decisions/0006-replay-and-time-skipping.md.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { admitUpdate, AI_JOB_WORKFLOW, JOBS_QUEUE } from '@fairmeter/contracts';
import { bookOf, createModelPort, ScriptedModel, stageScript, stepScript } from '@fairmeter/providers';
import { renderToolCall } from '@fairmeter/providers/tools';
import { admitPastTheDoor, jobInputOf, workflowIdOf } from '../harness/admissions.js';
import { BotClient } from '../harness/bot-client.js';
import { keepStory } from '../harness/kept-stories.js';
import { attemptLines } from '../harness/ledger-facts.js';
import { giveCredits, openBot, type TestBot } from '../harness/people.js';
import { fault, reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

const WRITTEN = [
  renderToolCall({ tool: 'write', path: 'a.ts', content: "import './b.js';\n" }),
  renderToolCall({ tool: 'done', summary: 'done' }),
].join('');
const REST = { 1: [reply('plan')], 2: [reply('=== a.js')], 3: [reply('APPROVED')] };
const story = (marker: string, steps: Parameters<typeof stepScript>[0]) =>
  bookOf(stepScript({ ...REST, ...steps }), marker).entries.map((entry) => ({
    ...entry,
    when: { promptIncludes: marker },
  }));

describe('stories to replay', () => {
  const model = new ScriptedModel({
    entries: [
      ...story('[away]', { 2: [fault('unavailable', { status: 503 }), reply('=== a.js')] }),
      ...story('[slow]', { 2: [{ ...reply('=== a.js'), delayMs: 60_000 }] }),
      ...bookOf(
        stageScript({
          plan: [reply('plan')],
          generate: [reply(WRITTEN)],
          repair: [{ ...reply('-'), delayMs: 60_000 }],
        }),
        '[late]',
      ).entries.map((entry) => ({ ...entry, when: { promptIncludes: '[late]' } })),
      ...bookOf(stepScript(REST)).entries,
    ],
  });
  let stack: TestStack;
  /** Its deadline comes while the others are played, or soon after: by then its repair is under way. */
  let late: { readonly bot: BotClient; readonly owner: TestBot; readonly jobId: string };
  beforeAll(async () => {
    stack = await TestStack.start({ models: createModelPort({ scripted: model }) });
    const owner = await openBot(stack, { credits: '100', program: 'workspace', maxCredits: '50' });
    const bot = new BotClient(stack, owner);
    const deadline = new Date(Date.now() + 12_000).toISOString();
    const submitted = await bot.submit({ body: { prompt: '[late] Write a word counter', deadline } });
    late = { bot, owner, jobId: String(submitted.body['id']) };
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  async function keep(name: string, workflowId: string): Promise<void> {
    await keepStory(stack, name, { workflowId });
  }

  it('normal: plan, generate, review', async () => {
    const owner = await openBot(stack, { credits: '100' });
    await new BotClient(stack, owner).submit();
    await keep('normal', workflowIdOf(owner));
  });

  it('failing provider: a step that takes two attempts', async () => {
    const owner = await openBot(stack, { credits: '100' });
    await new BotClient(stack, owner).submit({ body: { prompt: '[away] Write a word counter' } });
    await keep('failing-provider', workflowIdOf(owner));
  });

  it('refused: a run that finds no credits', async () => {
    const owner = await openBot(stack);
    expect(await admitPastTheDoor(stack, await jobInputOf(stack, owner))).toMatchObject({ outcome: 'refused' });
    await keep('refused', workflowIdOf(owner));
  });

  it('expired: a run that is asked too late', async () => {
    const owner = await openBot(stack, { credits: '100' });
    const input = await jobInputOf(stack, owner);
    const workflowId = workflowIdOf(owner);
    const { workflow } = stack.temporal.client;
    const handle = await workflow.start(AI_JOB_WORKFLOW, { workflowId, taskQueue: JOBS_QUEUE, args: [input] });
    const request = { bodyHash: input.bodyHash, admitBefore: Date.now() - 1, requestId: 'too-late' };
    const answer = await handle.executeUpdate(admitUpdate, { args: [request] });
    expect(answer).toMatchObject({ outcome: 'refused', refusal: { code: 'admission_expired' } });
    await keep('expired', workflowId);
  });

  it('waiting: out of credits after its first step, woken for too little, then by a grant', async () => {
    const owner = await openBot(stack, { credits: '0.9' });
    const bot = new BotClient(stack, owner);
    const submitted = await bot.submit({ body: { prompt: 'Write a word counter' } });
    const jobId = String(submitted.body['id']);
    const states = async (): Promise<unknown> => (await bot.get(`/v1/jobs/${jobId}`)).body['state'];
    await until(states, (state) => state === 'waiting_credits');
    expect((await bot.steer(jobId, 'resume')).status).toBe(202);
    expect((await bot.steer(jobId, 'budget', { body: { max_credits: '25' } })).status).toBe(200);
    await giveCredits(stack, owner.accountId, '100');
    expect((await bot.ended(jobId)).body).toMatchObject({ state: 'completed', charge: '1.800000' });
    await keep('waiting', workflowIdOf(owner));
  }, 60_000);

  it('stopped: waiting for credits when it is cancelled', async () => {
    const owner = await openBot(stack, { credits: '0.9' });
    const bot = new BotClient(stack, owner);
    const jobId = String((await bot.submit({ body: { prompt: 'Write a word counter' } })).body['id']);
    await until(
      async () => (await bot.get(`/v1/jobs/${jobId}`)).body['state'],
      (state) => state === 'waiting_credits',
    );
    expect((await bot.steer(jobId, 'cancel')).body).toMatchObject({ state: 'cancelled', charge: '0.600000' });
    await keep('stopped', workflowIdOf(owner));
  }, 60_000);

  it('cancelled: in the middle of its second step', async () => {
    const owner = await openBot(stack, { credits: '100' });
    const bot = new BotClient(stack, owner);
    const submitted = await bot.submit({ body: { prompt: '[slow] Write a word counter' } });
    const jobId = String(submitted.body['id']);
    await until(
      async () => attemptLines(stack, jobId),
      (lines) => lines.includes('2.1 open'),
    );
    await stack.temporal.client.workflow.getHandle(workflowIdOf(owner)).cancel();
    expect((await bot.ended(jobId, 40_000)).body).toMatchObject({ state: 'cancelled', charge: '0.600000' });
    await keep('cancelled', workflowIdOf(owner));
  }, 60_000);

  it('late: files are written, and a repair is under way at its deadline', async () => {
    const { body } = await late.bot.ended(late.jobId, 40_000);
    expect(body).toMatchObject({
      state: 'completed_partial',
      end_reason: 'deadline_reached',
      steps_ended: expect.any(Number),
    });
    await keep('late', workflowIdOf(late.owner));
  }, 60_000);
});
