// How often visitors may ask: counted for all processes of the API together, by visitor and by the place they ask from.
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunningApi } from '../../apps/api/src/api-server.js';
import type { TestBot } from '../harness/people.js';
import { openBot } from '../harness/people.js';
import { threeSteps } from '../harness/scripts.js';
import { TestStack } from '../harness/test-stack.js';
import { type Visitor, visit, VISITOR_ENV } from '../harness/visitors.js';

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

  describe('asked of two processes', () => {
    let one: RunningApi;
    let two: RunningApi;
    let ann: Visitor;
    let ben: Visitor;
    const answers: Asked[] = [];
    beforeAll(async () => {
      const slow = { VISITOR_JOBS_PER_MINUTE: '3' };
      [one, two] = await Promise.all([stack.startApi(slow), stack.startApi(slow)]);
      [ann, ben] = await Promise.all([visit(stack, bot, 'rate-ann'), visit(stack, bot, 'rate-ben')]);
      for (const [index, api] of [one, two, one, two, one].entries()) {
        answers.push(await ask(api.url, ann.token, { key: `ann-${index}` }));
      }
    }, 60_000);
    afterAll(async () => {
      await stack.stopApi(one);
      await stack.stopApi(two);
    }, 60_000);

    it('[B24] refuse a visitor over the rate in any process, say when to come again, and serve others', async () => {
      expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 429, 429]);
      for (const { per, retryAfter } of answers.slice(3)) {
        expect(per).toBe('visitor');
        expect(Number(retryAfter)).toBeGreaterThanOrEqual(1);
        expect(Number(retryAfter)).toBeLessThanOrEqual(20);
      }
      const others = [
        ask(two.url, ben.token, { key: 'ben' }),
        // Reading costs nothing and is not counted.
        ann.client.get('/v1/me/usage-units'),
        // The bot's own key is no visitor.
        ask(one.url, bot.key, { key: 'owner' }),
      ];
      expect((await Promise.all(others)).map(({ status }) => status)).toEqual([202, 200, 202]);
    });
  });

  /** A process of the API for what its describe says, to which nobody has come yet. */
  function servedBy(env: Readonly<Record<string, string>>): { readonly url: string } {
    const served: { api?: RunningApi } = {};
    beforeAll(async () => {
      served.api = await stack.startApi(env);
      await stack.entities.manager.query('DELETE FROM records.rates');
    }, 60_000);
    afterAll(async () => {
      if (served.api !== undefined) await stack.stopApi(served.api);
    }, 60_000);
    return {
      get url() {
        return served.api?.url ?? '';
      },
    };
  }

  describe('by place', () => {
    const api = servedBy({ ADDRESS_JOBS_PER_MINUTE: '2' });

    it('[B24] count a place once, however many visitors ask from it, and believe no header about it', async () => {
      const statuses: unknown[] = [];
      for (const [index, ref] of ['p-1', 'p-2', 'p-3'].entries()) {
        const { token } = await visit(stack, bot, ref);
        const headers = { 'x-forwarded-for': `198.51.100.${index}`, forwarded: `for=198.51.100.${index}` };
        const { status, per } = await ask(api.url, token, { key: ref, headers });
        statuses.push(status === 429 ? per : status);
      }
      expect(statuses).toEqual([202, 202, 'address']);
      // Whoever was refused for the place has not paid with a request of their own.
      const paid = await stack.entities.manager.query<unknown[]>(
        `SELECT 1 FROM records.rates WHERE name LIKE 'visitor/%'`,
      );
      expect(paid).toHaveLength(2);
    });
  });

  describe('behind a proxy', () => {
    const api = servedBy({ ADDRESS_JOBS_PER_MINUTE: '1', TRUST_PROXY: '127.0.0.1, 10.0.0.0/8' });

    it('take the word of a proxy that is named, up to the first address it does not name', async () => {
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
    });
  });
});
