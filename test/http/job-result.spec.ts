// What a job has brought, over HTTP: its answer and its files by reference, and no view of it for anybody else.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@fairmeter/platform/database';
import { saveText, saveTree } from '@fairmeter/records';
import { resultBody } from '../../apps/api/src/jobs/result-body.js';
import { BotClient } from '../harness/bot-client.js';
import { openBot } from '../harness/people.js';
import type { Played } from '../harness/played-jobs.js';
import { TestStack } from '../harness/test-stack.js';
import { check, PostedJobs, turn } from './posted-jobs.js';

let stack: TestStack;
let owner: PostedJobs;

beforeAll(async () => {
  stack = await TestStack.open();
  await stack.startApi();
  owner = await PostedJobs.open(stack);
}, 60_000);
afterAll(async () => {
  await stack.stop();
}, 60_000);

describe('the result of a job', () => {
  const HASH = 'a'.repeat(64);
  const TREE = 'b'.repeat(64);

  async function played(): Promise<Played> {
    const { manager } = stack.entities;
    const { accountId, botId: subject } = owner.bot;
    const id = newId('txt');
    await saveText(manager, { id, accountId, subject, purpose: 'answer', body: 'Here you are.' });
    const job = await owner.play({
      steps: [
        turn({ stage: 'plan', resultRef: 'txt_plan' }),
        turn({ resultRef: id, report: { tree: 'c'.repeat(64) } }),
        turn({ stage: 'review', resultRef: 'txt_review' }),
        check({ resultRef: 'txt_check', report: { tree: TREE } }),
      ],
    });
    const entries = [{ path: 'src/a.ts', sha256: HASH, bytes: 3 }];
    const newBodies = new Map([[HASH, 'abc']]);
    await saveTree(manager, { accountId, subject, jobId: job.jobId, hash: TREE, entries, newBodies });
    return job;
  }

  it('[A14] is what a model wrote for whoever asked, the files by reference, and the word of caution', async () => {
    const job = await played();
    for (const key of [owner.bot.key, owner.accountKey]) {
      const result = resultBody.strict().parse(await owner.get(`jobs/${job.jobId}/result`, key));
      expect(result).toMatchObject({
        state: 'completed',
        partial: false,
        answer: { step: 2, text: 'Here you are.' },
        files: { tree: TREE, count: 1, bytes: 3, list: [{ path: 'src/a.ts', sha256: HASH, bytes: 3 }] },
        artefact: null,
        notices: [{ code: 'code_is_a_suggestion' }],
      });
    }
  });

  it('is empty before anything was brought, and without its text once that was erased', async () => {
    const running = await owner.play({ steps: [turn({ used: null })], settles: false });
    const nothing = { partial: true, answer: null, files: null };
    expect(await owner.get(`jobs/${running.jobId}/result`)).toMatchObject(nothing);
    const erased = await owner.play({ steps: [turn({ resultRef: 'txt_gone', report: { tree: TREE } })] });
    const gone = { answer: { step: 1, text: null }, files: null };
    expect(await owner.get(`jobs/${erased.jobId}/result`)).toMatchObject(gone);
  });

  it('and every other view of a job are nobody else\u2019s, other bots of the account included', async () => {
    const { jobId } = await played();
    const sibling = await openBot(stack, { accountId: owner.bot.accountId });
    const stranger = await PostedJobs.open(stack);
    for (const key of [sibling.key, stranger.bot.key, stranger.accountKey]) {
      const client = new BotClient(stack, { ...owner.bot, key });
      for (const view of ['result', 'cost', 'cost/explain', 'timeline', 'steps', 'steps/1/attempts']) {
        for (const id of [jobId, 'job_none', 'x']) {
          const answer = await client.get(`/v1/jobs/${id}/${view}`);
          expect([answer.status, answer.body['code']]).toEqual([404, 'job_not_found']);
        }
      }
    }
  });
});
