// Goal: what a visitor reports of work from before the bot moved is looked at where that work is, and comes back to
// whoever paid. Method: the running stack with a bot that changes hands, a visitor who goes along, and the staff.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { endUserScope } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { saveText } from '@fairmeter/records';
import type { Answer } from '../harness/bot-client.js';
import { OwnerClient } from '../harness/owner-client.js';
import { giveVisitor } from '../harness/payers.js';
import { openBot, type TestBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import type { SignedIn } from '../harness/signed-in.js';
import { visit, type Visitor } from '../harness/visitors.js';
import { reportedBy, Reviewing, type Body } from './reviewing.js';

interface Account {
  readonly bot: TestBot;
  readonly owner: OwnerClient;
  readonly person: SignedIn;
}

const PUBLISH = { purpose_clear: true, trained_enough: true, results_reviewable: true };
const CONFIRMED = { verdict: 'confirmed', cause: 'bug_repeats', reasons: 'It ran twice.' };
const REFUSED = { verdict: 'not_confirmed', cause: 'none', reasons: 'The task was large.' };

let reviewing: Reviewing;
let from: Account;
let to: Account;
let ann: Visitor;
/** One without a thread, and one in a thread: of before the bot moved. */
let alone: string;
let threaded: string;

beforeAll(async () => {
  reviewing = await Reviewing.open({ models: threeSteps().port, worker: { GRANT_ALONE_SUPPORT_CREDITS: '50' } });
  [from, to] = [await open(), await open()];
  ann = await visit(reviewing.stack, from.bot, 'ann');
  await giveVisitor(reviewing.stack, from.bot, { visitorId: ann.id, kind: 'eu_pack', credits: '10' });
  alone = await ended('alone');
  threaded = await ended('threaded', 'again');
  await move(from, to);
  ann = await visit(reviewing.stack, { ...from.bot, key: to.owner.secret }, ann.ref);
}, 60_000);
afterAll(async () => {
  await reviewing.close();
}, 60_000);

async function open(): Promise<Account> {
  const bot = await openBot(reviewing.stack, { credits: '100' });
  const { accountId } = bot;
  const person = await reviewing.person(accountId, 'owner');
  return { bot, person, owner: await OwnerClient.open(reviewing.stack, accountId) };
}

async function move(giver: Account, receiver: Account): Promise<void> {
  const { botId } = from.bot;
  const body = { to_account_id: receiver.bot.accountId };
  const offered = await giver.owner.call('POST', `/v1/bots/${botId}/transfers`, { body });
  await receiver.owner.call('POST', `/v1/bot-transfers/${String(offered.body['id'])}/accept`);
  expect((await receiver.owner.call('POST', `/v1/bots/${botId}/publish`, { body: PUBLISH })).status).toBe(200);
}

async function ended(key: string, thread?: string): Promise<string> {
  const body = { prompt: 'A page', ...(thread === undefined ? {} : { thread_id: thread }) };
  const id = idOf(await ann.client.submit({ key, body }));
  await ann.client.ended(id);
  return id;
}

function idOf({ status, body }: Answer): string {
  if (status >= 300) throw new Error(JSON.stringify(body));
  return String(body['id']);
}

const link = (): string => `${from.bot.botId}/threads/again`;
const ofOwner = async ({ person }: Account, id: string): Promise<number> =>
  (await person.get(`/v1/reviews/${id}`)).status;

async function measured(id: string): Promise<unknown> {
  const { account_id: accountId, measured: found } = await reviewing.seen(id);
  return [accountId, (found as Body)['messages']];
}

describe('a visitor whose bot has moved', () => {
  it('[E33, edge 67] reports a job of before in the books it is in, and gets back what it cost', async () => {
    const id = idOf(await reportedBy(ann.client, alone, 'en'));
    expect(await measured(id)).toEqual([from.bot.accountId, 1]);
    expect([await ofOwner(from, id), await ofOwner(to, id)]).toEqual([200, 404]);
    const before = (await ann.client.get('/v1/me/usage-units')).body['remaining'];
    const { body } = await reviewing.desk(id, 'analyse');
    expect((body['analysis'] as Body)['jobs']).toMatchObject([{ job_id: alone, charge: '1.800000' }]);
    expect((await reviewing.desk(id, 'decide', { body: CONFIRMED })).status).toBe(200);
    expect((await reviewing.desk(id, 'close', { body: { advice: [{ tip: 'fit_model' }] } })).status).toBe(200);
    const told = (await ann.client.get(`/v1/reviews/${id}`)).body;
    expect(told).toMatchObject({ restored: '1.800000', reasons: CONFIRMED.reasons });
    const after = (await ann.client.get('/v1/me/usage-units')).body['remaining'];
    expect([before, after]).toEqual(['6.400000', '8.200000']);
    const lots = await reviewing.stack.entities.manager.query<{ scope_id: string }[]>(
      `SELECT scope_id FROM ledger.lots WHERE kind = 'compensation' AND source_ref LIKE '%' || $1 || '%'`,
      [alone],
    );
    expect(lots).toEqual([{ scope_id: endUserScope(from.bot.botId, ann.id) }]);
  }, 30_000);

  it('[E41, edge 67] reports a thread of before by its name, reads the answer, and has it opened again', async () => {
    const id = idOf(await reportedBy(ann.client, link(), 'de'));
    expect(await measured(id)).toEqual([from.bot.accountId, 1]);
    // The same report by one of its jobs is of the same thread.
    const again = await reportedBy(ann.client, threaded, 'de');
    expect(again.body).toMatchObject({ duplicate_of: id });
    await reviewing.desk(id, 'analyse');
    await reviewing.desk(id, 'decide', { body: REFUSED });
    await reviewing.desk(id, 'close', { body: { advice: [{ text: 'Ask for less.' }] } });
    const { body } = await ann.client.get(`/v1/reviews/${id}`);
    expect(body).toMatchObject({ state: 'closed_not_confirmed', reasons: REFUSED.reasons, may_reopen: true });
    const listed = (await ann.client.get('/v1/reviews')).body['data'] as readonly Body[];
    expect(listed.map((one) => one['id'])).toEqual(expect.arrayContaining([id, String(again.body['id'])]));
    const reopened = await ann.client.post(`/v1/reviews/${id}/reopen`, { facts: 'It was slow, too.' });
    expect([reopened.status, reopened.body]).toMatchObject([200, { id }]);
    expect((await reviewing.seen(id))['facts']).toBe('It was slow, too.');
  }, 30_000);

  it('[edge 67] reports a thread that went on where its latest job is', async () => {
    const thread = await ended('went on', 'again');
    const client = ann.client;
    const body = { thread: link(), task: 'A page', model: 'unknown', build_state: 'red', message_count: '3' };
    const answer = await client.fetch('/v1/reviews', {
      method: 'POST',
      body: JSON.stringify({ ...body, large_files: 'none' }),
      headers: { 'content-type': 'application/json', 'idempotency-key': 'went on' },
    });
    const id = String(((await answer.json()) as Body)['id']);
    expect(await measured(id)).toEqual([to.bot.accountId, 1]);
    const analysis = (await reviewing.desk(id, 'analyse')).body['analysis'] as Body;
    expect(analysis['jobs']).toMatchObject([{ job_id: thread }]);
  }, 30_000);

  it('[edge 66] who is deleted leaves no word in an account that the bot has passed through', async () => {
    const { manager } = reviewing.stack.entities;
    const passed = await open();
    await move(to, passed);
    const next = await open();
    // As reports were once kept: where the bot was, though none of the visitor's jobs are there.
    const text = { id: newId('txt'), accountId: passed.bot.accountId, subject: ann.id, purpose: 'reason' } as const;
    await saveText(manager, { ...text, body: 'My secret plan' });
    await move(passed, next);
    const back = await visit(reviewing.stack, { ...from.bot, key: next.owner.secret }, ann.ref);
    expect((await back.client.fetch('/v1/me', { method: 'DELETE' })).status).toBe(200);
    const left = await manager.query<unknown[]>('SELECT id FROM records.texts WHERE subject = $1', [ann.id]);
    expect(left).toEqual([]);
  }, 30_000);
});
