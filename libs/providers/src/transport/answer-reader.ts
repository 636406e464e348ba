// Providers room: what a provider's protocol must be able to say about its stream of events.
// Readers are pure: text in, verdicts out; sockets, clocks and timeouts are the transport's business.
import type { ModelFaultKind, StopReason } from '../model-port.js';
import type { UsageReading } from '../usage/usage-reading.js';

/** A fault that was read from the stream itself. */
export interface StreamFault {
  readonly fault: ModelFaultKind;
  readonly retryable: boolean;
  readonly message: string;
}

export type ReaderVerdict = 'more' | 'complete' | StreamFault;

export interface AnswerReader {
  take(data: string): ReaderVerdict;
  readonly text: string;
  readonly textBytes: number;
  /** Known once `take` has said `complete`. */
  readonly stopReason: StopReason | null;
  /** What was reported so far; not yet marked partial. */
  usage(): UsageReading;
  /** Where the answer was computed, if the stream says so. */
  readonly region: string | null;
}

/** Answer text as it grows; bounded, so that a server gone mad cannot fill our memory. */
export class AnswerText {
  private soFar = '';
  private bytes = 0;

  constructor(private readonly bytesMax: number) {}

  get text(): string {
    return this.soFar;
  }

  get byteLength(): number {
    return this.bytes;
  }

  /** False when the text would outgrow its bound; then nothing is added. */
  append(delta: string): boolean {
    const bytes = this.bytes + Buffer.byteLength(delta);
    if (bytes > this.bytesMax) {
      return false;
    }
    this.soFar += delta;
    this.bytes = bytes;
    return true;
  }
}

export const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

export const TEXT_TOO_LONG: StreamFault = Object.freeze({
  fault: 'protocol',
  retryable: false,
  message: `the answer outgrew ${ANSWER_BYTES_MAX} bytes`,
});

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Null when the text is not a JSON object. */
export function parseJsonObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

export function memberObject(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  return isJsonObject(value) ? value : {};
}

export function protocolFault(message: string): StreamFault {
  return { fault: 'protocol', retryable: false, message };
}
