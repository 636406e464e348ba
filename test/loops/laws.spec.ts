// Loops room. Goal: what holds of every trace, not only of those that somebody thought of. Method: random traces of few
// different calls, so that loops of every signal come up.
import { describe, expect, it } from '@jest/globals';
import type { LoopFinding, ObservedStep } from '@fairmeter/domain';
import { findLoops, LoopWatch, loopPolicy } from '@fairmeter/domain';
import fc from 'fast-check';
import { stepByStep } from './step-by-step.js';
import type { Line } from './trace.js';
import { observed } from './trace.js';

const policy = loopPolicy({ pollableTools: ['status'], pollableCalls: 6 });
const shadow = { ...policy, shadow: true };
const RUNS = { numRuns: 400 };

/** What changes from try to try without a meaning, as one of many worlds would have it. */
interface World {
  readonly id: (n: number) => string;
  readonly time: (n: number) => string;
  readonly folder: (n: number) => string;
  readonly path: (name: string) => string;
}

const hex = (n: number, length: number): string => ((n + 1) * 2_654_435_761 + 0xa1).toString(16).padEnd(length, 'a7');
const HERE: World = {
  id: () => '5f0c54a2-98a3-4a42-b3d7-2fa1c3b6a001',
  time: () => '2026-11-21T10:00:00Z in 12ms',
  folder: () => '/tmp/x1',
  path: (name) => `src/${name}.ts`,
};
const THERE: World = {
  id: (n) => `${hex(n, 8).slice(0, 8)}-98a3-4a42-b3d7-${hex(n + 7, 12).slice(0, 12)}`,
  time: (n) => `2027-0${1 + (n % 9)}-11T1${n % 10}:00:00.${100 + (n % 900)}+02:00 in ${n + 1}.${n % 10}s`,
  folder: (n) => `/var/folders/zz/${hex(n, 6)}/T/run-${n}`,
  path: (name) => `packages/deep/${name}.tsx`,
};

const small = fc.nat(2);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
const move = fc.record({
  kind: fc.constantFrom<Line['kind'][]>('model', 'tool', 'tool', 'tool', 'check', 'build', 'preview', 'clarification'),
  name: fc.constantFrom('read', 'write_file', 'status', 'tests'),
  args: fc.nat(1),
  result: small,
  error: maybe(small),
  artefact: maybe(small),
  green: maybe(fc.boolean()),
  errors: maybe(fc.nat(4)),
  stream: maybe(fc.constant('sub')),
  faulty: maybe(fc.constant(true)),
  spent: fc.nat(12),
  next: fc.nat(3),
});
type Move = typeof move extends fc.Arbitrary<infer T> ? T : never;
/** Few calls that all succeed: nothing else is found before calls repeat or take turns. */
const calm = move.map((each) => ({ ...each, kind: 'tool' as const, args: 0, error: undefined, artefact: undefined }));
/** Builds that only say their colour. */
const building = calm.map((each) => ({ ...each, kind: 'build' as const, green: each.next === 1, errors: undefined }));
const moves = fc.oneof(
  fc.array(building, { minLength: 1, maxLength: 12 }),
  fc.array(move, { minLength: 1, maxLength: 40 }),
  fc.array(calm, { minLength: 6, maxLength: 20 }),
  // One round, over and over, with new artefacts that keep calls from being equal.
  fc
    .tuple(fc.array(calm, { minLength: 2, maxLength: 3 }), fc.nat(4))
    .map(([round, times]) => Array.from({ length: times * round.length }, (_, at) => round[at % round.length] ?? at))
    .map((all) => all.flatMap((each, at) => (typeof each === 'number' ? [] : [{ ...each, artefact: 100 + at }]))),
);

