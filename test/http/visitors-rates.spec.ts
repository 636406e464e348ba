// How often visitors may ask: counted for all processes of the API together, by visitor and by the place they ask from.
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestBot } from '../harness/people.js';
import { openBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { visit, VISITOR_ENV } from '../harness/visitors.js';

interface Asked {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly per: unknown;
}

describe('the rates of visitors', () => {
  let stack: TestStack;
  let bot: TestBot;
  beforeAll(async () => {
    stack = await TestStack.open({ models: threeSteps().port, api: { ...VISITOR_ENV } });
    await stack.startWorker();
    bot = await openBot(stack, { credits: '1000' });
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  const ask = async (
    url: string,
    token: string,
    more: { readonly key: string; readonly headers?: Record<string, string> },
  ): Promise<Asked> =>
    new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': more.key,
        ...more.headers,
      };
      const sent = request(`${url}/v1/bots/${bot.botId}/jobs`, { method: 'POST', headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
          resolve({
            status: answer.statusCode ?? 0,
            retryAfter: answer.headers['retry-after'],
            per: body['code'] === 'rate_limited' ? body['per'] : body['code'],
          });
        });
      });
      sent.on('error', reject);
      sent.end(JSON.stringify({ prompt: 'p' }));
    });

  it('[B24] refuse a visitor over the rate in any process, say when to come again, and serve others', async () => {
    const slow = { VISITOR_JOBS_PER_MINUTE: '3' };
    const [one, two] = [await stack.startApi(slow), await stack.startApi(slow)];
    const [ann, ben] = [await visit(stack, bot, 'rate-ann'), await visit(stack, bot, 'rate-ben')];
    const answers: Asked[] = [];
    for (const [index, api] of [one, two, one, two, one].entries()) {
      answers.push(await ask(api.url, ann.token, { key: `ann-${index}` }));
    }
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 429, 429]);
    for (const { per, retryAfter } of answers.slice(3)) {
      expect(per).toBe('visitor');
      expect(Number(retryAfter)).toBeGreaterThanOrEqual(1);
      expect(Number(retryAfter)).toBeLessThanOrEqual(20);
    }
    expect((await ask(two.url, ben.token, { key: 'ben' })).status).toBe(202);
    // Reading costs nothing and is not counted.
    expect((await ann.client.get('/v1/me/usage-units')).status).toBe(200);
    // The bot's own key is no visitor.
    expect((await ask(one.url, bot.key, { key: 'owner' })).status).toBe(202);
    await stack.stopApi(one);
    await stack.stopApi(two);
  });

  it('[B24] count a place once, however many visitors ask from it, and believe no header about it', async () => {
    const api = await stack.startApi({ ADDRESS_JOBS_PER_MINUTE: '2' });
    await stack.entities.manager.query('DELETE FROM records.rates');
    const statuses: unknown[] = [];
    for (const [index, ref] of ['p-1', 'p-2', 'p-3'].entries()) {
      const { token } = await visit(stack, bot, ref);
      const headers = { 'x-forwarded-for': `198.51.100.${index}`, forwarded: `for=198.51.100.${index}` };
      const { status, per } = await ask(api.url, token, { key: ref, headers });
      statuses.push(status === 429 ? per : status);
    }
    expect(statuses).toEqual([202, 202, 'address']);
    await stack.stopApi(api);
  });

  it('take the word of a proxy that is named, up to the first address it does not name', async () => {
    const api = await stack.startApi({ ADDRESS_JOBS_PER_MINUTE: '1', TRUST_PROXY: '127.0.0.1, 10.0.0.0/8' });
    await stack.entities.manager.query('DELETE FROM records.rates');
    const from = async (ref: string, forwarded: string): Promise<unknown> => {
      const { token } = await visit(stack, bot, ref);
      const { status, per } = await ask(api.url, token, { key: ref, headers: { 'x-forwarded-for': forwarded } });
      return status === 429 ? per : status;
    };
    expect(await from('t-1', '2001:db8:1:1::1')).toBe(202);
    expect(await from('t-2', '2001:db8:1:1:ffff::2')).toBe('address');
    expect(await from('t-3', '2001:db8:1:2::1')).toBe(202);
    expect(await from('t-4', '192.0.2.1')).toBe(202);
    // What a client wrote in front of what its proxy added is the client's own word.
    expect(await from('t-5', '203.0.113.9, 192.0.2.1')).toBe('address');
    expect(await from('t-6', '192.0.2.2, 10.1.2.3')).toBe(202);
    const rows = await stack.entities.manager.query<unknown[]>('SELECT name FROM records.rates');
    expect(JSON.stringify(rows)).not.toMatch(/192\.0|2001:/);
    await stack.stopApi(api);
  });
});
