// Goal: how the network cuts a stream, and where it cuts it off, never changes what an answer costs or says.
// Method: whole streams sent by a real server in pieces at random byte offsets, and prefixes of every kind.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AnthropicModel } from '../anthropic/anthropic-model.js';
import type { ModelOutcome, ModelPort } from '../model-port.js';
import { OpenAiModel } from '../openai/openai-model.js';
import { anthropicAnswer } from '../testing/anthropic-wire.js';
import { answered, faulted, modelRequest, neverAborted } from '../testing/model-call.js';
import { EVENT_STREAM, openAiAnswer } from '../testing/openai-wire.js';
import { ProtocolServer, cutAt } from '../testing/protocol-server.js';

/** Characters of one to four bytes, joined emoji, and line ends inside JSON strings. */
const WORDS = ['Grüße ', '東京', ' 👩‍👩‍👧 ', 'a\nb\r\nc', '\u2028', 'data: [DONE]', ' end'];

interface Dialect {
  readonly name: string;
  readonly model: (baseUrl: string) => ModelPort;
  readonly stream: (newline: string) => string;
}

const DIALECTS: readonly Dialect[] = [
  {
    name: 'openai',
    model: (baseUrl) => new OpenAiModel({ baseUrl, apiKey: 'test-key' }),
    stream: (newline) => `: hello${newline}${newline}${openAiAnswer({ words: WORDS, newline })}`,
  },
  {
    name: 'anthropic',
    model: (baseUrl) => new AnthropicModel({ baseUrl, apiKey: 'test-key' }),
    stream: (newline) => `: hello${newline}${newline}${anthropicAnswer({ words: WORDS, newline })}`,
  },
];

let server: ProtocolServer;
beforeAll(async () => {
  server = await ProtocolServer.start();
});
afterAll(() => server.stop());

describe.each(DIALECTS)('$name', ({ model, stream }) => {
  async function ask(pieces: readonly Buffer[]): Promise<{ outcome: ModelOutcome; arrivals: number }> {
    server.clear();
    server.willReply({ headers: EVENT_STREAM, pieces });
    let arrivals = 0;
    const onProgress = (): void => void (arrivals += 1);
    const outcome = await model(server.baseUrl).generate(modelRequest(), { signal: neverAborted(), onProgress });
    expect(server.requests).toHaveLength(1);
    return { outcome, arrivals };
  }

  it('splitting the bytes anywhere changes nothing', async () => {
    const newlines = fc.constantFrom('\n', '\r\n');
    const offsets = fc.array(fc.nat(4_000), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(newlines, offsets, async (newline, at) => {
        const bytes = Buffer.from(stream(newline), 'utf8');
        const { outcome: whole } = await ask([bytes]);
        const { outcome: split } = await ask(cutAt(bytes, at));
        expect(answered(whole).text).toBe(WORDS.join(''));
        expect(split).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('one byte at a time changes nothing, and the pieces do arrive apart', async () => {
    const bytes = Buffer.from(stream('\r\n'), 'utf8');
    const { outcome: whole } = await ask([bytes]);
    const { outcome: split, arrivals } = await ask(cutAt(bytes, Array.from(bytes.keys())));
    expect(split).toEqual(whole);
    expect(arrivals).toBeGreaterThan(bytes.length / 2);
  });

  it('cut off anywhere before its end, a stream is broken and its text a beginning of the whole', async () => {
    const bytes = Buffer.from(stream('\n').trimEnd(), 'utf8');
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), async (length) => {
        const { outcome } = await ask(length === 0 ? [] : [bytes.subarray(0, length)]);
        const fault = faulted(outcome);
        expect(fault).toMatchObject({ fault: 'broken_stream', retryable: true });
        expect(WORDS.join('').startsWith(fault.partialText)).toBe(true);
      }),
      { numRuns: 80 },
    );
  });
});
