// Goal: the Anthropic adapter reads every ending a server can give a message stream, and asks exactly once.
// Method: a real HTTP server that speaks the protocol byte for byte; each test checks that it saw one request.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ModelOutcome } from '../model-port.js';
import {
  MESSAGE_STOP,
  anthropicAnswer,
  anthropicStream,
  messageDelta,
  messageStart,
  textDelta,
} from '../testing/anthropic-wire.js';
import { answered, faulted, modelRequest, neverAborted } from '../testing/model-call.js';
import { EVENT_STREAM } from '../testing/openai-wire.js';
import { ProtocolServer, type WireReply } from '../testing/protocol-server.js';
import { AnthropicModel } from './anthropic-model.js';

let server: ProtocolServer;
beforeAll(async () => {
  server = await ProtocolServer.start();
});
afterAll(() => server.stop());
beforeEach(() => server.clear());
afterEach(() => expect(server.requests).toHaveLength(1));

async function ask(bytes: string, rest: Partial<WireReply> = {}): Promise<ModelOutcome> {
  server.willReply({ headers: { ...EVENT_STREAM, 'request-id': 'req_abc' }, pieces: [bytes], ...rest });
  return model().generate(modelRequest(), { signal: neverAborted() });
}

function model(): AnthropicModel {
  return new AnthropicModel({ baseUrl: server.baseUrl, apiKey: 'test-key', region: 'configured' });
}

describe('the request', () => {
  it('asks for a stream, names our attempt, the protocol version and the key', async () => {
    answered(await ask(anthropicAnswer()));
    const [seen] = server.requests;
    expect(seen).toMatchObject({
      method: 'POST',
      path: '/v1/messages',
      headers: {
        'x-api-key': 'test-key',
        'anthropic-version': '2023-06-01',
        'x-client-request-id': 'job_1/s1/plan/a1',
        'content-type': 'application/json',
      },
    });
    expect(seen?.headers).not.toHaveProperty('authorization');
    expect(seen?.body).toEqual({
      model: 'test-model',
      max_tokens: 4096,
      system: [{ type: 'text', text: 'You write code.', cache_control: { type: 'ephemeral' } }],
      messages: [{ role: 'user', content: 'a secret prompt' }],
      stream: true,
    });
  });

  it('[A24] marks instructions and the guide of the bot, each by itself, for a cache to serve again', async () => {
    server.willReply({ headers: EVENT_STREAM, pieces: [anthropicAnswer()] });
    const request = { ...modelRequest(), guide: 'Our snippets. ', system: 'Our snippets. You write code.' };
    answered(await model().generate(request, { signal: neverAborted() }));
    const mark = { type: 'text', cache_control: { type: 'ephemeral' } };
    expect(server.requests[0]?.body).toMatchObject({
      system: [
        { ...mark, text: 'Our snippets. ' },
        { ...mark, text: 'You write code.' },
      ],
      messages: [{ role: 'user', content: 'a secret prompt' }],
    });
  });
});

describe('a whole answer', () => {
  it('gives text without thinking, exclusive token pools and the provider request id', async () => {
    expect(await ask(anthropicAnswer())).toEqual({
      kind: 'answered',
      text: 'Hello world',
      stopReason: 'end',
      usage: { input: 400, cachedInput: 600, cacheWrite: 50, output: 500, reasoning: 0 },
      usageFlags: [],
      providerRequestId: 'req_abc',
      region: 'configured',
    });
  });

  it.each([
    ['stop_sequence', 'end'],
    ['max_tokens', 'max_tokens'],
    ['model_context_window_exceeded', 'max_tokens'],
    ['refusal', 'refusal'],
  ])('reads stop reason %s as %s', async (stopReason, expected) => {
    expect(answered(await ask(anthropicAnswer({ stopReason }))).stopReason).toBe(expected);
  });

  it('takes the last of the cumulative counts, and splits thinking from output', async () => {
    const stream = anthropicStream([
      messageStart(),
      textDelta('x'),
      messageDelta(null, { output_tokens: 20 }),
      messageDelta('end_turn', {
        input_tokens: 410,
        cache_read_input_tokens: 0,
        cache_creation_input_tokens: null,
        output_tokens: 70,
        output_tokens_details: { thinking_tokens: 30 },
        inference_geo: 'eu',
      }),
      MESSAGE_STOP,
    ]);
    expect(answered(await ask(stream))).toMatchObject({
      usage: { input: 410, cachedInput: 0, cacheWrite: 50, output: 40, reasoning: 30 },
      usageFlags: [],
      region: 'eu',
    });
  });

  it('passes over events it does not know, comments and CRLF', async () => {
    const unknown = anthropicStream([{ type: 'brand_new' }], '\r\n');
    const stream = `: hi\r\n\r\n${unknown}${anthropicAnswer({ newline: '\r\n' })}`;
    expect(answered(await ask(stream)).text).toBe('Hello world');
  });

  it('is whole although the server closes right after the last line, or never closes at all', async () => {
    expect(answered(await ask(anthropicAnswer().trimEnd())).text).toBe('Hello world');
    server.clear();
    expect(answered(await ask(anthropicAnswer(), { end: 'stall' })).text).toBe('Hello world');
  });
});

