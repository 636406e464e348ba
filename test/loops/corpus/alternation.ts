// Loops room. Alternation: three rounds of period 2 or 3 are six or nine states in a row.
import type { Line, Trace } from '../trace.js';
import { build, check, fails, loop, model, ours, red, times, tool } from '../trace.js';

/** Writes that go back and forth while every artefact is new, as it carries the time it was made. */
const write = (content: string, turn: number, more = {}): Line =>
  tool('write_file', { path: 'a.ts', content }, 'ok', { artefactHash: `state ${turn}`, ...more });
const turns = (count: number, contents: string, more = {}): Line[] =>
  times(count, (turn) => write(contents[(turn - 1) % contents.length] ?? '', turn, more));
/** Edits of ever other arguments and results, that lead to one artefact after the other. */
const edits = (count: number, artefacts: string): Line[] =>
  times(count, (turn) =>
    tool('edit', { patch: `patch ${turn}` }, `edited ${turn}`, {
      artefactHash: artefacts[(turn - 1) % artefacts.length],
    }),
  );
const read = (path: string, more = {}): Line => tool('read_file', { path }, `text of ${path}`, more);

export const ALTERNATION: readonly Trace[] = [
  {
    title: '[F9] [edge 54] A and B three times are a loop at the sixth state, though every turn leaves a new artefact',
    nature: 'looping',
    lines: turns(6, 'AB'),
    expected: loop('alternation', 6, 'unclear'),
  },
  {
    title: '[F9] [edge 54] five states are none',
    nature: 'honest',
    lines: turns(5, 'AB'),
    expected: 'none',
  },
  {
    title: '[F9] period 3 is a loop at the ninth state',
    nature: 'looping',
    lines: turns(9, 'ABC'),
    expected: loop('alternation', 9, 'unclear'),
  },
  {
    title: '[F9] eight states of period 3 are none',
    nature: 'honest',
    lines: turns(8, 'ABC'),
    expected: 'none',
  },
  {
    title: 'period 3 may visit the same state twice',
    nature: 'adversarial',
    lines: turns(9, 'AAB'),
    expected: loop('alternation', 9, 'unclear'),
  },
  {
    title: 'a longer period is left to equal calls, which new artefacts end',
    nature: 'honest',
    lines: turns(20, 'ABCD'),
    expected: 'none',
  },
  {
    title: 'the same state over and over is no alternation',
    nature: 'honest',
    lines: turns(12, 'A'),
    expected: 'none',
  },
  {
    title: 'two files read in turns: alternation tells more than the equal calls that are full at the same step',
    nature: 'looping',
    lines: times(3, () => [read('a.ts'), read('b.ts')]).flat(),
    expected: loop('alternation', 6, 'unclear'),
  },
  {
    title: '[F11] of a cycle only the very first step is honest: all others go back with all model calls between',
    nature: 'looping',
    lines: [model(), ...turns(6, 'AB', { evidence: ours }).flatMap((line) => [line, model()])],
    expected: loop('alternation', 12, 'platform_fault', [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
  },
  {
    title: 'if one state of the cycle is not evidenced as ours, the cause is not',
    nature: 'adversarial',
    lines: [...turns(5, 'AB', { evidence: ours }), write('B', 6)],
    expected: loop('alternation', 6, 'unclear'),
  },
  {
    title: 'the first state needs no evidence',
    nature: 'adversarial',
    lines: [write('A', 1), ...turns(6, 'AB', { evidence: ours }).slice(1)],
    expected: loop('alternation', 6, 'platform_fault', [2, 3, 4, 5, 6]),
  },
  {
    title: 'model calls between are not states',
    nature: 'adversarial',
    lines: turns(6, 'AB').flatMap((line) => [model(), model(), line]),
    expected: loop('alternation', 18, 'unclear'),
  },
  {
    title: 'another call between breaks the row',
    nature: 'honest',
    lines: [...turns(5, 'AB'), read('a.ts'), write('B', 6), write('A', 7)],
    expected: 'none',
  },
  {
    title: 'the row may begin in the middle of other work',
    nature: 'adversarial',
    lines: [read('a.ts'), write('Z', 0), ...turns(6, 'AB')],
    expected: loop('alternation', 8, 'unclear'),
  },
  {
    title: 'a state that was there before the row is part of it',
    nature: 'adversarial',
    lines: [write('A', 100), write('A', 101), ...turns(5, 'BA')],
    expected: loop('alternation', 7, 'unclear'),
  },
  {
    title: 'pollable tools are left out: neither a state nor a break',
    nature: 'adversarial',
    policy: { pollableTools: ['status'] },
    lines: turns(6, 'AB').flatMap((line) => [line, tool('status', {}, 'pending')]),
    expected: loop('alternation', 11, 'unclear'),
  },
  {
    title: 'two pollable tools in turns are no alternation',
    nature: 'honest',
    policy: { pollableTools: ['status', 'queue'] },
    lines: times(10, () => [tool('status', {}, 'pending'), tool('queue', {}, 'busy')]).flat(),
    expected: 'none',
  },
  {
    title: '[F13] the same two calls with ever new results are honest',
    nature: 'honest',
    lines: times(9, (turn) => [
      tool('read_log', {}, `line of ${turn}th turn`),
      tool('run', {}, `outcome of ${turn}th`),
    ]).flat(),
    expected: 'none',
  },
  {
    title: 'a call and a check that fails the same way: at the sixth state the error tells more',
    nature: 'looping',
    lines: times(3, (turn) => [write('A', turn), red('tests', 'a fails')]).flat(),
    expected: loop('equal_errors', 6, 'user_fault'),
  },
  {
    title: 'of failing calls the states are calls with their errors',
    nature: 'looping',
    policy: { equalErrors: 9 },
    lines: times(3, () => [fails('a', {}, 'no'), fails('b', {}, 'never')]).flat(),
    expected: loop('alternation', 6, 'unclear'),
  },
  {
    title: 'a call that fails otherwise each time is no alternation',
    nature: 'honest',
    lines: times(5, (turn) => [write('A', turn), fails('run', {}, `no ${'x'.repeat(turn)}`)]).flat(),
    expected: 'none',
  },
  {
    title: '[F13] a check that beats its best ends the row',
    nature: 'honest',
    lines: times(8, (turn) => [
      write('A', turn),
      check('tests', { green: false, result: 'some fail', counts: { passed: turn } }),
    ]).flat(),
    expected: 'none',
  },
  {
    title: 'a check that turns green once starts the row anew, with its own state as the first',
    nature: 'adversarial',
    lines: [
      ...times(2, (turn) => [write('A', turn), check('lint', { green: false })]).flat(),
      check('lint', { green: true }),
      ...times(3, (turn) => [write('A', 10 + turn), check('lint', { green: true })]).flat(),
    ],
    expected: loop('alternation', 10, 'unclear'),
  },
  {
    title: 'a check that was never red does not turn green',
    nature: 'adversarial',
    lines: times(3, (turn) => [write('A', turn), check('lint', { green: true })]).flat(),
    expected: loop('alternation', 6, 'unclear'),
  },
  {
    title: 'a model that leaves A and B in turns alternates by what it leaves',
    nature: 'looping',
    lines: times(6, (turn) => model({ artefactHash: turn % 2 === 0 ? 'B' : 'A' })),
    expected: loop('alternation', 6, 'unclear'),
  },
  {
    title: 'a model that leaves A and B in turns, one turn less',
    nature: 'honest',
    lines: times(5, (turn) => model({ artefactHash: turn % 2 === 0 ? 'B' : 'A' })),
    expected: 'none',
  },
  {
    title: 'a model that leaves everything as it is makes no state',
    nature: 'adversarial',
    lines: turns(6, 'AB').flatMap((line) => [line, model({ artefactHash: line.artefactHash })]),
    expected: loop('alternation', 11, 'unclear'),
  },
  {
    title: 'states are those of one stream',
    nature: 'honest',
    lines: times(6, (turn) => write(turn % 2 === 0 ? 'A' : 'B', turn, { stream: turn % 2 === 0 ? 'even' : 'odd' })),
    expected: 'none',
  },
  {
    title: 'another sub-agent in between does not break the row',
    nature: 'adversarial',
    lines: turns(6, 'AB', { stream: 'one' }).flatMap((line, turn) => [
      line,
      tool('x', { turn }, turn, { stream: 'two' }),
    ]),
    expected: loop('alternation', 11, 'unclear'),
  },
  {
    title: '[F9] [edge 54] edits of other arguments each turn that lead from A to B and back are a loop at the sixth',
    nature: 'looping',
    lines: edits(6, 'AB'),
    expected: loop('alternation', 6, 'unclear'),
  },
  {
    title: '[F9] [edge 54] five such edits are none',
    nature: 'honest',
    lines: edits(5, 'AB'),
    expected: 'none',
  },
  {
    title: 'edits that lead round by three artefacts are a loop at the ninth',
    nature: 'looping',
    lines: edits(9, 'ABC'),
    expected: loop('alternation', 9, 'unclear'),
  },
  {
    title: 'by four artefacts they are left to equal calls, and all of them are other ones',
    nature: 'honest',
    lines: edits(16, 'ABCD'),
    expected: 'none',
  },
  {
    title: 'a call between that leaves nothing breaks the row of artefacts as well',
    nature: 'honest',
    lines: [...edits(4, 'AB'), tool('bench', {}, 'faster'), ...edits(4, 'AB')],
    expected: 'none',
  },
  {
    title: 'model and tool in turns, from A to B and back, are one row of artefacts',
    nature: 'adversarial',
    lines: edits(6, 'AB').map((line, turn) => (turn % 2 === 0 ? line : model({ artefactHash: line.artefactHash }))),
    expected: loop('alternation', 6, 'unclear'),
  },
  {
    title: 'what was pinned before artefacts of calls were states goes on without them',
    nature: 'honest',
    policy: { artefactsAlternate: false },
    lines: edits(8, 'AB'),
    expected: 'none',
  },
  {
    title: 'a plan may allow four rounds',
    nature: 'honest',
    policy: { alternationRounds: 4 },
    lines: turns(7, 'AB'),
    expected: 'none',
  },
  {
    title: 'green and red in turns are states, but turning green is progress',
    nature: 'honest',
    lines: times(6, (turn) => build(turn % 2 === 0 ? null : 'fails', { artefactHash: `state ${turn}` })),
    expected: 'none',
  },
];
