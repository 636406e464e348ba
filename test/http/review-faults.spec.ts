// Goal: a review never gets stuck, is never answered for what did not happen, and gives back each step once. Method:
// jobs posted straight to the ledger, cases that nobody has begun, and the sweep as workers have it.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { instant } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { addReviewCase, findReviewOfThread } from '@fairmeter/records';
import { beginReview } from '../../apps/worker/src/begin-review.js';
import { expectLedgerHolds } from '../harness/audit.js';
import type { Answer } from '../harness/bot-client.js';
import { BotClient } from '../harness/bot-client.js';
import { openTestKey } from '../harness/people.js';
import type { Played } from '../harness/played-jobs.js';
import { TestIssuer } from '../harness/signed-in.js';
import { StaffClient } from '../harness/staff.js';
import type { RunningWorker } from '../harness/test-stack.js';
import { TestStack } from '../harness/test-stack.js';
import { until } from '../harness/until.js';
import { visit, VISITOR_ENV } from '../harness/visitors.js';
import { PostedJobs, turn } from './posted-jobs.js';

const NOW = instant(0);
const SECRET = Buffer.alloc(24, 3).toString('base64');
const FOUND = { verdict: 'confirmed', cause: 'system_errors', reasons: 'Our bundler was away.' };

let stack: TestStack;
let issuer: TestIssuer;
let support: StaffClient;
let posted: PostedJobs;
let parts: RunningWorker['parts'];

beforeAll(async () => {
  issuer = await TestIssuer.open();
  stack = await TestStack.open({
    api: { ...VISITOR_ENV, OIDC_ISSUERS: issuer.setting, INBOUND_MAIL_SECRET: `whsec_${SECRET}` },
  });
  parts = (await stack.startWorker()).parts;
  await stack.startApi();
  support = StaffClient.of(stack, issuer, 'support');
  posted = await PostedJobs.open(stack);
}, 60_000);
afterAll(async () => {
  await expectLedgerHolds(stack);
  await stack.stop();
  await issuer.close();
}, 60_000);

const sweep = async (): Promise<number> =>
  parts.platformReviews.beginLost(async (caseId) => beginReview(stack.temporal, caseId));

/** As if its time had come, or more were known of it. */
async function change(id: string, columns: Readonly<Record<string, unknown>>): Promise<void> {
  const names = Object.keys(columns).map((name, index) => `${name} = $${index + 2}`);
  await stack.entities.manager.query(`UPDATE records.review_cases SET ${names.join(', ')} WHERE id = $1`, [
    ...[id, ...Object.values(columns)],
  ]);
}

const PAST = new Date(Date.now() - 1_000);

/** 0.6 credits a step, in a thread of its own unless it is named. */
async function played(threadId = newId('req'), settles = true): Promise<Played & { readonly threadId: string }> {
  return { ...(await posted.play({ steps: [turn(), turn()], threadId, settles, asOf: NOW })), threadId };
}

/** A case that nobody has begun. */
async function opened(threadId: string, somebody: string | null = null): Promise<string> {
  const { accountId, botId } = posted.bot;
  const [id, keyHash] = [newId('rvw'), newId('key')];
  const added = await addReviewCase(stack.entities.manager, {
    ...{ id, accountId, channel: 'platform', reporter: { kind: 'platform', id: null }, state: 'submitted' },
    thread: { botId, threadId, jobId: null, somebody },
    ...{ missing: [], duplicateOf: null, wordsRef: null, keyHash, bodyHash: keyHash },
  });
  expect(added).toBe(true);
  return id;
}

const desk = async (id: string, verb: string, body?: object): Promise<Answer> =>
  support.call('POST', `/v1/support/reviews/${id}/${verb}`, body === undefined ? {} : { body });

async function seen(id: string, state: string): Promise<Answer['body']> {
  return until(
    async () => (await support.call('GET', `/v1/support/reviews/${id}`)).body,
    (body) => body['state'] === state && (state !== 'submitted' || body['due_at'] !== null),
  );
}

/** Looked into, and not decided. */
async function analysed(threadId: string): Promise<string> {
  const id = await opened(threadId);
  await beginReview(stack.temporal, id);
  expect((await desk(id, 'analyse')).status).toBe(200);
  return id;
}

const pointersOf = ({ body }: Answer): unknown =>
  (body['errors'] as readonly { pointer: string }[]).map(({ pointer }) => pointer);

