// Providers room: the one port through which Fairmeter asks a model for text.
// It promises that whatever the world does comes back as a value: an answer with what it used, or a
// named fault with what had arrived by then. An adapter makes one request per call and never retries.
import type { TokenMeters } from '@fairmeter/domain';
import type { UsageFlag } from './usage/usage-reading.js';

export interface ModelMessage {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

export interface ModelRequest {
  /** Which adapter serves the call: `scripted`, `openai`, `anthropic` or a configured compatible name. */
  readonly provider: string;
  /** The provider's own name of the model. */
  readonly model: string;
  readonly system?: string;
  /** The beginning of `system` that many requests have in common: where a cache has to be asked for, it is for this. */
  readonly guide?: string;
  readonly messages: readonly ModelMessage[];
  readonly maxOutputTokens: number;
  /** Names our attempt (see `formatRequestRef`); sent along as the client request id, for tracing with the provider. */
  readonly requestRef: string;
}

/** Told whenever anything arrives, also while a model thinks without writing: a sign of life for heartbeats. */
export interface ModelProgress {
  /** Bytes of answer text so far, in UTF-8. */
  readonly textBytes: number;
}

export type StopReason = 'end' | 'max_tokens' | 'refusal';

export type ModelFaultKind =
  | 'rate_limited'
  | 'unavailable'
  | 'broken_stream'
  | 'timed_out'
  | 'bad_request'
  | 'unauthorized'
  | 'cancelled'
  | 'protocol';

/** What the provider said it used. `usage` is null exactly when `usageFlags` holds `unmetered`. */
export interface ReportedUse {
  readonly usage: TokenMeters | null;
  readonly usageFlags: readonly UsageFlag[];
}

export interface ModelAnswer extends ReportedUse {
  readonly kind: 'answered';
  readonly text: string;
  readonly stopReason: StopReason;
  readonly providerRequestId: string | null;
  readonly region: string | null;
}

export interface ModelFault extends ReportedUse {
  readonly kind: 'fault';
  readonly fault: ModelFaultKind;
  /** Whether the same request may succeed later. Cancelled calls and refused requests never do. */
  readonly retryable: boolean;
  /** What the provider asked us to wait, if it said so. */
  readonly retryAfterMs: number | null;
  /** HTTP status, null when no response arrived. */
  readonly status: number | null;
  /** Our own words, bounded, without prompt or answer text: a provider's message may quote the prompt. */
  readonly message: string;
  readonly partialText: string;
  readonly providerRequestId: string | null;
  readonly region: string | null;
}

export type ModelOutcome = ModelAnswer | ModelFault;

export interface GenerateOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: ModelProgress) => void;
}

export interface ModelPort {
  generate(request: ModelRequest, options: GenerateOptions): Promise<ModelOutcome>;
}

/** A fault of a call for which the provider produced nothing, with the usual blanks filled in. */
export function faultBeforeAnswer(
  fault: ModelFaultKind,
  message: string,
  details: Partial<Pick<ModelFault, 'retryable' | 'retryAfterMs' | 'status' | 'providerRequestId' | 'region'>> = {},
): ModelFault {
  return {
    kind: 'fault',
    fault,
    retryable: false,
    retryAfterMs: null,
    status: null,
    message,
    partialText: '',
    usage: null,
    usageFlags: ['unmetered'],
    providerRequestId: null,
    region: null,
    ...details,
  };
}
