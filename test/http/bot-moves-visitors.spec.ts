// A bot that moves with its visitors: what they have at it goes along, what was done and promised before stays where it
// was, and each job settles with whoever began to pay for it.
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { endUserScope, instant } from '@fairmeter/domain';
import { newId } from '@fairmeter/platform/database';
import { parseRequestRef } from '@fairmeter/providers';
import { expectLedgerHolds } from '../harness/audit.js';
import type { BotClient } from '../harness/bot-client.js';
import { OwnerClient } from '../harness/owner-client.js';
import { ask, giveVisitor, openCampaign, paidJob, setLimits, visitorOf } from '../harness/payers.js';
import { amount, openBot, type TestBot } from '../harness/people.js';
import { byStage, reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { tracesOf } from '../harness/traces.js';
import { until } from '../harness/until.js';
import { holding, visit, VISITOR_ENV, type Visitor } from '../harness/visitors.js';

const SLOW = '[slow] Write a word counter';
const ANSWER = '=== a.js about marmalade';
const plain = byStage({ plan: [reply('plan')], generate: [reply(ANSWER)], review: [reply('APPROVED')] });
const answers = { purpose_clear: true, trained_enough: true, results_reviewable: true };

interface Account {
  readonly bot: TestBot;
  readonly owner: OwnerClient;
}

describe('a bot that moves with its visitors', () => {
  let stack: TestStack;
  let to: Account;
  /** A job that says it is slow stays in its second step until the gate is opened. */
  let openGate = (): void => undefined;
  let gate: Promise<void>;
  /** Whose steps have come to it. */
  const waiting = new Set<string>();
  const close = (): void => {
    gate = new Promise((resolve) => {
      openGate = resolve;
    });
  };
  beforeAll(async () => {
    close();
    const models: typeof plain.port = {
      generate: async (request, options) => {
        if (request.requestRef.includes('generate') && JSON.stringify(request).includes('[slow]')) {
          waiting.add(parseRequestRef(request.requestRef)?.jobId ?? '');
          await gate;
        }
        return plain.port.generate(request, options);
      },
    };
    stack = await TestStack.start({ models, api: { ...VISITOR_ENV } });
    to = await open();
  }, 60_000);
  afterEach(async () => {
    await expectLedgerHolds(stack);
  }, 60_000);
  afterAll(async () => {
    openGate();
    await stack.stop();
  }, 60_000);

  const open = async (): Promise<Account> => {
    const bot = await openBot(stack, { credits: '100' });
    return { bot, owner: await OwnerClient.open(stack, bot.accountId) };
  };
  const move = async (from: Account, receiver: Account = to): Promise<unknown> => {
    const body = { to_account_id: receiver.bot.accountId };
    const offered = await from.owner.call('POST', `/v1/bots/${from.bot.botId}/transfers`, { body });
    const accepted = await receiver.owner.call('POST', `/v1/bot-transfers/${String(offered.body['id'])}/accept`);
    return accepted.body['state'] ?? accepted.body;
  };
  const publish = async ({ bot }: Account, { owner }: Account = to): Promise<number> =>
    (await owner.call('POST', `/v1/bots/${bot.botId}/publish`, { body: answers })).status;
  const available = async ({ owner }: Account): Promise<unknown> =>
    (await owner.call('GET', '/v1/account/credits')).body['available'];
  const units = async ({ client }: Visitor): Promise<unknown> => {
    const { body } = await client.get('/v1/me/usage-units');
    return [body['remaining'], body['in_use'], body['used']];
  };
  const submit = async ({ client }: Visitor, key: string, prompt = 'Write a word counter'): Promise<string> => {
    const submitted = await client.submit({ key, body: { prompt } });
    return String(submitted.body['id'] ?? submitted.body['code']);
  };
  /** With a token of whoever has the bot now. */
  const back = async ({ bot }: Account, { ref }: Visitor, { owner }: Account = to): Promise<Visitor> =>
    visit(stack, { ...bot, key: owner.secret }, ref);
  const buyer = async (account: Account, ref: string, credits = '10'): Promise<Visitor> => {
    const visitor = await visit(stack, account.bot, ref);
    await giveVisitor(stack, account.bot, { visitorId: visitor.id, kind: 'eu_pack', credits });
    return visitor;
  };

  it('[edge 67] takes along what visitors have, and leaves what was used in the books it was used in', async () => {
    const from = await open();
    let ann = await buyer(from, 'ann');
    const before = await submit(ann, 'before');
    await ann.client.ended(before);
    const bought = await stack.entities.manager.query<unknown[]>(
      'SELECT id, account_id, open FROM ledger.lots WHERE scope_id = $1',
      [endUserScope(from.bot.botId, ann.id)],
    );
    expect(await move(from)).toBe('accepted');
    // Nothing that was written is written anew: the credits are where they were.
    expect(
      await stack.entities.manager.query('SELECT id, account_id, open FROM ledger.lots WHERE scope_id = $1', [
        endUserScope(from.bot.botId, ann.id),
      ]),
    ).toEqual(bought);
    const ended = await ann.client.get('/v1/me/usage-units');
    expect([ended.status, ended.body['code']]).toEqual([401, 'visitor_token_expired']);
    ann = await back(from, ann);
    expect(await units(ann)).toEqual(['8.200000', '0.000000', '1.800000']);
    expect(await submit(ann, 'closed')).toBe('bot_private');
    expect(await publish(from)).toBe(200);
    const after = await submit(ann, 'after');
    expect((await ann.client.ended(after)).body).toMatchObject({ state: 'completed' });
    expect(await paidJob(stack, after)).toMatchObject({ funding: 'end_user', charge: '1.800000' });
    expect(await units(ann)).toEqual(['6.400000', '0.000000', '3.600000']);
    expect([await available(from), await available(to)]).toEqual(['100.000000', '100.000000']);
    const path = `/v1/bots/${from.bot.botId}/visitors`;
    expect((await to.owner.call('GET', path)).body['data']).toMatchObject([{ id: ann.id }]);
    expect((await from.owner.call('GET', path)).status).toBe(404);
    for (const account of [from, to]) {
      const usage = await account.owner.call('GET', '/v1/account/usage?group_by=funding');
      expect(usage.body['data']).toMatchObject([{ key: { funding: 'end_user' }, charged: '1.800000' }]);
    }
    // A visitor has what the visitor asked for, whoever had the bot then; each owner has what is in the own books.
    const seen = async (client: { get: BotClient['get'] }): Promise<number[]> =>
      Promise.all([before, after].map(async (id) => (await client.get(`/v1/jobs/${id}/result`)).status));
    const asked = ({ owner, bot }: Account): BotClient => holding(stack, bot, owner.secret);
    expect([await seen(ann.client), await seen(asked(from)), await seen(asked(to))]).toEqual([
      [200, 200],
      [200, 404],
      [404, 200],
    ]);
  }, 60_000);

  it('[edge 67] lets running jobs settle with their old payers, a visitor\u2019s with the visitor', async () => {
    const from = await open();
    let [ben, eve] = [await buyer(from, 'ben'), await visit(stack, from.bot, 'eve')];
    const jobs = [await submit(ben, 'paid', SLOW), await submit(eve, 'free', SLOW)];
    await until(
      async () => Promise.resolve(jobs),
      (asked) => asked.every((id) => waiting.has(id)),
    );
    const had = await available(to);
    expect(await move(from)).toBe('accepted');
    [ben, eve] = [await back(from, ben), await back(from, eve)];
    for (const [index, visitor] of [ben, eve].entries()) {
      expect((await visitor.client.get(`/v1/jobs/${jobs[index] ?? ''}`)).body['state']).toBe('running');
    }
    openGate();
    await Promise.all([ben, eve].map(async ({ client }, index) => client.ended(jobs[index] ?? '')));
    close();
    expect(await paidJob(stack, jobs[0] ?? '')).toMatchObject({ state: 'completed', funding: 'end_user' });
    expect(await paidJob(stack, jobs[1] ?? '')).toMatchObject({ state: 'completed', funding: 'free_visitor' });
    expect(await units(ben)).toEqual(['8.200000', '0.000000', '1.800000']);
    expect([await available(from), await available(to)]).toEqual(['98.200000', had]);
    const events = await ben.client.fetch(`/v1/jobs/${jobs[0] ?? ''}/events`);
    expect([events.status, await events.text()]).toEqual([200, expect.stringContaining('job.ended')]);
  }, 60_000);

  it('[edge 67] begins the free reserve from what the new owner has set', async () => {
    const [from, receiver] = [await open(), await open()];
    const limit = (credits: string) =>
      ({ kind: 'free_reserve', subject: '', period: 'total', amount: amount(credits) }) as const;
    await setLimits(stack, from.bot, [limit('50')]);
    await setLimits(stack, receiver.bot, [limit('0')]);
    let eve = await visit(stack, from.bot, 'eve');
    await eve.client.ended(await submit(eve, 'before'));
    expect(await move(from, receiver)).toBe('accepted');
    eve = await back(from, eve, receiver);
    expect(await publish(from, receiver)).toBe(200);
    expect(await submit(eve, 'after')).toBe('free_usage_exhausted');
    await setLimits(stack, receiver.bot, [limit('20')]);
    await eve.client.ended(await submit(eve, 'again'));
    expect([await available(from), await available(receiver)]).toEqual(['98.200000', '98.200000']);
  }, 60_000);

  it('[edge 67] ends campaigns of the old owner, and withdraws packs that would span two accounts', async () => {
    const from = await open();
    const other = await openBot(stack, { accountId: from.bot.accountId });
    const campaignId = await openCampaign(stack, from.bot);
    const pack = async (...bots: TestBot[]): Promise<unknown> => {
      const allowances = bots.map(({ botId }) => ({ bot_id: botId, credits: '1' }));
      const body = { name: 'Some', allowances, price: { amount_minor: '500', iso_4217: 'eur' } };
      return (await from.owner.call('POST', '/v1/bot-packs', { body })).body['id'];
    };
    const third = await openBot(stack, { accountId: from.bot.accountId });
    const [spanning, left] = [await pack(from.bot, other), await pack(other, third)];
    expect(await move(from)).toBe('accepted');
    const packs = (await from.owner.call('GET', '/v1/bot-packs')).body['data'] as { id: string }[];
    expect([packs.map(({ id }) => id).includes(String(spanning)), packs.map(({ id }) => id)]).toEqual([false, [left]]);
    expect(await publish(from)).toBe(200);
    const moved = { ...from.bot, accountId: to.bot.accountId };
    expect(await ask(stack, moved, { ...visitorOf('vis_1'), campaignId })).toMatchObject({
      code: 'campaign_not_running',
    });
    const ends = 'SELECT ends_at IS NOT NULL AS ended FROM records.campaigns WHERE id = $1';
    expect(await stack.entities.manager.query(ends, [campaignId])).toEqual([{ ended: true }]);
  }, 60_000);

  it('gives what is paid for after the move to the visitor it was bought for', async () => {
    const from = await open();
    const cleo = await visit(stack, from.bot, 'cleo');
    expect(await move(from)).toBe('accepted');
    // A payment that was on its way: it is booked where it was ordered.
    const owner = { scopeId: endUserScope(from.bot.botId, cleo.id), accountId: from.bot.accountId };
    const order = { kind: 'eu_pack', amount: amount('5'), validFrom: instant(0), expiresAt: null } as const;
    expect((await stack.grants.grant(owner, instant(0), { ...order, sourceRef: newId('pur') })).ok).toBe(true);
    expect(await units(await back(from, cleo))).toEqual(['5.000000', '0.000000', '0.000000']);
    const preview = await to.owner.call('POST', `/v1/bots/${from.bot.botId}/funding/preview`, {
      body: { sales_mode: 'business_direct' },
    });
    expect(preview.body['warnings']).toContain('visitors_hold_credits');
  });

  it('admits nothing that was asked of the owner before', async () => {
    const from = await open();
    expect(await move(from)).toBe('accepted');
    expect(await ask(stack, from.bot)).toMatchObject({ code: 'bot_not_found' });
  });

  it('[edge 66] leaves no word of a visitor in either account once the new owner deletes that visitor', async () => {
    const from = await open();
    let dora = await buyer(from, 'dora');
    const words = ['marzipan submarines', 'nougat airships'];
    await dora.client.ended(await submit(dora, 'before', words[0]));
    expect(await move(from)).toBe('accepted');
    expect(await publish(from)).toBe(200);
    dora = await back(from, dora);
    await dora.client.ended(await submit(dora, 'after', words[1]));
    expect(await tracesOf(stack, words)).toHaveLength(2);
    const deleted = await to.owner.call('DELETE', `/v1/bots/${from.bot.botId}/visitors/${dora.id}`);
    expect([deleted.status, deleted.body['state']]).toEqual([200, 'erased']);
    expect(await tracesOf(stack, words)).toEqual([]);
  }, 60_000);
});
