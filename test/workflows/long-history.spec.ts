// How long the history of a long job is: fifty steps of an agent, its texts and files by reference.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { renderToolCall } from '@fairmeter/providers/tools';
import { BotClient } from '../harness/bot-client.js';
import { stepsOf, workflowOf } from '../harness/ledger-facts.js';
import { openBot } from '../harness/people.js';
import { byStage, reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

const STEPS = 50;
const MOST_HISTORY_BYTES = 100_000;
/** Beside the writes: plan, the two turns that name them, check, preview and packing. */
const OTHER_STEPS = 6;

const TURN = (STEPS - OTHER_STEPS) / 2;
const writes = (from: number): string =>
  Array.from({ length: TURN }, (_, index) =>
    renderToolCall({ tool: 'write', path: `notes/${from + index}.txt`, content: `${'word '.repeat(200)}\n` }),
  ).join('\n');

describe('the history of a long job', () => {
  const script = byStage({
    plan: [reply('fifty steps')],
    generate: [reply(writes(0)), reply(`${writes(TURN)}\n${renderToolCall({ tool: 'done', summary: 'done' })}`)],
  });
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({ models: script.port });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('[F23] of fifty steps stays under 100 kB', async () => {
    const bot = new BotClient(stack, await openBot(stack, { credits: '100', program: 'workspace', maxCredits: '50' }));
    const jobId = String((await bot.submit()).body['id']);
    expect((await bot.ended(jobId, 40_000)).body).toMatchObject({ state: 'completed', steps_ended: STEPS });
    expect(await stepsOf(stack, jobId)).toHaveLength(STEPS);
    const { workflowId } = await workflowOf(stack, jobId);
    const { historySize } = await stack.temporal.client.workflow.getHandle(workflowId).describe();
    expect(historySize).toBeGreaterThan(10_000);
    expect(historySize).toBeLessThan(MOST_HISTORY_BYTES);
  }, 60_000);
});
