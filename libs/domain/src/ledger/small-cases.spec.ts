// Goal: no order of verbs on two small lots and two holds breaks a rule of the ledger. Method: every state within a
// depth is visited, by every command that can be asked there; after each one all figures are held against the entries,
// and each yes and no against what the rules say in words.
import { describe, expect, it } from '@jest/globals';
import {
  explore,
  keyOf,
  play,
  type SmallCommand,
  type SmallState,
  type SmallWorld,
  timeOf,
} from '../../../../test/harness/small-cases.js';
import { expectLaws, must } from '../../../../test/harness/small-laws.js';
import { instant } from '../time/instant.js';
import type { LimitNow } from './counter.js';
import { heldOf } from './hold.js';
import type { LotKind } from './lot.js';
import type { Payer } from './payer.js';
import { OWNER } from './payer.js';

const END_USER: Payer = { funding: 'end_user', publicMayUseBonus: false };
/** Who draws on which kinds; of each kind one lot or two. Kinds of one rank and one fate stand for each other. */
const KINDS: readonly (readonly [Payer, readonly LotKind[]])[] = [
  [OWNER, ['daily', 'subscription', 'bonus_promo', 'bundle']],
  [END_USER, ['eu_allowance', 'eu_pack']],
];
const ENDS: readonly (readonly [number | null, number | null])[] = [
  [null, null],
  [1, null],
  [null, 1],
  [1, 1],
  [1, 2],
];
const HELD: readonly SmallCommand[] = [
  { verb: 'hold', holdId: 'hld_1', amount: 2n },
  { verb: 'hold', holdId: 'hld_2', amount: 1n },
];

interface Pair {
  readonly kinds: readonly [LotKind, LotKind];
  readonly ends: readonly [number | null, number | null];
  readonly payer?: Payer;
}

function worldOf({ kinds, ends, payer = OWNER }: Pair, more: Partial<SmallWorld> = {}): SmallWorld {
  const lots = [
    { kind: kinds[0], amount: 2n, endsAtStep: ends[0] },
    { kind: kinds[1], amount: 1n, endsAtStep: ends[1] },
  ];
  const lastStep = Math.max(ends[0] ?? 0, ends[1] ?? 0);
  return { lots, payer, limits: () => [], holdsAreAlike: true, lastStep, prelude: [], hasSubscription: false, ...more };
}

/** One limit for both holds and one for the second alone, each in a period per step. */
function limitsOf(holdId: string, step: number): readonly LimitNow[] {
  const limit = (kind: 'spend' | 'campaign', amount: bigint): LimitNow => ({
    limit: { kind, subject: 'one', period: 'day', amount: amount as LimitNow['limit']['amount'] },
    periodStart: instant(timeOf(step)),
  });
  return holdId === 'hld_1' ? [limit('spend', 2n)] : [limit('spend', 2n), limit('campaign', 1n)];
}

const DAY_AND_BUNDLE: Pair = { kinds: ['daily', 'bundle'], ends: [1, null] };
const TWO_PERIODS: Pair = { kinds: ['subscription', 'subscription'], ends: [1, 2] };
/** The second was posted ahead: it begins where the first ends. */
const RENEWED: SmallWorld['lots'] = [
  { kind: 'subscription', amount: 2n, endsAtStep: 1 },
  { kind: 'subscription', amount: 1n, startsAtStep: 1, endsAtStep: 2 },
];
const ALLOWANCE_AND_PACK: Pair = { kinds: ['eu_allowance', 'eu_pack'], ends: [1, null], payer: END_USER };

/** Which verb was answered how: what never came up was not shown. */
type Answers = Map<string, number>;

function visit(world: SmallWorld, depth: number, answers: Answers): ReturnType<typeof explore> {
  return explore(world, depth, (edge) => {
    const { command, outcome } = edge;
    const answer = `${command.verb}: ${outcome.ok ? 'yes' : outcome.refusal.code}`;
    answers.set(answer, (answers.get(answer) ?? 0) + 1);
    expectLaws(world, edge);
  });
}

const ALL_ANSWERS = [
  'buy: yes',
  'capture: hold_ended',
  'capture: hold_not_found',
  'capture: yes',
  'claw-back: lot_taken_back',
  'claw-back: yes',
  'end: hold_ended',
  'end: hold_not_found',
  'end: yes',
  'expire: yes',
  'hold: credits_exhausted',
  'hold: debt_outstanding',
  'hold: hold_ended',
  'hold: yes',
  'reverse: hold_not_found',
  'reverse: nothing_refundable',
  'reverse: yes',
  'wait: yes',
];
const OF_SUBSCRIPTIONS = [
  ...['grow: yes', 'grow: lot_ended', 'grow: lot_taken_back', 'end-lot: yes', 'take-back: yes'],
  ...['reverse: yes', 'claw-back: yes', 'expire: yes'],
];
const INVARIANTS = 'ledger.sum-zero, lot.never-negative, hold.captured-at-most-held, hold.ends-once';

