// Loops room. Pollable tools may ask again: equal answers, errors included, are their only limit.
import type { Line, Trace } from '../trace.js';
import { build, fails, loop, model, ours, times, tool } from '../trace.js';

const policy = { pollableTools: ['status'] };
const poll = (more = {}): Line => tool('status', { id: 7 }, 'pending', more);
const broken = (more = {}): Line => fails('status', { id: 7 }, 'not reachable', more);

export const POLLABLE: readonly Trace[] = [
  {
    title: '[F9] twenty equal answers of a pollable tool are a loop at the twentieth',
    nature: 'looping',
    policy,
    lines: times(20, () => poll()),
    expected: loop('equal_calls', 20, 'unclear'),
  },
  { title: '[F9] nineteen are none', nature: 'honest', policy, lines: times(19, () => poll()), expected: 'none' },
  {
    title: 'equal errors of a pollable tool are answers: a loop at the twentieth',
    nature: 'looping',
    policy,
    lines: times(20, () => broken()),
    expected: loop('equal_calls', 20, 'unclear'),
  },
  {
    title: 'a pollable build may be red as often as it likes: equal answers are its only limit',
    nature: 'adversarial',
    policy: { pollableTools: ['build'] },
    lines: times(19, () => build('still being made')),
    expected: 'none',
  },
  {
    title: 'and the twentieth is an equal call, not a red build',
    nature: 'adversarial',
    policy: { pollableTools: ['build'] },
    lines: times(20, () => build('still being made')),
    expected: loop('equal_calls', 20, 'user_fault'),
  },
  {
    title: 'nineteen equal errors of a pollable tool are none',
    nature: 'honest',
    policy,
    lines: times(19, () => broken()),
    expected: 'none',
  },
  {
    title: 'errors and results of a pollable tool are different answers',
    nature: 'honest',
    policy,
    lines: [...times(19, () => poll()), ...times(19, () => broken())],
    expected: 'none',
  },
  {
    title: 'different errors of a pollable tool are different answers',
    nature: 'honest',
    policy,
    lines: times(19, () => [broken(), fails('status', { id: 7 }, 'not allowed')]).flat(),
    expected: 'none',
  },
  {
    title: '[F13] a new answer starts the count anew',
    nature: 'honest',
    policy,
    lines: [...times(19, () => poll()), tool('status', { id: 7 }, '10 percent'), ...times(19, () => poll())],
    expected: 'none',
  },
  {
    title: 'a step may say of itself that it is pollable',
    nature: 'honest',
    lines: times(19, () => poll({ pollable: true })),
    expected: 'none',
  },
  {
    title: 'other tools keep their own limit',
    nature: 'adversarial',
    policy,
    lines: [
      poll(),
      tool('read', {}, 'pending'),
      poll(),
      tool('read', {}, 'pending'),
      poll(),
      tool('read', {}, 'pending'),
    ],
    expected: loop('equal_calls', 6, 'unclear'),
  },
  {
    title: 'an error of a pollable tool fills up no count of errors',
    nature: 'adversarial',
    policy,
    lines: [broken(), broken(), fails('run', {}, 'not reachable'), fails('run', {}, 'not reachable')],
    expected: 'none',
  },
  {
    title: '[F11] twenty failing polls by our fault: nineteen go back with the model calls between',
    nature: 'looping',
    policy: { ...policy, pollableCalls: 3 },
    lines: [broken(), model(), broken({ evidence: ours }), broken({ evidence: ours })],
    expected: loop('equal_calls', 4, 'platform_fault', [2, 3, 4]),
  },
];
