// Goal: an account that sets itself a limit spends that much of its live credits and no more, and goes on when the
// limit is raised. Method: the running stack, small jobs one after the other, the limit set over the API.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Answer } from '../harness/bot-client.js';
import { BotClient } from '../harness/bot-client.js';
import { OwnerClient } from '../harness/owner-client.js';
import { openBot, type TestBot } from '../harness/people.js';
import { byStage, reply } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { ledgerOf } from './counts.js';

/** 0.15 credits a job. */
const script = byStage({ answer: [reply('short', { output: 400 })] });
const LIMIT = '0.450000';
const MOST_JOBS = 6;

let stack: TestStack;
let bot: TestBot;
let client: BotClient;
let owner: OwnerClient;
const charges: unknown[] = [];
let refused: Answer;
let callsAtLimit: number;

const setLimit = async (amount: string): Promise<Answer> =>
  owner.call('PUT', '/v1/account/limits', { body: { limits: [{ kind: 'spend', period: 'total', amount }] } });
const limitNow = async (): Promise<unknown> => {
  const { body } = await owner.call('GET', '/v1/account/limits');
  return (body['data'] as readonly unknown[])[0];
};

beforeAll(async () => {
  stack = await TestStack.start({ models: script.port });
  bot = await openBot(stack, { type: 'chat', credits: '100' });
  client = new BotClient(stack, bot);
  owner = await OwnerClient.open(stack, bot.accountId);
  const set = await setLimit(LIMIT);
  if (set.status !== 200) throw new Error(JSON.stringify(set.body));
  for (let number = 1; number <= MOST_JOBS; number += 1) {
    refused = await client.submit({ key: `job-${number}` });
    if (refused.status !== 202) break;
    charges.push((await client.ended(String(refused.body['id']))).body['charge']);
  }
  callsAtLimit = script.model.calls.length;
}, 60_000);
afterAll(async () => {
  await stack.stop();
}, 60_000);

describe('a spend limit of the account', () => {
  it('[A16] lets jobs run until it is reached, and refuses the next by its own code, with its figures', async () => {
    expect(charges).toEqual(['0.150000', '0.150000', '0.150000']);
    expect([refused.status, refused.body['code']]).toEqual([402, 'spend_limit_reached']);
    expect(refused.body).toMatchObject({
      ...{ limit_source: 'spend_limit', limit: LIMIT, used: '0.450000', held: '0.000000', available: '0.000000' },
      options: ['tell_owner'],
    });
    expect(await limitNow()).toMatchObject({ kind: 'spend', amount: LIMIT, used: '0.450000', held: '0.000000' });
    expect(await ledgerOf(stack, bot)).toEqual({ jobs: 3, holds: 3 });
    expect(callsAtLimit).toBe(3);
  });

  it('[A16] that is raised lets the refused request pass, under the same key, and counts it', async () => {
    expect((await setLimit('0.600000')).status).toBe(200);
    const again = await client.submit({ key: 'job-4' });
    expect([again.status, again.body['replayed']]).toEqual([202, false]);
    expect((await client.ended(String(again.body['id']))).body).toMatchObject({
      state: 'completed',
      charge: '0.150000',
    });
    expect(await limitNow()).toMatchObject({ kind: 'spend', amount: '0.600000', used: '0.600000' });
    const next = await client.submit({ key: 'job-5' });
    expect([next.status, next.body['code'], next.body['limit']]).toEqual([402, 'spend_limit_reached', '0.600000']);
  });
});
