// Goal: a quote is a promise. Method: the whole stack; what a quote says is compared with what its job then costs.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { formatCredits, instant } from '@fairmeter/domain';
import { createModelPort, parseScript, ScriptedModel } from '@fairmeter/providers';
import { currentRateCardId, publishRateCard, readRateCard } from '@fairmeter/records';
import { BotClient } from '../harness/bot-client.js';
import { addKey, amount, openBot, type BotWish } from '../harness/people.js';
import { TestStack } from '../harness/test-stack.js';
import { ledgerOf } from './counts.js';
import { codeOf, greedy, openQuotingBot, QUOTED_PROMPT as prompt, type QuotingBot } from './quoting-bots.js';

describe('what was quoted', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({ models: greedy.port });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  const open = async (wish?: BotWish): Promise<QuotingBot> => openQuotingBot(stack, wish);

  it.each([
    ...['0.8', '2', '7.3', '20', '31.5'].map((budget) => ['review', budget] as const),
    ...['1.5', '7.3', '31.5'].map((budget) => ['workspace', budget] as const),
  ])(
    '[X19] [C9] for %s of at most %s credits is never passed by its job, whatever the model uses',
    async (program, budget) => {
      const { client, quote } = await open({ credits: '1000', program });
      const given = await quote({ max_credits: budget });
      expect(given.max).toBe(formatCredits(amount(budget)));
      const submitted = await client.submit({ body: { prompt, quote_id: given.id } });
      expect(codeOf(submitted)).toEqual([202, undefined]);
      expect(submitted.body).toMatchObject({ max_credits: given.max, rate_card_id: given.rate_card_id });
      const { body: job } = await client.ended(String(submitted.body['id']));
      expect(amount(String(job['charge'])) <= amount(given.max)).toBe(true);
      expect(job['held']).toBe('0.000000');
    },
  );

  it('bounds a chat answer by the longest one there can be', async () => {
    const { client, quote } = await open({ type: 'chat', credits: '1000' });
    const given = await quote();
    expect(amount(given.max) < amount('20')).toBe(true);
    const submitted = await client.submit({ body: { prompt, quote_id: given.id, max_credits: '15' } });
    expect(submitted.body['max_credits']).toBe(given.max);
    const { body: job } = await client.ended(String(submitted.body['id']));
    expect(job['charge']).toBe(given.max);
  });

  it('may be lowered by its job, and not raised', async () => {
    const { client, quote } = await open();
    const { id, max } = await quote({ max_credits: '9', max_iterations: 2 });
    const lower = await client.submit({
      key: 'a',
      body: { prompt, quote_id: id, max_credits: '4', max_iterations: 1 },
    });
    expect(lower.body).toMatchObject({ max_credits: '4.000000', max_iterations: 1 });
    const higher = await client.submit({ key: 'b', body: { prompt, quote_id: id, max_credits: '12' } });
    expect(higher.body).toMatchObject({ max_credits: max, max_iterations: 2 });
    const more = await client.submit({ key: 'c', body: { prompt, quote_id: id, max_iterations: 3 } });
    expect([...codeOf(more), more.body['field']]).toEqual([409, 'quote_mismatch', 'max_iterations']);
  });

  it('is refused for another request, by the part that differs', async () => {
    const { bot, client, quote } = await open();
    const { id } = await quote({ context: [{ path: 'a.ts', text: 'let a = 1;' }] });
    const context = [{ path: 'a.ts', text: 'let a = 1;' }];
    const fieldOf = async (body: Readonly<Record<string, unknown>>): Promise<readonly unknown[]> => {
      const answer = await client.submit({ key: JSON.stringify(body).slice(0, 200), body: { ...body, quote_id: id } });
      return [...codeOf(answer), answer.body['field']];
    };
    const mismatch = (field: string): readonly unknown[] => [409, 'quote_mismatch', field];
    expect(await fieldOf({ prompt })).toEqual(mismatch('prompt'));
    expect(await fieldOf({ prompt: 'Something else', context })).toEqual(mismatch('prompt'));
    expect(await fieldOf({ prompt, context, request_kind: 'explain' })).toEqual(mismatch('request_kind'));
    expect(await fieldOf({ prompt, context, model: 'demo-chat' })).toEqual(mismatch('model'));
    expect(await fieldOf({ prompt, context, extras: { tests: false } })).toEqual(mismatch('extras'));
    const selected = [{ path: 'a.ts', text: 'let a = 1;', selection: { from: 1, to: 1 } }];
    expect(await fieldOf({ prompt, context: selected })).toEqual(mismatch('prompt'));
    expect(await fieldOf({ prompt, context: [{ path: 'b.ts', text: 'let a = 1;' }] })).toEqual(mismatch('prompt'));
    await addKey(stack, { ...bot, key: `${bot.key}_report` }, ['submit', 'report']);
    const reporting = new BotClient(stack, { ...bot, key: `${bot.key}_report` });
    const reported = await reporting.submit({ key: 'own', body: { prompt, context, mode: 'reported', quote_id: id } });
    expect([...codeOf(reported), reported.body['field']]).toEqual(mismatch('mode'));
    expect(await ledgerOf(stack, bot)).toEqual({ jobs: 0, holds: 0 });
    expect(await fieldOf({ prompt, context })).toEqual([202, undefined, undefined]);
  });

  it('keeps deadline and extras for its job, which may be done sooner and not later', async () => {
    const { client, quote } = await open();
    const ahead = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();
    const deadline = ahead(30);
    const { id, ...given } = await quote({ deadline, extras: { tests: false, zip: false } });
    expect(given).toMatchObject({ deadline, extras: { explanation: true, tests: false, zip: false } });
    const plain = await client.submit({ key: 'plain', body: { prompt, quote_id: id } });
    expect(plain.body).toMatchObject({ deadline, extras: { explanation: true, tests: false, zip: false } });
    const sooner = ahead(20);
    const early = await client.submit({ key: 'early', body: { prompt, quote_id: id, deadline: sooner } });
    expect(early.body['deadline']).toBe(sooner);
    const later = await client.submit({ key: 'late', body: { prompt, quote_id: id, deadline: ahead(40) } });
    expect([...codeOf(later), later.body['field']]).toEqual([409, 'quote_mismatch', 'deadline']);
  });

  it('is over for a bot that works in another way by now', async () => {
    const { bot, client, quote } = await open();
    const { id } = await quote();
    await stack.entities.manager.query(`UPDATE records.bots SET program = 'workspace' WHERE id = $1`, [bot.botId]);
    const answer = await client.submit({ body: { prompt, quote_id: id } });
    expect([...codeOf(answer), answer.body['field']]).toEqual([409, 'quote_mismatch', 'program']);
  });

  it('bounds each of the jobs that name it by itself', async () => {
    const { client, quote } = await open();
    const { id, max } = await quote({ max_credits: '2' });
    const jobs = await Promise.all(
      ['a', 'b'].map(async (key) => client.submit({ key, body: { prompt, quote_id: id } })),
    );
    for (const { status, body } of jobs) {
      expect([status, body['max_credits']]).toEqual([202, max]);
      const { body: job } = await client.ended(String(body['id']));
      expect(amount(String(job['charge'])) <= amount(max)).toBe(true);
    }
  });

  it('belongs to its bot: to all others it is not there', async () => {
    const { bot, quote } = await open();
    const { id } = await quote();
    const sibling = await openBot(stack, { accountId: bot.accountId });
    const stranger = await openBot(stack, { credits: '100' });
    for (const other of [sibling, stranger]) {
      const answer = await new BotClient(stack, other).submit({ body: { prompt, quote_id: id } });
      expect(codeOf(answer)).toEqual([404, 'quote_not_found']);
    }
    const none = await new BotClient(stack, bot).submit({ body: { prompt, quote_id: 'quo_0' } });
    expect(codeOf(none)).toEqual([404, 'quote_not_found']);
  });

  /** As a door that was broken into could write it. */
  async function forged(id: string, columns: Readonly<Record<string, string>>): Promise<string> {
    const copy = `quo_${Math.random().toString(36).slice(2)}`;
    const names = ['account_id', 'bot_id', 'asked_hash', 'request_kind', 'model', 'rate_card_id', 'max_iterations'];
    const all = [
      ...names,
      'program',
      'extras',
      'deadline',
      'min_charge',
      'expected_charge',
      'max_charge',
      'created_at',
      'expires_at',
    ];
    await stack.entities.manager.query(
      `INSERT INTO records.quotes (id, ${all.join(', ')})
       SELECT $2, ${all.map((name) => columns[name] ?? name).join(', ')} FROM records.quotes WHERE id = $1`,
      [id, copy],
    );
    return copy;
  }

  it('ends: afterwards, and with a card that was not in force when it was given, it promises nothing', async () => {
    const { client, quote } = await open();
    const { id } = await quote();
    const over = await forged(id, {
      created_at: "created_at - interval '1 hour'",
      expires_at: "created_at - interval '45 minutes'",
    });
    const cheap = await forged(id, { rate_card_id: "'card_2026_11_01'" });
    for (const quoteId of [over, cheap]) {
      const answer = await client.submit({ key: quoteId, body: { prompt, quote_id: quoteId } });
      expect(codeOf(answer)).toEqual([409, 'quote_expired']);
    }
  });

  it('price.pinned: [C11] [edge 42] keeps its card when a new one takes effect before the job starts', async () => {
    const { client, quote } = await open();
    const given = await quote();
    const { manager } = stack.entities;
    const at = instant(Date.now());
    const now = await readRateCard(manager, String(await currentRateCardId(manager, at)));
    const dearer = now.models.map((price) => ({ ...price, source: 'a test' }));
    const card = { ...now, id: 'card_dearer', announcedAt: at, effectiveFrom: at, units: [], models: dearer };
    await stack.entities.transaction((tx) => publishRateCard(tx, card));
    const plain = await client.submit({ key: 'plain' });
    expect(plain.body['rate_card_id']).toBe('card_dearer');
    const quoted = await client.submit({ key: 'quoted', body: { prompt, quote_id: given.id } });
    expect(quoted.body['rate_card_id']).toBe(given.rate_card_id);
    expect(quoted.body['rate_card_id']).not.toBe('card_dearer');
  });
});

describe('what was quoted for an agent with tools', () => {
  let stack: TestStack;
  beforeAll(async () => {
    const book = parseScript(readFileSync(new URL('../../apps/cli/demo/model-script.json', import.meta.url), 'utf8'));
    stack = await TestStack.start({ models: createModelPort({ scripted: new ScriptedModel(book) }) });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it('[X19] lies around what a job of three iterations then costs, with its tools, checks, build and ZIP', async () => {
    const { client, quote } = await openQuotingBot(stack, { credits: '1000', program: 'workspace' });
    const { id, min, max } = await quote({ prompt: 'Make a word counter page' });
    const submitted = await client.submit({ body: { prompt: 'Make a word counter page', quote_id: id } });
    const { body: job } = await client.ended(String(submitted.body['id']));
    expect(job).toMatchObject({ state: 'completed', iteration: 3, max_credits: max });
    const charge = amount(String(job['charge']));
    expect(amount(min) <= charge && charge <= amount(max)).toBe(true);
  }, 30_000);
});
