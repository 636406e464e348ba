// Loops room. Idle iterations: nothing changed, nothing new was learnt, nobody answered, and it was not just waiting.
import type { Line, Trace } from '../trace.js';
import { fails, iterations, loop, model, ours, red, times, tool } from '../trace.js';

const made = tool('write_file', { content: 'x' }, 'ok', { artefactHash: 'made' });
const listed = tool('list_files', {}, ['a.ts']);
/** Always other arguments, always the answer that `listed` gave. */
const known = (turn: number, more = {}): Line => tool('list_files', { turn }, ['a.ts'], more);
const thought = model();
const poll = tool('status', {}, 'pending');
const idle = (count: number): Line[][] => times(count, () => [thought, thought]);
const pollable = { pollableTools: ['status'] };

export const IDLE_ITERATIONS: readonly Trace[] = [
  {
    title: '[F9] [F11] four iterations that change nothing are a loop at the end of the fourth',
    nature: 'looping',
    lines: iterations([thought, made], ...idle(4)),
    expected: loop('idle_iterations', 10, 'unclear'),
  },
  {
    title: '[F9] three are none',
    nature: 'honest',
    lines: iterations([thought, made], ...idle(3)),
    expected: 'none',
  },
  {
    title: 'four from the very first on, of an artefact nobody knows',
    nature: 'looping',
    lines: iterations(...idle(4)),
    expected: loop('idle_iterations', 8, 'unclear'),
  },
  {
    title: 'four from the very first on, of the artefact that was there',
    nature: 'looping',
    lines: iterations(...idle(4)).map((line) => ({ ...line, artefactHash: 'there before' })),
    expected: loop('idle_iterations', 8, 'unclear'),
  },
  {
    title: 'an iteration that makes the first artefact is not idle',
    nature: 'honest',
    lines: iterations([thought, made], [thought], [thought], [thought]),
    expected: 'none',
  },
  {
    title: 'an artefact that the caller knows to have been there before is not made',
    nature: 'adversarial',
    lines: iterations([{ ...made, artefactBefore: 'made', result: undefined }], [thought], [thought], [thought]),
    expected: loop('idle_iterations', 4, 'unclear'),
  },
  {
    title: 'calls whose results are known do not make an iteration busy',
    nature: 'adversarial',
    lines: iterations([listed, made], ...times(4, (turn) => [thought, known(turn)])),
    expected: loop('idle_iterations', 10, 'unclear'),
  },
  {
    title: '[F13] a result never seen before makes an iteration not idle',
    nature: 'honest',
    lines: iterations([made], ...times(15, (turn) => [thought, tool('search', { turn }, `found ${'x'.repeat(turn)}`)])),
    expected: 'none',
  },
  {
    title: '[F13] one new result among idle ones starts the count anew',
    nature: 'honest',
    lines: iterations([made], ...idle(3), [tool('search', {}, 'found')], ...idle(3)),
    expected: 'none',
  },
  {
    title: 'an error never seen before is no result',
    nature: 'adversarial',
    lines: iterations([made], ...times(4, (turn) => [thought, fails('run', {}, `no ${'x'.repeat(turn)}`)])),
    expected: loop('idle_iterations', 9, 'unclear'),
  },
  {
    title: '[F13] a person who answered makes an iteration not idle',
    nature: 'honest',
    lines: iterations([made], ...idle(3), [{ kind: 'clarification', answeredByPerson: true }], ...idle(3)),
    expected: 'none',
  },
  {
    title: 'a question that nobody answered does not',
    nature: 'adversarial',
    lines: iterations([made], ...times(4, (): Line[] => [{ kind: 'clarification' }])),
    expected: loop('idle_iterations', 5, 'unclear'),
  },
  {
    title: '[F13] a new artefact in every fourth iteration is enough',
    nature: 'honest',
    lines: iterations(
      ...times(12, (turn) => [turn % 4 === 0 ? { ...thought, artefactHash: `state ${turn}` } : thought]),
    ),
    expected: 'none',
  },
  {
    title: 'going back to an artefact seen before is not idle, yet it does not end the count',
    nature: 'adversarial',
    lines: iterations(
      [made],
      [{ ...thought, artefactHash: 'other' }],
      ...idle(3),
      [{ ...thought, artefactHash: 'made' }],
      [thought],
    ),
    expected: loop('idle_iterations', 10, 'unclear'),
  },
  {
    title: 'going back and forth without an idle one between is no idleness',
    nature: 'honest',
    lines: iterations(
      [made],
      [{ ...thought, artefactHash: 'other' }],
      [{ ...thought, artefactHash: 'made' }],
      ...idle(2),
      [{ ...thought, artefactHash: 'other' }],
      [thought],
    ),
    expected: 'none',
  },
  {
    title: 'an iteration that ends as it began is idle, whatever happened between',
    nature: 'adversarial',
    lines: iterations(
      [made],
      [{ ...thought, artefactHash: 'other' }],
      ...times(4, () => [
        { ...thought, artefactHash: 'made' },
        { ...thought, artefactHash: 'other' },
      ]),
    ),
    policy: { alternationRounds: 9 },
    expected: loop('idle_iterations', 10, 'unclear'),
  },
  {
    title:
      'a state never seen before ends the count, though the iteration ends as it began and is the first of the next',
    nature: 'honest',
    lines: iterations(
      [made],
      ...idle(3),
      [
        { ...thought, artefactHash: 'draft' },
        { ...thought, artefactHash: 'made' },
      ],
      ...idle(2),
    ),
    expected: 'none',
  },
  {
    title: 'that iteration and three idle ones are a loop',
    nature: 'adversarial',
    lines: iterations(
      [made],
      ...idle(3),
      [
        { ...thought, artefactHash: 'draft' },
        { ...thought, artefactHash: 'made' },
      ],
      ...idle(3),
    ),
    expected: loop('idle_iterations', 15, 'unclear'),
  },
  {
    title: 'iterations that only wait for a pollable tool are not idle',
    nature: 'honest',
    policy: pollable,
    lines: iterations([made], ...times(15, () => [thought, poll])),
    expected: 'none',
  },
  {
    title: 'one other call beside the pollable ones makes it idle',
    nature: 'adversarial',
    policy: pollable,
    lines: iterations([listed, poll, made], ...times(4, (turn) => [thought, poll, known(turn)])),
    expected: loop('idle_iterations', 15, 'unclear'),
  },
  {
    title: '[F11] of idle iterations by our fault the first is honest, all steps of the others go back',
    nature: 'looping',
    policy: { equalErrors: 9 },
    lines: iterations([made], ...times(4, () => [thought, fails('write_file', {}, 'crashed', { evidence: ours })])),
    expected: loop('idle_iterations', 9, 'platform_fault', [4, 5, 6, 7, 8, 9]),
  },
  {
    title: 'if one of the later ones is not evidenced as ours the cause is not',
    nature: 'adversarial',
    policy: { equalErrors: 9 },
    lines: iterations([made], ...times(3, () => [thought, fails('write_file', {}, 'crashed', { evidence: ours })]), [
      thought,
    ]),
    expected: loop('idle_iterations', 8, 'unclear'),
  },
  {
    title: "the project's own code failing in idle iterations is the user's",
    nature: 'looping',
    lines: iterations([made], ...times(4, (turn) => [thought, red('tests', `no ${'x'.repeat(turn)}`)])),
    expected: loop('idle_iterations', 9, 'user_fault'),
  },
  {
    title: 'idle iterations are counted per stream',
    nature: 'honest',
    lines: iterations(...times(6, (turn) => [{ ...thought, stream: turn % 2 === 0 ? 'even' : 'odd' }])),
    expected: 'none',
  },
  {
    title: 'an iteration in which only infrastructure failed is none',
    nature: 'honest',
    lines: iterations(
      [made],
      ...times(6, () => [{ ...thought, retriesUsedUp: true, evidence: ['provider_fault'] as const }]),
    ),
    expected: 'none',
  },
  {
    title: 'a plan may allow two',
    nature: 'looping',
    policy: { idleIterations: 2 },
    lines: iterations([made], ...idle(2)),
    expected: loop('idle_iterations', 5, 'unclear'),
  },
  {
    title: '[F13] fifteen improving iterations are no loop',
    nature: 'honest',
    lines: iterations(
      ...times(15, (turn) => [
        thought,
        tool('edit', { patch: turn }, 'ok', { artefactHash: `state ${turn}` }),
        red('tests', 'some tests fail', { counts: { passed: turn, errors: 30 - turn }, result: `${turn} passed` }),
      ]),
    ),
    expected: 'none',
  },
];
