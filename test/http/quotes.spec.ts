// Goal: a quote is a promise. Method: the whole stack; what a quote says is compared with what its job then costs.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { formatCredits, instant } from '@fairmeter/domain';
import { currentRateCardId, publishRateCard, readRateCard } from '@fairmeter/records';
import { quoteBody, type QuoteBody } from '../../apps/api/src/quotes/quote-body.js';
import { BotClient, type Answer } from '../harness/bot-client.js';
import { amount, giveCredits, openAccountKey, openBot, type BotWish, type TestBot } from '../harness/people.js';
import { byStage, reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { ledgerOf, rowCounts } from './counts.js';

const QUOTES = '/v1/quotes';
const prompt = 'Write a word counter';

/** A model that reads and writes far more than its holds allow, for ever finding something to mend. */
const greedy = byStage({
  plan: [reply('plan', { input: 90_000, output: 9_000 })],
  generate: [reply('=== a.js', { input: 120_000, output: 30_000 })],
  review: Array.from({ length: 9 }, () => reply('CHANGES', { input: 60_000, output: 9_000 })),
  repair: Array.from({ length: 9 }, () => reply('=== a.js', { input: 120_000, output: 30_000 })),
  answer: [reply('42', { input: 90_000, output: 9_000 })],
});

describe('a quote', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.start({ models: greedy.port });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  interface Opened {
    readonly bot: TestBot;
    readonly client: BotClient;
    quote(body?: Readonly<Record<string, unknown>>): Promise<QuoteBody>;
  }

  async function open(wish: BotWish = { credits: '1000' }): Promise<Opened> {
    const bot = await openBot(stack, wish);
    const client = new BotClient(stack, bot);
    return {
      bot,
      client,
      quote: async (body = {}) => {
        const answer = await client.post(QUOTES, { prompt, ...body });
        expect([answer.status, answer.body['code']]).toEqual([201, undefined]);
        return quoteBody.parse(answer.body);
      },
    };
  }

  const codeOf = ({ status, body }: Answer): readonly unknown[] => [status, body['code']];
  const hintsOf = (quote: QuoteBody): readonly string[] => quote.hints.map(({ code }) => code);

  it('is a range of the bot’s usual model, counted with a real vocabulary, and holds nothing', async () => {
    const { client, quote } = await open();
    const before = await rowCounts(stack);
    const given = await quote();
    expect(given).toMatchObject({
      request_kind: 'generate',
      model: 'demo-coder',
      max_iterations: 5,
      max: '20.000000',
      tokens: { prompt: 4, context: 0, exact: false },
      ranges: null,
      hints: [],
    });
    const figures = [given.min, given.expected, given.max].map((text) => amount(text));
    expect([...figures].sort((a, b) => Number(a - b))).toEqual(figures);
    expect(Date.parse(given.expires_at) - Date.parse(given.created_at)).toBe(900_000);
    expect(await rowCounts(stack)).toEqual(before);
    expect((await client.get('/v1/jobs/job_none')).status).toBe(404);
  });

  it('[E9] [W1] names the lots that would pay, in the order in which they would', async () => {
    const { bot, quote } = await open({ maxCredits: '7.3' });
    await giveCredits(stack, bot.accountId, { credits: '20', kind: 'bonus_admin' });
    await giveCredits(stack, bot.accountId, { credits: '100', kind: 'subscription' });
    await giveCredits(stack, bot.accountId, {
      credits: '5',
      kind: 'daily',
      expiresAt: instant(Date.now() + 3_600_000),
    });
    const { pays, max } = await quote();
    expect(max).toBe('7.300000');
    expect(pays.lots.map((lot) => [lot.kind, lot.max])).toEqual([
      ['daily', '5.000000'],
      ['subscription', '2.300000'],
    ]);
    expect(pays).toMatchObject({ available: '125.000000', missing_of_max: '0.000000' });
  });

  it('is given without credits too, and says what is missing', async () => {
    const { quote } = await open({ credits: '0.5' });
    const { pays } = await quote({ max_credits: '3' });
    expect(pays).toMatchObject({ available: '0.500000', missing_of_max: '2.500000' });
    expect(pays.lots).toHaveLength(1);
  });

  it.each(['0.8', '2', '7.3', '20', '31.5'])(
    '[X19] [C9] of at most %s credits is never passed by its job, whatever the model uses',
    async (budget) => {
      const { client, quote } = await open();
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
    const { client, quote } = await open();
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
    expect(await fieldOf({ prompt, context })).toEqual([202, undefined, undefined]);
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
    const all = [...names, 'min_charge', 'expected_charge', 'max_charge', 'created_at', 'expires_at'];
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

  it('[D16] [X19] shows the selection beside the whole file, both indicative', async () => {
    const { client, quote } = await open();
    const text = Array.from({ length: 2_000 }, (_, line) => `export const value${line} = ${line};`).join('\n');
    const selected = { path: 'src/values.ts', text, selection: { from: 10, to: 12 } };
    const { ranges, tokens, expected, id } = await quote({ context: [selected] });
    if (ranges === null) throw new Error('a selection came without ranges');
    expect(ranges.selection.expected).toBe(expected);
    expect([ranges.selection.indicative, ranges.file.indicative]).toEqual([true, true]);
    for (const figure of ['min', 'expected'] as const) {
      expect(amount(ranges.selection[figure]) < amount(ranges.file[figure])).toBe(true);
    }
    expect(tokens.context).toBeLessThan(60);
    const whole = await quote({ context: [{ path: 'src/values.ts', text }], max_credits: '80' });
    expect(hintsOf(whole)).toContain('selection_smaller');
    expect(whole.expected).toBe(ranges.file.expected);
    const submitted = await client.submit({ body: { prompt, context: [selected], quote_id: id } });
    expect(codeOf(submitted)).toEqual([202, undefined]);
    const beyond = { ...selected, selection: { from: 1, to: 2_001 } };
    expect(codeOf(await client.post(QUOTES, { prompt, context: [beyond] }))).toEqual([422, 'validation_failed']);
  });

  it('[D15] says to review first when the same action was asked for on the same content before', async () => {
    const { client, quote } = await open();
    expect(hintsOf(await quote())).toEqual([]);
    expect(hintsOf(await quote({ model: 'demo-chat' }))).toEqual(['review_first']);
    expect(hintsOf(await quote({ request_kind: 'explain' }))).toEqual([]);
    expect((await client.submit({ body: { prompt: 'Sort a list' } })).status).toBe(202);
    expect(hintsOf(await quote({ prompt: 'Sort a list' }))).toEqual(['review_first']);
    expect(hintsOf(await (await open()).quote())).toEqual([]);
  });

  it('[A13] advises to split several projects, and the job runs all the same', async () => {
    const { client } = await open();
    const several = 'Build a todo app. Then build a chess game.';
    const dry = await client.submit({ body: { prompt: several, dry_run: true } });
    expect(hintsOf(quoteBody.parse(dry.body))).toEqual(['multiple_projects']);
    expect((await client.submit({ body: { prompt: several } })).status).toBe(202);
  });

  it('is what a dry run answers, with 200, and nothing is started or held', async () => {
    const { bot, client } = await open();
    const dry = await client.post(`/v1/bots/${bot.botId}/jobs`, { prompt, dry_run: true });
    expect(dry.status).toBe(200);
    const given = quoteBody.parse(dry.body);
    expect(await ledgerOf(stack, bot)).toEqual({ jobs: 0, holds: 0 });
    const texts = await stack.entities.manager.query<unknown[]>('SELECT FROM records.texts WHERE subject = $1', [
      bot.botId,
    ]);
    expect(texts).toHaveLength(0);
    const submitted = await client.submit({ body: { prompt, dry_run: false, quote_id: given.id } });
    expect(submitted.body).toMatchObject({ max_credits: given.max });
    const again = await client.submit({ body: { prompt, quote_id: given.id } });
    expect(again.body).toMatchObject({ id: submitted.body['id'], replayed: true });
  });

  it('refuses what a job would be refused for, credits aside', async () => {
    const { client } = await open({ plan: 'plan_free', credits: '0.1' });
    const ask = async (body: Readonly<Record<string, unknown>>): Promise<readonly unknown[]> =>
      codeOf(await client.post(QUOTES, { prompt, ...body }));
    expect(await ask({ model: 'unheard-of' })).toEqual([422, 'model_not_priced']);
    expect(await ask({ max_iterations: 6 })).toEqual([422, 'iterations_over_plan']);
    expect(await ask({ max_credits: '0.05' })).toEqual([422, 'budget_below_minimum']);
    expect(await ask({ max_credits: '0.2' })).toEqual([422, 'budget_too_small']);
    expect(await ask({ max_credit: '2' })).toEqual([422, 'validation_failed']);
  });

  it('is asked for with a key of the account by naming the bot', async () => {
    const { bot } = await open();
    const owner = new BotClient(stack, { ...bot, key: await openAccountKey(stack, bot.accountId) });
    expect(codeOf(await owner.post(QUOTES, { prompt }))).toEqual([422, 'validation_failed']);
    expect(codeOf(await owner.post(QUOTES, { prompt, bot_id: bot.botId }))).toEqual([201, undefined]);
    const foreign = await openBot(stack);
    expect(codeOf(await owner.post(QUOTES, { prompt, bot_id: foreign.botId }))).toEqual([404, 'bot_not_found']);
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
