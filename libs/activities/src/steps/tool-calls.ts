// Activities room. The tool calls of an answer as steps take them: what is to be done, and what comes after it.
import type { StepReport } from '@fairmeter/domain';
import type { ToolCall } from '@fairmeter/providers/tools';
import { parseToolCalls } from '@fairmeter/providers/tools';

/** Calls that a tool carries out; `ask` and `done` only say how to go on. */
export function madeCalls(answer: string): readonly ToolCall[] {
  return parseToolCalls(answer).calls.filter(({ tool }) => tool !== 'ask' && tool !== 'done');
}

export function reportOfAnswer(answer: string): StepReport {
  const { calls, problems } = parseToolCalls(answer);
  const made = madeCalls(answer);
  const count = made.length;
  const asks = calls.some(({ tool }) => tool === 'ask');
  const isDone = calls.some(({ tool }) => tool === 'done');
  // A call that could not be read is told to the model, which needs a turn to mend it.
  const then = asks ? 'clarify' : isDone && problems.length === 0 ? 'check' : 'look';
  const refused = problems.length === 0 ? {} : { refusedCalls: problems.length };
  return count === 0 && then === 'look' && problems.length === 0
    ? {}
    : { ...refused, calls: { count, then, ...promised(made) } };
}

/** Looking through many files may take long; whatever else a model can ask for is done in a breath. */
function promised(calls: readonly ToolCall[]): { readonly atOnce?: true } {
  return calls.length > 0 && calls.every(({ tool }) => tool !== 'search') ? { atOnce: true } : {};
}
