// Goal: nobody begins or answers a review as somebody else by naming an address, and nobody begins very many of them.
// Method: the running stack, and mails handed on as gateways do, with what they found of the sender.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@fairmeter/platform/database';
import type { Answer } from '../harness/bot-client.js';
import { openBot, type TestBot } from '../harness/people.js';
import { Reviewing } from './reviewing.js';

const SUBJECT = 'High Credit Usage Review';

let reviewing: Reviewing;
let bot: TestBot;
beforeAll(async () => {
  reviewing = await Reviewing.open({});
  bot = await openBot(reviewing.stack);
}, 60_000);
afterAll(async () => {
  await reviewing.close();
}, 60_000);

/** Of somebody new in the account. */
async function addressIn({ accountId } = bot): Promise<string> {
  const email = `${newId('usr')}@example.com`;
  await reviewing.person(accountId, 'owner', { email, email_verified: true });
  return email;
}

async function send(from: string, letter: object = {}): Promise<Answer> {
  const message = { message_id: `<${newId('req')}@mail.example>`, from, subject: SUBJECT, text: 'Task: A page' };
  return reviewing.mail({ ...message, ...letter });
}

const outcomeOf = ({ status, body }: Answer): unknown => [status, body['outcome'], body['reply']];
const NOT_AUTHENTICATED = [202, 'not_authenticated', null];

/** Whatever a mail could leave behind. */
async function written(): Promise<unknown> {
  const tables = ['records.review_cases', 'records.texts', 'records.audit', 'records.announcements'];
  const sums = tables.map((table, at) => `(SELECT count(*)::int FROM ${table}) AS sum${at}`);
  return reviewing.stack.entities.manager.query(`SELECT ${sums.join(', ')}`);
}

describe('a mail', () => {
  it('[E26] that is not from whom it names, as the gateway says, opens nothing and gets no reply', async () => {
    const ann = await addressIn();
    const before = await written();
    for (const authentication of [
      { dmarc: 'FAIL', spf: 'pass' },
      { dmarc: 'none', spf: 'fail', dkim: null },
    ]) {
      expect(outcomeOf(await send(ann, { authentication }))).toEqual(NOT_AUTHENTICATED);
      const named = { text: `I am ${ann}.`, authentication };
      expect(outcomeOf(await send('eve@example.net', named))).toEqual(NOT_AUTHENTICATED);
    }
    expect(await written()).toEqual(before);
    // Headers are the sender's own words.
    const headers = { 'Authentication-Results': 'mx.example.com; dmarc=fail' };
    expect(outcomeOf(await send(ann, { headers }))).toEqual([202, 'review', null]);
    expect(outcomeOf(await send(ann, { authentication: { dmarc: 'pass' } }))).toEqual([202, 'review', null]);
  });

  it('[E26] that failed answers no review either', async () => {
    const ann = await addressIn();
    const { body } = await send(ann);
    const before = await written();
    const subject = `Re: your review [${String(body['review_id'])}]`;
    const answer = { subject, text: 'Model: theirs', authentication: { dmarc: 'fail' } };
    expect(outcomeOf(await send(ann, answer))).toEqual(NOT_AUTHENTICATED);
    expect(await written()).toEqual(before);
    const own = await send(ann, { ...answer, authentication: { dmarc: 'pass' } });
    expect(own.body).toMatchObject({ outcome: 'review', review_id: body['review_id'] });
  });
});

