// Goal: a case that waits for an answer does not wait for ever, and whoever reported it hears that it ended, and why.
// Method: the running stack with a mail server of our own; the clocks of two cases are moved over the days that an
// answer may take: one lacked details from the start, one was asked while it was being worked on.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { USAGE_REVIEW_WORKFLOW, usageReviewWorkflowId } from '@fairmeter/contracts';
import { instant } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { Answer } from '../harness/bot-client.js';
import { keepStory } from '../harness/kept-stories.js';
import { MailReceiver, sendMails } from '../harness/mail-receiver.js';
import { DAY_MS, HOUR_MS } from '../harness/next-friday.js';
import { toFillIn } from '../harness/review-mails.js';
import type { SignedIn } from '../harness/signed-in.js';
import { skipWorkflow } from '../harness/time-skip.js';
import { PostedJobs, turn } from './posted-jobs.js';
import { DETAILS, Reviewing } from './reviewing.js';

/** As long as an answer is waited for, unless it is set. */
const ANSWER_MS = 14 * DAY_MS;
const email = `ann-${newId('usr')}@example.com`;

let reviewing: Reviewing;
let posted: PostedJobs;
let post: MailReceiver;
let owner: SignedIn;
/** That came by a mail without details, and that the staff asked about. */
let lacking: string;
let asked: string;
const story: Record<string, Answer> = {};

beforeAll(async () => {
  post = await MailReceiver.open();
  reviewing = await Reviewing.open({ worker: post.env });
  posted = await PostedJobs.open(reviewing.stack);
  owner = await reviewing.person(posted.bot.accountId, 'owner', { email, email_verified: true });
  await lapse();
  await lapseAsked();
  await sendMails(reviewing.stack);
}, 60_000);
afterAll(async () => {
  await reviewing.close();
  await post.close();
}, 60_000);

async function thread(): Promise<string> {
  return (await posted.play({ steps: [turn()], asOf: instant(0) })).jobId;
}

const runOf = (id: string): string => usageReviewWorkflowId(id);
const report = async (job: string): Promise<Answer> => owner.once('/v1/reviews', { body: { thread: job, ...DETAILS } });
const overdue = async (): Promise<Answer> => reviewing.support.call('GET', '/v1/support/reviews?overdue=true');

/** A mail that names a thread and nothing else, an hour before the end of its time and after it. */
async function lapse(): Promise<void> {
  const { stack } = reviewing;
  const job = await thread();
  const letter = { message_id: '<stale@mail.example>', from: email, subject: 'High Credit Usage Review' };
  story['mailed'] = await reviewing.mail({ ...letter, text: `Thread: ${job}` });
  lacking = String(story['mailed'].body['review_id']);
  await skipWorkflow(stack, runOf(lacking), { by: ANSWER_MS - HOUR_MS });
  story['waits'] = await owner.get(`/v1/reviews/${lacking}`);
  await skipWorkflow(stack, runOf(lacking), { by: 2 * HOUR_MS });
  story['lapsed'] = await owner.get(`/v1/reviews/${lacking}`);
  await keepStory(stack, 'lapsed', { workflowId: runOf(lacking), workflow: USAGE_REVIEW_WORKFLOW });
  story['too late'] = await owner.call('POST', `/v1/reviews/${lacking}/info`, DETAILS);
  story['not again'] = await owner.call('POST', `/v1/reviews/${lacking}/reopen`, { facts: 'I was away.' });
  story['anew'] = await report(job);
}

/** Complete, and asked about twice before anybody looked into it: the first time is answered at once. */
async function lapseAsked(): Promise<void> {
  asked = String((await report(await thread())).body['id']);
  await reviewing.desk(asked, 'ask', { body: { missing: ['task'], reason: 'Which page?' } });
  await owner.call('POST', `/v1/reviews/${asked}/info`, { task: 'The start page' });
  await reviewing.desk(asked, 'ask', { body: { missing: ['task', 'large_files'], reason: 'Which of the two?' } });
  await skipWorkflow(reviewing.stack, runOf(asked), { by: ANSWER_MS - HOUR_MS });
  story['asked waits'] = await owner.get(`/v1/reviews/${asked}`);
  story['nobody late'] = await overdue();
  await skipWorkflow(reviewing.stack, runOf(asked), { by: 2 * HOUR_MS });
  story['asked lapsed'] = await owner.get(`/v1/reviews/${asked}`);
  story['nobody late after it'] = await overdue();
}

