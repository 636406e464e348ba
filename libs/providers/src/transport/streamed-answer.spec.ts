// Goal: what both HTTP adapters share: refusals by status, waits, timeouts, cancellation, and never a second request.
// Method: every case runs through both adapters against a real HTTP server.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { getEventListeners } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { AnthropicModel } from '../anthropic/anthropic-model.js';
import type { ModelOutcome, ModelPort } from '../model-port.js';
import { OpenAiModel } from '../openai/openai-model.js';
import { anthropicAnswer, anthropicStream, messageStart, textDelta } from '../testing/anthropic-wire.js';
import { answered, faulted, modelRequest, neverAborted } from '../testing/model-call.js';
import { EVENT_STREAM, openAiAnswer, openAiDelta, openAiStream } from '../testing/openai-wire.js';
import { ProtocolServer, type WireReply } from '../testing/protocol-server.js';
import type { StreamLimits } from './event-stream.js';

interface Dialect {
  readonly model: (baseUrl: string, limits?: Partial<StreamLimits>) => ModelPort;
  readonly requestIdHeader: string;
  readonly begun: string;
  readonly whole: string;
}

const NOW_MS = Date.parse('2026-11-21T12:00:00Z');
const nowMs = (): number => NOW_MS;
const apiKey = 'test-key';

const DIALECTS: Readonly<Record<string, Dialect>> = {
  openai: {
    model: (baseUrl, limits = {}) => new OpenAiModel({ baseUrl, apiKey, limits, nowMs }),
    requestIdHeader: 'x-request-id',
    begun: openAiStream([openAiDelta({ content: 'Hello' })]),
    whole: openAiAnswer(),
  },
  anthropic: {
    model: (baseUrl, limits = {}) => new AnthropicModel({ baseUrl, apiKey, limits, nowMs }),
    requestIdHeader: 'request-id',
    begun: anthropicStream([messageStart(), textDelta('Hello')]),
    whole: anthropicAnswer(),
  },
};

let server: ProtocolServer;
beforeAll(async () => {
  server = await ProtocolServer.start();
});
afterAll(() => server.stop());
beforeEach(() => server.clear());

