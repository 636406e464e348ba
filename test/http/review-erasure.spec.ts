// Goal: whoever reported a thread and is forgotten leaves no word of it anywhere, neither what they wrote in the report
// nor what they answered; the case goes on without them. The same of whoever worked on it. Method: the running stack
// with a mail server; every table, every history and every file is searched for words that stand nowhere else.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { usageReviewWorkflowId } from '@fairmeter/contracts';
import { instant } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { hashOfAsked } from '../../apps/api/src/changes/asked-hash.js';
import type { Answer } from '../harness/bot-client.js';
import { BotClient } from '../harness/bot-client.js';
import { MailReceiver, sendMails } from '../harness/mail-receiver.js';
import { DAY_MS } from '../harness/next-friday.js';
import { threeSteps } from '../harness/scripts.js';
import type { SignedIn } from '../harness/signed-in.js';
import { skipWorkflow } from '../harness/time-skip.js';
import { stateOfThisRun, tracesOf } from '../harness/traces.js';
import { visit } from '../harness/visitors.js';
import { PostedJobs, turn } from './posted-jobs.js';
import type { Body } from './reviewing.js';
import { Reviewing } from './reviewing.js';

/** What the person wrote, each at another place. */
const REPORTED = {
  task: 'The pistachio railway needs a timetable',
  build_state: 'red since the almond bridge fell',
  large_files: 'hazelnut-drawings.pdf',
} as const;
const SAID = {
  ...REPORTED,
  answer: 'It is the cashew harbour that I meant',
  facts: 'The walnut ferry had it too',
  mailed: 'Drawings of the chestnut tunnel',
} as const;
const FROM_NOBODY = 'Recipes of the coconut court';
/** What the staff wrote. */
const WROTE = {
  question: 'Which macadamia do you mean?',
  reasons: 'Our pecan oven was cold.',
  more: 'The brazil nut was ours as well.',
  guidance: 'Crack one nut at a time.',
} as const;
const SEEN = { task: 'A shop for liquorice boats', build_state: 'aniseed green', large_files: 'sherbet.zip' } as const;

const name = newId('usr');
const email = `${name}@example.com`;

let reviewing: Reviewing;
let posted: PostedJobs;
let post: MailReceiver;

beforeAll(async () => {
  post = await MailReceiver.open();
  const worker = { ...post.env, GRANT_ALONE_SUPPORT_CREDITS: '50' };
  reviewing = await Reviewing.open({ models: threeSteps().port, worker });
  posted = await PostedJobs.open(reviewing.stack);
  await reviewing.person(posted.bot.accountId, 'owner');
}, 60_000);
afterAll(async () => {
  await reviewing.close();
  await post.close();
}, 60_000);

const thread = async (): Promise<string> => (await posted.play({ steps: [turn()], asOf: instant(0) })).jobId;
const traces = async (words: readonly string[]): Promise<string[]> =>
  tracesOf(reviewing.stack, words, stateOfThisRun());
const inTexts = (words: readonly string[]): string[] => words.map((word) => `records.texts: ${word}`);

function idOf({ status, body }: Answer): string {
  if (status >= 300) throw new Error(JSON.stringify(body));
  return String(body['id']);
}

