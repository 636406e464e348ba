// HTTP suites. Staff who give back what was charged, on a running stack with jobs that were posted straight to the
// ledger; and an incident that hit many of them, compensated while the worker dies amid its pages.
import {
  COMPENSATION_CORRECTION_WORKFLOW,
  COMPENSATION_WORKFLOW,
  compensationWorkflowId,
  correctionWorkflowId,
} from '@fairmeter/contracts';
import type { MicroCredits } from '@fairmeter/domain';
import { instant } from '@fairmeter/domain';
import { expectLedgerHolds } from '../harness/audit.js';
import type { Answer } from '../harness/bot-client.js';
import { keepStory } from '../harness/kept-stories.js';
import { byTokens } from '../harness/orders.js';
import { amount } from '../harness/people.js';
import type { Played, PlayedStep } from '../harness/played-jobs.js';
import { TestIssuer } from '../harness/signed-in.js';
import { StaffClient } from '../harness/staff.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';
import { PostedJobs, SMALL, turn } from './posted-jobs.js';

export const PATH = '/v1/support/compensations';
/** As the clock of the machine says. */
export const NOW = instant(0);

export type Body = Answer['body'];

export class Compensating {
  readonly support: StaffClient;
  readonly admin: StaffClient;
  readonly otherAdmin: StaffClient;

  private constructor(
    readonly stack: TestStack,
    readonly posted: PostedJobs,
    readonly issuer: TestIssuer,
  ) {
    this.support = StaffClient.of(stack, issuer, 'support');
    this.admin = StaffClient.of(stack, issuer, 'admin');
    this.otherAdmin = StaffClient.of(stack, issuer, 'admin');
  }

  /** Without a worker so far. */
  static async open(): Promise<Compensating> {
    const issuer = await TestIssuer.open();
    const stack = await TestStack.open({
      api: { OIDC_ISSUERS: issuer.setting },
      worker: { GRANT_ALONE_SUPPORT_CREDITS: '50', GRANT_ALONE_ADMIN_CREDITS: '50' },
    });
    await stack.startApi();
    return new Compensating(stack, await PostedJobs.open(stack), issuer);
  }

  async play(steps: readonly PlayedStep[] = [turn(), turn()], settles = true): Promise<Played> {
    return this.posted.play({ steps, settles, asOf: NOW });
  }

  async preview(target: object, by = this.support): Promise<Answer> {
    return by.call('POST', `${PATH}/preview`, { body: { target } });
  }

  async ask(body: object, key: string, by = this.support): Promise<Answer> {
    return by.call('POST', PATH, { body: { reason: 'For a test', ...body }, key });
  }

  async get(id: string, tail = ''): Promise<Body> {
    return (await this.admin.call('GET', `${PATH}/${id}${tail}`)).body;
  }

  async say(by: StaffClient, id: string, verdict: string): Promise<Answer> {
    return by.call('POST', `${PATH}/${id}/${verdict}`, { body: { reason: 'Looked at it' } });
  }

  async takeBack(id: string, body: object, key: string): Promise<Answer> {
    return this.admin.call('POST', `${PATH}/${id}/take-back`, { body: { reason: 'A slip', ...body }, key });
  }

  async refundsOf({ jobId }: Played): Promise<readonly Body[]> {
    return (await this.posted.get(`jobs/${jobId}/cost`))['refunds'] as readonly Body[];
  }

  async available(): Promise<MicroCredits> {
    return amount(String((await this.posted.get('account/credits', this.posted.accountKey))['available']));
  }

  /** Its workflow is over, and replays. */
  async keep(name: string, compensationId: string, { previewOnly = false } = {}): Promise<void> {
    const workflowId = compensationWorkflowId({ compensationId, previewOnly });
    await keepStory(this.stack, name, { workflowId, workflow: COMPENSATION_WORKFLOW });
  }

  /** Likewise, of what was taken back of a compensation. */
  async keepCorrection(name: string, compensationId: string): Promise<void> {
    const [first] = await this.stack.entities.manager.query<{ id: string }[]>(
      'SELECT id FROM records.compensation_corrections WHERE compensation_id = $1 ORDER BY created_at LIMIT 1',
      [compensationId],
    );
    const workflowId = correctionWorkflowId(String(first?.id));
    await keepStory(this.stack, name, { workflowId, workflow: COMPENSATION_CORRECTION_WORKFLOW });
  }

  async close(): Promise<void> {
    await expectLedgerHolds(this.stack);
    await this.stack.stop();
    await this.issuer.close();
  }
}

export const ofJob = ({ jobId }: Played): object => ({ kind: 'job', job_id: jobId });
export const idOf = ({ body }: Answer): string => String(body['id']);

