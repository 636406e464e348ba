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
          ...(request.system === undefined ? {} : { system: marked(request.system, request.guide ?? '') }),
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

/**
 * What a bot is told is the same from job to job, and its instructions from step to step; here both are read from the
 * cache only where they are marked (A24). Writing them costs more than fresh input: the rate card has a price for it,
 * and holds allow for it. The messages differ each time: marking them would cost more and save nothing.
 */
function marked(system: string, guide: string): readonly object[] {
  const parts = guide !== '' && system.startsWith(guide) ? [guide, system.slice(guide.length)] : [system];
  const said = parts.filter((text) => text !== '');
  return said.map((text) => ({ type: 'text', text, cache_control: { type: 'ephemeral' } }));
}