function linesOf(all: readonly Move[], world: World): Line[] {
  let iteration = 1;
  return all.map((each, index) => {
    if (each.next === 0) iteration += 1;
    const at = `${world.time(index)} ${world.id(index)} ${world.folder(index)}/${each.result}.ts`;
    return {
      kind: each.kind,
      iteration,
      name: each.kind === 'build' || each.kind === 'preview' ? each.kind : each.name,
      stream: each.stream,
      args: { path: world.path(`a${each.args}`), request_id: world.id(index), content: `text ${each.args}` },
      ...(each.error === undefined
        ? each.kind === 'build'
          ? {}
          : { result: `${['one', 'two', 'three'][each.result]} ${at}` }
        : {
            error: {
              errorClass: each.error === 2 ? 'not_found' : 'failed',
              text: `no ${world.path('b')}:${index}: ${at}`,
            },
          }),
      ...(each.artefact === undefined ? {} : { artefactHash: `artefact ${each.artefact}` }),
      ...(each.green === undefined || each.error !== undefined ? {} : { green: each.green }),
      ...(each.errors === undefined ? {} : { counts: { errors: each.errors } }),
      ...(each.faulty === true ? { evidence: ['tool_crash'] as const } : {}),
      retriesUsedUp: each.spent === 0,
    };
  });
}

const stepsOf = (all: readonly Move[], world: World = HERE): ObservedStep[] => observed(linesOf(all, world));
/** The hash of what repeats is another one in another world; all else of a finding is not. */
const plain = (findings: readonly LoopFinding[]): unknown => findings.map((found) => ({ ...found, fingerprint: null }));

describe('whatever the trace', () => {
  it('[F9] all signals come up in these traces, so the laws below are not empty', () => {
    const found = fc.sample(moves, { numRuns: 800, seed: 7 }).flatMap((all) => findLoops(stepsOf(all), policy));
    const signals = ['alternation', 'equal_calls', 'equal_errors', 'idle_iterations', 'red_builds'];
    expect([...new Set(found.map(({ signal }) => signal))].sort()).toEqual(signals);
    expect(new Set(found.map(({ cause }) => cause)).size).toBe(3);
  });

  it('relabelling ids, paths and times changes no verdict', () => {
    fc.assert(
      fc.property(moves, (all) => {
        expect(plain(findLoops(stepsOf(all, THERE), policy))).toEqual(plain(findLoops(stepsOf(all, HERE), policy)));
      }),
      RUNS,
    );
  });

  it('a trace at once and step by step over any snapshots give the same, in shadow mode too', () => {
    fc.assert(
      fc.property(moves, fc.nat(5), (all, every) => {
        const steps = stepsOf(all);
        for (const each of [policy, shadow]) {
          expect(stepByStep(steps, each, (step) => step % (every + 1) === 0)).toEqual(findLoops(steps, each));
        }
      }),
      RUNS,
    );
  });

  it('[F13] a result or an artefact never seen before, put in anywhere, makes no loop of what was none', () => {
    const news = fc.constantFrom<Partial<Line>[]>({ result: 'never' }, { artefactHash: 'never', result: 'one' });
    fc.assert(
      fc.property(moves, fc.nat(39), news, (all, place, progress) => {
        const lines = linesOf(all, HERE);
        fc.pre(findLoops(observed(lines), policy).length === 0);
        const at = Math.min(place, lines.length - 1);
        const beside = lines[at];
        const added: Line = {
          kind: 'tool',
          name: 'extra',
          iteration: beside?.iteration ?? 1,
          stream: beside?.stream,
          ...progress,
        };
        const more = [...lines.slice(0, at + 1), added, ...lines.slice(at + 1)];
        expect(findLoops(observed(more), policy)).toEqual([]);
      }),
      RUNS,
    );
  });

  it('[F11] gives back only steps after the first honest one, up to the one where it was found, each once', () => {
    fc.assert(
      fc.property(moves, (all) => {
        for (const { firstHonestStep, foundAt, repeats, refundableSteps, cause, steps } of findLoops(
          stepsOf(all),
          policy,
        )) {
          const ordinals = repeats.map(({ ordinal }) => ordinal);
          expect(ordinals.every((each) => each > firstHonestStep.ordinal && each <= foundAt.ordinal)).toBe(true);
          expect(ordinals).toEqual([...new Set(ordinals)].sort((one, other) => one - other));
          expect(refundableSteps).toEqual(cause === 'platform_fault' ? repeats : []);
          expect(steps.at(-1)).toEqual(foundAt);
        }
      }),
      RUNS,
    );
  });

  it('a stream finds what it would find alone', () => {
    fc.assert(
      fc.property(moves, (all) => {
        const steps = stepsOf(all);
        const all_ = findLoops(steps, shadow).filter(({ stream }) => stream === 'sub');
        const alone = findLoops(
          steps.filter(({ stream }) => stream === 'sub'),
          shadow,
        );
        expect(plain(all_)).toEqual(plain(alone));
      }),
      RUNS,
    );
  });
});

