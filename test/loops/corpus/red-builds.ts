// Loops room. Red builds: previews and builds that fail in a row, whatever their errors; checks are none.
import type { Trace } from '../trace.js';
import { build, check, loop, model, ours, preview, red, times, tool } from '../trace.js';

const words = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta'];
const said = (turn: number): string => `cannot resolve ${words[turn - 1] ?? ''}`;
const edit = (turn: number): ReturnType<typeof tool> =>
  tool('edit', { patch: said(turn) }, 'ok', { artefactHash: `state ${turn}` });

export const RED_BUILDS: readonly Trace[] = [
  {
    title: '[F9] [F11] four red builds are a loop at the fourth, though each says something else',
    nature: 'looping',
    lines: times(4, (turn) => [edit(turn), build(said(turn))]).flat(),
    expected: loop('red_builds', 8, 'user_fault'),
  },
  {
    title: '[F9] three red builds are none',
    nature: 'honest',
    lines: times(3, (turn) => [edit(turn), build(said(turn))]).flat(),
    expected: 'none',
  },
  {
    title: '[F9] previews count like builds',
    nature: 'looping',
    lines: times(4, (turn) => preview(said(turn))),
    expected: loop('red_builds', 4, 'user_fault'),
  },
  {
    title: 'previews and builds count together',
    nature: 'adversarial',
    lines: [preview(said(1)), build(said(2)), preview(said(3)), build(said(4))],
    expected: loop('red_builds', 4, 'user_fault'),
  },
  {
    title: '[F9] red checks are not red builds',
    nature: 'honest',
    lines: times(8, (turn) => red('tests', said(turn))),
    expected: 'none',
  },
  {
    title: 'red checks do not fill up the count of red builds',
    nature: 'adversarial',
    lines: [build(said(1)), build(said(2)), build(said(3)), red('tests', said(4))],
    expected: 'none',
  },
  {
    title: '[F13] a green build ends the count',
    nature: 'honest',
    lines: [...times(3, (turn) => build(said(turn))), build(null), ...times(3, (turn) => build(said(turn + 3)))],
    expected: 'none',
  },
  {
    title: 'after a green build the count is full at the fourth red one',
    nature: 'adversarial',
    lines: [...times(3, (turn) => build(said(turn))), build(null), ...times(4, (turn) => build(said(turn + 3)))],
    expected: loop('red_builds', 8, 'user_fault'),
  },
  {
    title: '[F13] a red build with fewer errors than ever ends the count and is the first of the next',
    nature: 'honest',
    lines: times(6, (turn) => build(said(turn), { counts: { errors: turn < 5 ? 20 - turn : 16 } })),
    expected: 'none',
  },
  {
    title: 'a red build with fewer errors is the first of the next four',
    nature: 'adversarial',
    lines: times(7, (turn) => build(said(turn), { counts: { errors: turn < 4 ? 20 - turn : 17 } })).slice(0, 6),
    expected: loop('red_builds', 6, 'user_fault'),
  },
  {
    title: 'a green check ends nothing of a build',
    nature: 'adversarial',
    lines: times(4, (turn) => [
      red('tests', said(turn)),
      check('tests', { green: true }),
      build(said(turn + 4)),
    ]).flat(),
    expected: loop('red_builds', 12, 'user_fault'),
  },
  {
    title: 'another build that turns green ends nothing of this one',
    nature: 'adversarial',
    lines: [
      ...times(2, (turn) => build(said(turn), { name: 'server' })),
      preview(said(3), { name: 'client' }),
      preview(null, { name: 'client' }),
      ...times(2, (turn) => build(said(turn + 4), { name: 'server' })),
    ],
    expected: loop('red_builds', 6, 'user_fault'),
  },
  {
    title: 'a build without a colour but with an error is red',
    nature: 'looping',
    lines: times(4, (turn) => build(said(turn))).map(({ green: _, ...line }) => line),
    expected: loop('red_builds', 4, 'user_fault'),
  },
  {
    title: '[F11] where the builds crash by our fault the later three go back with the model calls between',
    nature: 'looping',
    lines: times(4, (turn) => [model(), build(said(turn), turn === 1 ? {} : { evidence: ours })]).flat(),
    expected: loop('red_builds', 8, 'platform_fault', [3, 4, 5, 6, 7, 8]),
  },
  {
    title: 'a time limit that fired is no evidence, neither against us nor against the code',
    nature: 'adversarial',
    lines: times(4, (turn) => build(said(turn), { evidence: ['time_limit'] })),
    expected: loop('red_builds', 4, 'unclear'),
  },
  {
    title: 'red builds without a word are counted too',
    nature: 'looping',
    lines: times(4, (turn) => [edit(turn), build(null, { green: false })]).flat(),
    expected: loop('red_builds', 8, 'user_fault'),
  },
  {
    title: 'red builds are counted per stream',
    nature: 'honest',
    lines: times(6, (turn) => build(said(turn), { stream: turn % 2 === 0 ? 'even' : 'odd' })),
    expected: 'none',
  },
  {
    title: 'a plan may allow more red builds',
    nature: 'honest',
    policy: { redBuilds: 6 },
    lines: times(5, (turn) => build(said(turn))),
    expected: 'none',
  },
];
