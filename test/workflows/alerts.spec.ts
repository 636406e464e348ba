// Alerts that nothing but the real servers can raise: a workflow whose tasks fail again and again, as no worker knows
// what it is, and a payload that is too large. The worker is a process of its own, as in production.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JOBS_QUEUE, RECONCILE_WORKFLOW } from '@fairmeter/contracts';
import { TestIssuer } from '../harness/signed-in.js';
import { StaffClient } from '../harness/staff.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';
import { WorkerProcess } from '../harness/worker-process.js';

type Row = Readonly<Record<string, unknown>>;

const STUCK = 'of-a-later-release';
const LARGE = 'with-a-large-payload';
const PACE = { RECONCILE_EVERY_MS: '300', RECONCILE_GRACE_MS: '500' };
/** More than the SDK's core lets pass unsaid, and less than it refuses. */
const LARGE_BYTES = 600 * 1_024;

describe('alerts', () => {
  let stack: TestStack;
  let issuer: TestIssuer;
  let support: StaffClient;
  let worker: WorkerProcess;
  let before: readonly Row[];
  let raised: readonly Row[];
  let stuck: readonly Row[];

  const alerts = async (): Promise<readonly Row[]> =>
    (await support.call('GET', '/v1/admin/alerts')).body['data'] as Row[];
  const listed = async (state = ''): Promise<readonly Row[]> =>
    (await support.call('GET', `/v1/admin/drift?kind=workflow_tasks_stuck${state}`)).body['data'] as Row[];
  const alertOf = (from: readonly Row[], code: string): Row | undefined => from.find((alert) => alert['code'] === code);

  beforeAll(async () => {
    issuer = await TestIssuer.open();
    stack = await TestStack.open({ api: { OIDC_ISSUERS: issuer.setting } });
    await stack.startApi();
    support = StaffClient.of(stack, issuer, 'support');
    worker = await WorkerProcess.start(stack, { version: 1, scripts: [{ name: 'none', sequence: [] }] }, PACE);
    before = await alerts();
    const { workflow } = stack.temporal.client;
    // Tasks that are given up sooner are tried again sooner: the server counts five of them.
    const soon = { taskQueue: JOBS_QUEUE, workflowTaskTimeout: 1_000 };
    await workflow.start('aiJobOfALaterRelease', { ...soon, workflowId: STUCK });
    // Where it begins is handed on to the activity that looks: a payload that leaves the worker.
    const from = { check: 'open_jobs', after: 'z'.repeat(LARGE_BYTES) };
    await workflow.start(RECONCILE_WORKFLOW, { ...soon, workflowId: LARGE, args: [{ from }] });
    raised = await until(
      alerts,
      (seen) => ['workflow_tasks_stuck', 'payload_oversized'].every((code) => alertOf(seen, code) !== undefined),
      60_000,
    );
    await workflow.getHandle(LARGE).terminate('seen');
    stuck = await listed('&state=open');
    await workflow.getHandle(STUCK).terminate('by hand');
    await until(alerts, (seen) => alertOf(seen, 'workflow_tasks_stuck') === undefined);
  }, 90_000);
  afterAll(async () => {
    await worker.stop();
    await stack.stop();
    await issuer.close();
  }, 60_000);

  it('are none of these while nothing is wrong', () => {
    expect(before).toEqual([]);
  });

  it('[F25] tell of a workflow whose tasks fail again and again, and which one it is', () => {
    expect(alertOf(raised, 'workflow_tasks_stuck')).toMatchObject({ figure: 1, about: ['workflow_tasks_stuck'] });
    expect(stuck).toMatchObject([
      { subject: STUCK, account_id: null, done: 'listed', figures: { type: 'aiJobOfALaterRelease' } },
    ]);
  });

  it('[F23] tell of a payload that was too large, by the worker that sent it, also as a metric', async () => {
    const [running] = await stack.entities.manager.query<{ id: string }[]>('SELECT id FROM records.workers');
    expect(alertOf(raised, 'payload_oversized')).toMatchObject({ about: [running?.id] });
    expect(Number(alertOf(raised, 'payload_oversized')?.['figure'])).toBeGreaterThan(0);
    const metrics = await (await fetch(`${stack.apiUrl}/metrics`)).text();
    expect(metrics).toMatch(/^fairmeter_alert\{code="payload_oversized"[^}]*\} [1-9]/m);
  });

  it('[F25] are over once the workflow is', async () => {
    expect(await listed()).toMatchObject([{ subject: STUCK, done: 'gone', resolved_by: 'reconcile' }]);
  });
});
