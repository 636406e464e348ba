// The proof that months pass in seconds on the real server: for the workflow, and for nobody else.
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import { connectTemporalWorker } from '@fairmeter/platform/temporal';
import { testServers } from '../harness/test-servers.js';
import { TestStack } from '../harness/test-stack.js';
import { skipWorkflow, workflowClock } from '../harness/time-skip.js';
import { until } from '../harness/until.js';
import { MONTH_MS } from '../harness/workflows/monthly.js';

const WORKFLOWS = fileURLToPath(new URL('../harness/workflows/monthly.ts', import.meta.url));
const QUEUE = 'months';
const MONTHS = 13;
/** What two clocks of one machine may differ by; a month is far longer. */
const CLOCK_SLACK_MS = 1_000;

async function databaseNow({ entities }: TestStack): Promise<number> {
  const [row] = await entities.manager.query<{ now: Date }[]>('SELECT clock_timestamp() AS now');
  return row?.now.getTime() ?? NaN;
}

describe('time skipping', () => {
  const notes: { asOf: number; at: number }[] = [];
  let stack: TestStack;
  let worker: Worker;
  let running: Promise<void>;
  beforeAll(async () => {
    stack = await TestStack.open();
    worker = await Worker.create({
      connection: await connectTemporalWorker({ address: testServers().temporalAddress }),
      namespace: stack.namespace,
      taskQueue: QUEUE,
      workflowBundle: await bundleWorkflowCode({ workflowsPath: WORKFLOWS }),
      activities: {
        note: async (asOf: number): Promise<void> => {
          notes.push({ asOf, at: Date.now() });
        },
      },
    });
    running = worker.run();
  }, 60_000);
  afterAll(async () => {
    worker.shutdown();
    await running;
    await stack.stop();
  }, 60_000);

  async function startedMonthly(workflowId: string): Promise<number> {
    const { workflow } = stack.temporal.client;
    const handle = await workflow.start('monthly', { workflowId, taskQueue: QUEUE, args: [MONTHS] });
    return (await handle.describe()).startTime.getTime();
  }

  it('passes thirteen months with their work in seconds, and only for the workflow', async () => {
    notes.length = 0;
    const realStart = Date.now();
    const from = performance.now();
    const start = await startedMonthly('by-duration');
    await skipWorkflow(stack, 'by-duration', { by: MONTHS * MONTH_MS + 60_000 });
    await stack.temporal.client.workflow.getHandle('by-duration').result();
    expect(notes.map(({ asOf }) => Math.round((asOf - start) / MONTH_MS))).toEqual(
      Array.from({ length: MONTHS }, (_, month) => month + 1),
    );
    for (const [month, { asOf }] of notes.entries()) {
      const late = asOf - start - (month + 1) * MONTH_MS;
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(60_000);
    }
    // For everybody else no month passed: the activities' own clock moved as far as a clock that nobody can set.
    const tookMs = performance.now() - from;
    for (const { at } of notes) {
      expect(at - realStart).toBeGreaterThanOrEqual(0);
      expect(at - realStart).toBeLessThan(tookMs + CLOCK_SLACK_MS);
    }
    // Asked between two looks at our own clock, however long the answer takes.
    const asked = Date.now();
    const databases = await databaseNow(stack);
    expect(databases - asked).toBeGreaterThan(-CLOCK_SLACK_MS);
    expect(databases - Date.now()).toBeLessThan(CLOCK_SLACK_MS);
    expect(tookMs).toBeLessThan(60_000);
  }, 90_000);

  it('stops at an instant between two timers', async () => {
    notes.length = 0;
    const start = await startedMonthly('to-an-instant');
    const to = start + 2.5 * MONTH_MS;
    await skipWorkflow(stack, 'to-an-instant', { to });
    const there = await workflowClock(stack, 'to-an-instant');
    expect(there).toBeGreaterThanOrEqual(to - 1_000);
    expect(there).toBeLessThan(to + 60_000);
    await until(
      async () => notes.length,
      (count) => count >= 2,
    );
    expect(notes).toHaveLength(2);
    await stack.temporal.client.workflow.getHandle('to-an-instant').terminate('seen enough');
  }, 60_000);
});
