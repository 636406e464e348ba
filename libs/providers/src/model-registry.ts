// Providers room: sends each request to the adapter its `provider` names.
// A provider nobody configured is a fault of the request, answered without any call.
import { AnthropicModel, type AnthropicConfig } from './anthropic/anthropic-model.js';
import { faultBeforeAnswer, type ModelPort } from './model-port.js';
import { TEST_PROVIDER } from './scripted/test-script.js';
import { OpenAiModel, type OpenAiConfig } from './openai/openai-model.js';

export interface ModelPortConfig {
  /** A ready port, so that whoever made the script can look at its calls. */
  readonly scripted?: ModelPort;
  /** Answers the test environment; by default whatever is `scripted`. */
  readonly test?: ModelPort;
  readonly openai?: OpenAiConfig;
  readonly anthropic?: AnthropicConfig;
  /** Further servers that speak the OpenAI protocol, by the name requests use. */
  readonly openaiCompatible?: Readonly<Record<string, OpenAiConfig>>;
}

const BUILT_IN: ReadonlySet<string> = new Set(['scripted', TEST_PROVIDER, 'openai', 'anthropic']);

/** Throws on settings that could never work. */
export function createModelPort(config: ModelPortConfig): ModelPort {
  const ports = new Map<string, ModelPort>();
  if (config.scripted !== undefined) {
    ports.set('scripted', config.scripted);
  }
  const test = config.test ?? config.scripted;
  if (test !== undefined) {
    ports.set(TEST_PROVIDER, test);
  }
  if (config.openai !== undefined) {
    ports.set('openai', new OpenAiModel(config.openai));
  }
  if (config.anthropic !== undefined) {
    ports.set('anthropic', new AnthropicModel(config.anthropic));
  }
  for (const [name, server] of Object.entries(config.openaiCompatible ?? {})) {
    if (BUILT_IN.has(name) || !/^[a-z][a-z0-9_-]{0,31}$/.test(name)) {
      throw new RangeError(`not a name for a compatible provider: ${JSON.stringify(name)}`);
    }
    ports.set(name, new OpenAiModel(server));
  }
  return {
    generate: async (request, options) =>
      ports.get(request.provider)?.generate(request, options) ??
      faultBeforeAnswer('bad_request', 'no provider of this name is configured'),
  };
}