const told = (name: string): Answer['body'] => story[name]?.body ?? {};

const mailsOf = (id: string): unknown[] =>
  post.mails
    .filter(({ text }) => text.includes(id))
    .map(({ to, subject, text }) => [to, subject, ...text.trim().split('\n')]);
const mail = (id: string, state: string, ...lines: readonly string[]): unknown[] => [
  ...[email, `Your usage review: ${state} [${id}]`, `The review ${id} is now: ${state}.`, ...lines],
  `Reasons and advice in full: /v1/reviews/${id}.`,
];

async function auditOf(id: string): Promise<unknown[]> {
  const lines = await reviewing.stack.entities.manager.query<{ actor_role: string; action: string }[]>(
    'SELECT actor_role, action FROM records.audit WHERE target_id = $1 ORDER BY id',
    [id],
  );
  return lines.map(({ actor_role: role, action }) => `${role} ${action}`);
}

describe('a review that nobody answers', () => {
  it('[E25] ends by itself after its fourteen days, and not before', async () => {
    expect(told('waits')).toMatchObject({ state: 'needs_info', closed_at: null });
    expect(told('lapsed')).toMatchObject({
      ...{ state: 'closed_stale', answer_until: null, verdict: null, restored: '0.000000', may_reopen: false },
    });
    const lacked = ['task', 'model', 'build_state', 'message_count', 'large_files'];
    expect([told('waits')['missing'], told('lapsed')['missing']]).toEqual([lacked, []]);
    const lateBy = Date.parse(String(told('lapsed')['closed_at'])) - Date.parse(String(told('waits')['answer_until']));
    expect([lateBy >= 0, lateBy < 60_000]).toEqual([true, true]);
    const run = reviewing.stack.temporal.client.workflow.getHandle(runOf(lacking));
    expect((await run.describe()).status.name).toBe('COMPLETED');
  });

  it('[E25] has it told by mail, which asks for nothing any more', () => {
    const needs = [
      ...['what it was to bring about', 'the model, or that it is unknown', 'how preview and build stood'],
      ...['roughly how many messages it has', 'large files in it, or none'],
    ];
    expect(mailsOf(lacking)).toEqual([
      mail(
        lacking,
        'some details are missing',
        `Still needed: ${needs.join(', ')}.`,
        ...toFillIn('Task', 'Model', 'Preview', 'Messages', 'Large files'),
      ),
      mail(lacking, 'closed, since no answer came'),
    ]);
  });

  it('[E25] hears no late answer, and leaves its thread free to be reported anew', () => {
    const refused = (name: string): unknown[] => [story[name]?.status, told(name)['code']];
    expect(['too late', 'not again'].map(refused)).toEqual([
      [409, 'review_in_state'],
      [409, 'review_in_state'],
    ]);
    expect([story['anew']?.status, told('anew')]).toMatchObject([201, { state: 'submitted', duplicate_of: null }]);
  });

  it('[E34] is never late, though the days of its answer passed while it waited', async () => {
    expect(told('asked waits')).toMatchObject({ state: 'needs_info', missing: ['task', 'large_files'] });
    expect(told('asked lapsed')).toMatchObject({ state: 'closed_stale', missing: [] });
    expect([told('nobody late')['data'], told('nobody late after it')['data']]).toEqual([[], []]);
    expect(await auditOf(asked)).toEqual([
      ...['owner review.reported', 'support review.asked', 'owner review.completed', 'support review.asked'],
      'platform review.lapsed',
    ]);
  });

  it('[E25] is told each time that an answer was received, also on the day of the question', () => {
    expect(mailsOf(asked)).toEqual([
      mail(asked, 'received'),
      mail(asked, 'some details are missing', 'Still needed: what it was to bring about.', ...toFillIn('Task')),
      mail(asked, 'received'),
      mail(
        asked,
        'some details are missing',
        'Still needed: what it was to bring about, large files in it, or none.',
        ...toFillIn('Task', 'Large files'),
      ),
      mail(asked, 'closed, since no answer came'),
    ]);
  });
});