describe('a review whose run is lost', () => {
  it('[E34] is begun, and has its times, when a minute has passed without them', async () => {
    const { threadId } = await played();
    const id = await opened(threadId);
    expect(await sweep()).toBe(0);
    await change(id, { look_at: PAST });
    expect([await sweep(), await sweep()]).toEqual([1, 0]);
    expect((await seen(id, 'submitted'))['due_at']).toEqual(expect.any(String));
  });

  it('waits for none that can never be begun', async () => {
    const ids = [await opened((await played()).threadId), await opened((await played()).threadId)];
    for (const [index, id] of ids.entries()) await change(id, { look_at: new Date(PAST.getTime() + index) });
    const tried: string[] = [];
    const failing = async (): Promise<number> =>
      parts.platformReviews.beginLost(async (caseId) => {
        tried.push(caseId);
        if (caseId === ids[0]) throw new Error('it is never begun');
      });
    await expect(failing()).rejects.toThrow('it is never begun');
    expect([await failing(), await failing()]).toEqual([1, 0]);
    expect(tried).toEqual(ids);
    for (const id of ids) await change(id, { look_at: null });
  });

  it('[E33] restores what was let through, once', async () => {
    const { threadId, jobId } = await played();
    const id = await opened(threadId);
    const picked = JSON.stringify([{ jobId, steps: [1, 2] }]);
    await change(id, { state: 'granting', verdict: 'confirmed', picked, due_at: PAST, look_at: PAST });
    expect(await sweep()).toBe(1);
    expect(await seen(id, 'notified')).toMatchObject({ restored: '1.200000' });
    await change(id, { look_at: PAST });
    expect(await sweep()).toBe(1);
    expect((await posted.get(`jobs/${jobId}`))['refunded']).toBe('1.200000');
  });
});

describe('a decision', () => {
  it('[E40] takes each job and each step once, and keeps which they are', async () => {
    const { threadId, jobId } = await played(undefined, false);
    const id = await analysed(threadId);
    const twice = [
      { job_id: jobId, steps: [1] },
      { job_id: jobId, steps: [2] },
    ];
    const refused = await desk(id, 'decide', { ...FOUND, steps: twice });
    expect([refused.status, pointersOf(refused)]).toEqual([422, ['/steps']]);
    const done = await desk(id, 'decide', { ...FOUND, steps: [{ job_id: jobId, steps: [2, 1, 2] }] });
    expect(done.body).toMatchObject({ state: 'notified', restorable: '1.200000', restored: '1.200000' });
  });

  it('[E40] of a whole thread keeps the steps that there were when it was taken', async () => {
    const { threadId, jobId } = await played(undefined, false);
    const id = await analysed(threadId);
    expect((await desk(id, 'decide', FOUND)).body).toMatchObject({ state: 'notified', restored: '1.200000' });
    const kept = await stack.entities.manager.query<unknown[]>(
      'SELECT picked FROM records.review_cases WHERE id = $1',
      [id],
    );
    expect(kept).toEqual([{ picked: [{ jobId, steps: [1, 2] }] }]);
  });

  it('names no job and no step but those of its thread', async () => {
    const { threadId, jobId } = await played();
    const other = await played();
    const id = await analysed(threadId);
    const steps = [
      { job_id: jobId, steps: [1, 9] },
      { job_id: other.jobId, steps: 'all' },
    ];
    const refused = await desk(id, 'decide', { ...FOUND, verdict: 'partly_confirmed', steps });
    expect([refused.status, pointersOf(refused)]).toEqual([422, ['/steps/0/steps', '/steps/1/job_id']]);
  });

  it('[E40] confirms nothing where nothing is left', async () => {
    const job = await played();
    const order = { asOf: NOW, ordinals: [1, 2], form: 'origin_while_live' } as const;
    expect((await stack.jobs.refundSteps(job, 'finding/1', order)).ok).toBe(true);
    const id = await analysed(job.threadId);
    const refused = await desk(id, 'decide', FOUND);
    expect(refused.body).toMatchObject({ status: 409, code: 'nothing_refundable', refundable: '0.000000' });
    expect(await seen(id, 'analysing')).toMatchObject({ verdict: null });
  });

  it('is found again by the same request, and by no other', async () => {
    const { threadId } = await played();
    const id = await analysed(threadId);
    expect((await desk(id, 'decide', FOUND)).body).toMatchObject({ state: 'notified' });
    expect((await desk(id, 'decide', FOUND)).status).toBe(200);
    const another = await desk(id, 'decide', { ...FOUND, reasons: 'It was the model.' });
    expect(another.body).toMatchObject({ status: 409, code: 'review_in_state' });
  });

  it('[E36] is closed with no advice that is blank', async () => {
    const { threadId } = await played();
    const id = await analysed(threadId);
    await desk(id, 'decide', { verdict: 'not_confirmed', cause: 'none', reasons: 'Nothing was found.' });
    expect((await desk(id, 'close', { advice: [{ text: ' \n' }] })).status).toBe(422);
    await seen(id, 'not_confirmed');
  });
});