describe('where a pass is asked for', () => {
  beforeAll(async () => {
    await reviewing.stack.startApi({ INBOUND_MAIL_NEEDS_PASS: 'true' });
  }, 60_000);

  it('[E26] a mail of which nothing is known, or not enough, opens nothing', async () => {
    const ann = await addressIn();
    const before = await written();
    for (const authentication of [null, {}, { dmarc: 'none' }, { spf: 'pass', dkim: 'pass' }]) {
      expect(outcomeOf(await send(ann, { authentication }))).toEqual(NOT_AUTHENTICATED);
    }
    expect(await written()).toEqual(before);
    expect(outcomeOf(await send(ann, { authentication: { dmarc: 'pass' } }))).toEqual([202, 'review', null]);
  });

  it('[E26] nobody reports for an address in the text, and is asked to write from it', async () => {
    const ann = await addressIn();
    const before = await written();
    const named = await send('Eve <eve@example.net>', { text: `I am ${ann}.`, authentication: { dmarc: 'pass' } });
    expect(named.body).toMatchObject({
      outcome: 'address_needed',
      review_id: null,
      reply: { to: 'eve@example.net' },
    });
    expect((named.body['reply'] as { text: string }).text).toContain(
      'from the address that you sign in with, and keep',
    );
    expect(await written()).toEqual(before);
  });
});

describe('the pace of mails', () => {
  const pace = { REVIEW_MAILS_OF_SENDER_PER_HOUR: '2', REVIEW_MAILS_OF_ACCOUNT_PER_HOUR: '3' };
  let busy: TestBot;
  let ann: string;
  let ben: string;
  beforeAll(async () => {
    await reviewing.stack.startApi(pace);
    busy = await openBot(reviewing.stack);
    [ann, ben] = [await addressIn(busy), await addressIn(busy)];
  }, 60_000);

  it('[E26] keeps one address, then one account to so many reviews an hour, in whichever process', async () => {
    const first = { message_id: `<${newId('req')}@mail.example>` };
    const opened = await send(ann, first);
    expect([opened.body['outcome'], (await send(ann)).body['outcome']]).toEqual(['review', 'review']);
    const before = await written();
    const third = await send(`"Somebody" <${ann.toUpperCase()}>`);
    expect([third.status, third.body]).toMatchObject([429, { code: 'rate_limited', per: 'sender', limit_per_hour: 2 }]);
    const wait = Number(third.headers.get('retry-after'));
    expect([wait > 60, wait <= 1_800]).toEqual([true, true]);
    expect(await written()).toEqual(before);
    // One that was heard is the same review as ever.
    expect((await send(ann, first)).body).toMatchObject({ review_id: opened.body['review_id'] });
    await reviewing.stack.startApi(pace);
    expect((await send(ann)).status).toBe(429);
    expect((await send(ben)).body['outcome']).toBe('review');
    const full = await send(ben);
    expect([full.status, full.body]).toMatchObject([429, { per: 'account', limit_per_hour: 3 }]);
    // Whoever is refused for the account has not paid with what is their own, however often.
    expect((await send(ben)).body).toMatchObject({ per: 'account' });
    // What anybody can send in their name keeps nobody from what is known to be theirs.
    const known = await send(ben, { authentication: { dmarc: 'pass' } });
    expect(known.body['outcome']).toBe('review');
    // Nobody else has to wait for them.
    expect((await send(await addressIn())).body['outcome']).toBe('review');
  });

  it('[E26] sends one address so many replies an hour, however often somebody writes in its name', async () => {
    const replied = async (from: string, letter?: object): Promise<unknown> => {
      const { status, body } = await send(from, letter);
      return [status, body['outcome'], (body['reply'] as { to: string } | null)?.to];
    };
    const told = (to?: string): unknown => [202, 'address_needed', to];
    expect(await replied('trudy@example.net')).toEqual(told('trudy@example.net'));
    expect(await replied('Trudy <TRUDY+shop@example.net>')).toEqual(told('trudy+shop@example.net'));
    expect(await replied('trudy+other@example.net')).toEqual(told());
    // An answer to a review that is none of hers gets a reply of another kind, to the same address.
    expect(await replied('trudy@example.net', { subject: `Re: yours [${newId('rvw')}]` })).toEqual(told());
    // Others are written to all the same.
    expect(await replied('ann@example.net')).toEqual(told('ann@example.net'));
    // Whoever writes as several, or under an address in another form, has us write to none of them.
    expect(await replied('ben@example.net, mallory@example.net')).toEqual(told());
    expect(await replied('x1 <"victim"@example.net>')).toEqual(told());
  });
});
