// Domain room. The program of an agent that works in a workspace: a model's turn and the tool calls it names, then our
// check; what is red is repaired in the next iteration, what is green is built and packed.
import type { Ending, NextMove, PendingCalls, ProgramState, StepMove } from './moves.js';
import { FINISHED, modelStep, OUT_OF_ITERATIONS } from './moves.js';
import type { ModelStage } from './job.js';

/** Within one iteration a model may look and think this often before its files are checked as they are. */
export const TURNS_PER_ITERATION = 8;

export function nextInWorkspace(state: ProgramState): NextMove {
  const { last, calls, ending, turns = 0 } = state.progress;
  if (ending !== undefined) return { move: 'end', ...ending };
  if (last === null) return modelStep('plan', 1);
  const { stage, iteration, verdict } = last;
  const isGreen = verdict === 'approved';
  if (stage === 'plan') return modelStep('generate', iteration);
  if (stage === 'check') return isGreen ? ours('preview', iteration) : mend(state, iteration);
  if (stage === 'preview') return isGreen ? finish(state, FINISHED) : mend(state, iteration);
  return calls === undefined ? ours('check', iteration) : afterAnswer(calls, iteration, turns);
}

function afterAnswer(calls: PendingCalls, iteration: number, turns: number): StepMove {
  if (calls.next < calls.count) {
    return { ...ours('tool', iteration), call: { of: calls.of, index: calls.next } };
  }
  if (calls.then === 'check' || turns >= TURNS_PER_ITERATION) return ours('check', iteration);
  if (calls.then === 'clarify') return modelStep('clarify', iteration);
  return modelStep(roundOf(iteration), iteration);
}

const roundOf = (iteration: number): ModelStage => (iteration === 1 ? 'generate' : 'repair');

function mend(state: ProgramState, iteration: number): NextMove {
  return iteration < state.maxIterations ? modelStep('repair', iteration + 1) : finish(state, OUT_OF_ITERATIONS);
}

/** What was written is packed before the job ends, partly done or not: whoever paid for files gets them. */
export function finish(state: ProgramState, ending: Ending): NextMove {
  const { tree, last, ending: packing } = state.progress;
  const packs = state.program === 'workspace' && state.zip && tree !== undefined && packing === undefined;
  return packs ? { ...ours('package', last?.iteration ?? 1), ending } : { move: 'end', ...ending };
}

const KIND_OF = { tool: 'tool_call', check: 'tool_call', preview: 'preview_build', package: 'packaging' } as const;

function ours(stage: keyof typeof KIND_OF, iteration: number): StepMove {
  return { move: 'step', stage, kind: KIND_OF[stage], iteration };
}
