// HTTP suites. Bots that ask for quotes, and a model that never has enough.
import { expect } from '@jest/globals';
import { quoteBody, type QuoteBody } from '../../apps/api/src/quotes/quote-body.js';
import { BotClient, type Answer } from '../harness/bot-client.js';
import { openBot, type BotWish, type TestBot } from '../harness/people.js';
import { byStage, reply } from '../harness/scripts.js';
import type { TestStack } from '../harness/test-stack.js';

export const QUOTES = '/v1/quotes';
export const QUOTED_PROMPT = 'Write a word counter';

/** A model that reads and writes far more than its holds allow, for ever finding something to mend. */
export const greedy = byStage({
  plan: [reply('plan', { input: 90_000, output: 9_000 })],
  generate: [reply('=== a.js', { input: 120_000, output: 30_000 })],
  review: Array.from({ length: 9 }, () => reply('CHANGES', { input: 60_000, output: 9_000 })),
  repair: Array.from({ length: 9 }, () => reply('=== a.js', { input: 120_000, output: 30_000 })),
  answer: [reply('42', { input: 90_000, output: 9_000 })],
});

export interface QuotingBot {
  readonly bot: TestBot;
  readonly client: BotClient;
  quote(body?: Readonly<Record<string, unknown>>): Promise<QuoteBody>;
}

export async function openQuotingBot(stack: TestStack, wish: BotWish = { credits: '1000' }): Promise<QuotingBot> {
  const bot = await openBot(stack, wish);
  const client = new BotClient(stack, bot);
  return {
    bot,
    client,
    quote: async (body = {}) => {
      const answer = await client.post(QUOTES, { prompt: QUOTED_PROMPT, ...body });
      expect([answer.status, answer.body['code']]).toEqual([201, undefined]);
      return quoteBody.strict().parse(answer.body);
    },
  };
}

export const codeOf = ({ status, body }: Answer): readonly unknown[] => [status, body['code']];
