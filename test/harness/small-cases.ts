// Test harness. Every order of a few commands on a ledger of two small lots and two holds: breadth first, each state
// visited once, so that up to a depth nothing is left out. What must hold is the suite's business, not this file's.
import type {
  Entry,
  Instant,
  LimitNow,
  LotKind,
  MicroCredits,
  Outcome,
  Payer,
  PeriodLotName,
  ScopeSnapshot,
} from '@fairmeter/domain';
import {
  applyChanges,
  Book,
  capture,
  clawBack,
  emptyScope,
  endHold,
  endLot,
  expire,
  grant,
  grow,
  holdAfresh,
  instant,
  reverse,
  takeBackLot,
} from '@fairmeter/domain';
import { after, grantOrder, T0 } from './orders.js';

/** Time moves in whole steps; a lot ends at one of them, or never. */
export const STEP_MS = 1_000;

export interface SmallLot {
  readonly kind: LotKind;
  readonly amount: bigint;
  readonly endsAtStep: number | null;
  /** One that was posted ahead begins at that step; all others have begun. */
  readonly startsAtStep?: number;
}

export interface SmallWorld {
  readonly lots: readonly SmallLot[];
  readonly payer: Payer;
  /** The limits that ride along with a hold, in the period of a step. */
  readonly limits: (holdId: string, step: number) => readonly LimitNow[];
  /** Where both holds are alike, two states that differ in their names alone are one. */
  readonly holdsAreAlike: boolean;
  readonly lastStep: number;
  /** Whether a subscription is at work: its lots grow, end and are taken back. */
  readonly hasSubscription: boolean;
  /** Commands that came before: what lies beyond them is reached with less depth. */
  readonly prelude: readonly SmallCommand[];
}

export type SmallCommand =
  | { readonly verb: 'hold'; readonly holdId: string; readonly amount: bigint }
  | { readonly verb: 'capture'; readonly holdId: string; readonly amount: bigint; readonly overrun: bigint }
  | { readonly verb: 'end'; readonly holdId: string }
  | {
      readonly verb: 'reverse';
      readonly holdId: string;
      readonly lotId: string;
      readonly amount: bigint;
      readonly form: 'origin_while_live' | 'compensation';
    }
  | { readonly verb: 'expire' | 'buy' | 'wait' }
  | { readonly verb: 'claw-back' | 'grow' | 'end-lot' | 'take-back'; readonly lotId: string };

export interface SmallState {
  readonly snapshot: ScopeSnapshot;
  readonly step: number;
  /** What each account received less what it gave, from the entries alone. */
  readonly balances: ReadonlyMap<string, bigint>;
  /** How it came about, the latest command first. */
  readonly path: Path | null;
}

interface Path {
  readonly last: SmallCommand;
  readonly before: Path | null;
}

export interface Edge {
  readonly before: SmallState;
  readonly command: SmallCommand;
  readonly outcome: Outcome<unknown>;
  /** The same state as before where the command was refused. */
  readonly after: SmallState;
  readonly entries: readonly Entry[];
  /** False where a refused verb had begun to change its book. */
  readonly isClean: boolean;
}

export const HOLDS = ['hld_1', 'hld_2'] as const;
const LOT_NAMES = ['a', 'b'];
const SCOPE = 'account/acc_1';

const times: Instant[] = [];
/** Asked for millions of times, and always of the same few. */
export const timeOf = (step: number): Instant => (times[step] ??= after(T0, step * STEP_MS));
const micro = (amount: bigint): MicroCredits => amount as MicroCredits;

export function startOf(world: SmallWorld): SmallState {
  let state: SmallState = { snapshot: emptyScope(SCOPE), step: 0, balances: new Map(), path: null };
  world.lots.forEach(({ kind, amount, endsAtStep, startsAtStep }, index) => {
    const expiresAt = endsAtStep === null ? null : timeOf(endsAtStep);
    const validFrom = startsAtStep === undefined ? instant(0) : timeOf(startsAtStep);
    const lotId = LOT_NAMES[index] ?? `lot_${index}`;
    const order = grantOrder({ lotId, kind, amount: micro(amount), validFrom, expiresAt });
    const book = new Book(state.snapshot, timeOf(0));
    grant(book, order);
    state = moved(state, book);
  });
  return state;
}