describe.each(Object.entries(DIALECTS))('%s', (_name, dialect) => {
  async function ask(reply: WireReply, limits: Partial<StreamLimits> = {}): Promise<ModelOutcome> {
    server.willReply(reply);
    return dialect.model(server.baseUrl, limits).generate(modelRequest(), { signal: neverAborted() });
  }

  describe('a refused request', () => {
    afterEach(() => expect(server.requests).toHaveLength(1));

    it.each([
      [400, 'bad_request', false],
      [401, 'unauthorized', false],
      [402, 'unauthorized', false],
      [403, 'unauthorized', false],
      [404, 'bad_request', false],
      [408, 'timed_out', true],
      [409, 'unavailable', true],
      [413, 'bad_request', false],
      [422, 'bad_request', false],
      [429, 'rate_limited', true],
      [500, 'unavailable', true],
      [502, 'unavailable', true],
      [503, 'unavailable', true],
      [504, 'unavailable', true],
      [529, 'unavailable', true],
    ])('%i is %s', async (status, fault, retryable) => {
      const body = JSON.stringify({ error: { type: 'some_error', message: 'about a secret prompt' } });
      const outcome = faulted(await ask({ status, headers: { [dialect.requestIdHeader]: 'req_9' }, pieces: [body] }));
      expect(outcome).toMatchObject({
        fault,
        retryable,
        status,
        retryAfterMs: null,
        partialText: '',
        usage: null,
        providerRequestId: 'req_9',
        message: `the provider answered ${status} (some_error)`,
      });
    });

    it('an HTML body is no reason to stumble, and none of it is passed on', async () => {
      const headers = { 'content-type': 'text/html' };
      const outcome = faulted(await ask({ status: 502, headers, pieces: ['<html>a secret prompt</html>'] }));
      expect(outcome).toMatchObject({ fault: 'unavailable', message: 'the provider answered 502' });
    });

    it('an error body that stalls or goes on and on costs neither time nor memory', async () => {
      const stalled = faulted(await ask({ status: 503, pieces: ['{"err'], end: 'stall' }, { idleTimeoutMs: 50 }));
      expect(stalled).toMatchObject({ fault: 'unavailable', status: 503 });
      server.clear();
      const pieces = Array.from({ length: 20 }, () => Buffer.alloc(64 * 1024, 'x'));
      expect(faulted(await ask({ status: 500, pieces, end: 'stall' }))).toMatchObject({ fault: 'unavailable' });
    });

    it.each([
      [{ 'retry-after': '7' }, 7_000],
      [{ 'retry-after': '0' }, 0],
      [{ 'retry-after': 'Sat, 21 Nov 2026 12:00:30 GMT', date: 'Sat, 21 Nov 2026 12:00:10 GMT' }, 20_000],
      [{ 'retry-after': 'Sat, 21 Nov 2026 12:00:30 GMT', date: 'not a date' }, 30_000],
      [{ 'retry-after': 'Sat, 21 Nov 2026 11:00:00 GMT', date: 'not a date' }, 0],
      [{ 'retry-after': '7', 'retry-after-ms': '1250' }, 1_250],
      [{ 'retry-after': '99999999' }, 24 * 60 * 60 * 1000],
      [{ 'retry-after': '-5' }, null],
      [{ 'retry-after': 'soon' }, null],
    ])('waits as asked by %j', async (headers, retryAfterMs) => {
      expect(faulted(await ask({ status: 429, headers }))).toMatchObject({ fault: 'rate_limited', retryAfterMs });
    });

    it('passes the wait on for an overload, too', async () => {
      const outcome = faulted(await ask({ status: 503, headers: { 'retry-after': '3' } }));
      expect(outcome).toMatchObject({ fault: 'unavailable', retryable: true, retryAfterMs: 3_000 });
    });

    it('believes a provider that says a repetition is in vain', async () => {
      const outcome = faulted(await ask({ status: 503, headers: { 'x-should-retry': 'false' } }));
      expect(outcome.retryable).toBe(false);
    });

    it.each([
      { error: { type: 'insufficient_quota', code: 'insufficient_quota' } },
      { error: { type: 'rate_limit_error', details: { error_code: 'enforced_spend_limit_reached' } } },
    ])('does not wait for money: 429 with %j', async (body) => {
      const outcome = faulted(await ask({ status: 429, pieces: [JSON.stringify(body)] }));
      expect(outcome).toMatchObject({ fault: 'rate_limited', retryable: false });
    });

    it('follows no redirect', async () => {
      const outcome = faulted(await ask({ status: 307, headers: { location: `${server.baseUrl}/elsewhere` } }));
      expect(outcome).toMatchObject({ fault: 'protocol', retryable: false, status: 307 });
    });

    it.each([
      ['a plain JSON answer', { headers: { 'content-type': 'application/json' }, pieces: ['{"choices":[]}'] }],
      ['an HTML page', { headers: { 'content-type': 'text/html' }, pieces: ['<html></html>'] }],
      ['no body at all', { status: 204 }],
    ])('takes %s with 2xx for a breach of protocol', async (_what, reply) => {
      expect(faulted(await ask(reply))).toMatchObject({ fault: 'protocol', retryable: false });
    });
  });

  describe('a network that fails', () => {
    it('connection refused is unavailable', async () => {
      const outcome = faulted(
        await dialect
          .model(`http://127.0.0.1:${await freePort()}`)
          .generate(modelRequest(), { signal: neverAborted() }),
      );
      expect(outcome).toMatchObject({ fault: 'unavailable', retryable: true, status: null, providerRequestId: null });
      expect(outcome.message).toBe('the provider gave no response (ECONNREFUSED)');
    });

    it('a connection reset before the headers is unavailable', async () => {
      expect(faulted(await ask({ beforeHeaders: 'reset' }))).toMatchObject({ fault: 'unavailable', status: null });
      expect(server.requests).toHaveLength(1);
    });

    it.each([
      ['before the headers', { beforeHeaders: 'stall' } as const, { status: null, firstByteTimeoutMs: 60 }],
      // Long enough for the headers to come first, on a busy machine too.
      [
        'before the first event',
        { headers: EVENT_STREAM, end: 'stall' } as const,
        { status: 200, firstByteTimeoutMs: 1_000 },
      ],
    ])('silence %s times out', async (_when, reply, { status, firstByteTimeoutMs }) => {
      const outcome = faulted(await ask(reply, { firstByteTimeoutMs }));
      expect(outcome).toMatchObject({ fault: 'timed_out', retryable: true, status, partialText: '' });
      expect(server.requests).toHaveLength(1);
    });

    it('silence between events times out with what had arrived, and hangs up', async () => {
      const reply: WireReply = { headers: EVENT_STREAM, pieces: [dialect.begun], end: 'stall' };
      const outcome = faulted(await ask(reply, { idleTimeoutMs: 60 }));
      expect(outcome).toMatchObject({ fault: 'timed_out', retryable: true, status: 200, partialText: 'Hello' });
      expect(server.requests).toHaveLength(1);
      await until(() => server.abandoned === 1);
    });

    it('comments keep a slow stream alive', async () => {
      // All of them together last longer than a silence may, and each pause a tenth of it.
      const pieces = [...Array.from({ length: 12 }, () => ': still here\n\n'), dialect.whole];
      const reply: WireReply = { headers: EVENT_STREAM, pieces, betweenPiecesMs: 100 };
      const outcome = answered(await ask(reply, { firstByteTimeoutMs: 4_000, idleTimeoutMs: 1_000 }));
      expect(outcome.text).toBe('Hello world');
    });
  });

  describe('cancellation', () => {
    it('before the call makes no request', async () => {
      const outcome = await dialect.model(server.baseUrl).generate(modelRequest(), { signal: AbortSignal.abort() });
      expect(faulted(outcome)).toMatchObject({ fault: 'cancelled', retryable: false, partialText: '' });
      expect(server.requests).toHaveLength(0);
    });

    it('while waiting for the headers ends the call at once', async () => {
      server.willReply({ beforeHeaders: 'stall' });
      const controller = new AbortController();
      const call = dialect.model(server.baseUrl).generate(modelRequest(), { signal: controller.signal });
      await until(() => server.requests.length === 1);
      controller.abort();
      expect(faulted(await call)).toMatchObject({ fault: 'cancelled', status: null });
    });

    it('mid-stream keeps the partial text and hangs up', async () => {
      server.willReply({ headers: EVENT_STREAM, pieces: [dialect.begun], end: 'stall' });
      const controller = new AbortController();
      const outcome = await dialect.model(server.baseUrl).generate(modelRequest(), {
        signal: controller.signal,
        onProgress: ({ textBytes }) => {
          if (textBytes > 0) {
            controller.abort();
          }
        },
      });
      expect(faulted(outcome)).toMatchObject({ fault: 'cancelled', retryable: false, partialText: 'Hello' });
      expect(server.requests).toHaveLength(1);
      await until(() => server.abandoned === 1);
    });

    it('after the last event changes nothing', async () => {
      server.willReply({ headers: EVENT_STREAM, pieces: [dialect.whole], end: 'stall' });
      const controller = new AbortController();
      const call = dialect.model(server.baseUrl).generate(modelRequest(), {
        signal: controller.signal,
        onProgress: () => setImmediate(() => controller.abort()),
      });
      expect(answered(await call).text).toBe('Hello world');
    });
  });

  it('a listener of ours that throws is a bug and passes through', async () => {
    server.willReply({ headers: EVENT_STREAM, pieces: [dialect.whole] });
    const onProgress = (): void => {
      throw new Error('ours');
    };
    const call = dialect.model(server.baseUrl).generate(modelRequest(), { signal: neverAborted(), onProgress });
    await expect(call).rejects.toThrow('ours');
  });

  it.each([
    ['a body that is no event stream', { pieces: ['{'], end: 'stall' } as const],
    ['an error body without end', { status: 500, pieces: [Buffer.alloc(200_000, 'x')], end: 'stall' } as const],
  ])('hangs up on %s, and leaves no listener on the signal', async (_what, reply) => {
    server.willReply(reply);
    const signal = neverAborted();
    faulted(await dialect.model(server.baseUrl).generate(modelRequest(), { signal }));
    await until(() => server.abandoned === 1);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('a reference that fits no header is refused without a call', async () => {
    const request = modelRequest({ requestRef: 'job_1\r\nx-evil: 1' });
    const outcome = await dialect.model(server.baseUrl).generate(request, { signal: neverAborted() });
    expect(faulted(outcome).fault).toBe('bad_request');
    expect(server.requests).toHaveLength(0);
  });

  it.each([
    ['an address of another kind', () => dialect.model('ftp://127.0.0.1')],
    ['an address with credentials', () => dialect.model('http://me:secret@127.0.0.1')],
    ['a limit that fetch would cut short', () => dialect.model('http://127.0.0.1', { idleTimeoutMs: 300_001 })],
    ['a limit of nothing', () => dialect.model('http://127.0.0.1', { firstByteTimeoutMs: 0 })],
  ])('does not start with %s', (_what, make) => {
    expect(make).toThrow(RangeError);
  });
});

it('a key that fits no header stops the start and is not repeated in the error', () => {
  expect(() => new OpenAiModel({ baseUrl: 'http://127.0.0.1', apiKey: 'se\ncret' })).toThrow(/^(?!.*cret)/);
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200 && !condition(); turn += 1) {
    await new Promise<void>((resolve) => setTimeout(resolve, 5));
  }
  expect(condition()).toBe(true);
}
