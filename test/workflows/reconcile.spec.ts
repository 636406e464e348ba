// Jobs whose workflow is gone, on real servers: ended by hand, never there, admitted by a run that was lost. Whoever
// compares finds each of them, settles it once, and leaves alone whatever lives.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RECONCILE_WORKFLOW, RECONCILE_WORKFLOW_ID, type ReconcileAt } from '@fairmeter/contracts';
import { instant } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { answerRef, saveText } from '@fairmeter/records';
import { keepReconciling } from '../../apps/worker/src/reconcile/keep-reconciling.js';
import { workflowsAsked } from '../../apps/worker/src/reconcile/temporal-workflows.js';
import { jobInputOf, workflowIdOf } from '../harness/admissions.js';
import { expectLedgerHolds } from '../harness/audit.js';
import { BotClient } from '../harness/bot-client.js';
import { keepStory } from '../harness/kept-stories.js';
import { accountFacts, attemptLines, attemptsOf } from '../harness/ledger-facts.js';
import { creditsOf } from '../harness/orders.js';
import { openBot, type TestBot } from '../harness/people.js';
import { byStage, reply } from '../harness/scripts.js';
import { type RunningWorker, TestStack } from '../harness/test-stack.js';
import { pause, until } from '../harness/until.js';
import { PostedJobs, turn } from '../http/posted-jobs.js';

interface DriftRow {
  readonly kind: string;
  readonly done: string;
  readonly figures: Readonly<Record<string, unknown>>;
  readonly open: boolean;
}

interface Played {
  readonly owner: TestBot;
  readonly bot: BotClient;
  readonly jobId: string;
}

const EVERY_MS = 300;
/** Who heard that the workflow is gone would end the step first: none does before a pass has looked for it. */
const HEARD_EVERY_MS = 20_000;

