// Providers room: one streamed call from request to outcome, the same for every HTTP provider.
// Protocols differ in their reader and headers only; timeouts, cancellation and faults are settled here.
import { faultBeforeAnswer, type GenerateOptions, type ModelFault, type ModelOutcome } from '../model-port.js';
import { asPartial } from '../usage/usage-reading.js';
import { protocolFault, type AnswerReader, type StreamFault } from './answer-reader.js';
import { postForEvents, type EventStreamEnd, type ResponseHead, type StreamLimits } from './event-stream.js';
import { faultOfStatus, readErrorBody } from './provider-errors.js';
import { readRetryAfterMs } from './retry-after.js';

export interface StreamedCall {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly requestRef: string;
  readonly limits: StreamLimits;
  readonly reader: AnswerReader;
  /** The response header in which this provider names its own id of the request. */
  readonly requestIdHeader: string;
  /** Where the endpoint computes, as far as its configuration knows. */
  readonly region: string | null;
  readonly nowMs: () => number;
}

const HEADER_SAFE = /^[\x21-\x7e]{1,512}$/;

export async function streamAnswer(call: StreamedCall, options: GenerateOptions): Promise<ModelOutcome> {
  if (!HEADER_SAFE.test(call.requestRef)) {
    return faultBeforeAnswer('bad_request', 'the request reference cannot be sent as a header');
  }
  const { reader } = call;
  const seen: { fault: StreamFault | null } = { fault: null };
  const end = await postForEvents({
    url: call.url,
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      'x-client-request-id': call.requestRef,
      ...call.headers,
    },
    body: JSON.stringify(call.body),
    limits: call.limits,
    signal: options.signal,
    onEvent: (data, isCutOff) => {
      const verdict = reader.take(data);
      if (typeof verdict === 'string') {
        return verdict === 'complete';
      }
      // The torso of an event that the connection cut off proves nothing about the protocol.
      if (isCutOff && verdict.fault === 'protocol') {
        return false;
      }
      seen.fault = verdict;
      return true;
    },
    onBytes: () => options.onProgress?.({ textBytes: reader.textBytes }),
  });
  if (end.kind !== 'finished' || seen.fault !== null) {
    return faulted(call, end, seen.fault ?? faultOfEnd(end));
  }
  if (reader.stopReason === null) {
    return faulted(call, end, protocolFault('the stream was complete without a reason to stop'));
  }
  const { usage, flags } = reader.usage();
  return {
    kind: 'answered',
    text: reader.text,
    stopReason: reader.stopReason,
    usage,
    usageFlags: flags,
    providerRequestId: requestIdOf(end.head, call.requestIdHeader),
    region: reader.region ?? call.region,
  };
}

function faulted(call: StreamedCall, end: EventStreamEnd, fault: StreamFault): ModelFault {
  const { usage, flags } = asPartial(call.reader.usage());
  return {
    kind: 'fault',
    ...fault,
    retryAfterMs: end.head === null ? null : readRetryAfterMs(end.head.headers, call.nowMs),
    status: end.head?.status ?? null,
    partialText: call.reader.text,
    usage,
    usageFlags: flags,
    providerRequestId: requestIdOf(end.head, call.requestIdHeader),
    region: call.reader.region ?? call.region,
  };
}

function requestIdOf(head: ResponseHead | null, header: string): string | null {
  const id = head?.headers.get(header) ?? null;
  return id !== null && HEADER_SAFE.test(id) ? id : null;
}

function faultOfEnd(end: EventStreamEnd): StreamFault {
  switch (end.kind) {
    case 'finished':
      return protocolFault('the stream finished without an answer');
    case 'closed_early':
      return { fault: 'broken_stream', retryable: true, message: 'the stream closed before the answer was complete' };
    case 'broken':
      return { fault: 'broken_stream', retryable: true, message: `the connection broke mid-stream (${end.cause})` };
    case 'oversized':
      return protocolFault('an event was longer than allowed');
    case 'rejected':
      return faultOfStatus(end.head.status, end.head.headers, readErrorBody(end.body));
    case 'not_events':
      return protocolFault('the provider answered 2xx without an event stream');
    case 'unreachable':
      return { fault: 'unavailable', retryable: true, message: `the provider gave no response (${end.cause})` };
    case 'timed_out':
      return { fault: 'timed_out', retryable: true, message: 'nothing arrived from the provider in time' };
    case 'cancelled':
      return { fault: 'cancelled', retryable: false, message: 'the call was cancelled by us' };
    default:
      return end satisfies never;
  }
}
