// Goal: whoever is deleted and comes back is somebody new in everything but one: what is given away is given once.
// Method: a campaign gives each visitor two answers; one visitor takes them, is deleted, and comes back for more.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BotClient } from '../harness/bot-client.js';
import { OwnerClient } from '../harness/owner-client.js';
import type { TestBot } from '../harness/people.js';
import { openBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import type { Visitor } from '../harness/visitors.js';
import { visit, VISITOR_ENV } from '../harness/visitors.js';

const REF = 'ann.who-returns@example.test';
const A_MINUTE = 7;

describe('a visitor who was deleted and comes back', () => {
  let stack: TestStack;
  let bot: TestBot;
  let owner: OwnerClient;
  let campaignId: string;
  beforeAll(async () => {
    stack = await TestStack.start({
      models: threeSteps().port,
      api: { ...VISITOR_ENV, VISITOR_JOBS_PER_MINUTE: String(A_MINUTE) },
    });
    bot = await openBot(stack, { credits: '1000', plan: 'plan_custom' });
    owner = await OwnerClient.open(stack, bot.accountId);
    const asked = { bot_id: bot.botId, name: 'Launch', limit: '100', per_visitor: '3.6' };
    campaignId = String((await owner.call('POST', '/v1/campaigns', { body: asked })).body['id']);
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  const take = async (visitor: Visitor, key: string): Promise<unknown[]> => {
    const answer = await visitor.client.submit({
      key,
      body: { prompt: 'p', max_credits: '1.8', campaign_id: campaignId },
    });
    if (answer.status !== 202) return [answer.status, answer.body['code']];
    return [202, (await visitor.client.ended(String(answer.body['id']))).body['state']];
  };

  it('[edge 66] [B16] starts at 0 and gets no second share of what is given away; others get theirs', async () => {
    const ann = await visit(stack, bot, REF);
    expect([await take(ann, '1'), await take(ann, '2')]).toEqual([
      [202, 'completed'],
      [202, 'completed'],
    ]);
    const refused = await take(ann, '3');
    expect(refused[0]).toBe(402);
    expect((await ann.client.fetch('/v1/me', { method: 'DELETE' })).status).toBe(200);

    const back = await visit(stack, bot, REF);
    expect(back.id).not.toBe(ann.id);
    expect((await back.client.get('/v1/me/usage-units')).body).toMatchObject({ used: '0.000000' });
    expect(await take(back, '4')).toEqual(refused);
    // And once more: the first of all of them counts.
    expect((await back.client.fetch('/v1/me', { method: 'DELETE' })).status).toBe(200);
    expect(await take(await visit(stack, bot, REF), '5')).toEqual(refused);
    expect(await take(await visit(stack, bot, 'ben@example.test'), '1')).toEqual([202, 'completed']);
    const elsewhere = await openBot(stack, { accountId: bot.accountId });
    const [kept] = await stack.entities.manager.query<{ refs: number; names: number }[]>(
      `SELECT count(DISTINCT share_ref)::int AS refs, count(ref_hash)::int AS names FROM records.visitors
       WHERE bot_id = $1 AND (id IN ($2, $3) OR counted_as = $2)`,
      [bot.botId, ann.id, back.id],
    );
    expect(kept).toEqual({ refs: 1, names: 1 });
    const other = await visit(stack, elsewhere, REF);
    const rows = 'SELECT counted_as FROM records.visitors WHERE id = $1';
    expect(await stack.entities.manager.query(rows, [other.id])).toEqual([{ counted_as: null }]);
  }, 30_000);

  it('[B24] is not faster for it: the rate counts on', async () => {
    const again = await visit(stack, bot, REF);
    const answers: unknown[] = [];
    // As many as somebody new may ask for at once: one too many for whoever asked before, on a slow machine too.
    for (let n = 0; n < A_MINUTE; n += 1) answers.push((await take(again, `rate-${n}`))[0]);
    expect(answers).toContain(429);
  });
});

describe('what is kept of a visitor\u2019s request', () => {
  let stack: TestStack;
  let bot: TestBot;
  beforeAll(async () => {
    stack = await TestStack.start({ models: threeSteps().port, api: { ...VISITOR_ENV } });
    bot = await openBot(stack, { credits: '1000' });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  const hashOf = async (jobId: string): Promise<string> => {
    const [row] = await stack.entities.manager.query<{ body_hash: string }[]>(
      'SELECT body_hash FROM ledger.jobs WHERE id = $1',
      [jobId],
    );
    return row?.body_hash ?? '';
  };

  it('[edge 66] confirms no guess: keyed while it is there, random once the visitor is erased', async () => {
    const [ann, ben] = [await visit(stack, bot, 'guess-ann'), await visit(stack, bot, 'guess-ben')];
    const body = { prompt: 'Is this what Ann asked?' };
    const submit = async (who: Visitor): Promise<string> =>
      String((await who.client.submit({ key: 'one', body })).body['id']);
    const [ofAnn, ofBen] = [await submit(ann), await submit(ben)];
    for (const [who, id] of [
      [ann, ofAnn],
      [ben, ofBen],
    ] as const) {
      await who.client.ended(id);
    }
    const byKey = await new BotClient(stack, bot).submit({ key: 'one', body });
    // Equal questions at one bot are known as such as long as their visitors are there, and are not plain hashes.
    expect(await hashOf(ofAnn)).toBe(await hashOf(ofBen));
    expect(await hashOf(ofAnn)).not.toBe(await hashOf(String(byKey.body['id'])));
    const before = await hashOf(ofAnn);
    expect((await ann.client.submit({ key: 'one', body })).body['id']).toBe(ofAnn);
    expect((await ann.client.submit({ key: 'one', body: { prompt: 'another' } })).status).toBe(409);
    expect((await ann.client.fetch('/v1/me', { method: 'DELETE' })).status).toBe(200);
    expect(await hashOf(ofAnn)).toMatch(/^[0-9a-f]{64}$/);
    expect(await hashOf(ofAnn)).not.toBe(before);
    expect(await hashOf(ofBen)).toBe(before);
  }, 30_000);
});
