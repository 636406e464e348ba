// Goal: an analysis that takes longer than anybody waits is answered as under way, is read as that, and comes to its
// end. Method: the running stack with an API that waits for a second; a lock on what every analysis reads.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { USAGE_REVIEW_WORKFLOW, usageReviewWorkflowId } from '@fairmeter/contracts';
import { instant } from '@fairmeter/domain';
import { withClient } from '@fairmeter/platform/database';
import type { Answer } from '../harness/bot-client.js';
import { keepStory } from '../harness/kept-stories.js';
import type { SignedIn } from '../harness/signed-in.js';
import { until } from '../harness/until.js';
import { PostedJobs, turn } from './posted-jobs.js';
import type { Body } from './reviewing.js';
import { DETAILS, Reviewing } from './reviewing.js';

let reviewing: Reviewing;
let id: string;
let jobId: string;
let asked: Answer;
let meanwhile: Body;
let askedAgain: Answer;
let owner: SignedIn;

beforeAll(async () => {
  reviewing = await Reviewing.open({});
  const posted = await PostedJobs.open(reviewing.stack);
  owner = await reviewing.person(posted.bot.accountId, 'owner');
  ({ jobId } = await posted.play({ steps: [turn()], asOf: instant(0) }));
  id = String((await owner.once('/v1/reviews', { body: { thread: jobId, ...DETAILS } })).body['id']);
  await reviewing.stack.startApi({ ADMIT_DEADLINE_MS: '1000' });
  await whileNoneIsDone(async () => {
    asked = await reviewing.desk(id, 'analyse');
    meanwhile = await reviewing.seen(id);
    askedAgain = await reviewing.desk(id, 'analyse');
  });
}, 60_000);
afterAll(async () => {
  await reviewing.close();
}, 60_000);

async function whileNoneIsDone(work: () => Promise<void>): Promise<void> {
  await withClient(reviewing.stack.database.adminUrl, async (client) => {
    await client.query('BEGIN; LOCK TABLE records.incidents IN ACCESS EXCLUSIVE MODE');
    await work();
    await client.query('ROLLBACK');
  });
}

const begunAt = ({ analysis }: Body): string => String((analysis as Body)['at']);

describe('an analysis that takes longer than anybody waits', () => {
  it('[E28] is answered and read as under way, and no second one is said to have begun', () => {
    expect([asked.status, asked.body]).toMatchObject([200, { state: 'analysing', analysis: null }]);
    expect(meanwhile).toMatchObject({ state: 'analysing', analysis: null });
    expect([askedAgain.status, askedAgain.body['code']]).toEqual([503, 'review_unknown']);
  });

  it('[E28] is there to read when it is done, and the case goes on', async () => {
    const { analysis } = await until(
      async () => reviewing.seen(id),
      (body) => body['analysis'] !== null,
    );
    expect(analysis).toMatchObject({ jobs: [{ job_id: jobId }] });
    const found = { verdict: 'not_confirmed', cause: 'none', reasons: 'The task was large.' };
    expect((await reviewing.desk(id, 'decide', { body: found })).body).toMatchObject({ state: 'not_confirmed' });
    await reviewing.desk(id, 'close', { body: { advice: [{ tip: 'be_specific' }] } });
    await keepStory(reviewing.stack, 'under-way', {
      workflowId: usageReviewWorkflowId(id),
      workflow: USAGE_REVIEW_WORKFLOW,
    });
  });
});

describe('an analysis of a case that was opened again', () => {
  let first: Body;
  let second: Body;
  beforeAll(async () => {
    first = await reviewing.seen(id);
    await owner.call('POST', `/v1/reviews/${id}/reopen`, { facts: 'It came again.' });
    await whileNoneIsDone(async () => {
      asked = await reviewing.desk(id, 'analyse');
    });
    second = await until(
      async () => reviewing.seen(id),
      (body) => begunAt(body) !== begunAt(first),
    );
  }, 60_000);

  it('[E28] shows the earlier one until it is done, and tells by its time which it is', () => {
    expect([asked.status, asked.body]).toMatchObject([200, { state: 'analysing', analysis: first['analysis'] }]);
    expect(second).toMatchObject({ state: 'analysing', analysis: { jobs: [{ job_id: jobId }] } });
    expect(begunAt(second) > begunAt(first)).toBe(true);
  });
});
