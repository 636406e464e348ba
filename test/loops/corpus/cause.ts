// Loops room. Whose fault it was, by evidence alone; and what counts towards no signal.
import type { Evidence } from '@fairmeter/domain';
import type { Line, Trace } from '../trace.js';
import { fails, loop, model, red, times, tool } from '../trace.js';

const failing = (...evidence: readonly (readonly Evidence[])[]): Line[] =>
  evidence.map((pieces) => fails('deploy', {}, 'it failed', { evidence: pieces }));
const stormy = (kind: 'model' | 'tool'): Line => ({
  kind,
  name: 'provider',
  errorFingerprint: 'overloaded',
  evidence: ['provider_fault'],
  retriesUsedUp: true,
  charged: 'nothing',
});

export const CAUSE: readonly Trace[] = [
  {
    title: '[F11] the first occurrence needs no evidence, all others do',
    nature: 'looping',
    lines: failing([], ['tool_crash'], ['tool_crash']),
    expected: loop('equal_errors', 3, 'platform_fault', [2, 3]),
  },
  {
    title: '[F11] evidence for the first and one more is not enough',
    nature: 'adversarial',
    lines: failing(['tool_crash'], ['tool_crash'], []),
    expected: loop('equal_errors', 3, 'unclear'),
  },
  {
    title: 'evidence for all but the one in the middle is not enough',
    nature: 'adversarial',
    lines: failing(['tool_crash'], [], ['tool_crash']),
    expected: loop('equal_errors', 3, 'unclear'),
  },
  {
    title: 'provider faults, crashes of our tools, our failed calls and incidents are all ours',
    nature: 'looping',
    policy: { equalErrors: 5 },
    lines: failing([], ['provider_fault'], ['tool_crash'], ['platform_fault'], ['incident']),
    expected: loop('equal_errors', 5, 'platform_fault', [2, 3, 4, 5]),
  },
  {
    title: "[F11] the project's own code failing is the user's: nothing is refunded",
    nature: 'looping',
    lines: failing(['own_code'], ['own_code'], ['own_code']),
    expected: loop('equal_errors', 3, 'user_fault'),
  },
  {
    title: "own code and our fault mixed: not every repeat is ours, so it is the user's",
    nature: 'adversarial',
    lines: failing(['own_code'], ['tool_crash'], ['own_code']),
    expected: loop('equal_errors', 3, 'user_fault'),
  },
  {
    title: 'own code at first and our fault ever after is ours',
    nature: 'adversarial',
    lines: failing(['own_code'], ['tool_crash'], ['tool_crash']),
    expected: loop('equal_errors', 3, 'platform_fault', [2, 3]),
  },
  {
    title: 'a crash of our tool is ours whatever it was fed',
    nature: 'adversarial',
    lines: failing([], ['tool_crash', 'own_code'], ['tool_crash', 'own_code']),
    expected: loop('equal_errors', 3, 'platform_fault', [2, 3]),
  },
  {
    title: "so it is not the user's where another repeat is nobody's",
    nature: 'adversarial',
    lines: failing([], ['tool_crash', 'own_code'], []),
    expected: loop('equal_errors', 3, 'unclear'),
  },
  {
    title: '[edge 52] a model call that the provider failed has spent its retries, said or not',
    nature: 'honest',
    lines: times(20, () => model({ errorFingerprint: 'overloaded', evidence: ['provider_fault'] })),
    expected: 'none',
  },
  {
    title: 'a crash of our own check tool is ours though the check is red',
    nature: 'adversarial',
    lines: times(3, () => red('tests', 'worker died', { evidence: ['tool_crash'] })),
    expected: loop('equal_errors', 3, 'platform_fault', [2, 3]),
  },
  {
    title: 'a time limit that fired is no evidence by itself',
    nature: 'adversarial',
    lines: failing(['time_limit'], ['time_limit'], ['time_limit']),
    expected: loop('equal_errors', 3, 'unclear'),
  },
  {
    title: 'a time limit during an incident is ours',
    nature: 'adversarial',
    lines: failing([], ['time_limit', 'incident'], ['time_limit', 'incident']),
    expected: loop('equal_errors', 3, 'platform_fault', [2, 3]),
  },
  {
    title: 'what a caller says of its own tools is no evidence',
    nature: 'adversarial',
    lines: failing(['reported_fault'], ['reported_fault'], ['reported_fault']),
    expected: loop('equal_errors', 3, 'unclear'),
  },
  {
    title: "nor does it make a red check the user's",
    nature: 'adversarial',
    lines: times(3, () => red('tests', 'a', { evidence: ['reported_fault'] })),
    expected: loop('equal_errors', 3, 'unclear'),
  },
  {
    title: '[edge 52] twenty failures that used up infrastructure retries count towards nothing',
    nature: 'honest',
    lines: times(20, () => stormy('model')),
    expected: 'none',
  },
  {
    title: '[edge 52] a storm between does not fill up the count',
    nature: 'honest',
    lines: [...failing([], []), ...times(5, () => ({ ...stormy('tool'), name: 'deploy' }))],
    expected: 'none',
  },
  {
    title: 'nor does it end the count',
    nature: 'adversarial',
    lines: [...failing([], []), ...times(5, () => stormy('tool')), ...failing([])],
    expected: loop('equal_errors', 8, 'unclear'),
  },
  {
    title: 'a fault of ours that the agent itself met again counts, and its repeats go back',
    nature: 'looping',
    lines: [
      model(),
      ...times(3, () => [
        fails('deploy', {}, 'crashed', { evidence: ['tool_crash'], charged: 'nothing' }),
        model(),
      ]).flat(),
    ],
    expected: loop('equal_errors', 6, 'platform_fault', [3, 5]),
  },
  {
    title: 'shadow mode finds the same and gives nothing back',
    nature: 'looping',
    policy: { shadow: true },
    lines: failing([], ['tool_crash'], ['tool_crash']),
    expected: loop('equal_errors', 3, 'platform_fault'),
  },
  {
    title: 'packaging is no call and no part of a loop',
    nature: 'honest',
    lines: times(6, (): Line => ({ kind: 'packaging', result: 'zip' })),
    expected: 'none',
  },
  {
    title: 'the loop is what is found first, whatever comes after',
    nature: 'adversarial',
    lines: [...times(3, () => tool('read', {}, 'x')), ...failing([], ['incident'], ['incident'])],
    expected: loop('equal_calls', 3, 'unclear'),
  },
];
