// Providers room: reads a script book from JSON, as a worker in another process gets it.
// Strict by hand: unknown members, wrong types and missing usage are problems, all reported at once with their place.
import { ScriptInvalid } from './script-errors.js';
import type { ScriptedToolFault } from '../tools/scripted-tools.js';
import { Shape, type Check, type Members, type Place } from './script-shape.js';
import {
  sequenceScript,
  stageScript,
  stepScript,
  type Script,
  type ScriptBook,
  type ScriptCondition,
  type ScriptedReply,
  type ScriptEntry,
} from './script.js';

const STOP_REASONS = ['end', 'max_tokens', 'refusal'] as const;
const FAULTS = [
  'rate_limited',
  'unavailable',
  'broken_stream',
  'timed_out',
  'bad_request',
  'unauthorized',
  'cancelled',
  'protocol',
] as const;
const ANSWER_FLAGS = ['negative', 'malformed', 'cached_over_input', 'reasoning_over_output', 'partial'] as const;

/** Throws ScriptInvalid with every problem found. */
export function parseScript(json: string): ScriptBook {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new ScriptInvalid(['$: not JSON']);
  }
  const shape = new Shape();
  const book = readBook(shape, value);
  if (shape.problems.length > 0) {
    throw new ScriptInvalid(shape.problems);
  }
  return book;
}

function readBook(shape: Shape, value: unknown): ScriptBook {
  const required = { version: shape.oneOf([1]), scripts: shape.any };
  const members = shape.object({ value, path: '$' }, { required, optional: { tools: shape.any } });
  const scripts = shape.list({ value: members['scripts'], path: '$.scripts' }, 1);
  const entries = scripts.map((script, at) => readEntry(shape, { value: script, path: `$.scripts[${at}]` }));
  const names = entries.map(({ name }) => name);
  if (new Set(names).size < names.length) {
    shape.problem('$.scripts', 'two scripts have the same name');
  }
  if (members['tools'] === undefined) return { entries };
  const faults = shape.list({ value: members['tools'], path: '$.tools' }, 1);
  return { entries, tools: faults.map((fault, at) => readToolFault(shape, { value: fault, path: `$.tools[${at}]` })) };
}

function readToolFault(shape: Shape, place: Place): ScriptedToolFault {
  const members = shape.object(place, {
    required: {
      tool: shape.oneOf(['check', 'build']),
      whenFileIncludes: shape.words,
      fault: shape.oneOf(['tool_crashed', 'timed_out']),
    },
  });
  // As with replies: whatever is wrong with it was noted above, and then nobody sees it.
  return members as unknown as ScriptedToolFault;
}

function readEntry(shape: Shape, place: Place): ScriptEntry {
  const { path } = place;
  const members = shape.object(place, {
    required: { name: shape.words },
    optional: { when: shape.any, sequence: shape.any, stages: shape.any, steps: shape.any },
  });
  const condition: Record<keyof ScriptCondition, Check> = {
    model: shape.words,
    jobPrefix: shape.words,
    promptIncludes: shape.words,
  };
  const when = shape.object({ value: members['when'] ?? {}, path: `${path}.when` }, { optional: condition });
  const kinds = (['sequence', 'stages', 'steps'] as const).filter((kind) => members[kind] !== undefined);
  if (kinds.length !== 1) {
    shape.problem(path, 'needs exactly one of sequence, stages and steps');
  }
  const [kind = 'sequence'] = kinds;
  const script = readScript(shape, kind, { value: members[kind], path: `${path}.${kind}` });
  return { name: String(members['name']), when: when, script };
}

function readScript(shape: Shape, kind: Exclude<Script['kind'], 'always'>, place: Place): Script {
  switch (kind) {
    case 'sequence':
      return sequenceScript(readReplies(shape, place));
    case 'stages':
      return stageScript(readNamedReplies(shape, place, /^[a-z][a-z0-9_-]{0,31}$/));
    case 'steps':
      return stepScript(readNamedReplies(shape, place, /^(0|[1-9]\d{0,8})$/));
    default:
      return kind satisfies never;
  }
}

function readNamedReplies(shape: Shape, place: Place, name: RegExp): Record<string, readonly ScriptedReply[]> {
  const lists = shape.record(place, name);
  return Object.fromEntries(
    lists.map(([key, list]) => [key, readReplies(shape, { value: list, path: `${place.path}.${key}` })]),
  );
}

function readReplies(shape: Shape, place: Place): readonly ScriptedReply[] {
  return shape.list(place, 0).map((reply, at) => readReply(shape, { value: reply, path: `${place.path}[${at}]` }));
}

function readReply(shape: Shape, place: Place): ScriptedReply {
  const isFault = typeof place.value === 'object' && place.value !== null && 'fault' in place.value;
  const members = shape.object(place, isFault ? faultMembers(shape) : answerMembers(shape));
  const { count } = shape;
  readIfThere(
    shape,
    { value: members['usage'] ?? undefined, path: `${place.path}.usage` },
    {
      required: { input: count, cachedInput: count, cacheWrite: count, output: count, reasoning: count },
    },
  );
  readIfThere(
    shape,
    { value: members['expect'], path: `${place.path}.expect` },
    {
      optional: {
        model: shape.words,
        requestRef: shape.words,
        maxOutputTokens: shape.positive,
        promptIncludes: shape.listOf(shape.words),
      },
    },
  );
  // Every member was checked above, and parseScript throws before anyone sees a reply that had a problem.
  return members as unknown as ScriptedReply;
}

function timingMembers(shape: Shape): Readonly<Record<string, Check>> {
  return { delayMs: shape.count, chunkDelayMs: shape.count, chunks: shape.positive, expect: shape.any };
}

function answerMembers(shape: Shape): Members {
  return {
    required: { text: shape.text, usage: shape.any },
    optional: {
      ...timingMembers(shape),
      usageFlags: shape.listOf(shape.oneOf(ANSWER_FLAGS)),
      stopReason: shape.oneOf(STOP_REASONS),
      region: shape.words,
    },
  };
}

function faultMembers(shape: Shape): Members {
  return {
    required: { fault: shape.oneOf(FAULTS) },
    optional: {
      ...timingMembers(shape),
      text: shape.text,
      usage: shape.any,
      status: shape.between(100, 599),
      retryable: shape.oneOf([true, false]),
      retryAfterMs: shape.count,
    },
  };
}

function readIfThere(shape: Shape, place: Place, members: Members): void {
  if (place.value !== undefined) {
    shape.object(place, members);
  }
}
