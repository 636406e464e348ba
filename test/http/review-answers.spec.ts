// Goal: a review and whoever reported it talk by mail until all details are there: what is missing is asked for, each
// answer is joined to its case and counted once, and nobody else learns of it. Method: the running stack, an SMTP
// server of our own, and mails handed on as the gateway does; the exchange is played in set-up.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { instant } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import type { Answer } from '../harness/bot-client.js';
import { headerOfMessage, MailReceiver } from '../harness/mail-receiver.js';
import { openBot } from '../harness/people.js';
import type { SignedIn } from '../harness/signed-in.js';
import { PostedJobs, turn } from './posted-jobs.js';
import type { Body } from './reviewing.js';
import { Reviewing } from './reviewing.js';

const SUBJECT = 'High Credit Usage Review';
const addressOf = (name: string): string => `${name}-${newId('usr')}@example.com`;
const [ann, ben, eve] = [addressOf('ann'), addressOf('ben'), addressOf('eve')];

let mailbox: MailReceiver;
let reviewing: Reviewing;
let posted: PostedJobs;
let owner: SignedIn;
let id: string;
let jobId: string;
const story: Record<string, Answer> = {};
const seen: Record<string, Body> = {};
const asked: string[] = [];

interface Letter {
  readonly from?: string;
  readonly subject?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly messageId?: string;
}

const newMessageId = (): string => `<${newId('req')}@mail.example>`;

async function send(text: string, letter: Letter = {}): Promise<Answer> {
  const { from = `Ann <${ann}>`, subject = `Re: My usage [${id}]`, headers = {} } = letter;
  return reviewing.mail({ message_id: letter.messageId ?? newMessageId(), from, subject, text, headers });
}

/** What went out since the last look, the newest last. */
async function sent(): Promise<readonly string[]> {
  const { length } = mailbox.mails;
  await reviewing.sendMails();
  return mailbox.mails.slice(length).map(({ raw }) => raw);
}

const look = async (name: string): Promise<void> => {
  seen[name] = (await owner.get(`/v1/reviews/${id}`)).body;
};

beforeAll(async () => {
  mailbox = await MailReceiver.open();
  reviewing = await Reviewing.open({ worker: mailbox.env });
  posted = await PostedJobs.open(reviewing.stack);
  const verified = { email_verified: true };
  owner = await reviewing.person(posted.bot.accountId, 'owner', { email: ann, ...verified });
  await reviewing.person(posted.bot.accountId, 'owner', { email: ben, ...verified });
  await reviewing.person((await openBot(reviewing.stack)).accountId, 'owner', { email: eve, ...verified });
  jobId = await played();
  await playExchange();
  await playStaff();
}, 60_000);
afterAll(async () => {
  await reviewing.close();
  await mailbox.close();
}, 60_000);

async function played(): Promise<string> {
  return (await posted.play({ steps: [turn()], asOf: instant(0) })).jobId;
}

const partial = {
  messageId: newMessageId(),
  text: 'Model: gpt\nMessages: 12\n\nOn Sun, 22 Nov 2026, News wrote:\n> Preview: …\n> Large files: none',
};
const whole = { messageId: newMessageId(), text: 'Preview: red\nLarge files: none\nModel: gpt-large' };

/** The report lacks four details; two answers bring them. */
async function playExchange(): Promise<void> {
  story['reported'] = await send(`Thread: ${jobId}\nTask: A page`, { subject: SUBJECT });
  id = String(story['reported'].body['review_id']);
  const [question = ''] = await sent();
  asked.push(question);
  const headers = { 'In-Reply-To': headerOfMessage(question, 'Message-ID'), Precedence: 'normal' };
  const subject = `Re: ${headerOfMessage(question, 'Subject')}`;
  await playForeign(subject);
  story['partial'] = await send(partial.text, { ...partial, subject, headers });
  story['partial again'] = await send(partial.text, { ...partial, subject, headers });
  await look('partial');
  asked.push(...(await sent()));
  story['nothing'] = await send('Thanks, I will look.');
  asked.push(...(await sent()));
  const references = [headerOfMessage(question, 'References'), headerOfMessage(question, 'Message-ID')];
  const byReferences = { ...whole, subject: 'About yesterday', headers: { References: references } };
  story['whole'] = await send(whole.text, byReferences);
  await look('whole');
  story['whole again'] = await send(whole.text, byReferences);
  story['too much'] = await send('Model: another');
  await look('too much');
}

/** Others, programs, and our own mail; and the same of a case that there is not. */
async function playForeign(subject: string): Promise<void> {
  const text = 'Model: theirs\nTask: Theirs';
  const nowhere = subject.replace(id, newId('rvw'));
  for (const [name, from] of Object.entries({ ben, eve, nobody: 'who@example.net', disguised: `"${ann}" <${eve}>` })) {
    story[name] = await send(`I am ${ann}.\n${text}`, { from, subject });
    story[`${name} nowhere`] = await send(text, { from, subject: nowhere });
  }
  story['program'] = await send(text, { subject, headers: { 'auto-submitted': 'auto-replied' } });
  story['our own'] = await send(text, { subject, messageId: `<${newId('ntc')}@fairmeter.example>` });
  await look('foreign');
}

