// Goal: the agent's program ends on every path and never passes its iteration limit. Method: all paths are walked.
import { describe, expect, it } from '@jest/globals';
import type { BotType } from './job.js';
import type { NextMove, ProgramState, StageVerdict } from './program.js';
import { firstStage, nextMove } from './program.js';

type End = Extract<NextMove, { move: 'end' }>;
interface Path {
  readonly stages: readonly string[];
  readonly iterations: readonly number[];
  readonly end: End;
}

const VERDICTS: readonly StageVerdict[] = ['go_on', 'approved', 'changes_requested'];

/** Every path a program can take: each step may come back with each verdict. */
function* walk(program: ProgramState, stages: string[] = [], iterations: number[] = []): Generator<Path> {
  if (stages.length > 200) throw new Error('a path that does not end');
  const next = nextMove(program);
  if (next.move === 'end') {
    yield { stages, iterations, end: next };
    return;
  }
  const { stage, iteration } = next;
  const verdicts = stage === 'review' ? VERDICTS : (['go_on'] as const);
  for (const verdict of verdicts) {
    yield* walk({ ...program, last: { stage, iteration, verdict } }, [...stages, stage], [...iterations, iteration]);
  }
}

const paths = (botType: BotType, maxIterations: number): Path[] => [...walk({ botType, maxIterations, last: null })];

describe('nextMove', () => {
  it('takes a coding bot through plan, generate, review and, as asked, repair and review again', () => {
    expect(paths('coding', 2).map(({ stages, end }) => [stages.join(' '), end.reason])).toEqual([
      ['plan generate review', 'finished'],
      ['plan generate review', 'finished'],
      ['plan generate review repair review', 'finished'],
      ['plan generate review repair review', 'finished'],
      ['plan generate review repair review', 'iterations_reached'],
    ]);
  });

  it.each([1, 2, 3, 5, 25])('[A26] ends on every path of a coding bot within %d iterations', (maxIterations) => {
    for (const { iterations, end } of paths('coding', maxIterations)) {
      expect(Math.max(...iterations)).toBeLessThanOrEqual(maxIterations);
      expect([...iterations].sort((a, b) => a - b)).toEqual(iterations);
      expect(['finished', 'iterations_reached']).toContain(end.reason);
    }
  });

  it('[A26] ends a job that reached its limit as partly completed, and only then', () => {
    for (const { iterations, end } of paths('coding', 4)) {
      expect(end.state).toBe(end.reason === 'iterations_reached' ? 'completed_partial' : 'completed');
      if (end.reason === 'iterations_reached') expect(Math.max(...iterations)).toBe(4);
    }
  });

  it('lets a chat bot answer once, whatever its limit', () => {
    for (const limit of [1, 5]) expect(paths('chat', limit).map(({ stages }) => stages)).toEqual([['answer']]);
  });

  it.each(['chat', 'coding'] as const)('begins a %s bot with the stage that its first hold was made for', (botType) => {
    expect(nextMove({ botType, maxIterations: 1, last: null })).toMatchObject({
      stage: firstStage(botType),
      iteration: 1,
    });
  });
});
