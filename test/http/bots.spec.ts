// Bots on the real stack, as their owner sets them up: what they are, who sees them, what they are told, where they go.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@fairmeter/platform/database';
import { botBody, publicBotBody } from '../../apps/api/src/bots/bot-body.js';
import { BotClient } from '../harness/bot-client.js';
import { OwnerClient } from '../harness/owner-client.js';
import { openBot, type TestBot } from '../harness/people.js';
import { byStage, reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';

const YES = { purpose_clear: true, trained_enough: true, results_reviewable: true };
const scripted = byStage({
  plan: [reply('plan')],
  generate: [reply('=== a.js')],
  review: [reply('APPROVED')],
  answer: [reply('Hello')],
});

let stack: TestStack;
let home: TestBot;
let owner: OwnerClient;

beforeAll(async () => {
  stack = await TestStack.start({ models: scripted.port });
  home = await openBot(stack, { credits: '1000' });
  owner = await OwnerClient.open(stack, home.accountId);
}, 60_000);

afterAll(async () => {
  await stack.stop();
}, 60_000);

const newBot = async (by = owner, of: object = {}): Promise<string> => {
  const body = { type: 'coding', name: 'Coder', default_model: 'demo-coder', program: 'review', ...of };
  const made = await by.call('POST', '/v1/bots', { key: newId('req'), body });
  expect([made.status, made.body['code']]).toEqual([201, undefined]);
  return String(made.body['id']);
};
const asBot = async (botId: string, by = owner): Promise<BotClient> => {
  const body = { bot_id: botId, name: 'K', scopes: ['submit', 'read'] };
  const made = await by.call('POST', '/v1/api-keys', { key: newId('req'), body });
  return new BotClient(stack, { accountId: home.accountId, botId, key: String(made.body['secret']) });
};
const run = async (bot: BotClient, key = 'one'): Promise<Readonly<Record<string, unknown>>> => {
  const submitted = await bot.submit({ key });
  expect([submitted.status, submitted.body['code']]).toEqual([202, undefined]);
  return (await bot.ended(String(submitted.body['id']))).body;
};
const codeOf = ({ status, body }: { status: number; body: Readonly<Record<string, unknown>> }): unknown[] => [
  status,
  body['code'],
];

describe('a chat and a coding bot of one account', () => {
  it('[A1][A2][A3] spend from one pool and stand in one list, whose rows sum to its total', async () => {
    const account = await openBot(stack, { credits: '100' });
    const theirs = await OwnerClient.open(stack, account.accountId);
    const coding = await newBot(theirs);
    const chat = await newBot(theirs, { type: 'chat', default_model: 'demo-coder', program: 'answer' });
    const charges = [await run(await asBot(coding, theirs)), await run(await asBot(chat, theirs))];
    const lots = await theirs.call('GET', '/v1/account/credits/lots');
    expect(lots.body['data']).toHaveLength(1);
    const captures: { lot: string; account: string; bot: string }[] = await stack.entities.manager.query(
      `SELECT DISTINCT e.lot_id AS lot, e.account_id AS account, j.bot_id AS bot FROM ledger.entries e
       JOIN ledger.jobs j ON j.id = e.job_id WHERE e.to_account LIKE 'consumed%' AND j.account_id = $1`,
      [account.accountId],
    );
    expect(new Set(captures.map(({ bot }) => bot))).toEqual(new Set([coding, chat]));
    expect([...new Set(captures.map(({ lot, account: of }) => `${lot} of ${of}`))]).toHaveLength(1);
    const usage = await theirs.call('GET', '/v1/account/usage?group_by=bot,type');
    const rows = usage.body['data'] as { key: object; charged: string }[];
    expect(charges.map(({ charge }) => charge)).toEqual(['1.800000', '0.600000']);
    expect(rows.map(({ key, charged }) => ({ ...key, charged }))).toEqual([
      { bot: coding, type: 'coding', charged: '1.800000' },
      { bot: chat, type: 'chat', charged: '0.600000' },
    ]);
    expect(usage.body).toMatchObject({ account_id: account.accountId, total: { jobs: 2, charged: '2.400000' } });
    const listed = await theirs.call('GET', '/v1/bots?limit=2');
    expect((listed.body['data'] as { id: string }[]).map(({ id }) => id)).toEqual([chat, coding]);
  });

  it('[A4][A5] name bot and account in every row, and pay the same for equal tokens on an equal model', async () => {
    const [coding, chat] = [await newBot(), await newBot(owner, { type: 'chat', program: 'answer' })];
    const stepsOf = async (botId: string): Promise<{ charge: string; model: string }[]> => {
      const bot = await asBot(botId);
      const { id } = await run(bot);
      const { body } = await bot.get(`/v1/jobs/${String(id)}/cost`);
      return body['steps'] as { charge: string; model: string }[];
    };
    const steps = [...(await stepsOf(coding)), ...(await stepsOf(chat))];
    expect(steps.map(({ model, charge }) => `${model} ${charge}`)).toEqual(Array(4).fill('demo-coder 0.600000'));
    const usage = await owner.call('GET', '/v1/account/usage?group_by=bot');
    const rows = usage.body['data'] as { key: { bot: string } }[];
    expect(rows.every(({ key }) => key.bot.startsWith('bot_'))).toBe(true);
    expect(usage.body['account_id']).toBe(home.accountId);
    const nameless: unknown[] = await stack.entities.manager.query(
      `SELECT id FROM ledger.jobs WHERE coalesce(bot_id, '') = '' OR coalesce(account_id, '') = ''`,
    );
    expect([rows.length > 1, nameless]).toEqual([true, []]);
  });
});

describe('a bot', () => {
  it('is made private, within its plan, and shown as it was described', async () => {
    const botId = await newBot();
    const shown = await owner.call('GET', `/v1/bots/${botId}`);
    expect(botBody.strict().parse(shown.body)).toMatchObject({
      visibility: 'private',
      archived: false,
      type: 'coding',
    });
    const over = await owner.call('POST', '/v1/bots', {
      body: { type: 'coding', name: 'X', default_model: 'demo-coder', limits: { max_iterations: 101 } },
    });
    expect(codeOf(over)).toEqual([422, 'iterations_over_plan']);
    const mixed = { type: 'chat', name: 'X', default_model: 'demo-chat', program: 'review' };
    expect(codeOf(await owner.call('POST', '/v1/bots', { body: mixed }))).toEqual([422, 'validation_failed']);
  });

  it('[A16] is changed by its owner, takes effect at the next job, is forbidden to a key of the bot', async () => {
    const botId = await newBot();
    const bot = await asBot(botId);
    const changed = await owner.call('PATCH', `/v1/bots/${botId}`, {
      body: { limits: { max_credits: '1' }, extras: { zip: false }, name: 'Renamed' },
    });
    expect(changed.body).toMatchObject({
      name: 'Renamed',
      limits: { max_credits: '1.000000' },
      extras: { zip: false },
    });
    expect(codeOf(await bot.submit({ body: { prompt: 'p', max_credits: '2' } }))).toEqual([422, 'budget_over_limit']);
    expect(codeOf(await bot.post(`/v1/bots/${botId}/archive`, {}))).toEqual([403, 'forbidden']);
    const stranger = await openBot(stack);
    const theirs = await OwnerClient.open(stack, stranger.accountId);
    for (const [method, path] of [
      ['GET', ''],
      ['PATCH', ''],
      ['POST', '/archive'],
      ['POST', '/unpublish'],
    ] as const) {
      const call = method === 'PATCH' ? { body: { name: 'Mine' } } : {};
      expect(codeOf(await theirs.call(method, `/v1/bots/${botId}${path}`, call))).toEqual([404, 'bot_not_found']);
    }
    const lines: { before: unknown; after: Record<string, unknown> }[] = await stack.entities.manager.query(
      `SELECT before, after FROM records.audit WHERE target_id = $1 AND action = 'bot.changed'`,
      [botId],
    );
    expect(lines).toMatchObject([{ before: { max_credits: null }, after: { max_credits: '1.000000' } }]);
  });

  it('[edge 68] takes no new jobs once archived, keeps what it did, says so on its page, and comes back', async () => {
    const botId = await newBot();
    const bot = await asBot(botId);
    const job = await run(bot);
    await owner.call('POST', `/v1/bots/${botId}/publish`, { body: YES });
    expect((await owner.call('POST', `/v1/bots/${botId}/archive`)).body['archived']).toBe(true);
    expect(codeOf(await bot.submit({ key: 'late' }))).toEqual([409, 'bot_archived']);
    expect((await bot.get(`/v1/jobs/${String(job['id'])}/result`)).status).toBe(200);
    const page = (await (await fetch(`${stack.apiUrl}/v1/bots/${botId}/public`)).json()) as { archived: boolean };
    expect(page.archived).toBe(true);
    expect((await owner.call('POST', `/v1/bots/${botId}/unarchive`)).body['archived']).toBe(false);
    expect((await bot.submit({ key: 'late' })).status).toBe(202);
  });
});

describe('going public', () => {
  it('[A18] needs three yes answers, kept with who gave them and when', async () => {
    const botId = await newBot();
    const path = `/v1/bots/${botId}`;
    for (const question of Object.keys(YES)) {
      const answers = { ...YES, [question]: false };
      const refused = await owner.call('POST', `${path}/publish`, { body: answers });
      expect([...codeOf(refused), refused.body['question']]).toEqual([422, 'publication_incomplete', question]);
      const patched = await owner.call('PATCH', path, { body: { visibility: 'public', publication: answers } });
      expect(codeOf(patched)).toEqual([422, 'publication_incomplete']);
    }
    const silent = await owner.call('PATCH', path, { body: { visibility: 'public' } });
    expect(codeOf(silent)).toEqual([422, 'validation_failed']);
    expect((await owner.call('GET', path)).body['visibility']).toBe('private');
    const opened = await owner.call('POST', `${path}/publish`, { body: YES });
    expect(opened.body).toMatchObject({ visibility: 'public', publication: { answers: YES, by_role: 'account_key' } });
    expect((opened.body['publication'] as { by: string }).by).toMatch(/^key_/);
  });

  it('[A14][A15][A21] shows anybody what it is, the notice and the fact, and no price', async () => {
    const botId = await newBot(owner, { domain: 'code.example' });
    const look = async () => {
      const response = await fetch(`${stack.apiUrl}/v1/bots/${botId}/public`);
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    expect(codeOf(await look())).toEqual([404, 'bot_not_found']);
    await owner.call('POST', `/v1/bots/${botId}/publish`, { body: YES });
    const page = publicBotBody.strict().parse((await look()).body);
    expect(page).toMatchObject({ name: 'Coder', domain: 'code.example', archived: false });
    expect(page.notices).toMatchObject([{ code: 'code_is_a_suggestion' }]);
    expect(page.notices[0]?.text).toContain('technical starting point');
    expect(page.facts).toMatchObject([{ code: 'bigger_output_costs_more' }]);
    expect(JSON.stringify(page)).not.toMatch(/per message|price/i);
    await owner.call('POST', `/v1/bots/${botId}/unpublish`);
    expect(codeOf(await look())).toEqual([404, 'bot_not_found']);
  });
});