describe('a thread', () => {
  it('[edge 63] has one open case, also where a visitor may not see it', async () => {
    const { threadId, jobId } = await played();
    const ann = await visit(stack, posted.bot, 'ann');
    const { manager } = stack.entities;
    const ofAnn = [jobId, ann.id];
    await manager.query(`UPDATE ledger.jobs SET requester_kind = 'visitor', requester_id = $2 WHERE id = $1`, ofAnn);
    await manager.query(
      `INSERT INTO records.visitor_jobs (key_hash, account_id, bot_id, visitor_id)
       SELECT key_hash, account_id, bot_id, $2 FROM ledger.jobs WHERE id = $1`,
      ofAnn,
    );
    const id = await opened(threadId, ann.id);
    const said = { thread: jobId, task: 'A page', model: 'unknown', build_state: 'red', message_count: '3' };
    const report = await ann.client.fetch('/v1/reviews', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'one' },
      body: JSON.stringify({ ...said, large_files: 'none' }),
    });
    expect(report.ok).toBe(true);
    expect((await report.json()) as Answer['body']).toMatchObject({ duplicate_of: id });
  });

  it('[edge 63] is told by its open case, however new a closed one is', async () => {
    const { threadId } = await played();
    const older = await opened(threadId);
    await change(older, { state: 'closed_not_confirmed', closed_at: PAST });
    const newer = await opened(threadId);
    await change(newer, { state: 'closed_not_confirmed', closed_at: PAST });
    await change(older, { state: 'reopened', closed_at: null, reopened_at: PAST });
    const thread = { botId: posted.bot.botId, threadId, jobId: null, somebody: null };
    const found = await findReviewOfThread(stack.entities.manager, posted.bot.accountId, thread);
    expect(found).toEqual({ id: older, closedAt: null });
  });

  it('[E28] has none of the jobs that test keys ran under its name', async () => {
    const { threadId, jobId } = await played();
    const key = await openTestKey(stack, posted.bot, ['submit', 'read', 'report']);
    const body = { prompt: 'Try it', mode: 'reported', thread_id: threadId };
    const tried = await new BotClient(stack, { ...posted.bot, key }).submit({ body });
    expect(tried.status).toBe(202);
    const id = await analysed(threadId);
    const { analysis } = await seen(id, 'analysing');
    expect((analysis as { jobs: unknown }).jobs).toMatchObject([{ job_id: jobId }]);
  });
});

describe('a mail that answers', () => {
  const email = `ann-${newId('usr')}@example.com`;
  const REST = 'Task: A page\nModel: unknown\nPreview: red\nMessages: 3\nLarge files: none';

  beforeAll(async () => {
    const id = newId('usr');
    const { manager } = stack.entities;
    await manager.query(`INSERT INTO records.users (id, issuer, subject, email) VALUES ($1, 'test', $1, $2)`, [
      ...[id, email],
    ]);
    await manager.query(`INSERT INTO records.memberships (account_id, user_id, role) VALUES ($1, $2, 'owner')`, [
      ...[posted.bot.accountId, id],
    ]);
  }, 60_000);

  async function mailed(text: string, from = email): Promise<Answer['body']> {
    const [id, now] = [newId('req'), new Date()];
    const body = JSON.stringify({ message_id: id, from, subject: 'High Credit Usage Review', text });
    const response = await fetch(`${stack.apiUrl}/v1/inbound/email`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
        'webhook-signature': new Webhook(SECRET).sign(id, now, body),
      },
      body,
    });
    return (await response.json()) as Answer['body'];
  }

  it('[E26] completes the review of its thread alone, and only from whoever reported it', async () => {
    const [first, second] = [await played(), await played()];
    const link = ({ threadId }: { threadId: string }): string => `Thread: ${posted.bot.botId}/threads/${threadId}`;
    const asked = await mailed(link(first));
    expect(asked['missing']).toHaveLength(5);
    const id = String(asked['review_id']);
    for (const from of ['eve@example.net', `"${email}" <eve@example.net>`]) {
      await mailed(`I am ${email}\n\n${REST}`, from);
    }
    expect((await mailed(`${link(second)}\n${REST}`))['review_id']).not.toBe(id);
    await seen(id, 'needs_info');
    expect(await mailed(`${link(first)}\n${REST}`)).toMatchObject({ review_id: id, missing: [] });
  });
});
