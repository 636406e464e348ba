// Goal: what is promised to whoever reports a thread that ran in circles, from their first mail to the advice at its
// end, line by line: each mail, each webhook, each entry and each line of the audit. Method: the running stack with a
// mail server and a receiver of our own; the workflow's clock goes over a weekend, a holiday and a pause, in a zone
// that is not that of the server.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { USAGE_REVIEW_WORKFLOW, usageReviewWorkflowId } from '@fairmeter/contracts';
import { newId } from '@fairmeter/platform/database';
import type { Answer } from '../harness/bot-client.js';
import { keepStory } from '../harness/kept-stories.js';
import { MailReceiver, sendMails } from '../harness/mail-receiver.js';
import { DAY_MS, HOUR_MS, nextFriday } from '../harness/next-friday.js';
import { OwnerClient } from '../harness/owner-client.js';
import { ReportingBot } from '../harness/reporting-bot.js';
import { toFillIn } from '../harness/review-mails.js';
import type { SignedIn } from '../harness/signed-in.js';
import { skipWorkflow } from '../harness/time-skip.js';
import { until } from '../harness/until.js';
import { WebhookReceiver } from '../harness/webhook-receiver.js';
import { failingJob, LOOPING } from './looping-thread.js';
import type { Body } from './reviewing.js';
import { DETAILS, Reviewing } from './reviewing.js';

/** Five hours behind UTC, in summer and winter: Friday 17:00 UTC is noon there, and its days end at 05:00 UTC. */
const ZONE = { name: 'America/Bogota', behindMs: 5 * HOUR_MS };
const { friday, monday } = nextFriday(Date.now());
const [TUESDAY, WEDNESDAY, THURSDAY, NEXT_FRIDAY] = [4, 5, 6, 7];

const noonOf = (daysLater: number): number => friday + daysLater * DAY_MS;
/** Of a local day, so many days after the Friday. */
const endOf = (daysLater: number): number =>
  Math.floor(friday / DAY_MS) * DAY_MS + (daysLater + 1) * DAY_MS + ZONE.behindMs;
const textOf = (at: number): string => new Date(at).toISOString();

const email = `ann-${newId('usr')}@example.com`;
const LETTER = {
  message_id: '<story@mail.example>',
  from: `Ann <${email}>`,
  subject: 'Fwd: high credit usage review',
};
const GUIDANCE = 'Stop after two tries.';
const EVENTS = ['job.ended', 'loop.found', 'job.refunded', 'review.changed'];

let reviewing: Reviewing;
let post: MailReceiver;
let receiver: WebhookReceiver;
let bot: ReportingBot;
let owner: SignedIn;
let key: OwnerClient;
let secret: string;
let id: string;
const jobs: string[] = [];
const story: Record<string, Answer> = {};

beforeAll(async () => {
  post = await MailReceiver.open();
  receiver = await WebhookReceiver.open();
  // What the two jobs come to is above it, by a little.
  const limits = { GRANT_ALONE_SUPPORT_CREDITS: '1', REVIEW_HOLIDAYS: monday, REVIEW_TIME_ZONE: ZONE.name };
  reviewing = await Reviewing.open({ worker: { ...post.env, ...limits } });
  bot = await ReportingBot.open(reviewing.stack);
  owner = await reviewing.person(bot.owner.accountId, 'owner', { email, email_verified: true });
  key = await OwnerClient.open(reviewing.stack, bot.owner.accountId);
  const hook = await key.call('POST', '/v1/account/webhooks', { body: { url: receiver.url, event_types: EVENTS } });
  secret = String(hook.body['secret']);
  for (const name of ['first', 'second', 'third']) jobs.push(await failingJob(bot, name));
  await report();
  await wait();
  await decide();
  await sendMails(reviewing.stack);
  await until(
    async () => Promise.resolve([sent('review.changed').length, sent('job.refunded').length]),
    ([changes, refunds]) => changes === 7 && refunds === 2,
  );
}, 90_000);
afterAll(async () => {
  await reviewing.close();
  await receiver.close();
  await post.close();
}, 60_000);

const desk = async (verb: string, body = {}, by = reviewing.support): Promise<Answer> =>
  reviewing.desk(id, verb, { body, by });
const inform = async (details: object): Promise<Answer> => owner.call('POST', `/v1/reviews/${id}/info`, details);
const late = async (): Promise<Answer> => reviewing.support.call('GET', '/v1/support/reviews?overdue=true');
const entries = async (): Promise<Answer> => key.call('GET', '/v1/account/ledger?limit=100');

async function skipTo(to: number): Promise<void> {
  await skipWorkflow(reviewing.stack, usageReviewWorkflowId(id), { to });
}

/** By mail, with two of the six details; the rest comes on the Friday. */
async function report(): Promise<void> {
  const text = `Thread: ${bot.owner.botId}/threads/${LOOPING}\nTask: Publish a page`;
  const mailed = await reviewing.mail({ ...LETTER, text });
  story['mailed'] = mailed;
  id = String(mailed.body['review_id']);
  await skipTo(friday);
  story['completed'] = await inform(DETAILS);
}

