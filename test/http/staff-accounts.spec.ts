// Goal: support and admins see of a named account what it did and what that cost, exactly as the account does, and may
// end its jobs for a reason; in no other account, and without what was asked and answered. Method: the running stack.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { instant } from '@fairmeter/domain';
import { bookOf, createModelPort, ScriptedModel, stageScript } from '@fairmeter/providers';
import { staffCostBody, staffExplainBody } from '../../apps/api/src/staff-accounts/staff-cost-body.js';
import { staffJobBody, staffJobsBody } from '../../apps/api/src/staff-accounts/staff-job-body.js';
import { usageBody } from '../../apps/api/src/usage/usage-body.js';
import { BotClient } from '../harness/bot-client.js';
import { OwnerClient } from '../harness/owner-client.js';
import { amount } from '../harness/people.js';
import { reply } from '../harness/scripts.js';
import { TestIssuer } from '../harness/signed-in.js';
import { StaffClient } from '../harness/staff.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';
import { PostedJobs, turn } from './posted-jobs.js';

type Body = Readonly<Record<string, unknown>>;

const never = { ...reply('=== a.js'), delayMs: 600_000 };
const script = stageScript({ plan: [reply('plan')], generate: [never] });

let stack: TestStack;
let issuer: TestIssuer;
let coding: PostedJobs;
let chat: PostedJobs;
let stranger: PostedJobs;
let staff: Readonly<Record<'support' | 'admin', StaffClient>>;
let codingJob: string;
let chatJob: string;
let strangersJob: string;

beforeAll(async () => {
  issuer = await TestIssuer.open();
  stack = await TestStack.open({
    models: createModelPort({ scripted: new ScriptedModel(bookOf(script)) }),
    api: { OIDC_ISSUERS: issuer.setting },
  });
  await stack.startWorker();
  await stack.startApi();
  coding = await PostedJobs.open(stack);
  chat = await PostedJobs.open(stack, { accountId: coding.bot.accountId, type: 'chat' });
  stranger = await PostedJobs.open(stack);
  // As the clock of the machine says.
  const asOf = instant(0);
  ({ jobId: codingJob } = await coding.play({ steps: [turn(), turn()], asOf }));
  ({ jobId: chatJob } = await chat.play({ steps: [turn()], asOf }));
  ({ jobId: strangersJob } = await stranger.play({ steps: [turn()], asOf }));
  staff = { support: StaffClient.of(stack, issuer, 'support'), admin: StaffClient.of(stack, issuer, 'admin') };
}, 60_000);
afterAll(async () => {
  await stack.stop();
  await issuer.close();
}, 60_000);

const at = (path: string, { bot } = coding): string => `/v1/staff/accounts/${bot.accountId}/${path}`;

const seen = async (by: StaffClient, path: string): Promise<Body> => {
  const { status, body } = await by.call('GET', path);
  expect([path, status, body['code']]).toEqual([path, 200, undefined]);
  return body;
};

/** Of the account of the first two. */
async function running(key: string): Promise<string> {
  const bot = new BotClient(stack, coding.bot);
  const jobId = String((await bot.submit({ key })).body['id']);
  await until(
    async () => (await bot.get(`/v1/jobs/${jobId}`)).body,
    ({ steps_ended: ended }) => ended === 1,
  );
  return jobId;
}

