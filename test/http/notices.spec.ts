// Goal: an owner is warned once at each threshold, hears of resets where that was asked for, and gets mails of what was
// announced. Method: the running stack, a receiver and an SMTP server of our own.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MicroCredits } from '@fairmeter/domain';
import { accountScope, formatCredits, instant } from '@fairmeter/domain';
import { newId, withClient } from '@fairmeter/platform/database';
import { announce, saveText } from '@fairmeter/records';
import { BotClient } from '../harness/bot-client.js';
import { MailReceiver, sendMails } from '../harness/mail-receiver.js';
import { use } from '../harness/orders.js';
import { OwnerClient } from '../harness/owner-client.js';
import { amount, giveCredits, openBot, type TestBot } from '../harness/people.js';
import { ResetWatches } from '../harness/reset-watches.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack, type RunningWorker } from '../harness/test-stack.js';
import { until } from '../harness/until.js';
import { WebhookReceiver } from '../harness/webhook-receiver.js';
import { PostedJobs, turn } from './posted-jobs.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

describe('notices', () => {
  let stack: TestStack;
  let worker: RunningWorker;
  let watches: ResetWatches;
  let post: MailReceiver;
  let receiver: WebhookReceiver;
  let bot: TestBot;
  let waiting: WebhookReceiver;
  let waitingJob: string;
  let empty: WebhookReceiver;

  async function said(accountId: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const owner = await OwnerClient.open(stack, accountId);
    return (await owner.call('GET', '/v1/account/notices')).body['data'] as readonly Record<string, unknown>[];
  }

  /** What the one job of these scripts costs. */
  async function chargeOf(one: TestBot): Promise<MicroCredits> {
    const client = new BotClient(stack, one);
    const { body } = await client.submit({ key: 'job' });
    const job = await until(
      async () => (await client.get(`/v1/jobs/${String(body['id'])}`)).body,
      ({ state }) => state === 'completed',
    );
    return amount(String(job['charge']));
  }

  async function ask(by: WebhookReceiver, accountId: string, eventTypes: readonly string[]): Promise<string> {
    const owner = await OwnerClient.open(stack, accountId);
    const body = { url: by.url, event_types: eventTypes };
    return String((await owner.call('POST', '/v1/account/webhooks', { body })).body['id']);
  }

  /** Of three steps at 0.6 credits the second cannot begin, and nobody brings more. */
  async function playWaiting(): Promise<void> {
    const short = await openBot(stack, { credits: '0.9' });
    waiting = await WebhookReceiver.open();
    await ask(waiting, short.accountId, ['job.awaiting_credits', 'job.ended']);
    const client = new BotClient(stack, short);
    waitingJob = String((await client.submit({ key: 'short' })).body['id']);
    await waiting.untilReceived(1);
    await client.steer(waitingJob, 'cancel', { key: 'enough' });
    await waiting.untilReceived(2);
  }

  /** How often it was told that nothing is left, once it was looked at. */
  async function zerosOf(accountId: string): Promise<number> {
    await worker.parts.creditWarnings.warn(accountId);
    return (await said(accountId)).filter(({ type }) => type === 'credits.zero').length;
  }

  /** Three credits. */
  async function spendAll(spent: PostedJobs): Promise<void> {
    await spent.play({ steps: [turn({ used: use({ input: 10_000, calls: 1 }) })], asOf: instant(0) });
  }

  /** All that the account has goes into one job. What is sent behind it comes after whatever that has caused. */
  async function playEmpty(): Promise<void> {
    const spent = await PostedJobs.open(stack, { credits: '3' });
    const { accountId } = spent.bot;
    empty = await WebhookReceiver.open();
    const id = await ask(empty, accountId, ['credits.low', 'credits.zero']);
    await spendAll(spent);
    await empty.untilReceived(1);
    await worker.parts.creditWarnings.warn(accountId);
    await (await OwnerClient.open(stack, accountId)).call('POST', `/v1/account/webhooks/${id}/test`);
    await empty.untilReceived(2);
  }

  /** A job leaves a sixth of the credits of the period; a bundle is there besides. */
  async function playLow(): Promise<void> {
    const charge = await chargeOf(await openBot(stack, { credits: '50' }));
    bot = await openBot(stack);
    receiver = await WebhookReceiver.open();
    await ask(receiver, bot.accountId, ['credits.low', 'credits.zero', 'credits.reset']);
    const credits = formatCredits(((charge * 6n) / 5n) as MicroCredits);
    const expiresAt = instant(Date.now() + 20 * DAY_MS);
    await giveCredits(stack, bot.accountId, { credits, kind: 'subscription', expiresAt });
    await giveCredits(stack, bot.accountId, { credits: '50', kind: 'bundle' });
    await chargeOf(bot);
    await receiver.untilReceived(1);
  }

  beforeAll(async () => {
    post = await MailReceiver.open();
    stack = await TestStack.open({ models: threeSteps().port });
    watches = new ResetWatches(stack);
    worker = await stack.startWorkerLike({ models: threeSteps().port, env: post.env });
    await stack.startApi();
    await playLow();
    await playWaiting();
    await playEmpty();
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
    for (const one of [receiver, waiting, empty]) await one.close();
    await post.close();
  }, 60_000);

  it('[F27] warn of low credits once for each threshold of the period, whatever else happens in it', async () => {
    await giveCredits(stack, bot.accountId, { credits: '1', kind: 'bundle' });
    await worker.parts.creditWarnings.warn(bot.accountId);
    const low = (await said(bot.accountId)).filter(({ type }) => String(type).startsWith('credits.'));
    expect(low).toMatchObject([{ type: 'credits.low', facts: { percent: 20 } }]);
    expect(receiver.received).toMatchObject([{ id: low[0]?.['id'], type: 'credits.low', data: { percent: 20 } }]);
  });

  it('[F27] tell of a job that waits for credits, what it lacks and until when, and then of its end', () => {
    expect(waiting.received.map(({ type, data }) => [type, data['job_id']])).toEqual([
      ['job.awaiting_credits', waitingJob],
      ['job.ended', waitingJob],
    ]);
    const data = waiting.received[0]?.data ?? {};
    expect(data).toMatchObject({ environment: 'live', step: 2, reason: 'credits_exhausted', resets_at: null });
    const [required, available, lacks] = ['required', 'available', 'shortfall'].map((name) =>
      amount(String(data[name])),
    );
    expect((required ?? 0n) - (available ?? 0n)).toBe(lacks);
    expect(Date.parse(String(data['waits_until']))).toBeGreaterThan(Date.now());
  });

  it('[F27] warn of nothing left, and of nothing besides', () => {
    expect(empty.received).toMatchObject([
      { type: 'credits.zero', data: { percent: 0, left: '0.000000', granted: '3.000000', available: '0.000000' } },
      { type: 'webhook.test' },
    ]);
  });

  it.each(['bundle', 'subscription'] as const)(
    '[F27] warn of nothing left once more where credits that a job can begin with have come: %s',
    async (kind) => {
      const spent = await PostedJobs.open(stack, { credits: { credits: '3', kind } });
      const { accountId } = spent.bot;
      const zeros = async (): Promise<number> => zerosOf(accountId);
      expect(await zeros()).toBe(0);
      await spendAll(spent);
      expect([await zeros(), await zeros()]).toEqual([1, 1]);
      // A period that is posted ahead has not come.
      await giveCredits(stack, accountId, { credits: '3', validFrom: instant(Date.now() + HOUR_MS) });
      expect(await zeros()).toBe(1);
      await giveCredits(stack, accountId, { credits: '0.05', kind: 'bundle' });
      expect(await zeros()).toBe(1);
      await giveCredits(stack, accountId, { credits: '2.95', kind: 'bundle' });
      expect(await zeros()).toBe(1);
      await spendAll(spent);
      expect([await zeros(), await zeros()]).toEqual([2, 2]);
    },
  );

  it('[F27] warn of nothing left once more where an upgrade has let the period grow', async () => {
    const expiresAt = instant(Date.now() + DAY_MS);
    const lot = { credits: '3', kind: 'subscription', sourceRef: 'grown', expiresAt } as const;
    const spent = await PostedJobs.open(stack, { credits: lot });
    const { accountId } = spent.bot;
    const zeros = async (): Promise<number> => zerosOf(accountId);
    await spendAll(spent);
    expect(await zeros()).toBe(1);
    const growth = { ...lot, growKey: 'upgrade', amount: amount('3') };
    const grown = await stack.grants.growLot({ scopeId: accountScope(accountId), accountId }, instant(0), growth);
    expect(grown).toMatchObject({ ok: true });
    expect(await zeros()).toBe(1);
    await spendAll(spent);
    expect([await zeros(), await zeros()]).toEqual([2, 2]);
  });

  const resetsOf = async (accountId: string): ReturnType<typeof said> =>
    (await said(accountId)).filter(({ type }) => type === 'credits.reset');

  it('[F27] tell of a day that began to whoever asked, once, and watch no other account', async () => {
    const { accountId } = bot;
    const [watched] = await stack.entities.manager.query<{ n: number }[]>(
      'SELECT count(*)::int AS n FROM records.reset_watches',
    );
    expect(watched?.n).toBe(1);
    await watches.giveDays(accountId);
    await watches.askedBefore(accountId);
    for (let look = 0; look < 2; look += 1) {
      await watches.areDue(accountId);
      expect(await worker.parts.creditWarnings.tellResets()).toBe(1);
    }
    const resets = await resetsOf(accountId);
    const daily = resets.filter(({ facts }) => (facts as { what: string }).what === 'daily');
    expect(daily).toHaveLength(1);
    expect(daily[0]).toMatchObject({ facts: { amount: '5.000000' } });
    const at = (daily[0]?.['facts'] as { next_reset_at: string }).next_reset_at;
    expect(Date.parse(at) % DAY_MS).toBe(0);
    const sent = await until(
      async () => receiver.received.filter(({ type }) => type === 'credits.reset'),
      ({ length }) => length > 0,
    );
    expect(sent).toMatchObject([{ id: daily[0]?.['id'], data: { what: 'daily', amount: '5.000000' } }]);
  });

  it('[F27] tell of resets although of one account, that is due longest, nothing can be told', async () => {
    const [broken, sound] = [(await openBot(stack)).accountId, (await openBot(stack)).accountId];
    for (const accountId of [broken, sound]) {
      await ask(receiver, accountId, ['credits.reset']);
      await watches.giveDays(accountId);
      await watches.askedBefore(accountId);
    }
    await watches.areDue(broken, sound);
    await withClient(stack.database.ownerUrl, async (client) => {
      await client.query(`CREATE FUNCTION records.test_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'this row is refused'; END $$`);
      await client.query(`CREATE TRIGGER test_refuse BEFORE INSERT ON records.announcements FOR EACH ROW
        WHEN (NEW.account_id = '${broken}') EXECUTE FUNCTION records.test_refuse()`);
      await expect(worker.parts.creditWarnings.tellResets()).rejects.toThrow('1 of 2 could not be told of resets');
      await client.query('DROP TRIGGER test_refuse ON records.announcements');
    });
    expect([await resetsOf(broken), (await resetsOf(sound)).length]).toEqual([[], 1]);
    // It stands behind all others, and comes in its turn.
    expect(await worker.parts.creditWarnings.tellResets()).toBe(0);
    await watches.areDue(broken);
    expect([await worker.parts.creditWarnings.tellResets(), (await resetsOf(broken)).length]).toEqual([1, 1]);
  });

  it('[F27] tell of no reset from before it was asked for, also where other things are told already', async () => {
    const { accountId } = await openBot(stack);
    const id = await ask(receiver, accountId, ['credits.granted']);
    await watches.giveDays(accountId);
    await watches.askedBefore(accountId);
    const owner = await OwnerClient.open(stack, accountId);
    const body = { event_types: ['credits.granted', 'credits.reset'] };
    expect((await owner.call('PATCH', `/v1/account/webhooks/${id}`, { body })).status).toBe(200);
    await watches.areDue(accountId);
    expect([await worker.parts.creditWarnings.tellResets(), await resetsOf(accountId)]).toEqual([1, []]);
  });

  it('[E35] are mailed once to whoever is to be told, in their language; without an address never', async () => {
    const { accountId } = bot;
    const ref = newId('txt');
    await stack.entities.transaction(async (tx) => {
      await saveText(tx, { id: ref, accountId, subject: 'usr_reporter', purpose: 'reason', body: 'ann@example.test' });
      await announce(tx, {
        accountId,
        visitor: null,
        type: 'review.changed',
        about: 'cas_1',
        facts: { case_id: 'cas_1', state: 'confirmed', credits: '1.600000' },
        mailTo: { to: 'address', ref },
        language: 'de',
      });
    });
    await sendMails(stack);
    expect(post.mails).toHaveLength(1);
    expect(post.mails[0]?.raw).toMatch(/^To: ann@example\.test/m);
    expect(post.mails[0]?.raw).toMatch(/^Message-ID: <ntc_\w+@fairmeter\.example>/im);
    const states = await stack.entities.manager.query<{ state: string }[]>(
      'SELECT DISTINCT state FROM records.notice_mails ORDER BY state',
    );
    expect(states.map(({ state }) => state)).toEqual(['dropped', 'sent']);
  });

  it('are mailed while they are news: what is older than three days is dropped', async () => {
    const before = post.mails.length;
    const id = newId('ntc');
    await stack.entities.manager.query(
      `INSERT INTO records.announcements (id, account_id, seq, type, about, facts, mail_to, language, at)
       VALUES ($1, $2, 0, 'purchase.paid', 'pur_1', '{"credits": "1.000000"}', 'owner', 'en', now() - interval '73 h')`,
      [id, bot.accountId],
    );
    await sendMails(stack);
    const rows = await stack.entities.manager.query<unknown[]>(
      'SELECT state, problem FROM records.notice_mails WHERE announcement_id = $1',
      [id],
    );
    expect(rows).toEqual([{ state: 'dropped', problem: 'too old' }]);
    expect(post.mails).toHaveLength(before);
  });
});
