// The agent that works in a workspace, through the whole corridor: its files are checked for real, what is red is
// repaired, the files come as one ZIP; and a loop that our own tool caused is stopped, written down and given back.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bookOf, createModelPort, parseScript, ScriptedModel, stageScript } from '@fairmeter/providers';
import { renderToolCall, ScriptedTools } from '@fairmeter/providers/tools';
import { expectLedgerHolds } from '../harness/audit.js';
import { BotClient } from '../harness/bot-client.js';
import { accountFacts, stepsOf } from '../harness/ledger-facts.js';
import { openBot } from '../harness/people.js';
import { reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';

const DEMO = new URL('../../apps/cli/demo/model-script.json', import.meta.url);

const write = (path: string, content: string): string => renderToolCall({ tool: 'write', path, content });
const done = renderToolCall({ tool: 'done', summary: 'done' });
const CRASHES = 'the bundler dies of this';
const trying = (turn: number) => reply(`${write('src/index.ts', `// ${CRASHES}\nexport const n = ${turn};\n`)}${done}`);
const failing = (turn: number) => reply(`${write('src/index.ts', `import './missing.js';\n// ${turn}\n`)}${done}`);

const looping = (marker: string, replies: (turn: number) => ReturnType<typeof reply>) =>
  bookOf(
    stageScript({
      plan: [reply('one file')],
      generate: [replies(1)],
      repair: [2, 3, 4, 5, 6].map(replies),
    }),
    marker,
  ).entries.map((entry) => ({ ...entry, when: { promptIncludes: marker } }));

describe('an agent in a workspace', () => {
  const model = new ScriptedModel({
    entries: [
      ...looping('[crash]', trying),
      ...looping('[own fault]', failing),
      // The demo's last script answers whatever no other one does.
      ...parseScript(readFileSync(DEMO, 'utf8')).entries,
    ],
  });
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({
      models: createModelPort({ scripted: model }),
      tools: new ScriptedTools([{ tool: 'check', whenFileIncludes: CRASHES, fault: 'tool_crashed' }]),
    });
  }, 60_000);
  afterAll(async () => {
    await expectLedgerHolds(stack);
    await stack.stop();
  }, 60_000);

  async function run(prompt: string): Promise<{ id: string; job: Record<string, unknown>; bot: BotClient }> {
    const owner = await openBot(stack, { credits: '100', program: 'workspace', maxIterations: 8, maxCredits: '50' });
    const bot = new BotClient(stack, owner);
    const submitted = await bot.submit({ body: { prompt } });
    expect([submitted.status, submitted.body['code']]).toEqual([202, undefined]);
    const id = String(submitted.body['id']);
    const { body: job } = await bot.ended(id);
    expect(await accountFacts(stack, owner.accountId)).toMatchObject({ openHolds: 0, held: '0.000000' });
    return { id, job, bot };
  }

  /** A job ends first; what came of its loop is written down right after. */
  async function costWithLoop(bot: BotClient, id: string): Promise<Record<string, unknown>> {
    const { body } = await until(
      async () => bot.get(`/v1/jobs/${id}/cost`),
      (cost) => Array.isArray(cost.body['loops']) && cost.body['loops'].length > 0,
    );
    return body;
  }

  it('[F7, A7, A9] repairs what its check finds, iteration by iteration, and brings a ZIP', async () => {
    const { id, job, bot } = await run('Make a word counter page');
    expect(job).toMatchObject({ state: 'completed', end_reason: 'finished', iteration: 3 });
    const stages = (await stepsOf(stack, id)).map(({ stage, verdict }) => (verdict === 'go_on' ? stage : verdict));
    expect(stages.filter((stage) => stage === 'changes_requested').length).toBeGreaterThanOrEqual(1);
    expect(stages.slice(-3)).toEqual(['approved', 'approved', 'approved']);
    const zip = await bot.fetch(`/v1/jobs/${id}/artefact`);
    expect([zip.status, zip.headers.get('content-type')]).toEqual([200, 'application/zip']);
    const sha256 = createHash('sha256')
      .update(Buffer.from(await zip.arrayBuffer()))
      .digest('hex');
    expect(zip.headers.get('etag')).toBe(`"${sha256}"`);
    expect((await bot.fetch(`/v1/jobs/${id}/artefact`)).status).toBe(200);
    // Each tool call is a step of its own, with its own price; what was downloaded twice cost nothing.
    expect((await bot.get(`/v1/jobs/${id}`)).body['charge']).toBe(job['charge']);
  }, 30_000);

  it('[F10, F11, F12] stops a loop that our own check caused, and gives back what was paid for it', async () => {
    const { id, job, bot } = await run('Go round and round [crash]');
    expect(job).toMatchObject({ state: 'stopped_loop', end_reason: 'loop_detected' });
    const steps = await stepsOf(stack, id);
    const repairs = steps.filter(({ stage }) => stage === 'repair');
    expect(repairs.length).toBe(2);
    const cost = await costWithLoop(bot, id);
    const { body: after } = await bot.get(`/v1/jobs/${id}`);
    expect(after['refunded']).not.toBe('0.000000');
    expect(JSON.stringify(cost)).toContain('equal_errors');
    expect(JSON.stringify(cost)).toContain('platform_fault');
  }, 30_000);

  it('[F11] stops a loop of the code itself, explains it and gives nothing back', async () => {
    const { id, job, bot } = await run('Never learn [own fault]');
    expect(job).toMatchObject({ state: 'stopped_loop', end_reason: 'loop_detected', refunded: '0.000000' });
    const cost = await costWithLoop(bot, id);
    expect(JSON.stringify(cost)).toContain('user_fault');
  }, 30_000);
});