export const HIT_JOBS = 120;

/** What became of an incident that hit many jobs of two accounts, one of which had changed since the preview. */
export interface Outage {
  readonly id: string;
  readonly foreseen: Body;
  readonly done: Body;
  readonly changed: Played;
  /** What each job got back, by how many refunds. */
  readonly counts: readonly Body[];
  /** What its accounts were told of it. */
  readonly told: readonly Body[];
}

/** 0.2 credits, of a model of its own, which the incident is about. */
export const hit = (): PlayedStep => ({ ...turn(), price: byTokens(SMALL) });

export async function playOutage(staff: Compensating): Promise<Outage> {
  const { stack } = staff;
  const from = new Date(Date.now() - 60_000).toISOString();
  const jobs = await hitJobs(staff);
  const incidentId = await writeDown(staff, from);
  const dying = await dyingWorker(stack);
  const foreseen = await previewed(staff, incidentId);
  const id = String(foreseen['id']);
  const [changed] = jobs;
  if (changed === undefined) throw new Error('nothing was hit');
  await stack.jobs.refundSteps(changed, 'finding/1', { asOf: NOW, ordinals: [2], form: 'origin_while_live' });
  await staff.ask({ preview_id: id }, 'outage');
  await until(
    async () => dying.died(),
    (times) => times > 1,
  );
  await dying.stop();
  await stack.startWorker();
  const done = await until(
    async () => staff.get(id),
    ({ state }) => state === 'posted',
    30_000,
  );
  await staff.keep('previewed', id, { previewOnly: true });
  await staff.keep('incident', id);
  const counts = await refundsOfEach(staff, jobs);
  const told = await stack.entities.manager.query<Body[]>(
    `SELECT account_id, about, facts, mail_to FROM records.announcements WHERE type = 'incident.compensated'
     ORDER BY account_id`,
  );
  return { id, foreseen, done, changed, counts, told };
}

/** Of that model, and lasting. */
export async function writeDown({ admin }: Compensating, from: string): Promise<string> {
  const body = { from, scope: 'model', name: SMALL.model, description: 'It answered twice' };
  return idOf(await admin.call('POST', '/v1/admin/incidents', { body, key: 'outage' }));
}

/** To its last page. */
export async function previewed(staff: Compensating, incidentId: string): Promise<Body> {
  const id = idOf(await staff.preview({ kind: 'incident', incident_id: incidentId }));
  return until(
    async () => staff.get(id),
    ({ state }) => state === 'previewed',
  );
}

/** What came back of each job, and by how many refunds. */
export async function refundsOfEach({ stack }: Compensating, jobs: readonly Played[]): Promise<readonly Body[]> {
  return stack.entities.manager.query(
    `SELECT j.id, j.refunded::text, count(DISTINCT e.operation_key)::int AS refunds
     FROM ledger.jobs j JOIN ledger.entries e ON e.job_id = j.id AND e.from_account LIKE 'consumed:%'
     WHERE j.id = ANY ($1) GROUP BY j.id`,
    [jobs.map(({ jobId }) => jobId)],
  );
}

/** Of two accounts by turns. */
export async function hitJobs(
  { stack, posted }: Compensating,
  { count = HIT_JOBS, steps = [turn(), hit()] }: { readonly count?: number; readonly steps?: PlayedStep[] } = {},
): Promise<Played[]> {
  const elsewhere = await PostedJobs.open(stack);
  const jobs: Played[] = [];
  for (let left = count; left > 0; left -= 10) {
    const batch = Array.from({ length: 10 }, async (_, n) =>
      (n % 2 === 0 ? posted : elsewhere).play({ steps, asOf: NOW }),
    );
    jobs.push(...(await Promise.all(batch)));
  }
  return jobs;
}

/** From its second page on a machine that goes away after the ledger's commit and before that of the rows. */
async function dyingWorker(stack: TestStack): Promise<{ died: () => number; stop: () => Promise<void> }> {
  let calls = 0;
  const worker = await stack.startWorkerLike({
    around: ({ compensationActivities }) => ({
      compensationActivities: {
        postCompensation: async (at) => {
          const before = new Date();
          const done = await compensationActivities.postCompensation(at);
          if ((calls += 1) === 1) return done;
          await stack.entities.manager.query(
            `UPDATE records.compensation_jobs SET posted = NULL, posted_at = NULL
             WHERE compensation_id = $1 AND posted_at >= $2`,
            [at.compensationId, before],
          );
          throw new Error('the machine went away');
        },
      },
    }),
  });
  return { died: () => calls - 1, stop: async () => worker.stop() };
}