describe('all orders of the verbs', () => {
  it(`on two lots of any kinds and ends keep ${INVARIANTS}`, () => {
    const answers: Answers = new Map();
    let states = 0;
    let worlds = 0;
    for (const [payer, kinds] of KINDS) {
      for (const pair of kinds.flatMap((a) => kinds.map((b) => [a, b] as const))) {
        for (const ends of ENDS) {
          worlds += 1;
          states += visit(worldOf({ kinds: pair, ends, payer }), 3, answers).states;
        }
      }
    }
    // Three commands are too few to hold, capture, lose the lot and ask again.
    expect([...answers.keys()].sort()).toEqual(ALL_ANSWERS.filter((answer) => answer !== 'hold: debt_outstanding'));
    expect([worlds, states]).toEqual([100, 35_244]);
  });

  it.each<{ readonly of: string; readonly pair: Pair; readonly depth: number; readonly states: number }>([
    { of: 'a daily lot that ends beside a bundle', pair: DAY_AND_BUNDLE, depth: 5, states: 40_759 },
    { of: 'two periods, one after the other', pair: TWO_PERIODS, depth: 4, states: 7_180 },
    { of: 'an allowance that ends beside a pack', pair: ALLOWANCE_AND_PACK, depth: 4, states: 5_968 },
  ])(`under two holds keep ${INVARIANTS}: $of`, ({ pair, depth, states }) => {
    const answers: Answers = new Map();
    const explored = visit(worldOf(pair, { prelude: HELD }), depth, answers);
    expect([...answers.keys()].sort()).toEqual(ALL_ANSWERS.filter((answer) => !answer.endsWith('not_found')));
    expect(explored.states).toBe(states);
  });

  it.each([
    { of: 'with nothing held yet', prelude: [], depth: 5, states: 15_387 },
    { of: 'under a hold', prelude: HELD.slice(0, 1), depth: 5, states: 39_478 },
  ])(`[E20] of a subscription, which grows, ends and takes back its lots, keep ${INVARIANTS}: $of`, (world) => {
    const { prelude, depth, states } = world;
    const answers: Answers = new Map();
    const more = { prelude, lots: RENEWED, lastStep: 2, hasSubscription: true };
    const explored = visit(worldOf(TWO_PERIODS, more), depth, answers);
    expect([...answers.keys()]).toEqual(expect.arrayContaining(OF_SUBSCRIPTIONS));
    expect(explored.states).toBe(states);
  });

  it('[edge 74] with limits of two periods pass no limit, and count each use and each refund once', () => {
    const answers: Answers = new Map();
    const pair: Pair = { kinds: ['subscription', 'bonus_promo'], ends: [1, null] };
    const explored = visit(worldOf(pair, { limits: limitsOf, holdsAreAlike: false }), 5, answers);
    expect([...answers.keys()]).toEqual(expect.arrayContaining(['hold: spend_limit_reached']));
    expect([...answers.keys()]).toEqual(expect.arrayContaining(['hold: campaign_limit_reached']));
    expect(explored.states).toBe(12_687);
  });
});

describe('the order', () => {
  /** Commands on what a hold has already, and the end of lots: none of them takes from another. */
  function apart({ snapshot }: SmallState): SmallCommand[] {
    const ofHolds = [...snapshot.holds.values()].flatMap((hold): SmallCommand[] => [
      ...[1n, 2n]
        .filter((amount) => amount <= heldOf(hold))
        .map((amount) => ({ verb: 'capture', holdId: hold.id, amount, overrun: 0n }) as const),
      { verb: 'end', holdId: hold.id },
    ]);
    return [...ofHolds, { verb: 'expire' }];
  }
  const target = (one: SmallCommand): string => ('holdId' in one ? one.holdId : one.verb);

  it('of captures within holds, of ends and of expiry makes no difference', () => {
    const world = worldOf(DAY_AND_BUNDLE, { prelude: HELD });
    const seen = new Set<SmallState>();
    let pairs = 0;
    explore(world, 4, ({ before }) => {
      if (seen.has(before)) return;
      seen.add(before);
      for (const one of apart(before)) {
        for (const other of apart(before).filter((some) => target(some) > target(one))) {
          const [first, second] = [play(world, before, one), play(world, before, other)];
          if (!first.outcome.ok || !second.outcome.ok) continue;
          pairs += 1;
          const [there, back] = [play(world, first.after, other), play(world, second.after, one)];
          must(keyOf(world, there.after) === keyOf(world, back.after), 'either order comes to the same', there);
        }
      }
    });
    expect(pairs).toBe(5_282);
  });

  it('of a hold asked for again, and of a second expiry, moves nothing', () => {
    const world = worldOf({ kinds: ['subscription', 'bundle'], ends: [1, null] }, { prelude: HELD });
    let repeated = 0;
    explore(world, 4, ({ command, outcome, after }) => {
      if (!outcome.ok || (command.verb !== 'hold' && command.verb !== 'expire')) return;
      repeated += 1;
      const again = play(world, after, command);
      must(again.outcome.ok && again.entries.length === 0, 'the second time moves nothing', again);
    });
    expect(repeated).toBe(5_392);
  });
});
