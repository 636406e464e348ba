// Providers room: models behind the OpenAI chat completions protocol, OpenAI's own and compatible servers.
// One streamed request per call, usage asked for and taken from the stream, no retries.
import type { GenerateOptions, ModelOutcome, ModelPort, ModelRequest } from '../model-port.js';
import { checkedApiKey, endpointUrl, type EndpointConfig } from '../transport/endpoint.js';
import { streamLimits, type StreamLimits } from '../transport/event-stream.js';
import { streamAnswer } from '../transport/streamed-answer.js';
import { OpenAiAnswer } from './openai-answer.js';

export interface OpenAiConfig extends EndpointConfig {
  /** Ends before `/chat/completions`, for example `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  /** Older compatible servers know `max_tokens` only. */
  readonly outputLimitField?: 'max_completion_tokens' | 'max_tokens';
  /** False for servers whose `completion_tokens` leave reasoning out. */
  readonly outputIncludesReasoning?: boolean;
  readonly region?: string;
  readonly limits?: Partial<StreamLimits>;
  /** Reads the clock against which a `Retry-After` date is measured. */
  readonly nowMs?: () => number;
}

export class OpenAiModel implements ModelPort {
  private readonly url: string;
  private readonly apiKey: string;
  private readonly limits: StreamLimits;

  constructor(private readonly config: OpenAiConfig) {
    this.url = endpointUrl(config.baseUrl, '/chat/completions');
    this.apiKey = checkedApiKey(config.apiKey);
    this.limits = streamLimits(config.limits);
  }

  generate(request: ModelRequest, options: GenerateOptions): Promise<ModelOutcome> {
    return streamAnswer(
      {
        url: this.url,
        headers: { authorization: `Bearer ${this.apiKey}` },
        body: this.bodyOf(request),
        requestRef: request.requestRef,
        limits: this.limits,
        reader: new OpenAiAnswer(this.config.outputIncludesReasoning ?? true),
        requestIdHeader: 'x-request-id',
        region: this.config.region ?? null,
        nowMs: this.config.nowMs ?? Date.now,
      },
      options,
    );
  }

  private bodyOf(request: ModelRequest): unknown {
    const system = request.system === undefined ? [] : [{ role: 'system', content: request.system }];
    const turns = request.messages.map(({ role, text }) => ({ role, content: text }));
    return {
      model: request.model,
      messages: [...system, ...turns],
      [this.config.outputLimitField ?? 'max_completion_tokens']: request.maxOutputTokens,
      stream: true,
      stream_options: { include_usage: true },
    };
  }
}
