// Goal: the agent's program ends on every path and never passes its iteration limit. Method: all paths are walked.
import { describe, expect, it } from '@jest/globals';
import type { Program, Stage } from './job.js';
import { PROGRAMS } from './job.js';
import type { NextMove, ProgramState, StageVerdict, StepMove, StepReport } from './moves.js';
import { firstStage, NO_PROGRESS, NO_REPORT } from './moves.js';
import { advance, nextMove } from './program.js';
import { TURNS_PER_ITERATION } from './workspace-program.js';

type End = Extract<NextMove, { move: 'end' }>;
interface Path {
  readonly steps: readonly StepMove[];
  readonly end: End;
}

const JUDGES: readonly Stage[] = ['review', 'check', 'preview'];
const TREE: StepReport = { tree: 'tree' };

/** What the model of a walk may answer in its stages; everything else reports nothing. */
type Answers = (step: StepMove) => readonly StepReport[];

/** Every path a program can take: each judge may say each verdict, each answer be each of those given. */
function* walk(state: ProgramState, answers: Answers, steps: readonly StepMove[] = []): Generator<Path> {
  if (steps.length > 400) throw new Error('a path that does not end');
  const next = nextMove(state);
  if (next.move === 'end') {
    yield { steps, end: next };
    return;
  }
  const verdicts: readonly StageVerdict[] = JUDGES.includes(next.stage) ? ['approved', 'changes_requested'] : ['go_on'];
  for (const verdict of verdicts) {
    for (const report of answers(next)) {
      const progress = advance(state.progress, next, { verdict, report });
      yield* walk({ ...state, progress }, answers, [...steps, next]);
    }
  }
}

const silent: Answers = () => [NO_REPORT];
const stateOf = (program: Program, maxIterations: number, zip = false): ProgramState => ({
  program,
  maxIterations,
  zip,
  progress: NO_PROGRESS,
});
const paths = (state: ProgramState, answers = silent): Path[] => [...walk(state, answers)];
const stages = ({ steps }: Path): string => steps.map(({ stage }) => stage).join(' ');

describe('nextMove', () => {
  it('takes a draft through plan, generate, review and, as asked, repair and review again', () => {
    expect(paths(stateOf('review', 2)).map((path) => [stages(path), path.end.reason])).toEqual([
      ['plan generate review', 'finished'],
      ['plan generate review repair review', 'finished'],
      ['plan generate review repair review', 'iterations_reached'],
    ]);
  });

  it('takes an agent through generate, check and preview, back to repair by each red, and packs at every end', () => {
    const wrote: Answers = ({ stage }) => [stage === 'generate' ? TREE : NO_REPORT];
    expect(paths(stateOf('workspace', 2, true), wrote).map((path) => [stages(path), path.end.reason])).toEqual([
      ['plan generate check preview package', 'finished'],
      ['plan generate check preview repair check preview package', 'finished'],
      ['plan generate check preview repair check preview package', 'iterations_reached'],
      ['plan generate check preview repair check package', 'iterations_reached'],
      ['plan generate check repair check preview package', 'finished'],
      ['plan generate check repair check preview package', 'iterations_reached'],
      ['plan generate check repair check package', 'iterations_reached'],
    ]);
  });

  it('packs nothing where there are no files or no ZIP is wanted', () => {
    const wrote: Answers = ({ stage }) => [stage === 'generate' ? TREE : NO_REPORT];
    for (const path of paths(stateOf('workspace', 2, false), wrote)) expect(stages(path)).not.toContain('package');
    for (const path of paths(stateOf('workspace', 2, true))) expect(stages(path)).not.toContain('package');
  });

  it('makes every call of an answer, one by one, before it goes on as the answer said', () => {
    const calls = (count: number, then: 'check' | 'clarify' | 'look'): Answers => {
      let asked = 0;
      return ({ stage }) => [stage === 'generate' && asked++ === 0 ? { calls: { count, then } } : NO_REPORT];
    };
    const firstOf = (answers: Answers): Path | undefined => paths(stateOf('workspace', 1), answers)[0];
    const done = firstOf(calls(3, 'check'));
    expect(done && stages(done)).toBe('plan generate tool tool tool check preview');
    expect(done?.steps.flatMap(({ call }) => (call === undefined ? [] : [call]))).toEqual([
      { of: 2, index: 0 },
      { of: 2, index: 1 },
      { of: 2, index: 2 },
    ]);
    const looks = firstOf(calls(1, 'look'));
    expect(looks && stages(looks)).toBe('plan generate tool generate check preview');
  });

  it('[C10] gives an answer that asks a clarification, which is a step kind of its own', () => {
    const asks: Answers = ({ stage }) => [stage === 'generate' ? { calls: { count: 0, then: 'clarify' } } : NO_REPORT];
    const [path] = paths(stateOf('workspace', 1), asks);
    expect(path && stages(path)).toBe('plan generate clarify check preview');
    expect(path?.steps.find(({ stage }) => stage === 'clarify')?.kind).toBe('clarification');
  });

  it('lets a model that only ever looks have so many turns an iteration, and then checks what there is', () => {
    const looks: Answers = ({ stage }) => [
      stage === 'generate' || stage === 'repair' ? { calls: { count: 1, then: 'look' } } : NO_REPORT,
    ];
    for (const path of paths(stateOf('workspace', 2), looks)) {
      for (const iteration of [1, 2]) {
        const turns = path.steps.filter((step) => step.iteration === iteration && step.stage !== 'plan');
        const asked = turns.filter(({ kind }) => kind === 'model_call').length;
        expect([0, TURNS_PER_ITERATION]).toContain(asked);
      }
    }
  });

  it.each([1, 2, 3, 5, 25])('[A26] ends on every path of a draft within %d iterations', (maxIterations) => {
    for (const { steps, end } of paths(stateOf('review', maxIterations))) {
      const iterations = steps.map(({ iteration }) => iteration);
      expect(Math.max(...iterations)).toBeLessThanOrEqual(maxIterations);
      expect([...iterations].sort((a, b) => a - b)).toEqual(iterations);
      expect(['finished', 'iterations_reached']).toContain(end.reason);
    }
  });

  it.each([1, 2, 5])('[A26] ends on every path of an agent within %d iterations', (maxIterations) => {
    for (const { steps, end } of paths(stateOf('workspace', maxIterations, true))) {
      const iterations = steps.map(({ iteration }) => iteration);
      expect(Math.max(...iterations)).toBeLessThanOrEqual(maxIterations);
      expect([...iterations].sort((a, b) => a - b)).toEqual(iterations);
      expect(end.state).toBe(end.reason === 'iterations_reached' ? 'completed_partial' : 'completed');
    }
  });

  it('[A26] ends a job that reached its limit as partly completed, and only then', () => {
    for (const { steps, end } of paths(stateOf('review', 4))) {
      expect(end.state).toBe(end.reason === 'iterations_reached' ? 'completed_partial' : 'completed');
      if (end.reason === 'iterations_reached') expect(Math.max(...steps.map(({ iteration }) => iteration))).toBe(4);
    }
  });

  it('lets a chat bot answer once, whatever its limit', () => {
    for (const limit of [1, 5]) expect(paths(stateOf('answer', limit)).map(stages)).toEqual(['answer']);
  });

  it.each(PROGRAMS)('begins the program %s with the stage that its first hold was made for', (program) => {
    expect(nextMove(stateOf(program, 1))).toMatchObject({ stage: firstStage(program), iteration: 1 });
  });
});
