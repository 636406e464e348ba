// API room. From what a bot says of its step to what its job's workflow is told. Arguments, results and error texts
// become hashes here and go no further.
import { createHash } from 'node:crypto';
import type { BeginReportedRequest, EndReportedRequest, ReportedCall } from '@fairmeter/contracts';
import type { JsonValue, MeterFlag, ReadMeters } from '@fairmeter/domain';
import {
  canonicalJson,
  exclusivePools,
  fingerprintOf,
  hashesOf,
  isNotFound,
  itemOf,
  NO_TOKENS,
  systemWithin,
} from '@fairmeter/domain';
import type { BeginStepBody, EndStepBody } from './reported-body.js';

/** As many as our own steps are known by. */
const DIGEST_CHARACTERS = 20;
const NO_NEED = { inputTokens: 0, outputTokens: 0 };

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
const digest = (text: string): string => sha256(text).slice(0, DIGEST_CHARACTERS);

export function callOf(
  jobId: string,
  idempotencyKey: Uint8Array,
  body: object,
): Pick<ReportedCall, 'callKey' | 'bodyHash'> {
  const present = Object.entries(body).filter(([, value]) => value !== undefined);
  const plain = JSON.parse(JSON.stringify(Object.fromEntries(present))) as JsonValue;
  return { callKey: sha256(idempotencyKey), bodyHash: sha256(canonicalJson({ job: jobId, body: plain })) };
}

export function beginWords(body: BeginStepBody): Omit<BeginReportedRequest, keyof ReportedCall> {
  const { kind, iteration, stream = '', step, model = null, tool = null, expected } = body;
  const argsHash = argsHashOf(body);
  return {
    thing: { kind, model, tool },
    iteration,
    stream,
    ...(step === undefined ? {} : { again: step }),
    ...(argsHash === undefined ? {} : { argsHash }),
    need:
      expected === undefined ? NO_NEED : { inputTokens: expected.input_tokens, outputTokens: expected.output_tokens },
  };
}

function argsHashOf({ kind, tool, args, args_hash: told }: BeginStepBody): string | undefined {
  if (told !== undefined) return digest(`told ${told}`);
  return args === undefined ? undefined : hashesOf({ tool: itemOf(kind, tool ?? null), args }, digest).argsHash;
}

export interface EndWords {
  readonly words: Omit<EndReportedRequest, keyof ReportedCall | 'step'>;
  readonly flags: readonly MeterFlag[];
}

export function endWords(body: EndStepBody): EndWords {
  const read = readTokens(body);
  const system = systemWithin(read?.tokens ?? NO_TOKENS, body.system_tokens);
  const flags = [...(read?.flags ?? []), ...(read === null ? [] : system.flags)];
  const { calls, bytes, seconds = body.latency_ms } = body;
  const meters = { ...(read?.tokens ?? NO_TOKENS), system: system.system, calls, milliseconds: seconds, bytes };
  return {
    words: {
      attempt: body.attempt,
      meters,
      noUsage: read === null,
      unmetered: flags.length > 0,
      green: body.green ?? null,
      seen: seenOf(body),
      ...plainResultOf(body),
      lookUpFailed: body.error !== undefined && body.error.fingerprint === undefined && isNotFound(body.error.class),
      resultBytes: body.result === undefined ? 0 : Buffer.byteLength(JSON.stringify(body.result)),
      providerRequestId: body.provider_request_id ?? null,
      latencyMs: body.latency_ms,
    },
    flags,
  };
}

/** Null where no usage was told. */
function readTokens({ tokens, usage }: EndStepBody): ReadMeters | null {
  if (usage !== undefined) {
    return exclusivePools({
      input: usage.input_tokens,
      cachedInput: usage.cached_input_tokens,
      cacheWrite: usage.cache_write_tokens,
      output: usage.output_tokens,
      reasoning: usage.reasoning_tokens,
    });
  }
  if (tokens === undefined) return null;
  const { input, cached_input: cachedInput, cache_write: cacheWrite, output, reasoning } = tokens;
  return { tokens: { input, cachedInput, cacheWrite, output, reasoning }, flags: [] };
}

function seenOf(body: EndStepBody): EndReportedRequest['seen'] {
  const { counts, artefact_hash: artefact, reported_fault: claims } = body;
  const errorFingerprint = fingerprint(body.error);
  const resultHash = resultHashOf(body, A_TOOL_OF_FILES);
  return {
    ...(resultHash === undefined ? {} : { resultHash }),
    ...(errorFingerprint === undefined ? {} : { errorFingerprint }),
    ...(artefact === undefined ? {} : { artefactHash: digest(artefact) }),
    ...(counts === undefined ? {} : { counts }),
    // A caller's word: it can leave a cause open, and never makes it ours.
    ...(claims ? { evidence: ['reported_fault'] } : {}),
  };
}

/** Whose result it is was told when its step began: its workflow knows, and chooses. */
const A_TOOL_OF_FILES = 'read';
const ANOTHER_TOOL = 'run';

function plainResultOf(body: EndStepBody): Pick<EndReportedRequest, 'plainResultHash'> {
  const plain = resultHashOf(body, ANOTHER_TOOL);
  return plain === undefined || plain === resultHashOf(body, A_TOOL_OF_FILES) ? {} : { plainResultHash: plain };
}

function resultHashOf({ result, result_hash: told }: EndStepBody, tool: string): string | undefined {
  if (told !== undefined) return digest(`told ${told}`);
  return result === undefined ? undefined : hashesOf({ tool, result }, digest).resultHash;
}

function fingerprint(error: EndStepBody['error']): string | undefined {
  if (error === undefined) return undefined;
  if (error.fingerprint !== undefined) return digest(`told ${error.class} ${error.fingerprint}`);
  return fingerprintOf({ errorClass: error.class, text: error.text ?? '' }, digest);
}
