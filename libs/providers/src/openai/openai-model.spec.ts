// Goal: the OpenAI adapter reads every ending a server can give a stream, and asks exactly once.
// Method: a real HTTP server that speaks the protocol byte for byte; each test checks that it saw one request.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ModelOutcome, ModelRequest } from '../model-port.js';
import { answered, faulted, modelRequest, neverAborted } from '../testing/model-call.js';
import { EVENT_STREAM, openAiAnswer, openAiDelta, openAiStream, openAiUsage } from '../testing/openai-wire.js';
import { ProtocolServer, type WireReply } from '../testing/protocol-server.js';
import { OpenAiModel, type OpenAiConfig } from './openai-model.js';

let server: ProtocolServer;
beforeAll(async () => {
  server = await ProtocolServer.start();
});
afterAll(() => server.stop());
beforeEach(() => server.clear());
afterEach(() => expect(server.requests).toHaveLength(1));

function model(config: Partial<OpenAiConfig> = {}): OpenAiModel {
  return new OpenAiModel({ baseUrl: `${server.baseUrl}/v1/`, apiKey: 'test-key', ...config });
}

async function ask(reply: WireReply, request: Partial<ModelRequest> = {}): Promise<ModelOutcome> {
  server.willReply(reply);
  return model().generate(modelRequest(request), { signal: neverAborted() });
}

function streamed(bytes: string | Buffer, rest: Partial<WireReply> = {}): WireReply {
  return { headers: { ...EVENT_STREAM, 'x-request-id': 'req_abc' }, pieces: [bytes], ...rest };
}

