// Providers room, test double: the bytes of an Anthropic Messages stream.

export type AnthropicEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

export interface AnthropicUsageOnWire {
  readonly input_tokens?: unknown;
  readonly cache_creation_input_tokens?: unknown;
  readonly cache_read_input_tokens?: unknown;
  readonly output_tokens?: unknown;
  readonly output_tokens_details?: unknown;
  readonly inference_geo?: unknown;
}

export const ANTHROPIC_START_USAGE: AnthropicUsageOnWire = Object.freeze({
  input_tokens: 400,
  cache_creation_input_tokens: 50,
  cache_read_input_tokens: 600,
  output_tokens: 1,
});

export function messageStart(usage: AnthropicUsageOnWire | null = ANTHROPIC_START_USAGE): AnthropicEvent {
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'test-model', content: [] };
  const rest = { stop_reason: null, stop_sequence: null, ...(usage === null ? {} : { usage }) };
  return { type: 'message_start', message: { ...message, ...rest } };
}

export function textDelta(text: string, index = 0): AnthropicEvent {
  return { type: 'content_block_delta', index, delta: { type: 'text_delta', text } };
}

export function messageDelta(stopReason: string | null, usage?: AnthropicUsageOnWire): AnthropicEvent {
  const delta = { stop_reason: stopReason, stop_sequence: null };
  return { type: 'message_delta', delta, ...(usage === undefined ? {} : { usage }) };
}

export const PING: AnthropicEvent = Object.freeze({ type: 'ping' });
export const MESSAGE_STOP: AnthropicEvent = Object.freeze({ type: 'message_stop' });

export function anthropicStream(events: readonly AnthropicEvent[], newline = '\n'): string {
  return events
    .map((event) => `event: ${event.type}${newline}data: ${JSON.stringify(event)}${newline}${newline}`)
    .join('');
}

export interface AnthropicAnswerOnWire {
  readonly words?: readonly string[];
  readonly stopReason?: string;
  readonly startUsage?: AnthropicUsageOnWire | null;
  /** Null leaves usage out of `message_delta`. */
  readonly finalUsage?: AnthropicUsageOnWire | null;
  readonly newline?: string;
}

/** A whole answer as a server in order sends it, thinking first. */
export function anthropicAnswer(answer: AnthropicAnswerOnWire = {}): string {
  const { words = ['Hello', ' world'], stopReason = 'end_turn', newline = '\n' } = answer;
  const { startUsage = ANTHROPIC_START_USAGE, finalUsage = { output_tokens: 500 } } = answer;
  const thinking = { type: 'thinking', thinking: '', signature: '' };
  return anthropicStream(
    [
      messageStart(startUsage),
      PING,
      { type: 'content_block_start', index: 0, content_block: thinking },
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'hidden thoughts' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'c2ln' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
      ...words.map((text) => textDelta(text, 1)),
      { type: 'content_block_stop', index: 1 },
      messageDelta(stopReason, finalUsage ?? undefined),
      MESSAGE_STOP,
    ],
    newline,
  );
}
