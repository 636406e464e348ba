// Providers room: reads a stream of Anthropic message events.
// The answer is complete only at `message_stop`; counts are cumulative, so a later report replaces an earlier one.
import type { StopReason } from '../model-port.js';
import {
  ANSWER_BYTES_MAX,
  AnswerText,
  TEXT_TOO_LONG,
  memberObject,
  parseJsonObject,
  protocolFault,
  type AnswerReader,
  type JsonObject,
  type ReaderVerdict,
} from '../transport/answer-reader.js';
import { faultInStream, readProviderError } from '../transport/provider-errors.js';
import { UNMETERED, readUsage, type UsageReading } from '../usage/usage-reading.js';

const STOP_REASONS: ReadonlyMap<string, StopReason> = new Map([
  ['end_turn', 'end'],
  ['stop_sequence', 'end'],
  ['max_tokens', 'max_tokens'],
  ['model_context_window_exceeded', 'max_tokens'],
  ['refusal', 'refusal'],
]);

export class AnthropicAnswer implements AnswerReader {
  private readonly answer = new AnswerText(ANSWER_BYTES_MAX);
  private reason: StopReason | null = null;
  private reported: JsonObject = {};
  private hasStopped = false;
  private hasFinalCount = false;

  get text(): string {
    return this.answer.text;
  }

  get textBytes(): number {
    return this.answer.byteLength;
  }

  get stopReason(): StopReason | null {
    return this.reason;
  }

  get region(): string | null {
    const geo = this.reported['inference_geo'];
    return typeof geo === 'string' && /^[a-z0-9-]{1,64}$/.test(geo) ? geo : null;
  }

  take(data: string): ReaderVerdict {
    const event = parseJsonObject(data);
    if (event === null) {
      return protocolFault('an event was not a JSON object');
    }
    switch (event['type']) {
      case 'message_start':
        this.report(memberObject(memberObject(event, 'message'), 'usage'));
        return 'more';
      case 'content_block_start':
        return this.takeText(memberObject(event, 'content_block'), 'text');
      case 'content_block_delta':
        return this.takeText(memberObject(event, 'delta'), 'text_delta');
      case 'message_delta':
        return this.takeMessageDelta(event);
      case 'message_stop':
        this.hasStopped = true;
        return this.reason === null
          ? { fault: 'broken_stream', retryable: true, message: 'the message stopped without a stop reason' }
          : 'complete';
      case 'error':
        return faultInStream(readProviderError(event));
      default:
        // Pings, block ends and event types added after this was written carry nothing we meter.
        return 'more';
    }
  }

  /**
   * The output count of `message_start` is only a beginning: a whole answer without a later count is unmetered,
   * while for a broken one it is the best lower bound there is.
   */
  usage(): UsageReading {
    if (this.hasStopped && !this.hasFinalCount) {
      return UNMETERED;
    }
    return readUsage(
      {
        input: this.reported['input_tokens'],
        cachedInput: this.reported['cache_read_input_tokens'],
        cacheWrite: this.reported['cache_creation_input_tokens'],
        output: this.reported['output_tokens'],
        reasoning: memberObject(this.reported, 'output_tokens_details')['thinking_tokens'],
      },
      { inputIncludesCache: false, outputIncludesReasoning: true },
    );
  }

  private report(usage: JsonObject): void {
    const told = Object.entries(usage).filter(([, value]) => value !== null);
    this.reported = { ...this.reported, ...Object.fromEntries(told) };
  }

  /** Thinking, signatures and tool input are no text of the answer. */
  private takeText(part: JsonObject, type: string): ReaderVerdict {
    if (part['type'] !== type) {
      return 'more';
    }
    const words = part['text'];
    if (typeof words !== 'string') {
      return protocolFault('a text block held something other than text');
    }
    return this.answer.append(words) ? 'more' : TEXT_TOO_LONG;
  }

  private takeMessageDelta(event: JsonObject): ReaderVerdict {
    const usage = memberObject(event, 'usage');
    this.report(usage);
    this.hasFinalCount ||= usage['output_tokens'] !== undefined && usage['output_tokens'] !== null;
    const told = memberObject(event, 'delta')['stop_reason'];
    if (told === undefined || told === null) {
      return 'more';
    }
    const reason = typeof told === 'string' ? STOP_REASONS.get(told) : undefined;
    if (reason === undefined) {
      // We offer no tools, so a tool call or a reason we never heard of is no answer to what we asked.
      return protocolFault('the model stopped for a reason this adapter does not know');
    }
    this.reason = reason;
    return 'more';
  }
}