describe('usage that cannot be trusted', () => {
  it.each([
    ['none anywhere', { startUsage: null, finalUsage: null }],
    ['only the beginning', { finalUsage: null }],
    ['only the end', { startUsage: null }],
  ])('usage with %s is unmetered, not zero', async (_, usage) => {
    const answer = answered(await ask(anthropicAnswer(usage)));
    expect(answer).toMatchObject({ text: 'Hello world', usage: null, usageFlags: ['unmetered'] });
  });

  it('an explicit zero is a value', async () => {
    const usage = { startUsage: { input_tokens: 0, output_tokens: 0 }, finalUsage: { output_tokens: 0 } };
    expect(answered(await ask(anthropicAnswer(usage)))).toMatchObject({
      usage: { input: 0, cachedInput: 0, cacheWrite: 0, output: 0, reasoning: 0 },
      usageFlags: [],
    });
  });

  it('negative tokens are flagged and never charged', async () => {
    const answer = answered(await ask(anthropicAnswer({ finalUsage: { output_tokens: -1 } })));
    expect(answer).toMatchObject({ usage: null, usageFlags: ['unmetered', 'negative'] });
  });

  it('[edge 50] more cached than fresh input is no contradiction where the pools are exclusive', async () => {
    const startUsage = { input_tokens: 3, cache_read_input_tokens: 9000, output_tokens: 1 };
    const answer = answered(await ask(anthropicAnswer({ startUsage })));
    expect(answer).toMatchObject({ usage: { input: 3, cachedInput: 9000 }, usageFlags: [] });
  });
});

describe('a stream that does not reach its end', () => {
  const begun = [messageStart(), textDelta('Hel'), textDelta('lo')];

  it.each([
    ['closes before message_stop', anthropicStream([...begun, messageDelta('end_turn', { output_tokens: 9 })]), 9],
    ['closes mid-text', anthropicStream(begun), 1],
    ['is cut inside an event', `${anthropicStream(begun)}event: content_block_delta\ndata: {"type":"cont`, 1],
    [
      'stops without a stop reason',
      anthropicStream([...begun, messageDelta(null, { output_tokens: 5 }), MESSAGE_STOP]),
      5,
    ],
  ])('is broken when it %s, and keeps text and counts so far', async (_, bytes, output) => {
    expect(faulted(await ask(bytes))).toMatchObject({
      fault: 'broken_stream',
      retryable: true,
      status: 200,
      partialText: 'Hello',
      usage: { input: 400, cachedInput: 600, cacheWrite: 50, output, reasoning: 0 },
      usageFlags: ['partial'],
      providerRequestId: 'req_abc',
    });
  });

  it('is broken when it is reset', async () => {
    const fault = faulted(await ask(anthropicStream(begun), { end: 'reset' }));
    expect(fault).toMatchObject({ fault: 'broken_stream', retryable: true, partialText: 'Hello' });
  });

  it.each([
    ['overloaded_error', 'unavailable', true],
    ['api_error', 'unavailable', true],
    ['timeout_error', 'timed_out', true],
    ['rate_limit_error', 'rate_limited', true],
    ['invalid_request_error', 'bad_request', false],
    ['authentication_error', 'unauthorized', false],
    ['billing_error', 'unauthorized', false],
  ])('an error event of %s is %s', async (type, kind, retryable) => {
    const error = { type: 'error', error: { type, message: 'about a secret prompt' } };
    const fault = faulted(await ask(anthropicStream([...begun, error])));
    expect(fault).toMatchObject({ fault: kind, retryable, partialText: 'Hello' });
    expect(fault.message).toBe(`the provider reported an error inside the stream (${type})`);
  });

  it.each([
    ['not JSON', 'event: ping\ndata: nope\n\n'],
    ['text that is none', anthropicStream([{ type: 'content_block_delta', delta: { type: 'text_delta', text: 7 } }])],
    ['a tool call nobody offered', anthropicStream([messageDelta('tool_use', { output_tokens: 3 })])],
  ])('%s breaks the protocol', async (_, bytes) => {
    const fault = faulted(await ask(anthropicStream(begun) + bytes));
    expect(fault).toMatchObject({ fault: 'protocol', retryable: false, partialText: 'Hello' });
  });
});
