// Threads over HTTP: how long one is, what its models read message after message, what it cost; seen by whoever takes
// part in it, by whoever answers for its bot, by support, and by nobody else.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { threadBody, threadUsageBody } from '../../apps/api/src/threads/thread-body.js';
import { BotClient } from '../harness/bot-client.js';
import { creditsOf, use } from '../harness/orders.js';
import { openBot } from '../harness/people.js';
import { TestIssuer } from '../harness/signed-in.js';
import { StaffClient } from '../harness/staff.js';
import { TestStack } from '../harness/test-stack.js';
import { visit, VISITOR_ENV, type Visitor } from '../harness/visitors.js';
import { PostedJobs, turn } from './posted-jobs.js';

/** Each message reads what was said before as well. */
const READ = [1_000, 1_000, 2_000, 3_000] as const;
const THREAD = 'thr_growing';

describe('a thread', () => {
  let stack: TestStack;
  let issuer: TestIssuer;
  let owner: PostedJobs;
  let stranger: PostedJobs;
  let ann: Visitor;
  let ben: Visitor;
  const jobs: string[] = [];

  beforeAll(async () => {
    issuer = await TestIssuer.open();
    stack = await TestStack.open({ api: { ...VISITOR_ENV, OIDC_ISSUERS: issuer.setting } });
    await stack.startApi();
    owner = await PostedJobs.open(stack, { credits: '1000' });
    stranger = await PostedJobs.open(stack, { credits: '1000' });
    ann = await visit(stack, owner.bot, 'ann');
    ben = await visit(stack, owner.bot, 'ben');
    for (const input of READ) {
      const steps = [500, input - 500].map((read) => turn({ used: use({ input: read, output: 100, calls: 1 }) }));
      const { jobId } = await owner.play({ threadId: THREAD, maxCredits: creditsOf('50'), steps });
      jobs.push(jobId);
    }
    await asked(jobs[3], ann);
    await stranger.play({ threadId: THREAD, maxCredits: creditsOf('50'), steps: [turn()] });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
    await issuer.close();
  }, 60_000);

  async function asked(jobId: string | undefined, { id }: Visitor): Promise<void> {
    await stack.entities.manager.query(
      `UPDATE ledger.jobs SET requester_kind = 'visitor', requester_id = $2 WHERE id = $1`,
      [jobId, id],
    );
    await stack.entities.manager.query(
      `INSERT INTO records.visitor_jobs (key_hash, account_id, bot_id, visitor_id)
       SELECT key_hash, account_id, bot_id, $2 FROM ledger.jobs WHERE id = $1`,
      [jobId, id],
    );
  }

  it('[E38] tells its messages, what each read at most, whether that grows, and what it cost', async () => {
    const thread = threadBody.strict().parse(await owner.get(`threads/${THREAD}`));
    expect(thread).toMatchObject({
      thread_id: THREAD,
      jobs: 4,
      messages: 8,
      read_tokens: 7_000,
      written_tokens: 800,
      trend: { direction: 'growing', percent: 250 },
    });
    expect(thread.data.map(({ job_id: id, read_tokens: read, context_tokens: most }) => [id, read, most])).toEqual(
      [...READ].map((read, index) => [jobs[index], read, Math.max(500, read - 500)]).reverse(),
    );
    // 300 credits a million in, 1,500 a million out.
    expect([thread.charge, thread.refunded, thread.net]).toEqual(['3.300000', '0.000000', '3.300000']);
    const usage = threadUsageBody.strict().parse(await owner.get(`threads/${THREAD}/usage`));
    expect(usage).toMatchObject({ jobs: 4, charge: '3.300000', read_tokens: 7_000 });
    expect(usage.by_model.map(({ jobs: count, charge }) => [count, charge])).toEqual([[4, '3.300000']]);
  });

  it('goes on page by page, its whole figures on each', async () => {
    const first = threadBody.parse(await owner.get(`threads/${THREAD}?limit=3`));
    const second = threadBody.parse(await owner.get(`threads/${THREAD}?limit=3&cursor=${first.next_cursor ?? ''}`));
    expect([...first.data, ...second.data].map(({ job_id: id }) => id)).toEqual([...jobs].reverse());
    expect([first.jobs, second.jobs, second.next_cursor]).toEqual([4, 4, null]);
  });

  it('[E38, B26] shows a visitor what that visitor asked for, and others that there is no such thread', async () => {
    const mine = await ann.client.get(`/v1/threads/${THREAD}`);
    expect(mine.body).toMatchObject({ jobs: 1, messages: 2 });
    const elsewhere = await openBot(stack);
    const others = [ben.client, new BotClient(stack, elsewhere)];
    for (const client of others) {
      const answer = await client.get(`/v1/threads/${THREAD}`);
      expect([answer.status, answer.body['code']]).toEqual([404, 'thread_not_found']);
    }
    expect((await stranger.get(`threads/${THREAD}`))['jobs']).toBe(1);
    const other = await new BotClient(stack, owner.bot).get('/v1/threads/thr_none/usage');
    expect([other.status, other.body['code']]).toEqual([404, 'thread_not_found']);
  });

  it('[E38] is shown to support in the account that is named', async () => {
    const support = StaffClient.of(stack, issuer, 'support');
    const at = (accountId: string): string => `/v1/staff/accounts/${accountId}/threads/${THREAD}`;
    expect((await support.call('GET', at(owner.bot.accountId))).body).toMatchObject({ jobs: 4 });
    expect((await support.call('GET', at(stranger.bot.accountId))).body).toMatchObject({ jobs: 1 });
    const none = await support.call('GET', at((await openBot(stack)).accountId));
    expect([none.status, none.body['code']]).toEqual([404, 'thread_not_found']);
  });
});
