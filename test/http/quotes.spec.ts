// What a quote says of a request: its range, who would pay, and what is worth knowing before it runs.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { instant } from '@fairmeter/domain';
import type { ModelPort } from '@fairmeter/providers';
import { quoteBody, type QuoteBody } from '../../apps/api/src/quotes/quote-body.js';
import { BotClient } from '../harness/bot-client.js';
import { amount, giveCredits, openAccountKey, openBot, type BotWish } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { ledgerOf, rowCounts } from './counts.js';
import { codeOf, greedy, openQuotingBot, QUOTED_PROMPT as prompt, QUOTES, type QuotingBot } from './quoting-bots.js';

const modest = threeSteps();
const SEVERAL = 'Build a todo app. Then build a chess game.';

describe('a quote', () => {
  let stack: TestStack;
  beforeAll(async () => {
    const models: ModelPort = {
      generate: async (request, options) => {
        const isSeveral = request.messages[0]?.text.includes(SEVERAL) === true;
        return (isSeveral ? modest : greedy).port.generate(request, options);
      },
    };
    stack = await TestStack.start({ models });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  const open = async (wish?: BotWish): Promise<QuotingBot> => openQuotingBot(stack, wish);
  const hintsOf = (quote: QuoteBody): readonly string[] => quote.hints.map(({ code }) => code);

  it('is a range of the bot’s usual model, counted with a real vocabulary, and holds nothing', async () => {
    const { client, quote } = await open();
    const before = await rowCounts(stack);
    const given = await quote();
    expect(given).toMatchObject({
      request_kind: 'generate',
      model: 'demo-coder',
      max_iterations: 5,
      mode: 'managed',
      program: 'review',
      extras: { explanation: true, tests: true, install_notes: true, file_tree: true, zip: true },
      deadline: null,
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

  it('[A10] shows what each extra adds to what is expected, and less where it is off', async () => {
    const { quote } = await open({ program: 'workspace', credits: '1000' });
    const all = await quote();
    expect(all.program).toBe('workspace');
    const extras = ['explanation', 'tests', 'install_notes', 'file_tree', 'zip'] as const;
    expect(all.parts.map(({ part }) => part)).toEqual(['work', ...extras]);
    expect(all.parts.reduce((sum, { expected }) => sum + amount(expected), 0n)).toBe(amount(all.expected));
    for (const extra of ['explanation', 'tests', 'install_notes'] as const) {
      const without = await quote({ extras: { [extra]: false } });
      expect(without.parts.map(({ part }) => part)).not.toContain(extra);
      const added = amount(all.expected) - amount(without.expected);
      expect([extra, added > 0n]).toEqual([extra, true]);
    }
    const none = await quote({ extras: Object.fromEntries(extras.map((extra) => [extra, false])) });
    expect(none.parts).toEqual([{ part: 'work', expected: none.expected }]);
    expect(none.expected).toBe(all.parts[0]?.expected);
  });

  it('is of an agent of the bot’s own where that is asked for, and bounded by its budget alone', async () => {
    const { client } = await open({ credits: '1000', program: 'workspace' });
    const dry = await client.submit({ body: { prompt, mode: 'reported', max_credits: '900', dry_run: true } });
    expect(quoteBody.parse(dry.body)).toMatchObject({ mode: 'reported', program: 'reported', max: '900.000000' });
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
    const dry = await client.submit({ body: { prompt: SEVERAL, dry_run: true } });
    expect(hintsOf(quoteBody.parse(dry.body))).toEqual(['multiple_projects']);
    const submitted = await client.submit({ body: { prompt: SEVERAL } });
    expect(codeOf(submitted)).toEqual([202, undefined]);
    const { body: job } = await client.ended(String(submitted.body['id']));
    expect(job).toMatchObject({ state: 'completed', end_reason: 'finished', steps_ended: 3, charge: '1.800000' });
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
});
