// Goal: no job runs on in a closed account, however closing and admission meet. Method: the admission's activity, with
// the account closed between its posting and its next look.
import type { AdmitJobInput } from '@fairmeter/contracts';
import { unpackRefusal } from '@fairmeter/contracts';
import { DEFAULT_LOOP_POLICY, DEFAULT_REFUND_CAP } from '@fairmeter/domain';
import type { JobLedger } from '@fairmeter/ledger';
import { systemClock } from '@fairmeter/platform';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JobActivitiesOverLedger } from '../../libs/activities/src/jobs/job.activities.js';
import { JobMemory } from '../../libs/activities/src/jobs/job-memory.js';
import { jobInputOf, workflowIdOf } from '../harness/admissions.js';
import { expectLedgerHolds } from '../harness/audit.js';
import { accountFacts } from '../harness/ledger-facts.js';
import { openBot } from '../harness/people.js';
import { TestStack } from '../harness/test-stack.js';

describe('a job that is admitted while its account is closed', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.open();
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('[edge 70] is ended at once, holds nothing and is charged nothing', async () => {
    const bot = await openBot(stack, { credits: '10' });
    const { jobs, entities } = stack;
    const closing: Pick<JobLedger, 'admit' | 'settle'> = {
      admit: async (accountId, asOf, order) => {
        const admitted = await jobs.admit(accountId, asOf, order);
        await entities.manager.query(`UPDATE records.accounts SET status = 'closed' WHERE id = $1`, [accountId]);
        return admitted;
      },
      settle: async (payer, asOf, order) => jobs.settle(payer, asOf, order),
    };
    const activities = new JobActivitiesOverLedger({
      jobs: closing as JobLedger,
      entities,
      clock: systemClock,
      memory: new JobMemory(),
      loopPolicy: DEFAULT_LOOP_POLICY,
      refundCap: DEFAULT_REFUND_CAP,
      waitMs: 1_000,
      idleMs: 1_000,
      stepMs: 1_000,
    });
    const now = Date.now();
    const run = { workflowId: workflowIdOf(bot), runId: 'run-1', admitBefore: now + 10_000, asOf: now };
    const input: AdmitJobInput = { ...(await jobInputOf(stack, bot)), ...run };
    for (const _ of ['asked', 'and asked again, as its answer was lost']) {
      const answer = await activities.admitJob(input);
      expect(answer.outcome === 'refused' && unpackRefusal(answer.refusal).code).toBe('account_not_active');
    }
    expect(await accountFacts(stack, bot.accountId)).toMatchObject({ jobs: 1, openHolds: 0, open: '10.000000' });
    const [job] = await entities.manager.query<unknown[]>(
      'SELECT state, charge::text AS charge FROM ledger.jobs WHERE account_id = $1',
      [bot.accountId],
    );
    expect(job).toEqual({ state: 'cancelled', charge: '0' });
    await expectLedgerHolds(stack);
  });
});
