// Providers room: models behind the Anthropic Messages protocol.
// One streamed request per call, usage taken from the stream, no retries.
import type { GenerateOptions, ModelOutcome, ModelPort, ModelRequest } from '../model-port.js';
import { checkedApiKey, endpointUrl, type EndpointConfig } from '../transport/endpoint.js';
import { streamLimits, type StreamLimits } from '../transport/event-stream.js';
import { streamAnswer } from '../transport/streamed-answer.js';
import { AnthropicAnswer } from './anthropic-answer.js';

export interface AnthropicConfig extends EndpointConfig {
  /** Ends before `/v1/messages`, for example `https://api.anthropic.com`. */
  readonly baseUrl: string;
  /** The protocol version we ask for. */
  readonly version?: string;
  /** Used where the stream itself does not say where it was computed. */
  readonly region?: string;
  readonly limits?: Partial<StreamLimits>;
  /** Reads the clock against which a `Retry-After` date is measured. */
  readonly nowMs?: () => number;
}

const PROTOCOL_VERSION = '2023-06-01';

export class AnthropicModel implements ModelPort {
  private readonly url: string;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly limits: StreamLimits;

  constructor(private readonly config: AnthropicConfig) {
    this.url = endpointUrl(config.baseUrl, '/v1/messages');
    this.headers = {
      'x-api-key': checkedApiKey(config.apiKey),
      'anthropic-version': config.version ?? PROTOCOL_VERSION,
    };
    this.limits = streamLimits(config.limits);
  }

  generate(request: ModelRequest, options: GenerateOptions): Promise<ModelOutcome> {
    return streamAnswer(
      {
        url: this.url,
        headers: this.headers,
        body: {
          model: request.model,
          max_tokens: request.maxOutputTokens,
          ...(request.system === undefined ? {} : { system: request.system }),
          messages: request.messages.map(({ role, text }) => ({ role, content: text })),
          stream: true,
        },
        requestRef: request.requestRef,
        limits: this.limits,
        reader: new AnthropicAnswer(),
        requestIdHeader: 'request-id',
        region: this.config.region ?? null,
        nowMs: this.config.nowMs ?? Date.now,
      },
      options,
    );
  }
}