function moved(state: SmallState, book: Book, path: Path | null = null): SmallState {
  const changes = book.changes();
  const balances = new Map(state.balances);
  for (const { from, to, amount } of changes.entries) {
    balances.set(from, (balances.get(from) ?? 0n) - amount);
    balances.set(to, (balances.get(to) ?? 0n) + amount);
  }
  return { snapshot: applyChanges(state.snapshot, changes), step: state.step, balances, path };
}

/** All that can be asked in a state; the refused ones too, for a no must change nothing. */
export function commandsIn(world: SmallWorld, { snapshot, step }: SmallState): SmallCommand[] {
  const lotIds = [...snapshot.lots.keys()];
  const ofHolds = HOLDS.flatMap((holdId): SmallCommand[] => [
    ...[0n, 1n, 2n, 3n].map((amount) => ({ verb: 'hold', holdId, amount }) as const),
    ...[1n, 2n].map((amount) => ({ verb: 'capture', holdId, amount, overrun: 0n }) as const),
    ...[2n, 3n].map((amount) => ({ verb: 'capture', holdId, amount, overrun: 1n }) as const),
    { verb: 'end', holdId },
    ...lotIds.flatMap((lotId) =>
      [1n, 2n].map((amount) => ({ verb: 'reverse', holdId, lotId, amount, form: 'origin_while_live' }) as const),
    ),
    ...lotIds.map((lotId) => ({ verb: 'reverse', holdId, lotId, amount: 1n, form: 'compensation' }) as const),
  ]);
  return [
    ...ofHolds,
    { verb: 'expire' },
    ...lotIds.map((lotId) => ({ verb: 'claw-back', lotId }) as const),
    ...(world.hasSubscription ? LOT_NAMES.flatMap(ofSubscription) : []),
    ...(snapshot.lots.has('bought') ? [] : [{ verb: 'buy' } as const]),
    ...(step < world.lastStep ? [{ verb: 'wait' } as const] : []),
  ];
}

function ofSubscription(lotId: string): SmallCommand[] {
  return [
    { verb: 'grow', lotId },
    { verb: 'end-lot', lotId },
    { verb: 'take-back', lotId },
  ];
}

/** The lots of a small world are named as they came. */
const nameOf = (sourceRef: string): PeriodLotName => ({ kind: 'subscription', sourceRef });

interface Asked {
  readonly state: SmallState;
  readonly one: SmallCommand;
}

function run(world: SmallWorld, book: Book, { state, one }: Asked): Outcome<unknown> {
  switch (one.verb) {
    case 'hold': {
      const { holdId, amount } = one;
      const limits = world.limits(holdId, state.step);
      return holdAfresh(book, { holdId, jobId: holdId, target: micro(amount), payer: world.payer, limits });
    }
    case 'capture':
      return capture(book, { holdId: one.holdId, amount: micro(one.amount), mayOverrunBy: micro(one.overrun) });
    case 'end':
      return endHold(book, one.holdId, 'released');
    case 'reverse': {
      const { holdId, lotId, amount, form } = one;
      const ref = `c${state.snapshot.lots.size}`;
      const compensation = { fromDailyLotId: ref, lotId: ref, sourceRef: ref };
      return reverse(book, { holdId, parts: [{ lotId, amount: micro(amount) }], form, compensation });
    }
    case 'expire':
      return expire(book);
    case 'claw-back':
      return clawBack(book, one.lotId);
    case 'grow':
      return grow(book, nameOf(one.lotId), micro(1n));
    case 'end-lot':
      return endLot(book, nameOf(one.lotId));
    case 'take-back':
      return takeBackLot(book, nameOf(one.lotId));
    case 'buy':
      return grant(book, grantOrder({ lotId: 'bought', kind: 'bundle', amount: micro(1n) }));
    case 'wait':
      return { ok: true, value: null };
  }
}

