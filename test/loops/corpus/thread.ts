// Loops room. A loop over the jobs of a thread: same thresholds, live; given back only where all payers are one.
import type { Line, Trace } from '../trace.js';
import { build, check, fails, loop, model, ours, red, times, tool } from '../trace.js';

const inJob = (jobId: string, payer: string, lines: readonly Line[]): Line[] =>
  lines.map((line) => ({ ...line, jobId, payer }));
const failing = (more = {}): Line => fails('deploy', {}, 'crashed', more);
const broken = [model(), failing({ evidence: ours })];

export const THREAD: readonly Trace[] = [
  {
    title: '[edge 56] a loop split over three jobs of a thread is found in the third, settled jobs are given back',
    nature: 'looping',
    lines: [...inJob('one', 'acc', broken), ...inJob('two', 'acc', broken), ...inJob('three', 'acc', broken)],
    expected: loop('equal_errors', 2, 'platform_fault', ['two:1', 'two:2', 'three:1', 'three:2']),
  },
  {
    title: '[edge 56] over two jobs it is none yet',
    nature: 'honest',
    lines: [...inJob('one', 'acc', broken), ...inJob('two', 'acc', broken)],
    expected: 'none',
  },
  {
    title: '[edge 56] across payers nothing goes back by itself',
    nature: 'adversarial',
    lines: [...inJob('one', 'acc', broken), ...inJob('two', 'visitor', broken), ...inJob('three', 'acc', broken)],
    expected: loop('equal_errors', 2, 'platform_fault'),
  },
  {
    title: 'a payer of a job that is not part of the loop does not matter',
    nature: 'adversarial',
    lines: [
      ...inJob('none', 'visitor', [tool('read', {}, 'x')]),
      ...inJob('one', 'acc', broken),
      ...inJob('two', 'acc', [...broken, ...broken]),
    ],
    expected: loop('equal_errors', 4, 'platform_fault', ['two:1', 'two:2', 'two:3', 'two:4']),
  },
  {
    title: 'iterations of different jobs are different, though they have the same number',
    nature: 'adversarial',
    lines: times(4, (turn) => inJob(`job ${turn}`, 'acc', [model(), model()])).flat(),
    expected: loop('idle_iterations', 2, 'unclear'),
  },
  {
    title: 'what was progress in an earlier job is known in a later one',
    nature: 'adversarial',
    lines: [
      ...inJob('one', 'acc', [tool('read', {}, 'x'), tool('read', {}, 'x')]),
      ...inJob('two', 'acc', [tool('read', {}, 'x')]),
    ],
    expected: loop('equal_calls', 1, 'unclear'),
  },
  {
    title: '[F13] a check that turns green in a job between ends the count of its errors',
    nature: 'honest',
    lines: [
      ...inJob('one', 'acc', [red('tests', 'a')]),
      ...inJob('two', 'acc', [red('tests', 'a'), check('tests', { green: true })]),
      ...inJob('three', 'acc', [red('tests', 'a'), red('tests', 'a')]),
    ],
    expected: 'none',
  },
  {
    title: 'words of a person keep an iteration from being idle and end no count of errors',
    nature: 'adversarial',
    lines: ['one', 'two', 'three'].flatMap((job) =>
      inJob(job, 'acc', [model({ answeredByPerson: true }), failing({ evidence: ours })]),
    ),
    expected: loop('equal_errors', 2, 'platform_fault', ['two:1', 'two:2', 'three:1', 'three:2']),
  },
  {
    title: 'states in a row go on from job to job',
    nature: 'looping',
    lines: ['one', 'two', 'three'].flatMap((job) =>
      inJob(job, 'acc', [
        tool('edit', { to: 'A' }, 'ok', { artefactHash: 'A' }),
        tool('edit', { to: 'B' }, 'ok', { artefactHash: 'B' }),
      ]),
    ),
    expected: loop('alternation', 2, 'unclear'),
  },
  {
    title: 'red builds are counted from job to job, each with other words',
    nature: 'looping',
    lines: times(4, (turn) => inJob(`job ${turn}`, 'acc', [build(`no ${'x'.repeat(turn)}`)])).flat(),
    expected: loop('red_builds', 1, 'user_fault'),
  },
  {
    title: 'sub-agents of different jobs with one name are one stream, and others are not',
    nature: 'adversarial',
    lines: [
      ...inJob('one', 'acc', [failing({ stream: 'a' }), failing({ stream: 'b' })]),
      ...inJob('two', 'acc', [failing({ stream: 'b' })]),
      ...inJob('three', 'acc', [failing({ stream: 'a' }), failing()]),
    ],
    expected: 'none',
  },
];