describe('reconciliation', () => {
  const script = byStage({ plan: [reply('plan')], generate: [{ ...reply('=== a.js'), delayMs: 600_000 }] });
  let stack: TestStack;
  let worker: RunningWorker;
  let terminated: Played;
  let neverThere: Played;
  let living: Played;
  let waiting: Played;
  let orphanId: string;

  beforeAll(async () => {
    stack = await TestStack.open({ worker: { RECONCILE_EVERY_MS: String(EVERY_MS), RECONCILE_GRACE_MS: '500' } });
    await stack.startApi();
    worker = await stack.startWorkerLike({ models: script.port, heartbeatMs: HEARD_EVERY_MS });
    [terminated, neverThere, living, waiting] = await Promise.all([
      inSecondStep(),
      inSecondStep(),
      inSecondStep(),
      waitingForCredits(),
    ]);
    orphanId = await startedByNobody();
    await ended(terminated);
    await forgotten(neverThere);
    await keepReconciling(stack.temporal);
    await until(
      async () => Promise.all([terminated, neverThere].map(async ({ jobId }) => stateOf(jobId))),
      (states) => states.every((state) => state === 'failed'),
    );
    await until(
      async () => driftOf(orphanId),
      (found) => found.length > 0,
    );
    // Several passes more: what was left alone once is left alone again.
    await pause(4 * EVERY_MS);
  }, 90_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  async function inSecondStep(): Promise<Played> {
    const owner = await openBot(stack, { credits: '100' });
    const bot = new BotClient(stack, owner);
    const jobId = String((await bot.submit()).body['id']);
    await until(
      async () => attemptLines(stack, jobId),
      (lines) => lines.includes('2.1 open'),
    );
    return { owner, bot, jobId };
  }

  async function waitingForCredits(): Promise<Played> {
    const owner = await openBot(stack, { credits: '1' });
    const bot = new BotClient(stack, owner);
    const jobId = String((await bot.submit({ body: { prompt: 'x', max_credits: '20' } })).body['id']);
    await until(
      async () => stateOf(jobId),
      (state) => state === 'waiting_credits',
    );
    return { owner, bot, jobId };
  }

  /** Somebody at the server's own page ends it. */
  async function ended({ owner }: Played): Promise<void> {
    await stack.temporal.client.workflow.getHandle(workflowIdOf(owner)).terminate('by hand');
  }

  /** As after a loss of the server's own tables: it knows of no such workflow. */
  async function forgotten({ owner, jobId }: Played): Promise<void> {
    await ended({ owner } as Played);
    await stack.entities.manager.query(`UPDATE ledger.jobs SET workflow_id = $2 WHERE id = $1`, [
      jobId,
      `job/${newId('job')}`,
    ]);
  }

  /** A run that nobody's request reached: with time standing still it would wait for it. */
  async function startedByNobody(): Promise<string> {
    const owner = await openBot(stack, { credits: '100' });
    const workflowId = workflowIdOf(owner, 'of-nobody');
    await stack.temporal.client.workflow.start('aiJob', {
      workflowId,
      taskQueue: 'a-queue-without-workers',
      args: [await jobInputOf(stack, owner, 'of-nobody')],
    });
    return workflowId;
  }

  async function stateOf(jobId: string): Promise<string> {
    const [row] = await stack.entities.manager.query<{ state: string }[]>(
      'SELECT state FROM ledger.jobs WHERE id = $1',
      [jobId],
    );
    return row?.state ?? 'missing';
  }

  async function driftOf(subject: string): Promise<DriftRow[]> {
    return stack.entities.manager.query<DriftRow[]>(
      `SELECT kind, done, figures, resolved_at IS NULL AS open FROM records.drift
       WHERE subject = $1 OR subject LIKE $1 || '/%' ORDER BY id`,
      [subject],
    );
  }

  it('[F25, edge 29] settles a job whose workflow was ended by hand: steps charged, the rest released', async () => {
    const { bot, jobId, owner } = terminated;
    expect((await bot.get(`/v1/jobs/${jobId}`)).body).toMatchObject({
      state: 'failed',
      end_reason: 'workflow_lost',
      charge: '0.600000',
      held: '0.000000',
    });
    expect(await attemptLines(stack, jobId)).toEqual(['1.1 billable', '2.1 platform_fault superseded']);
    expect(await accountFacts(stack, owner.accountId)).toMatchObject({
      openHolds: 0,
      held: '0.000000',
      consumed: '0.600000',
      open: '99.400000',
    });
    expect(await driftOf(jobId)).toEqual([
      {
        kind: 'hold_without_workflow',
        done: 'settled',
        open: false,
        figures: expect.objectContaining({ workflow: 'terminated', charged: '0.600000', end_reason: 'workflow_lost' }),
      },
    ]);
  });

  it('[F25] settles a job whose workflow the server knows nothing of', async () => {
    const { jobId, owner } = neverThere;
    expect(await driftOf(jobId)).toEqual([
      expect.objectContaining({ done: 'settled', figures: expect.objectContaining({ workflow: 'never' }) }),
    ]);
    expect(await accountFacts(stack, owner.accountId)).toMatchObject({ openHolds: 0, open: '99.400000' });
  });

  it('[edge 31] leaves alone what lives: in a slow step, and waiting for credits', async () => {
    for (const { jobId, owner } of [living, waiting]) {
      expect(await driftOf(jobId)).toEqual([]);
      expect(await accountFacts(stack, owner.accountId)).toMatchObject({ openHolds: 1 });
    }
    expect([await stateOf(living.jobId), await stateOf(waiting.jobId)]).toEqual(['running', 'waiting_credits']);
    expect((await attemptsOf(stack, living.jobId)).at(-1)?.state).toBe('open');
  });

  it('[F25] lists a workflow that no job was admitted by, and does nothing to it', async () => {
    expect(await driftOf(orphanId)).toEqual([
      expect.objectContaining({ kind: 'workflow_without_job', done: 'listed', open: true }),
    ]);
    const { status } = await stack.temporal.client.workflow.getHandle(orphanId).describe();
    expect(status.name).toBe('RUNNING');
  });

  it('does each thing once, however many compare at once', async () => {
    const lost = await inSecondStep();
    await ended(lost);
    await pause(500);
    const at: ReconcileAt = { check: 'open_jobs', after: null };
    const sweepers = [1, 2, 3].map(() => worker.parts.reconciliation(workflowsAsked(stack.temporal)));
    await Promise.all(sweepers.map(async (sweeper) => sweeper.reconcilePage({ at })));
    // Where the pass that goes on by itself came first, these three left it to that one.
    const drift = await until(
      async () => driftOf(lost.jobId),
      (found) => found.some(({ open }) => !open),
    );
    expect(drift).toEqual([expect.objectContaining({ done: 'settled', open: false })]);
    expect(await accountFacts(stack, lost.owner.accountId)).toMatchObject({ openHolds: 0, consumed: '0.600000' });
    await expectLedgerHolds(stack);
  });

  it('[F25, edge 48] lists of an ended job what was not captured, not told, and told otherwise', async () => {
    const posted = await PostedJobs.open(stack);
    const steps = [turn(), turn(), turn(), turn()];
    const { jobId, accountId } = await posted.play({ steps, maxCredits: creditsOf('50'), asOf: instant(Date.now()) });
    const { manager } = stack.entities;
    const usage = (input: number) => ({ input, cachedInput: 0, cacheWrite: 0, output: 200, reasoning: 0 });
    for (const [ordinal, input] of [
      [1, 1_500],
      [4, 1_000],
    ] as const) {
      const told = { usage: usage(input), providerRequestId: null, region: null, latencyMs: 1 };
      const id = answerRef(jobId, ordinal, 1);
      await saveText(manager, { id, accountId, subject: posted.bot.botId, purpose: 'answer', body: 'x', told });
    }
    await manager.query('UPDATE ledger.attempts SET unmetered = true WHERE job_id = $1 AND ordinal = 2', [jobId]);
    await manager.query('UPDATE ledger.steps SET charge = 0 WHERE job_id = $1 AND ordinal = 3', [jobId]);
    await pause(600);
    const [{ ended }] = await manager.query<[{ ended: string }]>(
      'SELECT (extract(epoch FROM ended_at) * 1000)::bigint::text AS ended FROM ledger.jobs WHERE id = $1',
      [jobId],
    );
    const at: ReconcileAt = { check: 'ended_jobs', after: `${Number(ended) - 1}/` };
    await worker.parts.reconciliation(workflowsAsked(stack.temporal)).reconcilePage({ at });
    const found = await manager.query<Record<string, unknown>[]>(
      'SELECT kind, subject, figures FROM records.drift WHERE account_id = $1 ORDER BY subject',
      [accountId],
    );
    const costs = { told_micro_dollars: expect.any(String), metered_micro_dollars: expect.any(String) };
    expect(found).toEqual([
      {
        kind: 'provider_cost',
        subject: `${jobId}/1/1`,
        figures: { told_tokens: usage(1_500), metered_tokens: usage(1_000), ...costs },
      },
      {
        kind: 'attempt_unmetered',
        subject: `${jobId}/2/1`,
        figures: { counted_input_tokens: 1_000, counted_output_tokens: 200 },
      },
      {
        kind: 'meters_without_capture',
        subject: `${jobId}/3`,
        figures: { charge: '0.000000', written_off: '0.000000', captured: '0.600000' },
      },
    ]);
  });

  it('[F22] is begun again where it was ended by hand, and its history replays', async () => {
    const handle = stack.temporal.client.workflow.getHandle(RECONCILE_WORKFLOW_ID);
    const { runId } = await handle.describe();
    await handle.terminate('by hand');
    const story = { workflowId: RECONCILE_WORKFLOW_ID, runId, workflow: RECONCILE_WORKFLOW, isEndless: true };
    await keepStory(stack, 'passes', story);
    await keepReconciling(stack.temporal);
    expect((await handle.describe()).status.name).toBe('RUNNING');
  });
});
