// No worker to decide, or one that comes late, or a workflow that nobody remembers: each request still happens once or
// not at all.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { admitPastTheDoor, jobInputOf, workflowIdOf } from '../harness/admissions.js';
import { expectLedgerHolds } from '../harness/audit.js';
import type { Answer } from '../harness/bot-client.js';
import { BotClient } from '../harness/bot-client.js';
import { accountFacts } from '../harness/ledger-facts.js';
import { openBot, type TestBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { skipWorkflow } from '../harness/time-skip.js';
import { livedDuring, pause, until } from '../harness/until.js';
import { AI_JOB_WORKFLOW, JOBS_QUEUE } from '@fairmeter/contracts';

const DEADLINE_MS = 1_500;
const NOTHING = { jobs: 0, holds: 0, held: '0.000000', consumed: '0.000000' };
const ONCE = { jobs: 1, holds: 1, openHolds: 0, held: '0.000000', consumed: '1.800000' };

describe('no worker', () => {
  const script = threeSteps();
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.open({ models: script.port });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  function expectUnknown({ status, body, headers }: Answer): void {
    expect([status, body['code']]).toEqual([503, 'admission_unknown']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }

  /** Once the server has the request: on a busy machine a door may give it up before, and then it never was. */
  async function askedInVain(owner: TestBot): Promise<void> {
    const workflow = stack.temporal.client.workflow.getHandle(workflowIdOf(owner));
    await until(
      async () => {
        const { value: answer, livedMs } = await livedDuring(() => new BotClient(stack, owner).submit());
        expectUnknown(answer);
        expect(livedMs).toBeLessThan(DEADLINE_MS + 1_000);
        return workflow.describe().then(
          () => true,
          () => false,
        );
      },
      (isThere) => isThere,
    );
  }

  it('[F24] is said within the deadline; a worker in time admits the request its client gave up, once', async () => {
    await stack.startApi({ ADMIT_DEADLINE_MS: String(DEADLINE_MS), ADMIT_WITHIN_MS: '60000' });
    const owner = await openBot(stack, { credits: '100' });
    const bot = new BotClient(stack, owner);
    await askedInVain(owner);
    expect(await accountFacts(stack, owner.accountId)).toMatchObject({ ...NOTHING, entries: 1 });

    const worker = await stack.startWorker();
    // Nobody asks again: the run that waits goes on by itself.
    await until(
      async () => accountFacts(stack, owner.accountId),
      ({ jobs }) => jobs === 1,
    );
    const again = await bot.submit();
    expect([again.status, again.body['replayed']]).toEqual([202, true]);
    await bot.ended(String(again.body['id']));
    expect(await accountFacts(stack, owner.accountId)).toMatchObject(ONCE);
    await worker.stop();
  }, 40_000);

  it('[F24] a worker after the time to admit holds nothing, and the next request gets a run of its own', async () => {
    const admitWithinMs = DEADLINE_MS + 200;
    await stack.startApi({ ADMIT_DEADLINE_MS: String(DEADLINE_MS), ADMIT_WITHIN_MS: String(admitWithinMs) });
    const owner = await openBot(stack, { credits: '100' });
    const bot = new BotClient(stack, owner);
    const workflow = stack.temporal.client.workflow.getHandle(workflowIdOf(owner));
    await askedInVain(owner);
    const expiredRun = (await workflow.describe()).runId;
    await pause(admitWithinMs - DEADLINE_MS + 100);
    const worker = await stack.startWorker();
    expect(await workflow.result()).toEqual({ outcome: 'not_admitted', why: 'refused' });
    expect(await accountFacts(stack, owner.accountId)).toMatchObject({ ...NOTHING, entries: 1 });

    await stack.startApi();
    const again = await bot.submit();
    expect([again.status, again.body['replayed']]).toEqual([202, false]);
    await bot.ended(String(again.body['id']));
    expect((await workflow.describe()).runId).not.toBe(expiredRun);
    expect(await accountFacts(stack, owner.accountId)).toMatchObject(ONCE);
    await worker.stop();
  }, 40_000);

  it('[F24] a run that nobody asks ends after its patience and leaves no trace', async () => {
    const owner = await openBot(stack, { credits: '100' });
    const worker = await stack.startWorker();
    const workflowId = workflowIdOf(owner);
    const handle = await stack.temporal.client.workflow.start(AI_JOB_WORKFLOW, {
      workflowId,
      taskQueue: JOBS_QUEUE,
      args: [await jobInputOf(stack, owner)],
    });
    // What passes in real time counts as well: the seconds that are left are for a busy machine.
    await skipWorkflow(stack, workflowId, { by: 25_000 });
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await skipWorkflow(stack, workflowId, { by: 6_000 });
    expect(await handle.result()).toEqual({ outcome: 'not_admitted', why: 'no_request' });
    expect(await accountFacts(stack, owner.accountId)).toMatchObject({ ...NOTHING, entries: 1 });
    await worker.stop();
  }, 40_000);
});

describe('a workflow that Temporal has forgotten', () => {
  const script = threeSteps();
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({ models: script.port });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('[F24, edge 20] its key answers the job, another body is refused, another run has no effect', async () => {
    const owner = await openBot(stack, { credits: '100' });
    const bot = new BotClient(stack, owner);
    const first = await bot.submit();
    const ended = await bot.ended(String(first.body['id']));
    const { workflow, workflowService } = stack.temporal.client;
    const workflowId = workflowIdOf(owner);
    await workflow.getHandle(workflowId).result();
    const forgottenRun = (await workflow.getHandle(workflowId).describe()).runId;
    // The server deletes a run only after its end is listed.
    await until(
      async () => workflow.count(`WorkflowId = '${workflowId}' AND ExecutionStatus = 'Completed'`),
      ({ count }) => count === 1,
    );
    await workflowService.deleteWorkflowExecution({ namespace: stack.namespace, workflowExecution: { workflowId } });
    await until(
      async () =>
        workflow
          .getHandle(workflowId)
          .describe()
          .then(
            () => true,
            () => false,
          ),
      (there) => !there,
      45_000,
    );
    const facts = await accountFacts(stack, owner.accountId);

    expect((await bot.submit()).body).toEqual({ ...ended.body, replayed: true });
    const other = await bot.submit({ body: { prompt: 'Something else' } });
    expect([other.status, other.body['code']]).toEqual([409, 'idempotency_mismatch']);

    // A door whose look was too early would start a run: it meets the job of the forgotten one.
    const answer = await admitPastTheDoor(stack, await jobInputOf(stack, owner));
    expect(answer).toMatchObject({ outcome: 'admitted', jobId: first.body['id'] });
    const handle = workflow.getHandle(workflowId);
    expect(await handle.result()).toEqual({ outcome: 'not_admitted', why: 'job_of_another_run' });
    expect((await handle.describe()).runId).not.toBe(forgottenRun);
    expect(await accountFacts(stack, owner.accountId)).toEqual(facts);
    await expectLedgerHolds(stack);
  }, 60_000);
});
