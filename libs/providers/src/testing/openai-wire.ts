// Providers room, test double: the bytes of an OpenAI chat completion stream.

export const EVENT_STREAM = Object.freeze({ 'content-type': 'text/event-stream; charset=utf-8' });

export interface OpenAiUsageOnWire {
  readonly prompt_tokens?: unknown;
  readonly completion_tokens?: unknown;
  readonly total_tokens?: unknown;
  readonly prompt_tokens_details?: unknown;
  readonly completion_tokens_details?: unknown;
}

function line(body: unknown, newline: string): string {
  return `data: ${typeof body === 'string' ? body : JSON.stringify(body)}${newline}${newline}`;
}

function chunk(choices: readonly unknown[], extra: object = {}): object {
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_790_000_000, model: 'test-model' };
  return { ...head, choices, usage: null, ...extra };
}

export function openAiDelta(delta: object, finishReason: string | null = null): object {
  return chunk([{ index: 0, delta, logprobs: null, finish_reason: finishReason }]);
}

export function openAiUsage(usage: OpenAiUsageOnWire): object {
  return chunk([], { usage });
}

/** The lines of a stream, without `[DONE]` unless it is among the bodies. */
export function openAiStream(bodies: readonly unknown[], newline = '\n'): string {
  return bodies.map((body) => line(body, newline)).join('');
}

export interface OpenAiAnswerOnWire {
  readonly words?: readonly string[];
  readonly finishReason?: string;
  /** Null leaves the usage chunk out. */
  readonly usage?: OpenAiUsageOnWire | null;
  readonly newline?: string;
}

export const OPENAI_USAGE: OpenAiUsageOnWire = Object.freeze({
  prompt_tokens: 1000,
  completion_tokens: 500,
  total_tokens: 1500,
  prompt_tokens_details: { cached_tokens: 600, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 120, audio_tokens: 0 },
});

/** A whole answer as a server in order sends it. */
export function openAiAnswer(answer: OpenAiAnswerOnWire = {}): string {
  const { words = ['Hello', ' world'], finishReason = 'stop', usage = OPENAI_USAGE, newline = '\n' } = answer;
  return openAiStream(
    [
      openAiDelta({ role: 'assistant', content: '', refusal: null }),
      ...words.map((content) => openAiDelta({ content })),
      openAiDelta({}, finishReason),
      ...(usage === null ? [] : [openAiUsage(usage)]),
      '[DONE]',
    ],
    newline,
  );
}
