// Bad input of every kind is a problem document with a stable code, never a 500, and writes nothing.
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hashApiKey } from '@fairmeter/records';
import type { TestBot } from '../harness/people.js';
import { addKey, openAccountKey, openBot } from '../harness/people.js';
import { TestStack } from '../harness/test-stack.js';
import { rowCounts } from './counts.js';

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
}

describe('bad input', () => {
  let stack: TestStack;
  let bot: TestBot;
  let stranger: TestBot;
  let before: Readonly<Record<string, number>>;

  beforeAll(async () => {
    stack = await TestStack.open();
    // Small, so that a body beyond it is small as well.
    await stack.startApi({ INPUT_LIMIT_BYTES: '300000' });
    bot = await openBot(stack);
    stranger = await openBot(stack);
    before = await rowCounts(stack);
  }, 60_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  async function send({ method = 'POST', path = `/v1/bots/${bot.botId}/jobs`, headers = {}, body }: Sent) {
    const all: Record<string, string | undefined> = {
      authorization: `Bearer ${bot.key}`,
      'content-type': 'application/json',
      'idempotency-key': 'k',
      ...headers,
    };
    const present = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const response = await fetch(`${stack.apiUrl}${path}`, {
      method,
      headers: present,
      ...(body === undefined || method === 'GET' || method === 'HEAD' ? {} : { body: Buffer.from(body) }),
    });
    return { response, text: await response.text() };
  }

  async function problemOf(sent: Sent): Promise<string> {
    const { response, text } = await send(sent);
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    const document = JSON.parse(text) as Record<string, unknown>;
    expect(document).toMatchObject({
      status: response.status,
      type: `/problems/${String(document['code'])}`,
      request_id: response.headers.get('x-request-id'),
    });
    expect(document['trace_id']).toMatch(/^[0-9a-f]{32}$/);
    return `${response.status} ${String(document['code'])}`;
  }

  const prompt = JSON.stringify({ prompt: 'p' });

  it.each<[string, Sent, string]>([
    ['an unknown route', { path: '/v1/nothing', method: 'GET' }, '404 not_found'],
    ['a wrong method', { method: 'PUT', body: prompt }, '405 method_not_allowed'],
    ['a path with a broken escape', { path: '/v1/jobs/%zz', method: 'GET' }, '400 malformed_request'],
    ['a path with NUL', { path: '/v1/jobs/job_%00', method: 'GET' }, '404 job_not_found'],
    ['another path with NUL', { path: '/v1/threads/%00', method: 'GET' }, '400 malformed_request'],
    ['a very long id', { path: `/v1/jobs/${'x'.repeat(3_000)}`, method: 'GET' }, '404 not_found'],
    ['no body', {}, '400 malformed_json'],
    ['half a body', { body: '{"prompt":' }, '400 malformed_json'],
    ['a poisoned body', { body: '{"__proto__":{"a":1}}' }, '400 malformed_json'],
    ['a body of another type', { headers: { 'content-type': 'text/plain' }, body: 'p' }, '415 unsupported_media_type'],
    ['a list for a body', { body: '[]' }, '422 validation_failed'],
    ['wrong types', { body: '{"prompt":1,"max_credits":1.5}' }, '422 validation_failed'],
    ['an unknown field', { body: '{"prompt":"p","max_credit":"1"}' }, '422 validation_failed'],
    ['a prompt with NUL', { body: '{"prompt":"a\\u0000"}' }, '422 validation_failed'],
    ['half a character', { body: '{"prompt":"\\ud800"}' }, '422 validation_failed'],
    ['more input than is taken', { body: JSON.stringify({ prompt: 'x'.repeat(300_001) }) }, '422 validation_failed'],
    ['a deadline that is none', { body: '{"prompt":"p","deadline":"tomorrow"}' }, '422 validation_failed'],
    ['an extra that is none', { body: '{"prompt":"p","extras":{"rar":true}}' }, '422 validation_failed'],
    ['no file at all', { body: '{"prompt":"p","context":[]}' }, '422 validation_failed'],
    ['a huge amount', { body: '{"prompt":"p","max_credits":"9999999999999"}' }, '422 validation_failed'],
    ['no API key', { headers: { authorization: undefined }, body: prompt }, '401 unauthenticated'],
    ['another scheme', { headers: { authorization: 'Basic abc' }, body: prompt }, '401 key_invalid'],
    ['an unknown key', { headers: { authorization: 'Bearer fm_test_unknown' }, body: prompt }, '401 key_invalid'],
    ['an unknown bot', { path: '/v1/bots/bot_unknown/jobs', body: prompt }, '404 bot_not_found'],
    ['no idempotency key', { headers: { 'idempotency-key': undefined }, body: prompt }, '400 idempotency_key_missing'],
    ['an empty one', { headers: { 'idempotency-key': '' }, body: prompt }, '400 idempotency_key_invalid'],
    ['a long one', { headers: { 'idempotency-key': 'x'.repeat(256) }, body: prompt }, '400 idempotency_key_invalid'],
    ['one with a tab', { headers: { 'idempotency-key': 'a\tb' }, body: prompt }, '400 idempotency_key_invalid'],
    [
      'one with C1 controls',
      { headers: { 'idempotency-key': 'a\u0085b' }, body: prompt },
      '400 idempotency_key_invalid',
    ],
    ['a wrong event id', { path: '/v1/jobs/job_1/events?after=x', method: 'GET' }, '422 validation_failed'],
    ['a body that is too large', { body: JSON.stringify({ prompt: 'x'.repeat(1_100_000) }) }, '413 body_too_large'],
    ['large headers', { headers: { 'x-large': 'x'.repeat(20_000) }, method: 'GET', path: '/health/live' }, '431 '],
  ])('answers %s with its code', async (_, sent, expected) => {
    if (expected !== '431 ') expect(await problemOf(sent)).toBe(expected);
    else expect((await send(sent)).text).toContain('"code":"headers_too_large"');
    expect(await rowCounts(stack)).toEqual(before);
  });

  it('answers a foreign bot just as an unknown one', async () => {
    const foreign = await send({ path: `/v1/bots/${stranger.botId}/jobs`, body: prompt });
    const unknown = await send({ path: '/v1/bots/bot_unknown/jobs', body: prompt });
    const shape = ({ response, text }: Awaited<ReturnType<typeof send>>) => {
      const { instance: _i, request_id: _r, trace_id: _t, ...rest } = JSON.parse(text) as Record<string, unknown>;
      return { status: response.status, rest };
    };
    expect(shape(foreign)).toEqual(shape(unknown));
  });

  it('turns away a revoked, an expired and a weak key from the very next request', async () => {
    const key = `${bot.key}_other`;
    await addKey(stack, { ...bot, key });
    const headers = { authorization: `Bearer ${key}` };
    const change = async (what: string) => {
      await stack.entities.manager.query(`UPDATE records.api_keys SET ${what} WHERE secret_hash = $1`, [
        hashApiKey(key),
      ]);
    };
    expect(await problemOf({ headers, body: '{}' })).toBe('422 validation_failed');
    await change(`scopes = '{read}'`);
    expect(await problemOf({ headers, body: prompt })).toBe('403 forbidden');
    await change(`expires_at = clock_timestamp() - interval '1 second'`);
    expect(await problemOf({ headers, body: prompt })).toBe('401 key_expired');
    await change('revoked_at = clock_timestamp()');
    expect(await problemOf({ headers, body: prompt })).toBe('401 key_revoked');
    expect(await rowCounts(stack)).toEqual(before);
  });

  it('answers bytes that are no HTTP, and names the key where it holds control characters', async () => {
    const { hostname, port } = new URL(stack.apiUrl);
    const raw = async (text: string): Promise<string> => {
      const socket = connect(Number(port), hostname);
      const chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.write(text, 'latin1');
      await once(socket, 'close');
      return Buffer.concat(chunks).toString();
    };
    expect(await raw('nonsense\r\n\r\n')).toContain('"code":"malformed_request"');
    const submit = `POST /v1/bots/${bot.botId}/jobs HTTP/1.1\r\nhost: x\r\nidempotency-key: a\u0001b\r\n\r\n`;
    expect(await raw(submit)).toContain('"code":"idempotency_key_invalid"');
  });

  /** Says how much it would send, sends the beginning, and hears the answer with the rest still unsent. */
  async function answerToBeginning(bytes: number, key: string, path = `/v1/bots/${bot.botId}/jobs`): Promise<string> {
    const { hostname, port } = new URL(stack.apiUrl);
    const socket = connect(Number(port), hostname);
    const head = [
      `POST ${path} HTTP/1.1`,
      ...['host: x', 'content-type: application/json', `authorization: Bearer ${key}`, `content-length: ${bytes}`],
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n{"prompt":"${'x'.repeat(10_000)}`);
    let text = '';
    while (!text.includes('"code":')) {
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      text += chunk.toString();
    }
    socket.destroy();
    return `${text.slice('HTTP/1.1 '.length, 'HTTP/1.1 401'.length)} ${/"code":"(\w+)"/.exec(text)?.[1] ?? ''}`;
  }

  it('asks for the key before it reads a body, and answers with most of that still to come', async () => {
    expect(await answerToBeginning(600_000, 'fm_test_unknown')).toBe('401 key_invalid');
    expect(await answerToBeginning(600_000_000, 'fm_test_unknown')).toBe('401 key_invalid');
  });

  it('asks whether the key may submit, and for that bot, before it reads a body', async () => {
    const weak = `${bot.key}_reads`;
    await addKey(stack, { ...bot, key: weak }, ['read']);
    const foreign = `/v1/bots/${stranger.botId}/jobs`;
    expect(await answerToBeginning(600_000_000, weak)).toBe('403 forbidden');
    expect(await answerToBeginning(600_000_000, weak, '/v1/quotes')).toBe('403 forbidden');
    expect(await answerToBeginning(600_000_000, bot.key, foreign)).toBe('404 bot_not_found');
    expect(await answerToBeginning(600_000_000, bot.key, '/v1/bots/x/jobs')).toBe('404 bot_not_found');
    // Of many bots its tables know more than a key: they are asked once the body is there.
    const owner = await openAccountKey(stack, bot.accountId);
    expect(await answerToBeginning(600_000_000, owner, '/v1/bots/x/jobs')).toBe('404 bot_not_found');
    expect(await answerToBeginning(600_000_000, owner)).toBe('413 body_too_large');
  });

  it('refuses a body by the length it announces, before the rest of it comes', async () => {
    expect(await answerToBeginning(600_000_000, bot.key)).toBe('413 body_too_large');
  });

  it('is never a fault of the server and never written, whatever it is', async () => {
    const paths = [
      `/v1/bots/${bot.botId}/jobs`,
      '/v1/bots/x/jobs',
      '/v1/jobs/job_1',
      '/v1/jobs',
      '/v1/jobs/job_1/cost',
      '/v1/jobs/job_1/cost/explain',
      '/v1/jobs/job_1/timeline',
      '/v1/jobs/job_1/steps/1/attempts',
      '/v1/jobs/job_1/result',
      '/v1/jobs/job_1/files',
      '/v1/jobs/job_1/files/%00/a.ts',
      '/v1/jobs/job_1/events',
      '/problems/not_found',
      '/health/live',
      '/docs',
      '/openapi.json',
      '/metrics',
    ];
    const header = fc.string({ unit: fc.constantFrom(...'aZ09 ,;=%"\u00fc\u00ff'), maxLength: 30 });
    const anyBody = fc.oneof(
      fc.json(),
      fc.string({ unit: 'binary' }),
      fc
        .record(
          {
            prompt: fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.jsonValue()),
            request_kind: fc.jsonValue(),
            max_credits: fc.oneof(fc.string(), fc.double(), fc.constant('1')),
            max_iterations: fc.oneof(fc.integer(), fc.double()),
            model: fc.string({ unit: 'binary' }),
          },
          { requiredKeys: [] },
        )
        .map((body) => JSON.stringify(body)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          method: fc.constantFrom('POST', 'GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'),
          path: fc.oneof(fc.constantFrom(...paths), fc.webPath()),
          headers: fc.record(
            { 'idempotency-key': header, 'last-event-id': header, 'x-request-id': header, traceparent: header },
            { requiredKeys: [] },
          ),
          body: anyBody,
        }),
        async (sent) => {
          const { response } = await send({ ...sent, path: sent.path.startsWith('/') ? sent.path : `/${sent.path}` });
          expect(response.status).toBeLessThan(500);
        },
      ),
      { numRuns: 400 },
    );
    // Nobody here has credits: even a well-formed submit is refused before anything is written.
    expect(await rowCounts(stack)).toEqual(before);
  }, 60_000);
});