/** Over the weekend and the holiday, over a pause of two working days, and over the time that is left after it. */
async function wait(): Promise<void> {
  await skipTo(noonOf(TUESDAY));
  story['late on Tuesday'] = await late();
  story['asked'] = await desk('ask', { missing: ['task'], reason: 'Which page is it?' });
  await skipTo(noonOf(THURSDAY));
  story['late in the pause'] = await late();
  story['answered'] = await inform({ task: 'Publish the start page' });
  await skipTo(endOf(THURSDAY) + HOUR_MS);
  story['late after the target'] = await late();
  await skipTo(endOf(NEXT_FRIDAY) - HOUR_MS);
  story['late before the end'] = await late();
  await skipTo(endOf(NEXT_FRIDAY) + HOUR_MS);
  story['late after the end'] = await late();
}

async function decide(): Promise<void> {
  story['analysed'] = await desk('analyse');
  const steps = jobs.slice(1).map((job) => ({ job_id: job, steps: 'all' }));
  const found = { verdict: 'partly_confirmed', cause: 'bug_repeats', reasons: 'Our bundler was away.', steps };
  story['entries before'] = await entries();
  story['decided'] = await desk('decide', found);
  story['alone'] = await desk('approve', { reason: 'Fine' });
  story['between two'] = await owner.get(`/v1/reviews/${id}`);
  story['entries between'] = await entries();
  story['approved'] = await desk('approve', { reason: 'Looked at it' }, reviewing.admin);
  story['entries after'] = await entries();
  story['closed'] = await desk('close', { advice: [{ tip: 'fresh_thread' }, { text: GUIDANCE }] });
  story['told'] = await owner.get(`/v1/reviews/${id}`);
  await keepStory(reviewing.stack, 'paused', {
    workflowId: usageReviewWorkflowId(id),
    workflow: USAGE_REVIEW_WORKFLOW,
  });
}

const told = (name: string): Body => story[name]?.body ?? {};
const rows = (name: string): readonly Body[] => told(name)['data'] as readonly Body[];
const sent = (type: string): readonly Body[] =>
  receiver.received.filter((one) => one.type === type).map(({ data }) => data);

describe('a thread that ran in circles', () => {
  it('[E26] is reported by a mail that is forwarded and lacks details, and completed', () => {
    expect([story['mailed']?.status, told('mailed')]).toEqual([
      202,
      {
        ...{ outcome: 'review', review_id: id, reply: null },
        missing: ['model', 'build_state', 'message_count', 'large_files'],
      },
    ]);
    const reported = { ...DETAILS, thread: `${bot.owner.botId}/threads/${LOOPING}` };
    expect(told('completed')).toMatchObject({ state: 'submitted', channel: 'mail', missing: [], reported });
    expect(told('answered')).toMatchObject({ reported: { ...reported, task: 'Publish the start page' } });
  });

  it('[E34] [edge 62] has a day to be answered and a second one, and weekend and holiday are none', () => {
    expect(told('completed')).toMatchObject({
      target_at: textOf(endOf(TUESDAY)),
      due_at: textOf(endOf(WEDNESDAY)),
    });
    expect(rows('late on Tuesday')).toEqual([]);
  });

  it('[E34] is not late by what it waits for its reporter: two working days later it has two more', () => {
    expect(rows('late in the pause')).toEqual([]);
    expect(told('answered')).toMatchObject({
      state: 'submitted',
      target_at: textOf(endOf(THURSDAY)),
      due_at: textOf(endOf(NEXT_FRIDAY)),
    });
    expect([rows('late after the target'), rows('late before the end')]).toEqual([[], []]);
    expect(rows('late after the end')).toMatchObject([{ id, overdue: true, state: 'submitted' }]);
  });

  it('[E28] [E29] is looked into job by job, and its loop found over all of them', () => {
    const { jobs: looked, loops } = told('analysed')['analysis'] as Readonly<Record<string, readonly Body[]>>;
    expect(looked).toMatchObject(
      jobs.map((job) => ({ job_id: job, charge: '0.600000', refundable: [{ step: 1, credits: '0.600000' }] })),
    );
    const failed = jobs.map((job) => ({ job_id: job, step: 2 }));
    expect(loops).toMatchObject([{ signal: 'equal_errors', subject: 'tool.publish', steps: failed }]);
  });

  it('[E39] is confirmed in part by one of the staff, and let through by a second one alone', () => {
    expect(told('decided')).toMatchObject({ state: 'partly_confirmed', restorable: '1.200000', restored: '0.000000' });
    expect([story['alone']?.status, told('alone')['code']]).toEqual([403, 'forbidden']);
    expect(told('between two')).toMatchObject({ state: 'analysing', verdict: null, reasons: null });
    expect(rows('entries between')).toEqual(rows('entries before'));
    expect(told('approved')).toMatchObject({ state: 'notified', restored: '1.200000' });
  });

  it('[E33] gets one entry for each of its faulty steps, on a lot of its own, and no other entry changes', async () => {
    const after = rows('entries after');
    const before = rows('entries before');
    const lots = await reviewing.stack.entities.manager.query<{ id: string; source_ref: string }[]>(
      `SELECT id, source_ref FROM ledger.lots WHERE account_id = $1 AND kind = 'compensation' ORDER BY id`,
      [bot.owner.accountId],
    );
    expect(after.slice(after.length - before.length)).toEqual(before);
    expect(after.slice(0, after.length - before.length).reverse()).toMatchObject(
      jobs.slice(1).map((job, index) => ({
        ...{ movement: 'refunded', reason: `Refunded for step 1 of job ${job}.`, amount: '0.600000' },
        ...{ from: `consumed:account/${bot.owner.accountId}`, to: `lot:${lots[index]?.id ?? ''}:open` },
        lot: { id: lots[index]?.id, kind: 'compensation', open_after: '0.600000', held_after: '0.000000' },
        ...{ job_id: job, step: 1 },
      })),
    );
    expect(lots.map(({ source_ref: ref }) => ref)).toEqual(
      jobs.slice(1).map((job) => `refund/${job}/review/${id}/1/other`),
    );
  });

  it('[E36] is closed with a tip and a sentence, which its reporter reads', async () => {
    expect(told('told')).toMatchObject({
      ...{ state: 'closed', verdict: 'partly_confirmed', cause: 'bug_repeats', reasons: 'Our bundler was away.' },
      restored: '1.200000',
      advice: [
        { tip: 'fresh_thread', text: null, docs: '/v1/tips/fresh_thread' },
        { tip: null, text: GUIDANCE, docs: null },
      ],
    });
    const run = reviewing.stack.temporal.client.workflow.getHandle(usageReviewWorkflowId(id));
    expect((await run.describe()).status.name).toBe('COMPLETED');
  });
});

