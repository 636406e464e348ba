// Goal: a case in which much is said goes on from run to run, hears every word once, and neither its times nor what it
// gives back are lost on the way. Method: the running stack; many words at once while its history grows beyond what a
// server takes of one run.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { USAGE_REVIEW_WORKFLOW, usageReviewWorkflowId } from '@fairmeter/contracts';
import { instant } from '@fairmeter/domain';
import { eventsNamed, fetchHistory, fill } from '../harness/histories.js';
import { keepStory } from '../harness/kept-stories.js';
import { HOUR_MS } from '../harness/next-friday.js';
import type { SignedIn } from '../harness/signed-in.js';
import { skipWorkflow } from '../harness/time-skip.js';
import { until } from '../harness/until.js';
import { PostedJobs, turn } from './posted-jobs.js';
import type { Body } from './reviewing.js';
import { DETAILS, Reviewing } from './reviewing.js';

const WORDS = 24;
/** That are said while the history grows. */
const AT_ONCE = 16;
const HEARD_WITHIN_MS = 60_000;

let reviewing: Reviewing;
let owner: SignedIn;
let id: string;
let workflowId: string;
let runId: string;
const seen: Record<string, Body> = {};

beforeAll(async () => {
  reviewing = await Reviewing.open({ worker: { GRANT_ALONE_SUPPORT_CREDITS: '50' } });
  const posted = await PostedJobs.open(reviewing.stack);
  owner = await reviewing.person(posted.bot.accountId, 'owner');
  const { jobId } = await posted.play({ steps: [turn(), turn()], asOf: instant(0) });
  id = String((await owner.once('/v1/reviews', { body: { thread: jobId, ...DETAILS } })).body['id']);
  workflowId = usageReviewWorkflowId(id);
  runId = (await run().describe()).runId;
  await speak();
  seen['spoken'] = await reviewing.seen(id);
  const due = Date.parse(String(seen['spoken']['due_at']));
  await skipWorkflow(reviewing.stack, workflowId, { to: due - HOUR_MS });
  seen['before it is late'] = await reviewing.seen(id);
  await skipWorkflow(reviewing.stack, workflowId, { to: due + HOUR_MS });
  seen['late'] = await reviewing.seen(id);
  seen['decided'] = await word('decide', { verdict: 'confirmed', cause: 'bug_repeats', reasons: 'It ran twice.' });
  seen['closed'] = await word('close', { advice: [{ tip: 'be_specific' }] });
}, 90_000);
afterAll(async () => {
  await reviewing.close();
}, 60_000);

const run = (of?: string) => reviewing.stack.temporal.client.workflow.getHandle(workflowId, of);

/** Said again under its key, as whoever gets no answer is told to. */
async function word(verb: string, body: object = {}, key = verb): Promise<Body> {
  const answer = await until(
    async () => reviewing.support.call('POST', `/v1/support/reviews/${id}/${verb}`, { body, key }),
    ({ body: told }) => told['code'] !== 'review_unknown',
    HEARD_WITHIN_MS,
  );
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return answer.body;
}

async function speak(): Promise<void> {
  const analyse = async (number: number): Promise<Body> => word('analyse', {}, `word-${number}`);
  const said = Array.from({ length: AT_ONCE }, async (_, number) => analyse(number));
  await fill(run(runId));
  await Promise.all(said);
  for (let number = AT_ONCE; number < WORDS; number += 1) await analyse(number);
}

async function linesOf(action: string): Promise<readonly string[]> {
  const lines = await reviewing.stack.entities.manager.query<{ request_id: string }[]>(
    'SELECT request_id FROM records.audit WHERE target_id = $1 AND action = $2',
    [id, action],
  );
  return lines.map(({ request_id: request }) => request);
}

describe('a case with a long history', () => {
  it('goes on as new and hears each of many words, once', async () => {
    expect((await run(runId).describe()).status.name).toBe('CONTINUED_AS_NEW');
    const heard = await linesOf('review.analysed');
    expect([heard.length, new Set(heard).size]).toEqual([WORDS, WORDS]);
  });

  it('[E34] keeps its times, and is late when it is late', () => {
    const { target_at: target, due_at: due } = seen['spoken'] ?? {};
    expect(seen['before it is late']).toMatchObject({ overdue: false, target_at: target, due_at: due });
    expect(seen['late']).toMatchObject({ overdue: true, due_at: due, breached_at: expect.any(String) });
  });

  it('[E33] [E36] gives back what was confirmed, once, and ends with advice', async () => {
    expect(seen['decided']).toMatchObject({ state: 'notified', restored: '1.200000' });
    expect(seen['closed']).toMatchObject({ state: 'closed' });
    const lots = await reviewing.restoredTo(String(seen['closed']?.['account_id']));
    expect(lots).toMatchObject([{ granted: '1200000' }]);
    const last = await run().describe();
    expect([last.status.name, last.runId === runId]).toEqual(['COMPLETED', false]);
  });

  it('has the time of an analysis for a decision, which may be about all steps of a long thread', async () => {
    const scheduled = eventsNamed(await fetchHistory(reviewing.stack, workflowId), 'ACTIVITY_TASK_SCHEDULED').map(
      ({ activityTaskScheduledEventAttributes: told }) => told?.activityType?.name,
    );
    expect(scheduled.filter((name) => name !== 'analyseReview')).toEqual(['noteReviewWord']);
  });

  it('replays both of its runs', async () => {
    const story = { workflowId, workflow: USAGE_REVIEW_WORKFLOW };
    await keepStory(reviewing.stack, 'continued', { ...story, runId });
    await keepStory(reviewing.stack, 'went-on', story);
  });
});
