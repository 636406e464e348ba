// Goal: each request reaches the provider it names, and no other.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createModelPort } from './model-registry.js';
import { ScriptedModel } from './scripted/scripted-model.js';
import { bookOf, sequenceScript } from './scripted/script.js';
import { anthropicAnswer } from './testing/anthropic-wire.js';
import { answered, faulted, modelRequest, neverAborted } from './testing/model-call.js';
import { EVENT_STREAM, openAiAnswer } from './testing/openai-wire.js';
import { ProtocolServer } from './testing/protocol-server.js';

let server: ProtocolServer;
beforeAll(async () => {
  server = await ProtocolServer.start();
});
afterAll(() => server.stop());
beforeEach(() => server.clear());

const apiKey = 'test-key';
const signal = neverAborted();

describe('createModelPort', () => {
  it.each([
    ['openai', '/own/chat/completions', openAiAnswer()],
    ['local-llm', '/compatible/chat/completions', openAiAnswer()],
    ['anthropic', '/own/v1/messages', anthropicAnswer()],
  ])('sends %s to %s', async (provider, path, bytes) => {
    const port = createModelPort({
      openai: { baseUrl: `${server.baseUrl}/own`, apiKey },
      anthropic: { baseUrl: `${server.baseUrl}/own`, apiKey },
      openaiCompatible: { 'local-llm': { baseUrl: `${server.baseUrl}/compatible`, apiKey } },
    });
    server.willReply({ headers: EVENT_STREAM, pieces: [bytes] });
    expect(answered(await port.generate(modelRequest({ provider }), { signal })).text).toBe('Hello world');
    expect(server.requests.map((request) => request.path)).toEqual([path]);
  });

  it('hands scripted requests to the script it was given', async () => {
    const scripted = new ScriptedModel(bookOf(sequenceScript([{ text: 'hi', usage: null }])));
    const port = createModelPort({ scripted });
    expect(answered(await port.generate(modelRequest({ provider: 'scripted' }), { signal })).text).toBe('hi');
    expect(scripted.callCount).toBe(1);
  });

  it.each(['scripted', 'openai', 'constructor', ''])(
    'answers a bad request for %j when nothing serves it',
    async (provider) => {
      const outcome = await createModelPort({}).generate(modelRequest({ provider }), { signal });
      expect(faulted(outcome)).toMatchObject({ fault: 'bad_request', retryable: false, usage: null });
    },
  );

  it.each(['openai', 'Not A Name', ''])('refuses %j as the name of a compatible server', (name) => {
    const config = { openaiCompatible: { [name]: { baseUrl: server.baseUrl, apiKey } } };
    expect(() => createModelPort(config)).toThrow(RangeError);
  });
});