describe.each(['support', 'admin'] as const)('%s', (role) => {
  it('[A3, A4] sees bots of both types in one list of a named account, and their sum', async () => {
    const usage = usageBody.parse(await seen(staff[role], at('usage?group_by=type')));
    expect(new Set(usage.data.map(({ key }) => key.type))).toEqual(new Set(['chat', 'coding']));
    expect(usage.account_id).toBe(coding.bot.accountId);
    const sum = usage.data.reduce((all, { charged }) => all + amount(charged), 0n);
    expect([sum > 0n, sum]).toEqual([true, amount(usage.total.charged)]);
    const jobs = staffJobsBody.strict().parse(await seen(staff[role], at('jobs')));
    const types = new Map(jobs.data.map((job) => [job.id, [job.bot_type, job.account_id]]));
    expect(types.get(codingJob)).toEqual(['coding', coding.bot.accountId]);
    expect(types.get(chatJob)).toEqual(['chat', coding.bot.accountId]);
    const coders = staffJobsBody.parse(await seen(staff[role], at('jobs?type=chat')));
    expect(coders.data.map(({ id }) => id)).toEqual([chatJob]);
  });

  it('[D2, F26] is told of a job what its account is told: cost, explanation, timeline, steps, attempts', async () => {
    const places = ['cost', 'cost/explain', 'timeline', 'steps', 'steps/2/attempts'];
    for (const place of places) {
      const theirs = await coding.get(`jobs/${codingJob}/${place}`, coding.accountKey);
      const { real_cost: _, ...told } = await seen(staff[role], at(`jobs/${codingJob}/${place}`));
      expect([place, told]).toEqual([place, theirs]);
    }
    for (const place of ['ledger?limit=5', `ledger?job_id=${codingJob}`, 'usage?group_by=bot']) {
      const theirs = await coding.get(`account/${place}`, coding.accountKey);
      const told = await seen(staff[role], at(place));
      expect([place, told['data'], told['total']]).toEqual([place, theirs['data'], theirs['total']]);
    }
    const job = staffJobBody.strict().parse(await seen(staff[role], at(`jobs/${codingJob}`)));
    expect(job).toMatchObject({ id: codingJob, account_id: coding.bot.accountId, charge: '1.200000' });
    for (const link of Object.values(job.links)) await seen(staff[role], link);
  });

  it('[C3] sees beside the cost what the job really cost us, which nobody of the account does', async () => {
    const cost = staffCostBody.parse(await seen(staff[role], at(`jobs/${codingJob}/cost`)));
    const explained = staffExplainBody.parse(await seen(staff[role], at(`jobs/${codingJob}/cost/explain`)));
    // Of each turn 1,000 tokens at 3 dollars a million and 200 at 15.
    const real = { usd: '0.012000', attempts: [1, 2].map((step) => ({ step, attempt: 1, usd: '0.006000' })) };
    expect([cost.real_cost, explained.real_cost]).toEqual([real, real]);
    for (const place of ['', '/cost', '/cost/explain', '/timeline', '/steps', '/steps/1/attempts']) {
      for (const key of [coding.accountKey, coding.bot.key]) {
        const shown = JSON.stringify(await coding.get(`jobs/${codingJob}${place}`, key));
        expect([place, shown.match(/real_cost|usd|0\.006000|0\.012000/)]).toEqual([place, null]);
      }
    }
  });

  it('finds no job of another account, no account that is none, and no step that was never made', async () => {
    const wrong: readonly (readonly [string, string])[] = [
      [at(`jobs/${strangersJob}`), 'job_not_found'],
      [at(`jobs/${strangersJob}/cost`), 'job_not_found'],
      [at('jobs/nonsense/timeline'), 'job_not_found'],
      [at(`jobs/${codingJob}/steps/9/attempts`), 'not_found'],
      ['/v1/staff/accounts/acc_none/jobs', 'account_not_found'],
      [`/v1/staff/accounts/nonsense/jobs/${codingJob}`, 'account_not_found'],
      ['/v1/staff/accounts/acc_none/ledger', 'account_not_found'],
      ['/v1/staff/accounts/acc_none/usage', 'account_not_found'],
    ];
    for (const [path, code] of wrong) {
      const { status, body } = await staff[role].call('GET', path);
      expect([path, status, body['code']]).toEqual([path, 404, code]);
    }
    const listed = staffJobsBody.parse(await seen(staff[role], at('jobs')));
    expect(listed.data.map(({ id }) => id)).not.toContain(strangersJob);
  });

  it('[F26] cancels a job for a reason, which its account reads with who did it', async () => {
    const jobId = await running(`by ${role}`);
    const path = at(`jobs/${jobId}/cancel`);
    for (const body of [{}, { reason: '' }]) {
      expect((await staff[role].call('POST', path, { body })).body).toMatchObject({ code: 'validation_failed' });
    }
    const elsewhere = await staff[role].call('POST', at(`jobs/${jobId}/cancel`, stranger), { body: { reason: 'Why' } });
    expect([elsewhere.status, elsewhere.body['code']]).toEqual([404, 'job_not_found']);
    const cancelled = await staff[role].call('POST', path, { body: { reason: 'It ran away' } });
    expect([cancelled.status, cancelled.body]).toMatchObject([200, { id: jobId, state: 'cancelled' }]);
    const again = await staff[role].call('POST', path, { body: { reason: 'Once more' } });
    expect([again.status, again.body['state']]).toEqual([200, 'cancelled']);
    const owner = await OwnerClient.open(stack, coding.bot.accountId);
    expect((await owner.call('GET', `/v1/audit?target_id=${jobId}`)).body['data']).toMatchObject([
      {
        actor: { role, id: await staff[role].userId() },
        action: 'job.cancel_requested',
        reason: 'It ran away',
        before: { state: 'running' },
        after: { state: 'running', requested: 'cancel' },
        request_id: cancelled.headers.get('x-request-id'),
      },
    ]);
  }, 20_000);
});

describe('somebody of the staff', () => {
  it('cancels nothing in an account of their own, as staff', async () => {
    const jobId = await running('own');
    const insider = StaffClient.of(stack, issuer, 'support');
    await stack.entities.manager.query(
      `INSERT INTO records.memberships (account_id, user_id, role) VALUES ($1, $2, 'member')`,
      [coding.bot.accountId, await insider.userId()],
    );
    const refused = await insider.call('POST', at(`jobs/${jobId}/cancel`), { body: { reason: 'Mine' } });
    expect([refused.status, refused.body['code']]).toEqual([403, 'forbidden']);
    expect((await seen(insider, at(`jobs/${jobId}`)))['state']).toBe('running');
  });
});