describe('whoever reported it', () => {
  const mailed = (state: string, ...lines: readonly string[]): object => ({
    to: email,
    subject: `Your usage review: ${state} [${id}]`,
    lines: [`The review ${id} is now: ${state}.`, ...lines, `Reasons and advice in full: /v1/reviews/${id}.`],
  });

  it('[E35] is mailed each turn of it once, in order, and nothing else', () => {
    const all = [
      ...['the model, or that it is unknown', 'how preview and build stood'],
      ...['roughly how many messages it has', 'large files in it, or none'],
    ];
    expect(post.mails.map(({ to, subject, text }) => ({ to, subject, lines: text.trim().split('\n') }))).toEqual([
      mailed(
        'some details are missing',
        `Still needed: ${all.join(', ')}.`,
        ...toFillIn('Model', 'Preview', 'Messages', 'Large files'),
      ),
      mailed('received'),
      mailed('some details are missing', 'Still needed: what it was to bring about.', ...toFillIn('Task')),
      mailed('received'),
      mailed('being looked into'),
      mailed('credits were added', 'Credits added: 1.200000. They are available already.'),
      mailed('closed', 'Advice: fresh_thread.'),
    ]);
  });

  it('[F27] [E35] is sent the same as signed webhooks, beside what became of the jobs', () => {
    const of = { account_id: bot.owner.accountId, about: id, case_id: id };
    expect(sent('review.changed')).toEqual([
      { ...of, state: 'needs_info', needs: ['model', 'build_state', 'message_count', 'large_files'] },
      { ...of, state: 'submitted' },
      { ...of, state: 'needs_info', needs: ['task'] },
      { ...of, state: 'submitted' },
      { ...of, state: 'analysing' },
      { ...of, state: 'notified', credits: '1.200000', kind: 'compensation' },
      { ...of, state: 'closed', advice: ['fresh_thread'] },
    ]);
    expect(sent('job.refunded')).toMatchObject(
      jobs.slice(1).map((job) => ({ job_id: job, amount: '0.600000', refunded: '0.600000', charge: '0.600000' })),
    );
    expect(sent('loop.found')).toMatchObject([{ job_id: jobs[2], signal: 'equal_errors', cause: 'unclear' }]);
    expect(sent('job.ended').map((job) => [job['job_id'], job['state']])).toEqual(
      jobs.map((job, index) => [job, index === 2 ? 'stopped_loop' : 'completed']),
    );
    for (const one of receiver.received) expect(receiver.verify(secret, one)).toMatchObject({ type: one.type });
    expect(new Set(receiver.ids).size).toBe(receiver.received.length);
  });

  it('[F26] finds in the audit who did what, and what nobody did in time', async () => {
    const lines = await reviewing.stack.entities.manager.query<{ line: string }[]>(
      `SELECT concat_ws(' ', actor_role, action, before ->> 'state', after ->> 'state') AS line
       FROM records.audit WHERE target_id = $1 ORDER BY id`,
      [id],
    );
    expect(lines.map(({ line }) => line)).toEqual([
      'owner review.reported needs_info',
      'owner review.completed needs_info submitted',
      'support review.asked submitted needs_info',
      'owner review.completed needs_info submitted',
      'platform review.target_passed submitted submitted',
      'platform review.overdue submitted submitted',
      'support review.analysed submitted analysing',
      'support review.decided analysing partly_confirmed',
      'admin review.approved partly_confirmed granting',
      'platform review.restored granting notified',
      'support review.closed notified closed',
    ]);
  });
});
