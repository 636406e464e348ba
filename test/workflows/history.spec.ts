// What a workflow's history holds: ids, hashes and figures, few events, and no text that a person or a model wrote.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BotClient } from '../harness/bot-client.js';
import { eventNames, eventsNamed, fetchHistory, payloadBytes, textOf, type History } from '../harness/histories.js';
import { workflowOf } from '../harness/ledger-facts.js';
import { openBot } from '../harness/people.js';
import { byStage, reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

const MARKER = 'ultramarine-platypus';
const MOST_STEP_BYTES = 512;

describe('the history of a job', () => {
  const script = byStage({
    plan: [reply(`plan ${MARKER}`)],
    generate: [reply(`=== a.js\n// ${MARKER}`)],
    review: [reply(`APPROVED ${MARKER}`)],
  });
  let stack: TestStack;
  let history: History;
  beforeAll(async () => {
    stack = await TestStack.start({ models: script.port });
    const bot = new BotClient(stack, await openBot(stack, { credits: '100' }));
    // As long as a prompt may be: by reference, its length does not matter.
    const prompt = `${MARKER} ${'x'.repeat(190_000)}`;
    const submitted = await bot.submit({ body: { prompt, max_credits: '500' } });
    const { workflowId } = await workflowOf(stack, String(submitted.body['id']));
    await stack.temporal.client.workflow.getHandle(workflowId).result();
    history = await fetchHistory(stack, workflowId);
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('holds no text of prompts and answers', () => {
    expect(script.model.callCount).toBe(3);
    expect(script.model.calls.every(({ request }) => JSON.stringify(request).includes(MARKER))).toBe(true);
    // Compared outside the matcher: a failure would print the whole history.
    const text = textOf(history);
    expect([text.includes('promptRef'), text.includes(MARKER)]).toEqual([true, false]);
  });

  it('passes less than 512 bytes into a step and out of it', () => {
    const into = eventsNamed(history, 'ACTIVITY_TASK_SCHEDULED').map((event) =>
      payloadBytes(event.activityTaskScheduledEventAttributes?.input),
    );
    const outOf = eventsNamed(history, 'ACTIVITY_TASK_COMPLETED').map((event) =>
      payloadBytes(event.activityTaskCompletedEventAttributes?.result),
    );
    expect([into.length, outOf.length]).toEqual([3, 3]);
    for (const bytes of [...into, ...outOf]) {
      expect(bytes).toBeGreaterThan(0);
      expect(bytes).toBeLessThan(MOST_STEP_BYTES);
    }
  });

  it('has no timer on the ordinary way, and no more events than its steps need', () => {
    const names = eventNames(history);
    expect(names.filter((name) => name.startsWith('TIMER'))).toEqual([]);
    const counts = Object.fromEntries(
      [...new Set(names)].map((name) => [name, names.filter((one) => one === name).length]),
    );
    expect(counts).toEqual({
      WORKFLOW_EXECUTION_STARTED: 1,
      WORKFLOW_TASK_SCHEDULED: 4,
      WORKFLOW_TASK_STARTED: 4,
      WORKFLOW_TASK_COMPLETED: 4,
      WORKFLOW_EXECUTION_UPDATE_ACCEPTED: 1,
      WORKFLOW_EXECUTION_UPDATE_COMPLETED: 1,
      MARKER_RECORDED: 2,
      ACTIVITY_TASK_SCHEDULED: 3,
      ACTIVITY_TASK_STARTED: 3,
      ACTIVITY_TASK_COMPLETED: 3,
      WORKFLOW_EXECUTION_COMPLETED: 1,
    });
    expect(names.length).toBeLessThanOrEqual(28);
  });
});