export function play(world: SmallWorld, before: SmallState, command: SmallCommand): Edge {
  const book = new Book(before.snapshot, timeOf(before.step));
  const outcome = run(world, book, { state: before, one: command });
  const { entries, ...rest } = book.changes();
  if (!outcome.ok) {
    const isClean = entries.length + rest.lots.length + rest.holds.length + rest.counters.length === 0;
    return { before, command, outcome, after: before, entries: [], isClean: isClean && rest.debt === null };
  }
  const reached = moved(before, book, { last: command, before: before.path });
  const step = command.verb === 'wait' ? before.step + 1 : before.step;
  return { before, command, outcome, after: { ...reached, step }, entries, isClean: true };
}

/** Two states of one key are the same to every later command: all figures, all balances, the time. */
export function keyOf(world: SmallWorld, { snapshot, step, balances }: SmallState): string {
  const lots = [...snapshot.lots.values()].map(({ id, open, held, lapsed, clawedBack, expiresAt, granted }) => {
    const span = `${expiresAt}/${id > 'bz' ? '' : granted}`;
    return `${id}${open},${held},${lapsed},${clawedBack ? 'x' : ''}${span}`;
  });
  const holds = [...snapshot.holds.values()].map((hold) => {
    const lines = hold.lines.map((line) => `${line.lotId}${line.held},${line.captured},${line.reversed}`);
    const parts = hold.counters.map((part) => `${part.counterId}${part.held},${part.used}`);
    return `${world.holdsAreAlike ? '' : hold.id}${hold.state}${lines.join(';')}/${parts.join(';')}`;
  });
  const counters = [...snapshot.counters.values()].map(({ id, used, held }) => `${id}${used},${held}`);
  const outside = [...balances].filter(([account]) => !account.startsWith('lot:')).map(([name, sum]) => name + sum);
  const groups = [lots.sort(), holds.sort(), counters.sort(), outside.sort()];
  return `${step}|${snapshot.debt}|${groups.map((group) => group.join(' ')).join('|')}`;
}

export type See = (edge: Edge) => void;

/** Some of the states that were reached last: one of so many parts of equal size. */
export interface Share {
  readonly part: number;
  readonly of: number;
}

/** Goes out from the start command by command, into every state once, and shows every edge that it comes along. */
export class Exploration {
  private readonly seen: Set<string>;
  private frontier: readonly SmallState[];

  constructor(
    private readonly world: SmallWorld,
    private readonly see: See,
  ) {
    const start = world.prelude.reduce((state, command) => play(world, state, command).after, startOf(world));
    this.seen = new Set([keyOf(world, start)]);
    this.frontier = [start];
  }

  get states(): number {
    return this.seen.size;
  }

  /** So many commands further. */
  goOn(commands: number): void {
    for (let level = 0; level < commands; level++) this.frontier = this.beyond(this.frontier);
  }

  /** The last command, which nothing follows: from all states that were reached, or from a share of them. */
  end({ part, of }: Share = { part: 0, of: 1 }): void {
    this.beyond(this.frontier.filter((_, index) => index % of === part));
  }

  /** What was not there before. */
  private beyond(states: readonly SmallState[]): SmallState[] {
    const next: SmallState[] = [];
    for (const state of states) {
      for (const command of commandsIn(this.world, state)) {
        const edge = play(this.world, state, command);
        this.see(edge);
        if (edge.after === state) continue;
        const key = keyOf(this.world, edge.after);
        if (this.seen.has(key)) continue;
        this.seen.add(key);
        next.push(edge.after);
      }
    }
    return next;
  }
}

/** Visits every state within `depth` commands of the start; says how many there are. */
export function explore(world: SmallWorld, depth: number, see: See): number {
  const exploration = new Exploration(world, see);
  exploration.goOn(depth - 1);
  exploration.end();
  return exploration.states;
}

/** The commands that led to a state, in words: what a failure is told with. */
export function storyOf(path: Path | null): string {
  const words: string[] = [];
  for (let at = path; at !== null; at = at.before) words.unshift(Object.values(at.last).join(' '));
  return words.join(', then ');
}