describe('an iteration that nobody ended', () => {
  const thought = (turn: number, jobId: string, iteration: number): ObservedStep => ({
    jobId,
    ordinal: turn,
    iteration,
    kind: 'model',
  });

  it.each([
    ['iteration', (turn: number) => thought(turn, 'job', turn)],
    ['job', (turn: number) => thought(turn, `job ${turn}`, 1)],
  ])('ends with the first step of the next %s, and the loop was in its last step', (_, step) => {
    const watch = LoopWatch.begin(policy);
    const found = [1, 2, 3, 4, 5].map((turn) => watch.observe(step(turn)));
    expect(found.map(({ length }) => length)).toEqual([0, 0, 0, 0, 1]);
    expect(found[4]?.[0]).toMatchObject({ signal: 'idle_iterations', foundAt: { ordinal: 4 } });
  });
});

describe('a long job', () => {
  const long = (count: number, step: (turn: number) => Partial<ObservedStep>): LoopWatch => {
    const watch = LoopWatch.begin(policy);
    for (let turn = 1; turn <= count; turn += 1) {
      watch.observe({
        jobId: 'job_01m7yt4ztqcsestsvjafw1fpjk',
        ordinal: turn,
        iteration: 1,
        kind: 'tool',
        ...step(turn),
      });
    }
    return watch;
  };
  const bytes = (watch: LoopWatch): number => JSON.stringify(watch.snapshot()).length;
  const sha = (turn: number): string => `${turn}`.padStart(64, '0');

  it.each([
    ['new results and artefacts', (turn: number) => ({ resultHash: sha(turn), artefactHash: sha(turn + 1e6) })],
    ['new errors', (turn: number) => ({ errorFingerprint: sha(turn), name: `tool ${turn}` })],
    ['model calls', () => ({ kind: 'model' as const })],
    [
      'model calls in iterations of their own',
      (turn: number) => ({ kind: 'model' as const, iteration: turn, artefactHash: sha(turn) }),
    ],
    [
      'other calls with one answer',
      (turn: number) => ({ argsHash: sha(turn), resultHash: 'same', name: `tool ${turn}` }),
    ],
    ['streams', (turn: number) => ({ stream: `stream ${turn}`, resultHash: sha(turn), errorFingerprint: sha(turn) })],
    [
      'jobs that take turns',
      (turn: number) => ({ jobId: `job_01m7yt4ztqcsestsvjafw1fp${turn % 2}`, ordinal: 7 * turn }),
    ],
    [
      'everything at once',
      (turn: number) => ({
        errorFingerprint: sha(turn),
        resultHash: sha(turn),
        artefactHash: sha(turn),
        counts: { errors: turn },
      }),
    ],
  ])('of %s fits into what may travel: 100 kB', (_, step) => {
    expect(bytes(long(1_000, step))).toBeLessThan(90_000);
    expect(bytes(long(6_000, step))).toBeLessThan(100_000);
  });
});
