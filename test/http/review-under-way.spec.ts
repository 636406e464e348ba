// Goal: an analysis that takes longer than anybody waits is answered as under way, is read as that, and comes to its
// end. Method: the running stack with an API that waits for less than usual; a lock on what every analysis reads.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { USAGE_REVIEW_WORKFLOW, usageReviewWorkflowId } from '@fairmeter/contracts';
import { instant } from '@fairmeter/domain';
import { withClient } from '@fairmeter/platform/database';
import { ApplicationFailure } from '@temporalio/common';
import type { Answer } from '../harness/bot-client.js';
import { eventsNamed, fetchHistory } from '../harness/histories.js';
import { keepStory } from '../harness/kept-stories.js';
import type { SignedIn } from '../harness/signed-in.js';
import type { RunningWorker } from '../harness/test-stack.js';
import { until } from '../harness/until.js';
import { PostedJobs, turn } from './posted-jobs.js';
import type { Body } from './reviewing.js';
import { DETAILS, Reviewing } from './reviewing.js';

/** All but the analysis itself is done within it; where a machine stands still for longer, whoever asks asks again. */
const API_WAITS_MS = 2_500;

let reviewing: Reviewing;
let id: string;
let jobId: string;
let asked: Answer;
let meanwhile: Body;
/** While it is under way: the same request, and one by somebody else. */
let askedAgain: readonly Answer[];
let owner: SignedIn;
let worker: RunningWorker;

beforeAll(async () => {
  reviewing = await Reviewing.open({});
  const posted = await PostedJobs.open(reviewing.stack);
  owner = await reviewing.person(posted.bot.accountId, 'owner');
  ({ jobId } = await posted.play({ steps: [turn()], asOf: instant(0) }));
  id = String((await owner.once('/v1/reviews', { body: { thread: jobId, ...DETAILS } })).body['id']);
  await reviewing.stack.startApi({ ADMIT_DEADLINE_MS: String(API_WAITS_MS) });
  await whileNoneIsDone(async () => {
    asked = await analyse('first');
    meanwhile = await reviewing.seen(id);
    askedAgain = await Promise.all([analyse('first'), analyse('second', reviewing.admin)]);
  });
}, 60_000);
afterAll(async () => {
  await reviewing.close();
}, 60_000);

async function ask(key: string, by = reviewing.support): Promise<Answer> {
  return by.call('POST', `/v1/support/reviews/${id}/analyse`, { body: {}, key });
}

/** Under its key again where nobody knew in time what had become of it, as that answer says. */
async function analyse(key: string, by = reviewing.support): Promise<Answer> {
  return until(
    async () => ask(key, by),
    ({ body }) => body['code'] !== 'review_unknown',
  );
}

async function whileNoneIsDone(work: () => Promise<void>): Promise<void> {
  await withClient(reviewing.stack.database.adminUrl, async (client) => {
    await client.query('BEGIN; LOCK TABLE records.incidents IN ACCESS EXCLUSIVE MODE');
    await work();
    await client.query('ROLLBACK');
  });
}

const begunAt = ({ analysis }: Body): string => String((analysis as Body)['at']);

