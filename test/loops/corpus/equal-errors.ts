// Loops room. Equal errors: one fingerprint, counted until the check that reports it makes progress.
import type { Trace } from '../trace.js';
import { check, fails, loop, model, ours, red, times, tool } from '../trace.js';

const edit = (round: number): ReturnType<typeof tool> =>
  tool('edit', { patch: `round ${round}` }, `edited ${round}`, { artefactHash: `state ${round}` });
const missing = (path: string): ReturnType<typeof fails> =>
  fails('read_file', { path }, '', { error: { errorClass: 'not_found', text: `no such file: ${path}` } });

export const EQUAL_ERRORS: readonly Trace[] = [
  {
    title: "[F9] [F11] the same error three times is a loop at the third, the user's where his own code fails",
    nature: 'looping',
    lines: times(3, (round) => [model(), edit(round), red('tests', 'expected 1 to be 2')]).flat(),
    expected: loop('equal_errors', 9, 'user_fault'),
  },
  {
    title: '[F9] the same error twice is none, though new artefacts never end the count',
    nature: 'honest',
    lines: times(2, (round) => [model(), edit(round), red('tests', 'expected 1 to be 2')]).flat(),
    expected: 'none',
  },
  {
    title: '[W3] of eight steps the fourth is the honest try, the fifth to eighth repeat it by our fault',
    nature: 'looping',
    policy: { equalErrors: 5 },
    lines: [
      ...times(3, (round) => edit(round)),
      fails('deploy', { to: 'test' }, 'the tool failed'),
      ...times(4, () => fails('deploy', { to: 'test' }, 'the tool failed', { evidence: ['incident'] })),
    ],
    expected: loop('equal_errors', 8, 'platform_fault', [5, 6, 7, 8]),
  },
  {
    title: '[W3] the same with one occurrence less stays below that threshold',
    nature: 'honest',
    policy: { equalErrors: 5 },
    lines: [
      ...times(3, (round) => edit(round)),
      ...times(4, () => fails('deploy', { to: 'test' }, 'the tool failed', { evidence: ['incident'] })),
    ],
    expected: 'none',
  },
  {
    title: '[F11] a failing tool of ours: repeats go back with the model calls between, other calls do not',
    nature: 'looping',
    lines: [
      model(),
      fails('deploy', {}, 'crashed', { evidence: ours }),
      model(),
      edit(1),
      fails('deploy', {}, 'crashed', { evidence: ours }),
      model(),
      fails('deploy', {}, 'crashed', { evidence: ours }),
    ],
    expected: loop('equal_errors', 7, 'platform_fault', [3, 5, 6, 7]),
  },
  {
    title: '[F13] a check that turns green ends the count of its errors',
    nature: 'honest',
    lines: [
      red('tests', 'a'),
      red('tests', 'a'),
      check('tests', { green: true }),
      red('tests', 'a'),
      red('tests', 'a'),
    ],
    expected: 'none',
  },
  {
    title: 'after turning green the count starts anew and is full at the third',
    nature: 'adversarial',
    lines: [
      red('tests', 'a'),
      red('tests', 'a'),
      check('tests', { green: true }),
      ...times(3, () => red('tests', 'a')),
    ],
    expected: loop('equal_errors', 6, 'user_fault'),
  },
  {
    title: 'another check that turns green ends nothing',
    nature: 'adversarial',
    lines: [red('tests', 'a'), red('tests', 'a'), red('lint', 'b'), check('lint', { green: true }), red('tests', 'a')],
    expected: loop('equal_errors', 5, 'user_fault'),
  },
  {
    title: '[F13] fewer errors than ever end the count: the same message 15 times, one error less each time',
    nature: 'honest',
    lines: times(15, (round) => [
      edit(round),
      red('types', 'types do not match', { counts: { errors: 20 - round } }),
    ]).flat(),
    expected: 'none',
  },
  {
    title: '[F13] more passed tests than ever end the count',
    nature: 'honest',
    lines: times(15, (round) => [edit(round), red('tests', 'some fail', { counts: { passed: round } })]).flat(),
    expected: 'none',
  },
  {
    title: 'an occurrence that beats the best counts as the first',
    nature: 'adversarial',
    lines: [5, 4, 4, 4].map((errors) => red('types', 'types do not match', { counts: { errors } })),
    expected: loop('equal_errors', 4, 'user_fault'),
  },
  {
    title: 'to be as good as the best is not to beat it',
    nature: 'adversarial',
    lines: [5, 3, 4, 3].map((errors) => red('types', 'types do not match', { counts: { errors } })),
    expected: loop('equal_errors', 4, 'user_fault'),
  },
  {
    title: 'better than the time before is not better than the best',
    nature: 'adversarial',
    lines: [3, 9, 8].map((errors) => red('types', 'types do not match', { counts: { errors } })),
    expected: loop('equal_errors', 3, 'user_fault'),
  },
  {
    title: 'fewer passed tests and more errors are no progress',
    nature: 'looping',
    lines: [1, 2, 3].map((errors) => red('tests', 'some fail', { counts: { errors, passed: 10 - errors } })),
    expected: loop('equal_errors', 3, 'user_fault'),
  },
  {
    title: 'the first report has no best to beat',
    nature: 'adversarial',
    lines: [red('tests', 'a'), red('tests', 'a'), red('tests', 'a', { counts: { passed: 3, errors: 1 } })],
    expected: loop('equal_errors', 3, 'user_fault'),
  },
  {
    title: 'what a check counted until a time limit fired, or until it crashed, is no report',
    nature: 'adversarial',
    lines: [
      red('types', 'a', { counts: { errors: 5 } }),
      red('types', 'a', { counts: { errors: 0 }, evidence: ['time_limit'] }),
      red('types', 'a', { counts: { errors: 1 }, evidence: ours }),
    ],
    expected: loop('equal_errors', 3, 'user_fault'),
  },
  {
    title: 'the best of one check is not that of another',
    nature: 'adversarial',
    lines: [
      red('tests', 'a', { counts: { errors: 9 } }),
      red('tests', 'a', { counts: { errors: 9 } }),
      red('lint', 'b', { counts: { errors: 1 } }),
      red('tests', 'a', { counts: { errors: 9 } }),
    ],
    expected: loop('equal_errors', 4, 'user_fault'),
  },
  {
    title: 'a result never seen before ends no count of errors',
    nature: 'adversarial',
    lines: times(3, (round) => [
      tool('search', { round }, `found ${round}`),
      fails('patch', { round }, 'does not apply'),
    ]).flat(),
    expected: loop('equal_errors', 6, 'unclear'),
  },
  {
    title: 'an error is the same whichever tool reports it and with whatever arguments',
    nature: 'adversarial',
    lines: ['one', 'two', 'three'].map((name) => fails(name, { name }, 'disk is full')),
    expected: loop('equal_errors', 3, 'unclear'),
  },
  {
    title: 'of another class it is another error',
    nature: 'honest',
    lines: ['a', 'b', 'c'].map((errorClass) => fails('run', {}, '', { error: { errorClass, text: 'it failed' } })),
    expected: 'none',
  },
  {
    title: '[F13] looking for one file after the other is not the same error',
    nature: 'honest',
    lines: ['a.ts', 'src/a.ts', 'lib/a.ts', 'app/a.ts'].map(missing),
    expected: 'none',
  },
  {
    title: 'looking for the same file three times is',
    nature: 'looping',
    lines: times(3, () => missing('a.ts')),
    expected: loop('equal_errors', 3, 'unclear'),
  },
  {
    title: 'what a build does not find was not looked up: wherever it is missing, it is the same error',
    nature: 'looping',
    lines: ['a.ts', 'b.ts', 'c.ts'].map((path) =>
      red('types', '', { args: { path }, error: { errorClass: 'not_found', text: `cannot find module of ${path}` } }),
    ),
    expected: loop('equal_errors', 3, 'user_fault'),
  },
  {
    title: 'in an error other numbers, paths, ids and times make no difference',
    nature: 'adversarial',
    lines: [
      red(
        'tests',
        'src/a.ts(12,5): expected 3 at 2026-11-21T10:00:00Z after 12.5ms in 5f0c54a2-98a3-4a42-b3d7-2fa1c3b6a001',
      ),
      red(
        'tests',
        'src/b.ts(7,1): expected 40 at 2026-11-21T10:07:31Z after 1.2s in 0d9f54a2-11a3-4b42-93d7-aaa1c3b6afff',
      ),
      red(
        'tests',
        'lib/x/c.tsx(1,1): expected 5 at 2026-11-22T00:00:00Z after 3ms in 00000000-11a3-4b42-93d7-aaa1c3b6a123',
      ),
    ],
    expected: loop('equal_errors', 3, 'user_fault'),
  },
  {
    title: '[F13] names in an error do make one: three different missing names',
    nature: 'honest',
    lines: ['alpha', 'beta', 'gamma'].map((name) => red('types', `TS2304: Cannot find name '${name}'.`)),
    expected: 'none',
  },
  {
    title: 'numbers of rules are names: TS2304 is not TS2322',
    nature: 'honest',
    lines: ['TS2304', 'TS2322', 'TS7006'].map((rule) => red('types', `error ${rule} in a.ts`)),
    expected: 'none',
  },
  {
    title: 'a failing call is an error and not an equal call: a plan may allow more errors than calls',
    nature: 'honest',
    policy: { equalErrors: 6, equalCalls: 2 },
    lines: times(5, () => fails('run', {}, 'it failed')),
    expected: 'none',
  },
  {
    title: 'where call and error are full at once, the error is the verdict',
    nature: 'looping',
    lines: times(3, () => red('tests', 'a', { result: 'a fails' })),
    expected: loop('equal_errors', 3, 'user_fault'),
  },
  {
    title: 'refusals of a model are errors too',
    nature: 'looping',
    lines: times(3, () => model({ errorFingerprint: 'refused' })),
    expected: loop('equal_errors', 3, 'unclear'),
  },
  {
    title: 'errors are counted per stream',
    nature: 'honest',
    lines: times(4, (round) => fails('run', {}, 'it failed', { stream: round % 2 === 0 ? 'even' : 'odd' })),
    expected: 'none',
  },
  {
    title: '[F11] a question between two failures is a model call like any other: it goes back with them',
    nature: 'looping',
    lines: times(3, () => [
      { kind: 'clarification' } as const,
      fails('deploy', {}, 'crashed', { evidence: ours }),
    ]).flat(),
    expected: loop('equal_errors', 6, 'platform_fault', [3, 4, 5, 6]),
  },
];
