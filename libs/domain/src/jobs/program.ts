// Domain room. The agent's program: which step comes next, and how a job ends when none does. Pure, so a workflow
// can ask it on every replay.
import { unreachable } from '../failures/exhaustive.js';
import type { BotType, EndedJobState, EndReason, Stage, StepKind } from './job.js';

export type StageVerdict = 'go_on' | 'approved' | 'changes_requested';

export interface ProgramState {
  readonly botType: BotType;
  readonly maxIterations: number;
  readonly last: { readonly stage: Stage; readonly iteration: number; readonly verdict: StageVerdict } | null;
}

export type NextMove =
  | { readonly move: 'step'; readonly stage: Stage; readonly kind: StepKind; readonly iteration: number }
  | { readonly move: 'end'; readonly state: EndedJobState; readonly reason: EndReason };

const FINISHED: NextMove = { move: 'end', state: 'completed', reason: 'finished' };

/** A chat bot answers once. A coding bot plans, generates and reviews; each repair and its review is an iteration. */
export function nextMove(program: ProgramState): NextMove {
  const { last } = program;
  if (last === null) return step(program.botType === 'chat' ? 'answer' : 'plan', 1);
  switch (last.stage) {
    case 'answer':
      return FINISHED;
    case 'plan':
      return step('generate', last.iteration);
    case 'generate':
    case 'repair':
      return step('review', last.iteration);
    case 'review':
      if (last.verdict !== 'changes_requested') return FINISHED;
      return last.iteration < program.maxIterations
        ? step('repair', last.iteration + 1)
        : { move: 'end', state: 'completed_partial', reason: 'iterations_reached' };
    default:
      return unreachable(last.stage);
  }
}

export function firstStage(botType: BotType): Stage {
  return botType === 'chat' ? 'answer' : 'plan';
}

/** The longest answer a stage asks for, in tokens. */
export const STAGE_OUTPUT_TOKENS: Readonly<Record<Stage, number>> = {
  plan: 1_024,
  generate: 8_192,
  review: 1_024,
  repair: 8_192,
  answer: 2_048,
};

function step(stage: Stage, iteration: number): NextMove {
  return { move: 'step', stage, kind: 'model_call', iteration };
}