/** The staff ask once more, and close it; it is opened again once. */
async function playStaff(): Promise<void> {
  const refused = { verdict: 'not_confirmed', cause: 'none', reasons: 'The task was large.' };
  const advice = { advice: [{ tip: 'be_specific' }] };
  await reviewing.desk(id, 'ask', { body: { missing: ['task'], reason: 'Which page?' } });
  story['whole once more'] = await send(whole.text, whole);
  await look('asked by staff');
  story['beside it'] = await send('Model: gpt');
  story['told staff'] = await send('Task: The start page');
  await look('told staff');
  const close = async (): Promise<void> => {
    await reviewing.desk(id, 'analyse');
    await reviewing.desk(id, 'decide', { body: refused });
    await reviewing.desk(id, 'close', { body: advice });
  };
  await close();
  const facts = { messageId: newMessageId(), text: 'It came again.\n\n-----Original Message-----\nFrom: News' };
  story['partial at the end'] = await send(partial.text, partial);
  story['empty'] = await send('> Your review is closed.');
  await look('closed');
  story['reopening'] = await send(facts.text, facts);
  await look('reopened');
  await close();
  story['reopening again'] = await send(facts.text, facts);
  story['second reopening'] = await send('And again.');
  await look('over');
}

const told = (name: string): Body => story[name]?.body ?? {};

describe('a review by mail', () => {
  it('[E26] asks for what is missing, under its id in the subject and in one talk', () => {
    expect(told('reported')).toMatchObject({ outcome: 'review', reply: null });
    expect(told('reported')['missing']).toEqual(['model', 'build_state', 'message_count', 'large_files']);
    const [first = ''] = asked;
    expect(headerOfMessage(first, 'Subject')).toBe(`Your usage review: some details are missing [${id}]`);
    expect(headerOfMessage(first, 'References')).toBe(`<${id}@fairmeter.example>`);
    expect(headerOfMessage(first, 'To')).toContain(ann);
  });

  it('[E26] is heard in its reporter\u2019s words alone, and nobody else learns that it is there', () => {
    for (const name of ['ben', 'eve', 'nobody', 'disguised']) {
      const { reply, ...rest } = told(name);
      expect(rest).toEqual({ outcome: 'address_needed', review_id: null, missing: [] });
      const { reply: nowhere, ...like } = told(`${name} nowhere`);
      expect(like).toEqual(rest);
      expect((nowhere as Body)['text']).toBe((reply as Body)['text']);
    }
    expect(seen['foreign']).toMatchObject({ state: 'needs_info', reported: { task: 'A page' } });
    expect(Object.keys(seen['foreign']?.['reported'] as object)).toEqual(['thread', 'task']);
  });

  it('[E26] hears no program, and nothing that it said itself', () => {
    expect([told('program')['outcome'], told('our own')['outcome']]).toEqual(['ignored', 'ignored']);
  });

  it('[E25] [E26] keeps what an answer brings, and asks for the rest by mail', () => {
    expect(told('partial')).toMatchObject({ review_id: id, missing: ['build_state', 'large_files'], reply: null });
    expect(seen['partial']).toMatchObject({
      ...{ state: 'needs_info', missing: ['build_state', 'large_files'], due_at: null },
      reported: { task: 'A page', model: 'gpt', message_count: '12' },
    });
    const [first, second, third] = asked.map((mail) => headerOfMessage(mail, 'Subject'));
    expect([second, third]).toEqual([first, first]);
    expect(asked).toHaveLength(3);
    expect(told('nothing')['missing']).toEqual(['build_state', 'large_files']);
  });

  it('[E26] tells of an answer once, however often it is handed on', async () => {
    expect(told('partial again')).toEqual(told('partial'));
    expect(told('whole again')).toEqual(told('whole'));
    const needs = (await reviewing.announced(id)).map(({ facts }) => facts['needs'] ?? null);
    const rest = ['build_state', 'large_files'];
    expect(needs.slice(0, 4)).toEqual([['model', 'build_state', 'message_count', 'large_files'], rest, rest, null]);
  });

  it('[E25] [E34] goes on when all six are there, with its clock, and a later word in the place of an earlier', () => {
    expect(told('whole')).toMatchObject({ review_id: id, missing: [], reply: null });
    expect(seen['whole']).toMatchObject({
      ...{ state: 'submitted', missing: [], due_at: expect.any(String), answer_until: null },
      reported: { task: 'A page', model: 'gpt-large', message_count: '12', build_state: 'red', large_files: 'none' },
    });
  });

  it('says so where it waits for nothing', () => {
    expect(told('too much')).toMatchObject({ review_id: id, reply: { subject: `Re: Re: My usage [${id}]` } });
    expect(seen['too much']).toEqual(seen['whole']);
  });

  it('[E26] is completed by no old mail when its staff ask once more, and by an answer to what they ask', () => {
    expect(told('whole once more')).toMatchObject({ review_id: id, missing: ['task'] });
    expect(seen['asked by staff']).toMatchObject({ state: 'needs_info', reported: { task: 'A page' } });
    expect(told('beside it')['missing']).toEqual(['task']);
    expect(seen['told staff']).toMatchObject({ state: 'submitted', reported: { task: 'The start page' } });
  });

  it('[E41] is opened again once by an answer with something in it', () => {
    expect([told('partial at the end')['reply'], told('empty')['reply']]).toEqual([null, null]);
    expect(seen['closed']).toMatchObject({ state: 'closed_not_confirmed', may_reopen: true });
    expect(told('reopening')).toMatchObject({ review_id: id, reply: null });
    expect(seen['reopened']).toMatchObject({ state: 'reopened' });
  });

  it('[E41] says how to report anew where it cannot be opened again, and stays as it is', () => {
    expect(told('reopening again')).toMatchObject({ review_id: id, reply: null });
    const reply = told('second reopening')['reply'] as Body;
    expect(reply).toMatchObject({ to: ann, subject: `Re: Re: My usage [${id}]` });
    expect(reply['text']).toContain(`"${SUBJECT}"`);
    expect(reply['headers']).toMatchObject({ 'Auto-Submitted': 'auto-replied' });
    expect(seen['over']).toMatchObject({ state: 'closed_not_confirmed', may_reopen: false });
  });
});