describe('the request', () => {
  it('asks for a stream with usage, names our attempt, and authenticates', async () => {
    answered(await ask(streamed(openAiAnswer())));
    const [seen] = server.requests;
    expect(seen).toMatchObject({
      method: 'POST',
      path: '/v1/chat/completions',
      headers: {
        authorization: 'Bearer test-key',
        'x-client-request-id': 'job_1/s1/plan/a1',
        'content-type': 'application/json',
        accept: 'text/event-stream',
      },
    });
    expect(seen?.body).toEqual({
      model: 'test-model',
      messages: [
        { role: 'system', content: 'You write code.' },
        { role: 'user', content: 'a secret prompt' },
      ],
      max_completion_tokens: 4096,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it('limits output by max_tokens for servers that know no other field', async () => {
    server.willReply(streamed(openAiAnswer()));
    await model({ outputLimitField: 'max_tokens' }).generate(modelRequest(), { signal: neverAborted() });
    expect(server.requests[0]?.body).toMatchObject({ max_tokens: 4096 });
    expect(server.requests[0]?.body).not.toHaveProperty('max_completion_tokens');
  });
});

describe('a whole answer', () => {
  it('gives text, exclusive token pools and the provider request id', async () => {
    expect(await ask(streamed(openAiAnswer()))).toEqual({
      kind: 'answered',
      text: 'Hello world',
      stopReason: 'end',
      usage: { input: 400, cachedInput: 600, cacheWrite: 0, output: 380, reasoning: 120 },
      usageFlags: [],
      providerRequestId: 'req_abc',
      region: null,
    });
  });

  it('names the region its endpoint was configured with', async () => {
    server.willReply(streamed(openAiAnswer()));
    const outcome = await model({ region: 'eu' }).generate(modelRequest(), { signal: neverAborted() });
    expect(answered(outcome).region).toBe('eu');
  });

  it.each([
    ['length', 'max_tokens'],
    ['content_filter', 'refusal'],
  ])('reads finish reason %s as %s', async (finishReason, stopReason) => {
    expect(answered(await ask(streamed(openAiAnswer({ finishReason })))).stopReason).toBe(stopReason);
  });

  it('reads words of refusal as the answer, and says that it is one', async () => {
    const stream = openAiStream([openAiDelta({ refusal: 'I will not.' }), openAiDelta({}, 'stop'), '[DONE]']);
    expect(answered(await ask(streamed(stream)))).toMatchObject({ text: 'I will not.', stopReason: 'refusal' });
  });

  it('takes an answer without words for an answer', async () => {
    expect(answered(await ask(streamed(openAiAnswer({ words: [] })))).text).toBe('');
  });

  it('passes over keep-alive comments, CRLF, reasoning text and empty choices', async () => {
    const stream =
      ': keep-alive\r\n\r\n' +
      openAiStream([{ id: '', choices: [], prompt_filter_results: [] }], '\r\n') +
      openAiStream([openAiDelta({ reasoning_content: 'hmm' })], '\r\n') +
      openAiAnswer({ newline: '\r\n' });
    expect(answered(await ask(streamed(stream))).text).toBe('Hello world');
  });

  it('takes the last report of a server that counts along the way', async () => {
    const stream = openAiStream([
      openAiUsage({ prompt_tokens: 7, completion_tokens: 1 }),
      openAiDelta({ content: 'x' }, 'stop'),
      openAiUsage({ prompt_tokens: 7, completion_tokens: 9 }),
      '[DONE]',
    ]);
    expect(answered(await ask(streamed(stream))).usage).toMatchObject({ input: 7, output: 9 });
  });

  it('is whole although the server closes right after the last line, or never closes at all', async () => {
    expect(answered(await ask(streamed(openAiAnswer().trimEnd()))).text).toBe('Hello world');
    server.clear();
    expect(answered(await ask(streamed(openAiAnswer(), { end: 'stall' }))).text).toBe('Hello world');
    server.clear();
    expect(answered(await ask(streamed(openAiAnswer(), { end: 'reset' }))).text).toBe('Hello world');
  });

  it('shows growing text in bytes as it arrives', async () => {
    const seen: number[] = [];
    const pieces = [openAiStream([openAiDelta({ content: 'é' })]), openAiAnswer({ words: ['!'] })];
    server.willReply({ headers: EVENT_STREAM, pieces, betweenPiecesMs: 10 });
    const options = { signal: neverAborted(), onProgress: (p: { textBytes: number }) => void seen.push(p.textBytes) };
    await model().generate(modelRequest(), options);
    expect(seen[0]).toBe(2);
    expect(seen.at(-1)).toBe(3);
  });
});

describe('usage that cannot be trusted', () => {
  it('no usage in the stream is unmetered, not zero', async () => {
    const answer = answered(await ask(streamed(openAiAnswer({ usage: null }))));
    expect(answer).toMatchObject({ text: 'Hello world', usage: null, usageFlags: ['unmetered'] });
  });

  it('an explicit zero is a value', async () => {
    const answer = answered(await ask(streamed(openAiAnswer({ usage: { prompt_tokens: 9, completion_tokens: 0 } }))));
    expect(answer.usage).toEqual({ input: 9, cachedInput: 0, cacheWrite: 0, output: 0, reasoning: 0 });
    expect(answer.usageFlags).toEqual([]);
  });

  it.each([
    ['prompt', { prompt_tokens: -5, completion_tokens: 3 }],
    ['completion', { prompt_tokens: 5, completion_tokens: -3 }],
    ['cached', { prompt_tokens: 5, completion_tokens: 3, prompt_tokens_details: { cached_tokens: -1 } }],
  ])('negative %s tokens are flagged and never charged', async (_, usage) => {
    const answer = answered(await ask(streamed(openAiAnswer({ usage }))));
    expect(answer.usage).toBeNull();
    expect(answer.usageFlags).toEqual(['unmetered', 'negative']);
  });

  it('[edge 50] cached tokens over input are clamped to the input and flagged', async () => {
    const usage = { prompt_tokens: 100, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 130 } };
    const answer = answered(await ask(streamed(openAiAnswer({ usage }))));
    expect(answer.usage).toEqual({ input: 0, cachedInput: 100, cacheWrite: 0, output: 3, reasoning: 0 });
    expect(answer.usageFlags).toEqual(['cached_over_input']);
  });

  it('counts reasoning beside the output where a server is configured so', async () => {
    const usage = { prompt_tokens: 1, completion_tokens: 5, completion_tokens_details: { reasoning_tokens: 40 } };
    server.willReply(streamed(openAiAnswer({ usage })));
    const adapter = model({ outputIncludesReasoning: false });
    const answer = answered(await adapter.generate(modelRequest(), { signal: neverAborted() }));
    expect(answer).toMatchObject({ usage: { output: 5, reasoning: 40 }, usageFlags: [] });
  });
});

describe('a stream that does not reach its end', () => {
  const begun = openAiStream([openAiDelta({ role: 'assistant', content: 'Hel' }), openAiDelta({ content: 'lo' })]);
  const finished = begun + openAiStream([openAiDelta({}, 'stop')]);

  it.each([
    ['closes without a finish reason', streamed(begun)],
    ['closes after the finish reason without [DONE]', streamed(finished)],
    ['says [DONE] without a finish reason', streamed(`${begun}data: [DONE]\n\n`)],
    ['is cut inside an event', streamed(`${begun}data: {"choices":[{"ind`)],
    ['is reset', streamed(begun, { end: 'reset' })],
  ])('is broken when it %s, and keeps what had arrived', async (_, reply) => {
    expect(faulted(await ask(reply))).toMatchObject({
      fault: 'broken_stream',
      retryable: true,
      status: 200,
      partialText: 'Hello',
      usage: null,
      usageFlags: ['unmetered'],
      providerRequestId: 'req_abc',
    });
  });

  it('keeps usage that came before the break, marked partial', async () => {
    const stream = finished + openAiStream([openAiUsage({ prompt_tokens: 10, completion_tokens: 2 })]);
    const fault = faulted(await ask(streamed(stream, { end: 'reset' })));
    expect(fault).toMatchObject({ fault: 'broken_stream', usage: { input: 10, output: 2 }, usageFlags: ['partial'] });
  });

  it.each([
    [{ type: 'server_error', message: 'about a secret prompt' }, 'unavailable', true],
    [{ type: 'rate_limit_exceeded', code: null }, 'rate_limited', true],
    [{ type: 'tokens', code: 'rate_limit_exceeded' }, 'rate_limited', true],
    [{ type: 'invalid_request_error' }, 'bad_request', false],
    [{ code: 'insufficient_quota' }, 'rate_limited', false],
    [{ code: 502 }, 'unavailable', true],
    [{ code: 429 }, 'rate_limited', true],
    [{ type: 'never heard of' }, 'unavailable', true],
    ['just words', 'unavailable', true],
  ])('an error chunk %j is %s', async (error, kind, retryable) => {
    const fault = faulted(await ask(streamed(begun + openAiStream([{ error }]), { end: 'stall' })));
    expect(fault).toMatchObject({ fault: kind, retryable, partialText: 'Hello' });
    expect(fault.message).not.toContain('secret');
  });

  it.each([
    ['not JSON', 'data: {oops\n\n'],
    ['not an object', 'data: 7\n\n'],
    ['text in parts', openAiStream([openAiDelta({ content: [{ type: 'text', text: 'x' }] })])],
  ])('a chunk that is %s breaks the protocol', async (_, bytes) => {
    expect(faulted(await ask(streamed(begun + bytes)))).toMatchObject({ fault: 'protocol', retryable: false });
  });

  it('a tool call nobody offered breaks the protocol, and is metered all the same', async () => {
    const fault = faulted(await ask(streamed(openAiAnswer({ finishReason: 'tool_calls' }))));
    expect(fault).toMatchObject({ fault: 'protocol', usage: { input: 400, output: 380 }, usageFlags: ['partial'] });
  });

  it('an event longer than allowed breaks the protocol', async () => {
    server.willReply(streamed(openAiAnswer({ words: ['x'.repeat(5000)] })));
    const adapter = model({ limits: { eventCharsMax: 1000 } });
    const fault = faulted(await adapter.generate(modelRequest(), { signal: neverAborted() }));
    expect(fault).toMatchObject({ fault: 'protocol', message: 'an event was longer than allowed' });
  });
});
