// Goal: the judge of whole jobs is not blind. Method: the same stories on a stack of which one part is wrong on
// purpose, in ways that a careless change could bring; each must be named.
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { accountScope } from '@fairmeter/domain';
import { JobLedger } from '@fairmeter/ledger';
import { withClient } from '@fairmeter/platform/database';
import { beginOrder } from '../../harness/orders.js';
import { differencesOf } from './judge.js';
import { JobsStage } from './jobs-stage.js';
import { playJob } from './player.js';
import type { PlayedJob } from './played-job.js';
import { replyOf } from './replies.js';
import { drawStory, type JobStory } from './story.js';

/** Nothing comes over it from outside: what is found is what was done wrong. */
const isPlain = ({ steers, deadlineMs, isPoor, isTight, deadStep }: JobStory): boolean =>
  steers.length === 0 && deadlineMs === null && !isPoor && !isTight && deadStep === null;

function storiesLike(wanted: (story: JobStory) => boolean, count: number): JobStory[] {
  const all = Array.from({ length: 2_000 }, (_, seed) => drawStory(seed));
  return all.filter((story) => isPlain(story) && wanted(story)).slice(0, count);
}

let stage: JobsStage;

beforeAll(async () => {
  stage = await JobsStage.open();
}, 60_000);
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(async () => {
  await stage.close();
}, 60_000);

async function play(stories: readonly JobStory[]): Promise<PlayedJob[]> {
  const played = await Promise.all(stories.map(async (story) => playJob(stage, story)));
  await stage.losses.quiet();
  return played;
}

async function said(played: readonly PlayedJob[]): Promise<string> {
  const found = await Promise.all(played.map(async (each) => differencesOf(stage, each)));
  return found.flat().join('\n');
}

const ofReview = ({ program }: JobStory): boolean => program === 'review';
/** One of its first answers is a fault that may be tried again. */
const failsAtFirst = (story: JobStory): boolean =>
  [1, 2].some((ordinal) => {
    const reply = replyOf(story, ordinal, 1);
    return (
      'fault' in reply && reply.fault === 'broken_stream' && typeof reply.usage === 'object' && reply.usage !== null
    );
  });
const ofOurCheck = ({ program, habit, maxIterations }: JobStory): boolean =>
  program === 'workspace' && habit === 'our_check_crashes' && maxIterations >= 4;

/** As no role of ours could: without triggers and without foreign keys. */
async function tamper(...statements: readonly string[]): Promise<void> {
  await withClient(stage.stack.database.adminUrl, async (admin) => {
    await admin.query('SET session_replication_role = replica');
    for (const sql of statements) await admin.query(sql);
  });
}

describe('the judge of whole jobs', () => {
  it('finds nothing where nothing is wrong', async () => {
    expect(await said(await play(storiesLike(ofReview, 4)))).toBe('');
  }, 60_000);

  it('[F5] names a step that is taken for twice', async () => {
    const { beginStep, endStep } = JobLedger.prototype;
    jest.spyOn(JobLedger.prototype, 'endStep').mockImplementation(async function (this: JobLedger, post) {
      const ended = await endStep.call(this, post);
      // As a worker would that forgets that it is done, and counts the same answer as a step of its own.
      const again = { ...post.order, ordinal: post.order.ordinal + 100, attempt: 1 };
      const forgotten = { ...post, tryKey: `${post.tryKey}.again` };
      const order = beginOrder(again.ordinal, { price: again.price });
      const begun = await beginStep.call(this, { ...forgotten, order });
      if (begun.ok) await endStep.call(this, { ...forgotten, order: again });
      return ended;
    });
    expect(await said(await play(storiesLike(ofReview, 2)))).toMatch(/is billable, nobody was asked/);
  }, 60_000);

  it('[F8] names a fault of the provider that is charged', async () => {
    const { endStep } = JobLedger.prototype;
    jest.spyOn(JobLedger.prototype, 'failAttempt').mockImplementation(async function (this: JobLedger, post) {
      const { order } = post;
      const charged = {
        ...order,
        unmetered: false,
        chargeClass: 'billable' as const,
        verdict: 'go_on' as const,
        report: {},
        resultRef: null,
        resultBytes: 0,
        region: null,
      };
      await endStep.call(this, { ...post, order: { ...charged, fault: null } });
      return { ok: true, value: { result: { outcome: 'failed' }, replayed: false } };
    });
    const failing = storiesLike((story) => ofReview(story) && failsAtFirst(story), 2);
    expect(await said(await play(failing))).toMatch(/is billable, its provider failed/);
  }, 60_000);

  it('[F14] names a refund above what was charged, and one that takes the first honest step along', async () => {
    const played = await play(storiesLike(ofOurCheck, 3));
    expect(await said(played)).toBe('');
    const looped = played.find(({ result }) => result?.outcome === 'ended' && result.reason === 'loop_detected');
    if (typeof looped?.jobId !== 'string') throw new Error('none of these stories is stopped for a loop');
    const scope = accountScope(looped.owner.accountId);
    const ofJob = `WHERE job_id = '${looped.jobId}'`;
    await tamper(
      // The table itself refuses it: even that wall is down here.
      'ALTER TABLE ledger.jobs DROP CONSTRAINT jobs_check',
      `UPDATE ledger.entries SET amount = amount * 100 ${ofJob} AND from_account LIKE 'consumed:%'`,
      `UPDATE ledger.jobs SET refunded = refunded * 100 WHERE id = '${looped.jobId}'`,
      `UPDATE ledger.loop_findings SET amount = amount * 100 ${ofJob}`,
      `UPDATE ledger.steps SET paid_from = (SELECT jsonb_agg(share || jsonb_build_object('reversed', share -> 'amount'))
         FROM jsonb_array_elements(paid_from) share) ${ofJob} AND ordinal = 1 AND jsonb_array_length(paid_from) > 0`,
      `UPDATE ledger.lots SET open = open + 1 WHERE scope_id = '${scope}'`,
    );
    const differences = await said([looped]);
    expect(differences).toMatch(/it gave back \d+ of \d+/);
    expect(differences).toMatch(/step 1 was given back and is no repeat/);
    expect(differences).toMatch(/its account was given/);
  }, 60_000);
});
