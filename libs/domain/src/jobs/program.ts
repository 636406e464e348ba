// Domain room. The agent's program: which step comes next, and how a job ends when none does. Pure, so a workflow
// can ask it on every replay.
import { unreachable } from '../failures/exhaustive.js';
import type { NextMove, PendingCalls, ProgramState, Progress, StepMove, StepOutcome } from './moves.js';
import { FINISHED, modelStep, OUT_OF_ITERATIONS } from './moves.js';
import { nextInWorkspace } from './workspace-program.js';

export function nextMove(state: ProgramState): NextMove {
  switch (state.program) {
    case 'answer':
      return state.progress.last === null ? modelStep('answer', 1) : { move: 'end', ...FINISHED };
    case 'review':
      return nextInReview(state);
    case 'workspace':
      return nextInWorkspace(state);
    case 'reported':
      // What comes next is the word of the bot whose agent it is; of ourselves we do nothing.
      return { move: 'end', ...FINISHED };
    default:
      return unreachable(state.program);
  }
}

/** Plan, generate and review; each repair and its review is an iteration. */
function nextInReview({ progress: { last }, maxIterations }: ProgramState): NextMove {
  if (last === null) return modelStep('plan', 1);
  if (last.stage === 'plan') return modelStep('generate', last.iteration);
  if (last.stage !== 'review') return modelStep('review', last.iteration);
  if (last.verdict !== 'changes_requested') return { move: 'end', ...FINISHED };
  return last.iteration < maxIterations
    ? modelStep('repair', last.iteration + 1)
    : { move: 'end', ...OUT_OF_ITERATIONS };
}

/** How far a job has come once a step has ended. */
export function advance(progress: Progress, move: StepMove, outcome: StepOutcome): Progress {
  const { stage, iteration } = move;
  const ordinal = progress.ordinal + 1;
  const calls = pendingAfter(progress, { ordinal, move, outcome });
  const tree = outcome.report.tree ?? progress.tree;
  const turns = turnsAfter(progress, move);
  return {
    ordinal,
    last: { stage, iteration, verdict: outcome.verdict },
    ...(turns === 0 ? {} : { turns }),
    ...(calls === undefined ? {} : { calls }),
    ...(tree === undefined ? {} : { tree }),
    ...(move.ending === undefined ? {} : { ending: move.ending }),
  };
}

/** A step that did not end keeps its number, begun or not: whatever follows takes the next one. */
export function passOver(progress: Progress): Progress {
  return { ...progress, ordinal: progress.ordinal + 1 };
}

function turnsAfter(progress: Progress, move: StepMove): number {
  const before = progress.last?.iteration === move.iteration ? (progress.turns ?? 0) : 0;
  return move.stage === 'generate' || move.stage === 'repair' || move.stage === 'clarify' ? before + 1 : before;
}

function pendingAfter(
  progress: Progress,
  step: { readonly ordinal: number; readonly move: StepMove; readonly outcome: StepOutcome },
): PendingCalls | undefined {
  if (step.move.call !== undefined && progress.calls !== undefined) {
    return { ...progress.calls, next: step.move.call.index + 1 };
  }
  const { calls } = step.outcome.report;
  return calls && { ...calls, of: step.ordinal, next: 0 };
}