describe('another review by mail', () => {
  it('[E26] loses nothing of two answers that come at once, and writes in the language of its mail', async () => {
    const text = `Thread: ${await played()}\nAufgabe: Eine Seite\nModell: unbekannt\nNachrichten: 3`;
    const { body } = await send(text, { subject: SUBJECT, headers: { 'Content-Language': 'de-DE' } });
    const subject = `AW: [${String(body['review_id'])}]`;
    await Promise.all(['Vorschau: rot', 'Große Dateien: keine'].map(async (line) => send(line, { subject })));
    const { body: review } = await owner.get(`/v1/reviews/${String(body['review_id'])}`);
    expect(review).toMatchObject({ state: 'submitted', reported: { build_state: 'rot', large_files: 'keine' } });
    const languages = (await reviewing.announced(body['review_id'])).map(({ language }) => language);
    expect(new Set(languages)).toEqual(new Set(['de']));
  });

  it('[E26] is joined by a mail with the subject of a report that names its thread, whole or not', async () => {
    const thread = `Thread: ${await played()}`;
    const { body } = await send(thread, { subject: SUBJECT });
    const letter = { subject: SUBJECT, messageId: newMessageId() };
    const answer = await send(`${thread}\nTask: A form`, letter);
    expect(answer.body).toMatchObject({ review_id: body['review_id'], reply: null });
    expect(answer.body['missing']).toEqual(['model', 'build_state', 'message_count', 'large_files']);
    expect((await send(`${thread}\nTask: A form`, letter)).body).toEqual(answer.body);
  });

  it('[E26] is joined by such a mail that refers to it, whichever of its sender\u2019s accounts it is in', async () => {
    const elsewhere = await PostedJobs.open(reviewing.stack);
    const { accountId } = elsewhere.bot;
    await reviewing.stack.entities.manager.query(
      `INSERT INTO records.memberships (account_id, user_id, role) VALUES ($1, $2, 'owner')`,
      [accountId, (await owner.get('/v1/me')).body['user_id']],
    );
    const job = await elsewhere.play({ steps: [turn()], asOf: instant(0) });
    const { review_id: caseId } = (await send(`Thread: ${job.jobId}`, { subject: SUBJECT })).body;
    const headers = { 'In-Reply-To': `<${String(caseId)}@fairmeter.example>` };
    const answer = await send('Task: A form', { subject: SUBJECT, headers });
    expect(answer.body).toMatchObject({ review_id: caseId, reply: null });
    expect(answer.body['missing']).toEqual(['model', 'build_state', 'message_count', 'large_files']);
  });

  it('is replied to once: a mail that answers a reply gets no other, whoever wrote it', async () => {
    const { body } = await send('Thank you', { subject: '[rvw_00000000000000000000000000]' });
    const reply = body['reply'] as { subject: string; headers: Record<string, string> };
    expect(reply.headers['Auto-Submitted']).toBe('auto-replied');
    const { References: references = '' } = reply.headers;
    const again = await send('I am away', { subject: reply.subject, headers: { References: references } });
    expect([again.status, again.body['outcome'], again.body['reply']]).toEqual([202, 'address_needed', null]);
  });

  it('is heard whatever else stands in the head of its mail', async () => {
    const subject = `Re: [${id}]`;
    const { status } = await send('Thank you', { subject, headers: { 'X-Route': `\0${'a'.repeat(30_000)}` } });
    expect(status).toBe(202);
  });

  it('hears no more mails after twenty', async () => {
    const { body } = await send(`Thread: ${await played()}`, { subject: SUBJECT });
    await reviewing.stack.entities.manager.query(
      `UPDATE records.review_cases SET heard_mails = ARRAY (SELECT generate_series(1, 20)::text) WHERE id = $1`,
      [body['review_id']],
    );
    const late = await send('Task: A form', { subject: `[${String(body['review_id'])}]` });
    expect(late.body).toMatchObject({ outcome: 'ignored', review_id: null });
  });
});
