// Providers room: reads a stream of OpenAI chat completion chunks.
// The answer is complete only with a finish reason and the `[DONE]` line; usage comes in a chunk of its own.
import type { StopReason } from '../model-port.js';
import {
  ANSWER_BYTES_MAX,
  AnswerText,
  TEXT_TOO_LONG,
  isJsonObject,
  memberObject,
  parseJsonObject,
  protocolFault,
  type AnswerReader,
  type JsonObject,
  type ReaderVerdict,
} from '../transport/answer-reader.js';
import { faultInStream, holdsError, readProviderError } from '../transport/provider-errors.js';
import { UNMETERED, readUsage, type UsageReading } from '../usage/usage-reading.js';

const STOP_REASONS: ReadonlyMap<string, StopReason> = new Map([
  ['stop', 'end'],
  ['length', 'max_tokens'],
  ['content_filter', 'refusal'],
]);

export class OpenAiAnswer implements AnswerReader {
  readonly region = null;
  private readonly answer = new AnswerText(ANSWER_BYTES_MAX);
  private reason: StopReason | null = null;
  private isRefused = false;
  private hasOddFinish = false;
  private reported: JsonObject | null = null;

  constructor(private readonly outputIncludesReasoning: boolean) {}

  get text(): string {
    return this.answer.text;
  }

  get textBytes(): number {
    return this.answer.byteLength;
  }

  get stopReason(): StopReason | null {
    return this.isRefused && this.reason !== null ? 'refusal' : this.reason;
  }

  take(data: string): ReaderVerdict {
    if (data.trim() === '[DONE]') {
      return this.takeDone();
    }
    const chunk = parseJsonObject(data);
    if (chunk === null) {
      return protocolFault('a chunk was not a JSON object');
    }
    if (holdsError(chunk)) {
      return faultInStream(readProviderError(chunk));
    }
    // Servers that report along the way count upwards, so the last report stands.
    if (isJsonObject(chunk['usage'])) {
      this.reported = chunk['usage'];
    }
    const choices: readonly unknown[] = Array.isArray(chunk['choices']) ? (chunk['choices'] as unknown[]) : [];
    const [choice] = choices;
    return isJsonObject(choice) ? this.takeChoice(choice) : 'more';
  }

  usage(): UsageReading {
    if (this.reported === null) {
      return UNMETERED;
    }
    const prompt = memberObject(this.reported, 'prompt_tokens_details');
    const completion = memberObject(this.reported, 'completion_tokens_details');
    return readUsage(
      {
        input: this.reported['prompt_tokens'],
        cachedInput: prompt['cached_tokens'],
        cacheWrite: prompt['cache_write_tokens'],
        output: this.reported['completion_tokens'],
        reasoning: completion['reasoning_tokens'],
      },
      { inputIncludesCache: true, outputIncludesReasoning: this.outputIncludesReasoning },
    );
  }

  private takeChoice(choice: JsonObject): ReaderVerdict {
    const delta = memberObject(choice, 'delta');
    // A refusal is the model's answer in words, told in a field of its own.
    this.isRefused ||= typeof delta['refusal'] === 'string' && delta['refusal'] !== '';
    for (const words of [delta['content'], delta['refusal']]) {
      if (words === undefined || words === null) {
        continue;
      }
      if (typeof words !== 'string') {
        return protocolFault('a delta held something other than text');
      }
      if (!this.answer.append(words)) {
        return TEXT_TOO_LONG;
      }
    }
    return this.takeFinish(choice['finish_reason']);
  }

  private takeFinish(finish: unknown): ReaderVerdict {
    if (finish === undefined || finish === null) {
      return 'more';
    }
    const reason = typeof finish === 'string' ? STOP_REASONS.get(finish) : undefined;
    // We offer no tools, so a tool call or a reason we never heard of is no answer to what we asked. The fault
    // waits for the end of the stream, because what was used is reported after the finish.
    this.hasOddFinish ||= reason === undefined;
    this.reason = reason ?? this.reason;
    return 'more';
  }

  private takeDone(): ReaderVerdict {
    if (this.hasOddFinish) {
      return protocolFault('the model stopped for a reason this adapter does not know');
    }
    return this.reason === null
      ? { fault: 'broken_stream', retryable: true, message: 'the stream ended without a finish reason' }
      : 'complete';
  }
}
