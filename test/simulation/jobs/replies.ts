// Simulation, jobs. What the models of a story answer: the text follows from the step, so that a job takes the same way
// whatever goes wrong; use, faults and delays follow from the step and the attempt.
import type { TokenMeters } from '@fairmeter/domain';
import type { ScriptedReply } from '@fairmeter/providers';
import { renderToolCall, type ScriptedToolFault, type ToolCall } from '@fairmeter/providers/tools';
import type { Chance } from '../chance.js';
import type { JobStory } from './story.js';

/** A model is asked so often for one step at most; a provider that fails longer than this has failed the step. */
const FAULTY_ATTEMPTS = 3;
const CRASHES = 'our bundler dies of this line';
const STALLS = 'our check never ends with this line';
const STALLS_BUILD = 'our build never ends with this line';

/** Our own tools fail where a file says so. */
export const TOOL_FAULTS: readonly ScriptedToolFault[] = [
  { tool: 'check', whenFileIncludes: CRASHES, fault: 'tool_crashed' },
  { tool: 'check', whenFileIncludes: STALLS, fault: 'timed_out' },
  { tool: 'build', whenFileIncludes: STALLS_BUILD, fault: 'timed_out' },
];

export function replyOf(story: JobStory, ordinal: number, attempt: number): ScriptedReply {
  const chance = story.chance.of(`reply/${ordinal}/${attempt}`);
  const pace = paceOf(chance);
  const text = textOf(story, ordinal);
  if (ordinal === story.deadStep) return { fault: 'unavailable', status: 500, retryAfterMs: 10, ...pace };
  if (attempt <= FAULTY_ATTEMPTS && chance.happens(18)) return { ...faultOf(chance, text), ...pace };
  return {
    text,
    // Now and then a provider that tells nothing, and one whose answer is cut off.
    usage: chance.happens(10) ? null : useOf(chance),
    stopReason: chance.happens(5) ? 'max_tokens' : 'end',
    ...pace,
  };
}

type Pace = Pick<ScriptedReply, 'delayMs' | 'chunks' | 'chunkDelayMs'>;

function paceOf(chance: Chance): Pace {
  return chance.weighted<Pace & { weight: number }>([
    { weight: 14, delayMs: chance.whole(0, 20) },
    { weight: 5, delayMs: chance.whole(20, 300), chunks: 3, chunkDelayMs: 20 },
    // Long enough for a cancel to come in the middle, and for whoever does it to hear of it.
    { weight: 1, delayMs: 200, chunks: 10, chunkDelayMs: 250 },
  ]);
}

function faultOf(chance: Chance, text: string): ScriptedReply {
  const half = text.slice(0, chance.whole(0, text.length));
  const retryAfterMs = chance.whole(1, 60);
  return chance.weighted<ScriptedReply & { weight: number }>([
    { weight: 4, fault: 'rate_limited', status: 429, retryAfterMs },
    { weight: 4, fault: 'unavailable', status: 500, retryAfterMs },
    { weight: 3, fault: 'broken_stream', text: half, usage: useOf(chance), retryAfterMs },
    { weight: 2, fault: 'broken_stream', text: half, usage: null, retryAfterMs },
    { weight: 2, fault: 'timed_out', text: half, retryAfterMs },
    { weight: 1, fault: 'bad_request', status: 400 },
    { weight: 1, fault: 'unauthorized', status: 401 },
  ]);
}

function useOf(chance: Chance): TokenMeters {
  // Some write more than was ever held for them: the budget, or the platform, pays.
  const output = chance.whole(0, chance.happens(6) ? 20_000 : 900);
  return {
    input: chance.whole(0, 1_500),
    cachedInput: chance.happens(30) ? chance.whole(0, 2_000) : 0,
    cacheWrite: chance.happens(10) ? chance.whole(0, 500) : 0,
    output,
    reasoning: chance.happens(20) ? chance.whole(0, 300) : 0,
  };
}

function textOf(story: JobStory, ordinal: number): string {
  const chance = story.chance.of(`text/${ordinal}`);
  if (ordinal === 1) return story.program === 'answer' ? 'So it is.' : 'A plan: one file.';
  if (story.program !== 'workspace') {
    // Plan, generate, review, repair, review, and so on.
    if (ordinal % 2 === 0) return `=== a.js\n// ${ordinal}`;
    return chance.happens(45) ? 'APPROVED' : 'CHANGES: the counter counts wrongly.';
  }
  return turnOf(story, ordinal, chance)
    .map((call) => renderToolCall(call))
    .join('');
}

const DONE: ToolCall = { tool: 'done', summary: 'done' };
const write = (content: string): ToolCall => ({ tool: 'write', path: 'src/index.ts', content: `${content}\n` });

/** What a model's turn does to the files. */
function turnOf({ habit }: JobStory, ordinal: number, chance: Chance): readonly ToolCall[] {
  const counted = `export const n${ordinal} = ${ordinal};`;
  const green = [write(counted), DONE];
  const red = [write(`import './missing.js';\n// ${ordinal}`), DONE];
  const crash = [write(`// ${CRASHES}\n${counted}`), DONE];
  if (habit === 'green') return green;
  if (habit === 'same_error') return red;
  if (habit === 'our_check_crashes') return crash;
  return chance.weighted<{ weight: number; calls: readonly ToolCall[] }>([
    { weight: 5, calls: green },
    { weight: 2, calls: red },
    { weight: 2, calls: [write(`import './missing-${ordinal}.js';\nexport const x = (;`), DONE] },
    { weight: 2, calls: crash },
    { weight: 1, calls: [write(`// ${STALLS}\n${counted}`), DONE] },
    { weight: 1, calls: [write(`// ${STALLS_BUILD}\n${counted}`), DONE] },
    { weight: 2, calls: [{ tool: 'list' }, { tool: 'read', path: 'src/index.ts' }] },
    { weight: 1, calls: [{ tool: 'search', query: 'export', kind: 'literal' }] },
    { weight: 1, calls: [write(counted), { tool: 'ask', question: 'Which words count?' }] },
    { weight: 1, calls: [{ tool: 'write', path: 'src/more.ts', content: `${counted}\n` }, ...green] },
  ]).calls;
}
