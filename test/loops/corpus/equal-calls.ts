// Loops room. Equal calls: tool, normalised arguments and result, counted since the last progress.
import type { Trace } from '../trace.js';
import { build, check, fails, loop, model, ours, red, times, tool } from '../trace.js';

const read = (more = {}): ReturnType<typeof tool> => tool('read_file', { path: 'a.ts' }, 'const a = 1;', more);
const list = tool('list_files', {}, ['a.ts', 'b.ts']);
const write = (artefact?: string): ReturnType<typeof tool> =>
  tool('write_file', { path: 'a.ts', content: 'x' }, 'ok', artefact === undefined ? {} : { artefactHash: artefact });

export const EQUAL_CALLS: readonly Trace[] = [
  {
    title: '[F9] [F11] three equal calls are a loop at the third, of a cause nobody knows',
    nature: 'looping',
    lines: [read(), read(), read()],
    expected: loop('equal_calls', 3, 'unclear'),
  },
  {
    title: '[F9] two equal calls are none',
    nature: 'honest',
    lines: [read(), read()],
    expected: 'none',
  },
  {
    title: '[F9] [F11] three equal calls by our fault give back the repeats and the model calls before them',
    nature: 'looping',
    lines: [model(), read(), model(), read({ evidence: ours }), model(), model(), read({ evidence: ours })],
    expected: loop('equal_calls', 7, 'platform_fault', [3, 4, 5, 6, 7]),
  },
  {
    title: 'other calls between do not end the count, nor are they given back',
    nature: 'adversarial',
    lines: [
      list,
      read(),
      model(),
      list,
      read({ evidence: ours }),
      model(),
      tool('list_files', { path: 'src' }, ['a.ts', 'b.ts']),
      read({ evidence: ours }),
    ],
    expected: loop('equal_calls', 8, 'platform_fault', [3, 5, 6, 8]),
  },
  {
    title: 'an error between is no result, so it does not end the count',
    nature: 'adversarial',
    lines: [read(), read(), fails('search', { q: 'x' }, 'index is broken'), read()],
    expected: loop('equal_calls', 4, 'unclear'),
  },
  {
    title: '[F13] a result never seen before ends the count, also of other tools',
    nature: 'honest',
    lines: [read(), read(), tool('search', { q: 'x' }, 'found in b.ts'), read(), read()],
    expected: 'none',
  },
  {
    title: 'the count starts anew after a new result and is full three calls later',
    nature: 'adversarial',
    lines: [read(), read(), tool('search', { q: 'x' }, 'found in b.ts'), read(), read(), read()],
    expected: loop('equal_calls', 6, 'unclear'),
  },
  {
    title: 'a result seen before is not new because another tool gave it',
    nature: 'adversarial',
    lines: [tool('a', {}, 'ok'), tool('a', {}, 'ok'), tool('b', {}, 'ok'), tool('a', {}, 'ok')],
    expected: loop('equal_calls', 4, 'unclear'),
  },
  {
    title: 'a call whose own result is new counts as the first',
    nature: 'adversarial',
    lines: [list, list, read(), read(), read()],
    expected: loop('equal_calls', 5, 'unclear'),
  },
  {
    title: '[F13] an artefact never seen before ends the count of equal calls',
    nature: 'honest',
    lines: [write('one'), write('one'), write('two'), write('two'), write('three'), write('three')],
    expected: 'none',
  },
  {
    title: 'a call that makes a new artefact counts as the first',
    nature: 'adversarial',
    lines: [write('one'), write('two'), write('two'), write('two')],
    expected: loop('equal_calls', 4, 'unclear'),
  },
  {
    title: 'an artefact seen before ends nothing',
    nature: 'adversarial',
    policy: { alternationRounds: 9 },
    lines: [
      write('one'),
      tool('write_file', { path: 'a.ts', content: 'y' }, 'ok', { artefactHash: 'two' }),
      write('one'),
      tool('write_file', { path: 'a.ts', content: 'z' }, 'ok', { artefactHash: 'two' }),
      write('one'),
      tool('write_file', { path: 'a.ts', content: 'w' }, 'ok', { artefactHash: 'two' }),
      write('one'),
    ],
    expected: loop('equal_calls', 7, 'unclear'),
  },
  {
    title: '[F13] other arguments are another call: page 2 is not page 3',
    nature: 'honest',
    lines: times(12, (page) => tool('search', { q: 'x', page }, 'no matches')),
    expected: 'none',
  },
  {
    title: '[F13] the same call with another result goes on',
    nature: 'honest',
    lines: times(15, (round) => tool('run', { command: 'npm test' }, `${round} passed`)),
    expected: 'none',
  },
  {
    title: 'another tool with the same arguments and result is another call',
    nature: 'honest',
    lines: ['a', 'b', 'c', 'd'].flatMap((name) => [tool(name, {}, 'ok'), tool(name, {}, 'ok')]),
    expected: 'none',
  },
  {
    title: 'calls that answer nothing are equal, and their nothing is not new',
    nature: 'looping',
    lines: [tool('format', {}, undefined), tool('format', {}, undefined), tool('format', {}, undefined)],
    expected: loop('equal_calls', 3, 'unclear'),
  },
  {
    title: 'a check that stays green is an equal call',
    nature: 'looping',
    lines: times(3, () => check('tests', { green: true, result: 'all passed' })),
    expected: loop('equal_calls', 3, 'unclear'),
  },
  {
    title: '[F13] a check that turns green ends the count of its own calls',
    nature: 'honest',
    lines: [
      check('tests', { green: true, result: 'all passed' }),
      check('tests', { green: true, result: 'all passed' }),
      red('tests', 'a fails'),
      check('tests', { green: true, result: 'all passed' }),
      check('tests', { green: true, result: 'all passed' }),
    ],
    expected: 'none',
  },
  {
    title: 'another check that turns green ends nothing of this one',
    nature: 'adversarial',
    lines: [
      check('tests', { green: true, result: 'fine' }),
      check('tests', { green: true, result: 'fine' }),
      red('lint', 'a'),
      check('lint', { green: true, result: 'fine' }),
      check('tests', { green: true, result: 'fine' }),
    ],
    expected: loop('equal_calls', 5, 'unclear'),
  },
  {
    title: 'a cycle of period 4 is left to equal calls: full at the end of its third round',
    nature: 'looping',
    lines: times(3, () => ['a', 'b', 'c', 'd'].map((path) => tool('read_file', { path }, `text of ${path}`))).flat(),
    expected: loop('equal_calls', 12, 'unclear'),
  },
  {
    title: 'the same, one call short of three rounds',
    nature: 'honest',
    lines: times(3, () => ['a', 'b', 'c', 'd'].map((path) => tool('read_file', { path }, `text of ${path}`)))
      .flat()
      .slice(0, -1),
    expected: 'none',
  },
  {
    title: 'a red check without any text is not an equal call',
    nature: 'honest',
    lines: times(8, (round) => [
      tool('write_file', { round }, `wrote ${round}`),
      check('tests', { green: false }),
    ]).flat(),
    expected: 'none',
  },
  {
    title: 'a plan may allow five equal calls',
    nature: 'honest',
    policy: { equalCalls: 5 },
    lines: times(4, () => read()),
    expected: 'none',
  },
  {
    title: 'a plan may allow five equal calls, and the fifth is the loop',
    nature: 'looping',
    policy: { equalCalls: 5 },
    lines: times(5, () => read()),
    expected: loop('equal_calls', 5, 'unclear'),
  },
  {
    title: 'counts run per stream: two sub-agents that read the same twice are honest',
    nature: 'honest',
    lines: times(2, () => [read({ stream: 'one' }), read({ stream: 'two' })]).flat(),
    expected: 'none',
  },
  {
    title: 'progress runs per stream: what another sub-agent finds ends no count here, its model calls are its own',
    nature: 'adversarial',
    lines: [
      read({ stream: 'one' }),
      model({ stream: 'two' }),
      tool('search', { q: 'x' }, 'found', { stream: 'two', artefactHash: 'new' }),
      read({ stream: 'one', evidence: ours }),
      model({ stream: 'one' }),
      read({ stream: 'one', evidence: ours }),
    ],
    expected: loop('equal_calls', 6, 'platform_fault', [4, 5, 6]),
  },
  {
    title: 'a step without a stream is in none of the sub-agents',
    nature: 'honest',
    lines: [read(), read(), read({ stream: 'one' }), read({ stream: 'one' })],
    expected: 'none',
  },
  {
    title: 'repeats that were charged nothing need no refund',
    nature: 'looping',
    lines: [
      model(),
      read(),
      model(),
      read({ evidence: ours, charged: 'nothing' }),
      model({ charged: 'nothing' }),
      read({ evidence: ours }),
    ],
    expected: loop('equal_calls', 6, 'platform_fault', [3, 6]),
  },
  {
    title: 'equal builds with the same report and no new artefact are equal calls before they are four red builds',
    nature: 'looping',
    lines: times(4, () => build(null, { green: false, result: 'failed' })),
    expected: loop('equal_calls', 3, 'user_fault'),
  },
];