describe('an analysis that takes longer than anybody waits', () => {
  const underWay = [200, { state: 'analysing', analysis: null }];
  let analysis: unknown;
  beforeAll(async () => {
    const done = await until(
      async () => reviewing.seen(id),
      (body) => body['analysis'] !== null,
    );
    analysis = done['analysis'];
    await until(analysedBy, ({ length }) => length === 2);
  }, 60_000);

  async function analysedBy(): Promise<readonly string[]> {
    const lines = await reviewing.stack.entities.manager.query<{ actor_id: string }[]>(
      `SELECT actor_id FROM records.audit WHERE target_id = $1 AND action = 'review.analysed' ORDER BY id`,
      [id],
    );
    return lines.map(({ actor_id: actor }) => actor);
  }

  it('[E28] is answered and read as under way, also by whoever asks for it meanwhile', () => {
    expect([asked.status, asked.body]).toMatchObject(underWay);
    expect(meanwhile).toMatchObject(underWay[1] as Body);
    for (const again of askedAgain) expect([again.status, again.body]).toMatchObject(underWay);
  });

  it('[E28] is there to read when it is done, and the case goes on', async () => {
    expect(analysis).toMatchObject({ jobs: [{ job_id: jobId }] });
    const found = { verdict: 'not_confirmed', cause: 'none', reasons: 'The task was large.' };
    expect((await reviewing.desk(id, 'decide', { body: found })).body).toMatchObject({ state: 'not_confirmed' });
    await reviewing.desk(id, 'close', { body: { advice: [{ tip: 'be_specific' }] } });
    await keepStory(reviewing.stack, 'under-way', {
      workflowId: usageReviewWorkflowId(id),
      workflow: USAGE_REVIEW_WORKFLOW,
    });
  });

  it('[E28] [F26] is one for all who have asked, each of whom is in the audit', async () => {
    const scheduled = eventsNamed(
      await fetchHistory(reviewing.stack, usageReviewWorkflowId(id)),
      'ACTIVITY_TASK_SCHEDULED',
    ).map(({ activityTaskScheduledEventAttributes: told }) => told?.activityType?.name);
    expect(scheduled.filter((name) => name === 'analyseReview')).toHaveLength(1);
    expect(await analysedBy()).toEqual([await reviewing.support.userId(), await reviewing.admin.userId()]);
  });
});

describe('an analysis of a case that was opened again', () => {
  let first: Body;
  let second: Body;
  beforeAll(async () => {
    first = await reviewing.seen(id);
    await owner.call('POST', `/v1/reviews/${id}/reopen`, { facts: 'It came again.' });
    await whileNoneIsDone(async () => {
      asked = await analyse('once more');
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

describe('an analysis that fails while others ask for it', () => {
  let calls = 0;
  let answers: readonly Answer[];
  beforeAll(async () => {
    await reviewing.stopWorker();
    let fail = (): void => undefined;
    const failing = new Promise<void>((resume) => {
      fail = resume;
    });
    worker = await reviewing.stack.startWorkerLike({
      around: ({ reviewAnalysis }) => ({
        reviewAnalysis: {
          analyseReview: async (at) => {
            calls += 1;
            if (calls > 1) return reviewAnalysis.analyseReview(at);
            await failing;
            throw ApplicationFailure.nonRetryable('the first one fails');
          },
        },
      }),
    });
    const before = await eventsOf('ACCEPTED');
    const first = analyse('it fails');
    await until(
      async () => calls,
      (begun) => begun === 1,
    );
    const others = [analyse('behind it'), analyse('behind both', reviewing.admin)];
    await until(
      async () => eventsOf('ACCEPTED'),
      (accepted) => accepted === before + 3,
    );
    fail();
    await first;
    answers = await Promise.all(others);
    // Whoever was answered meanwhile that it is under way has its turn too.
    await until(
      async () => eventsOf('COMPLETED'),
      (ended) => ended === before + 3,
    );
  }, 60_000);

  /** How much was said in the case so far that waits for its turn, or has had it. */
  async function eventsOf(what: 'ACCEPTED' | 'COMPLETED'): Promise<number> {
    const history = await fetchHistory(reviewing.stack, usageReviewWorkflowId(id));
    return eventsNamed(history, `WORKFLOW_EXECUTION_UPDATE_${what}`).length;
  }

  it('[E28] is done once more for all of them, and not for each', async () => {
    for (const { status, body } of answers) expect([status, body]).toMatchObject([200, { state: 'analysing' }]);
    expect(calls).toBe(2);
    await keepStory(reviewing.stack, 'joined-later', {
      workflowId: usageReviewWorkflowId(id),
      workflow: USAGE_REVIEW_WORKFLOW,
      isEndless: true,
    });
  });
});

describe('an analysis that nobody hears of', () => {
  let unheard: Answer;
  beforeAll(async () => {
    await worker.stop();
    unheard = await ask('unheard');
  }, 60_000);

  it('[E28] is not taken for the one before it, which has ended', () => {
    expect([unheard.status, unheard.body['code']]).toEqual([503, 'review_unknown']);
  });
});
