// Loops room. A loop over the jobs of a thread: same thresholds, live; given back only where all payers are one.
import type { Line, Trace } from '../trace.js';
import { fails, loop, model, ours, times, tool } from '../trace.js';

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
];