async function desk(id: string, verb: string, body: object = {}): Promise<Body> {
  const answer = await reviewing.desk(id, verb, { body });
  if (answer.status !== 200) throw new Error(`${verb}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** The account of one's own that comes with signing in would be left without an owner. */
async function closesOwn(person: SignedIn): Promise<void> {
  const { accounts } = (await person.get('/v1/me')).body as { accounts: readonly { account_id: string }[] };
  const own = accounts.map(({ account_id: id }) => id).filter((id) => id !== posted.bot.accountId);
  for (const id of own) expect((await person.inAccount(id).call('POST', '/v1/account/close')).status).toBe(200);
}

describe('a person who is forgotten', () => {
  let person: SignedIn;
  /** Looked at twice and open, and waiting for details that nobody will bring. */
  let open: string;
  let waiting: string;
  let report: object;
  let before: string[];
  let after: string[];
  const words = [...Object.values(SAID), email];

  beforeAll(async () => {
    person = await reviewing.person(posted.bot.accountId, 'owner', { sub: name, email, email_verified: true });
    await playOpen();
    await playWaiting();
    before = await traces(words);
    await closesOwn(person);
    // A mail to them is due, and will not leave any more.
    expect((await person.call('POST', '/v1/me/erasure')).body).toMatchObject({ state: 'erased' });
    after = await traces([...words, hashOfAsked(report)]);
    await sendMails(reviewing.stack);
  }, 60_000);

  async function playOpen(): Promise<void> {
    report = { thread: await thread(), ...REPORTED, model: 'unknown', message_count: '3' };
    open = idOf(await person.once('/v1/reviews', { body: report }));
    await desk(open, 'ask', { missing: ['task'], reason: WROTE.question });
    idOf(await person.call('POST', `/v1/reviews/${open}/info`, { task: SAID.answer }));
    await desk(open, 'analyse');
    await desk(open, 'decide', { verdict: 'not_confirmed', cause: 'none', reasons: WROTE.reasons });
    await desk(open, 'close', { advice: [{ text: WROTE.guidance }] });
    idOf(await person.call('POST', `/v1/reviews/${open}/reopen`, { facts: SAID.facts }));
    await sendMails(reviewing.stack);
  }

  async function playWaiting(): Promise<void> {
    const letter = { message_id: '<gone@mail.example>', from: `Gone <${email}>`, subject: 'High Credit Usage Review' };
    const mailed = await reviewing.mail({ ...letter, text: `Thread: ${await thread()}\nTask: ${SAID.mailed}` });
    waiting = String(mailed.body['review_id']);
  }

  it('[E24] leaves no word of any report, answer, fact or mail, and nothing by which a guess is confirmed', () => {
    expect(before).toEqual([...inTexts(Object.values(SAID)), `records.users: ${email}`]);
    expect(after).toEqual([]);
  });

  it('[E24] is sent no mail any more, and no mail had a word of the case in it', () => {
    const sent = post.mails.filter(({ to }) => to === email).map(({ text }) => text);
    expect(sent.filter((text) => text.includes(open)).length).toBeGreaterThan(4);
    expect(sent.filter((text) => text.includes(waiting))).toEqual([]);
    const all = [...Object.values(SAID), ...Object.values(WROTE)];
    expect(post.mails.flatMap(({ text, raw }) => all.filter((word) => `${text}${raw}`.includes(word)))).toEqual([]);
  });

  it('[E24] leaves the case to the staff, who see what was measured and give back what was charged', async () => {
    expect(await reviewing.seen(open)).toMatchObject({
      ...{ state: 'reopened', reported: null, facts: null, reasons: WROTE.reasons },
      measured: { charge: '0.600000' },
    });
    await desk(open, 'analyse');
    const decided = await desk(open, 'decide', { verdict: 'confirmed', cause: 'bug_repeats', reasons: WROTE.more });
    expect(decided).toMatchObject({ state: 'notified', restored: '0.600000' });
    expect(await desk(open, 'close', { advice: [{ tip: 'be_specific' }] })).toMatchObject({ state: 'closed' });
  });

  it('[E24] has what waits for them end by itself', async () => {
    await skipWorkflow(reviewing.stack, usageReviewWorkflowId(waiting), { by: 15 * DAY_MS });
    expect(await reviewing.seen(waiting)).toMatchObject({ state: 'closed_stale', reported: null });
    const mails = post.mails.length;
    await sendMails(reviewing.stack);
    expect(post.mails).toHaveLength(mails);
  });

  it('[F26] who worked on it for the staff leaves no question, reason or advice either', async () => {
    const { more, ...earlier } = WROTE;
    const all = [...Object.values(earlier), more];
    const decision = { says: 'decide', verdict: 'confirmed', cause: 'bug_repeats', picked: [], words: more };
    expect((await traces(all)).sort()).toEqual(inTexts(all).sort());
    const erased = await reviewing.support.call('POST', '/v1/me/erasure');
    expect(erased.body).toMatchObject({ state: 'erased' });
    expect(await traces([...all, hashOfAsked(decision)])).toEqual([]);
    const { status, body } = await reviewing.admin.call('GET', `/v1/support/reviews/${open}`);
    expect([status, body]).toMatchObject([200, { state: 'closed', reasons: null, advice: [{ tip: 'be_specific' }] }]);
  }, 30_000);
});

describe('a visitor who is forgotten', () => {
  it('[edge 66] leaves no word of a report', async () => {
    const { stack } = reviewing;
    const visitor = await visit(stack, posted.bot, 'ben@shop');
    const jobId = idOf(await visitor.client.submit({ key: 'seen', body: { prompt: 'A page' } }));
    await new BotClient(stack, { ...posted.bot, key: posted.accountKey }).ended(jobId);
    const report = { thread: jobId, ...SEEN, model: 'unknown', message_count: '3' };
    const reported = await visitor.client.fetch('/v1/reviews', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'one', 'accept-language': 'de' },
      body: JSON.stringify(report),
    });
    const { id } = (await reported.json()) as { id: string };
    expect(reported.status).toBe(201);
    const words = Object.values(SEEN);
    expect(await traces(words)).toEqual(inTexts(words));
    const deleted = await visitor.client.fetch('/v1/me', { method: 'DELETE' });
    expect([deleted.status, await deleted.json()]).toEqual([200, { visitor_id: visitor.id, state: 'erased' }]);
    expect(await traces([...words, hashOfAsked(report)])).toEqual([]);
    const { body } = await reviewing.admin.call('GET', `/v1/support/reviews/${id}`);
    expect(body).toMatchObject({ id, state: 'submitted', reported: null, measured: { messages: 1 } });
  }, 30_000);
});

describe('a mail from an address that nobody has', () => {
  it('[E26] leaves no word, and no address', async () => {
    const stranger = 'stranger@nowhere.example';
    const letter = { message_id: '<nobody@mail.example>', from: stranger, subject: 'High Credit Usage Review' };
    const { body } = await reviewing.mail({ ...letter, text: `Task: ${FROM_NOBODY}` });
    expect(body).toMatchObject({ outcome: 'address_needed', review_id: null });
    expect(await traces([FROM_NOBODY, stranger])).toEqual([]);
  });
});
