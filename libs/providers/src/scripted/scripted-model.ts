// Providers room: a provider that answers from a script, for tests, the demo and benches.
// Strict: a call without a reply, or unlike the one expected, throws. It counts and records its calls.
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  GenerateOptions,
  ModelFault,
  ModelFaultKind,
  ModelOutcome,
  ModelPort,
  ModelRequest,
} from '../model-port.js';
import { parseRequestRef, type RequestRef } from '../request-ref.js';
import type { UsageFlag } from '../usage/usage-reading.js';
import { ScriptExhausted, ScriptMismatch } from './script-errors.js';
import { ScriptProgress } from './script-progress.js';
import {
  promptIncludes,
  type ScriptBook,
  type ScriptCondition,
  type ScriptedReply,
  type ScriptEntry,
  type ScriptExpectation,
} from './script.js';

export interface ScriptedModelOptions {
  /** Jobs whose place in the script is remembered; the one idle longest is forgotten first. */
  readonly jobsMax?: number;
  /** Calls kept for looking at; older ones are dropped, `callCount` counts on. */
  readonly callsMax?: number;
}

export interface ScriptedCall {
  readonly request: ModelRequest;
  /** Name of the script that served it, null when none did. */
  readonly script: string | null;
}

const RETRYABLE: ReadonlySet<ModelFaultKind> = new Set(['rate_limited', 'unavailable', 'broken_stream', 'timed_out']);

export class ScriptedModel implements ModelPort {
  private readonly progress: ScriptProgress;
  private readonly callsMax: number;
  private readonly recorded: ScriptedCall[] = [];
  private counted = 0;

  constructor(
    private readonly book: ScriptBook,
    options: ScriptedModelOptions = {},
  ) {
    this.progress = new ScriptProgress(options.jobsMax ?? 10_000);
    this.callsMax = options.callsMax ?? 1_000;
  }

  get callCount(): number {
    return this.counted;
  }

  /** The latest calls, oldest first. */
  get calls(): readonly ScriptedCall[] {
    return [...this.recorded];
  }

  /** Drops what is remembered of an ended job; a later call of it would begin the script anew. */
  forgetJob(jobId: string): void {
    this.progress.forget(jobId);
  }

  async generate(request: ModelRequest, options: GenerateOptions): Promise<ModelOutcome> {
    const ref = parseRequestRef(request.requestRef);
    const entry = ref === null ? undefined : this.book.entries.find(({ when }) => applies(when, request, ref));
    this.record({ request, script: entry?.name ?? null });
    if (ref === null) {
      throw new ScriptExhausted(request.requestRef, 'its reference does not name a job, step, stage and attempt');
    }
    if (entry === undefined) {
      throw new ScriptExhausted(request.requestRef, 'no script in the book is for this call');
    }
    return play(this.takeReply(entry, request, ref), request, options);
  }

  private takeReply(entry: ScriptEntry, request: ModelRequest, ref: RequestRef): ScriptedReply {
    const { reply, place } = this.progress.take(entry.script, ref);
    if (reply === null) {
      throw new ScriptExhausted(request.requestRef, `script "${entry.name}" has no more (${place})`);
    }
    const differences = reply.expect === undefined ? [] : differencesFrom(reply.expect, request);
    if (differences.length > 0) {
      throw new ScriptMismatch(request.requestRef, entry.name, differences);
    }
    return reply;
  }

  private record(call: ScriptedCall): void {
    this.counted += 1;
    this.recorded.push(call);
    if (this.recorded.length > this.callsMax) {
      this.recorded.shift();
    }
  }
}

function applies(when: ScriptCondition, request: ModelRequest, ref: RequestRef): boolean {
  return (
    (when.model === undefined || when.model === request.model) &&
    (when.jobPrefix === undefined || ref.jobId.startsWith(when.jobPrefix)) &&
    (when.promptIncludes === undefined || promptIncludes(request, when.promptIncludes))
  );
}

function differencesFrom(expected: ScriptExpectation, request: ModelRequest): string[] {
  const differences: string[] = [];
  for (const name of ['model', 'requestRef', 'maxOutputTokens'] as const) {
    if (expected[name] !== undefined && expected[name] !== request[name]) {
      differences.push(`${name} is ${request[name]}, expected ${expected[name]}`);
    }
  }
  for (const marker of expected.promptIncludes ?? []) {
    if (!promptIncludes(request, marker)) {
      differences.push(`the prompt lacks ${JSON.stringify(marker)}`);
    }
  }
  return differences;
}

async function play(reply: ScriptedReply, request: ModelRequest, options: GenerateOptions): Promise<ModelOutcome> {
  let arrived = '';
  const pieces = cut(reply.text ?? '', reply.chunks ?? 1);
  for (const [index, piece] of pieces.entries()) {
    const waitMs = (index === 0 ? reply.delayMs : reply.chunkDelayMs) ?? 0;
    if (!(await waited(waitMs, options.signal))) {
      return cancelled(reply, request, arrived);
    }
    arrived += piece;
    options.onProgress?.({ textBytes: Buffer.byteLength(arrived) });
  }
  return outcomeOf(reply, request, arrived);
}

/** False when the call was cancelled meanwhile. */
async function waited(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  if (milliseconds > 0 && !signal.aborted) {
    await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
  }
  return !signal.aborted;
}

/** Equal parts by code point, so that no chunk holds half a character; always at least one, possibly empty. */
function cut(text: string, chunks: number): string[] {
  const points = Array.from(text);
  const size = Math.max(1, Math.ceil(points.length / chunks));
  return Array.from({ length: Math.max(1, chunks) }, (_, at) => points.slice(at * size, (at + 1) * size).join(''));
}

function outcomeOf(reply: ScriptedReply, request: ModelRequest, text: string): ModelOutcome {
  const providerRequestId = `scripted:${request.requestRef}`;
  const usage = reply.usage ?? null;
  if ('fault' in reply) {
    return {
      kind: 'fault',
      fault: reply.fault,
      retryable: reply.retryable ?? RETRYABLE.has(reply.fault),
      retryAfterMs: reply.retryAfterMs ?? null,
      status: reply.status ?? null,
      message: `scripted fault: ${reply.fault}`,
      partialText: text,
      usage,
      usageFlags: usage === null ? ['unmetered'] : ['partial'],
      providerRequestId,
      region: null,
    };
  }
  const extra = reply.usageFlags ?? [];
  const usageFlags: readonly UsageFlag[] = usage === null ? ['unmetered', ...extra] : extra;
  const { stopReason = 'end', region = null } = reply;
  return { kind: 'answered', text, stopReason, usage, usageFlags, providerRequestId, region };
}

/** What a real provider had reported by then is not known to a script, so a cancelled call is unmetered. */
function cancelled(reply: ScriptedReply, request: ModelRequest, partialText: string): ModelFault {
  return {
    kind: 'fault',
    fault: 'cancelled',
    retryable: false,
    retryAfterMs: null,
    status: null,
    message: 'the call was cancelled by us',
    partialText,
    usage: null,
    usageFlags: ['unmetered'],
    providerRequestId: `scripted:${request.requestRef}`,
    region: 'region' in reply ? (reply.region ?? null) : null,
  };
}
