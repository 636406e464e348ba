// Test harness. The rules of the ledger in words, as checks of one command on a small ledger: figures against entries,
// yes and no against the rules, amounts against what a verb says it does. None of them looks into a verb.
import type { Captured, Hold, HoldLine, Lot } from '@fairmeter/domain';
import { capturedOf, compareDrawOrder, hasLapsed, heldOf, isLive, mayPay, refundableOf } from '@fairmeter/domain';
import {
  type Edge,
  HOLDS,
  type SmallCommand,
  type SmallState,
  type SmallWorld,
  storyOf,
  timeOf,
} from './small-cases.js';

const sum = (amounts: Iterable<bigint>): bigint => [...amounts].reduce((a, b) => a + b, 0n);
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const above = (a: bigint, b: bigint): bigint => (a > b ? a - b : 0n);

/** Faster than an expectation, of which there would be millions; says how the state came about. */
export function must(holds: boolean, rule: string, { before, command }: Edge): void {
  if (holds) return;
  throw new Error(`${rule}: broken by ${Object.values(command).join(' ')}, after ${storyOf(before.path) || 'nothing'}`);
}

const linesOf = ({ snapshot }: SmallState): HoldLine[] => [...snapshot.holds.values()].flatMap((hold) => hold.lines);
const lotsOf = ({ snapshot }: SmallState): Lot[] => [...snapshot.lots.values()];

/** The figures of the state after a command, against the balances of its entries. */
function expectFigures(edge: Edge): void {
  const { snapshot, balances } = edge.after;
  const balance = (account: string): bigint => balances.get(account) ?? 0n;
  const lines = linesOf(edge.after);
  for (const lot of lotsOf(edge.after)) {
    const { open, held, granted, id } = lot;
    const isTold = balance(`lot:${id}:open`) === open && balance(`lot:${id}:held`) === held;
    must(isTold, 'available.equals-entries', edge);
    must(open >= 0n && held >= 0n && open + held <= granted, 'lot.never-negative', edge);
    const mine = lines.filter((line) => line.lotId === id);
    must(sum(mine.map((line) => line.held)) === held, 'held of a lot is held by lines', edge);
  }
  for (const { held, captured, reversed } of lines) {
    must(held >= 0n && reversed >= 0n && reversed <= captured, 'refund.at-most-charged', edge);
  }
  for (const hold of snapshot.holds.values()) {
    must(hold.state === 'held' || heldOf(hold) === 0n, 'hold.ends-once', edge);
  }
  must(sum(balances.values()) === 0n, 'ledger.sum-zero', edge);
  must(snapshot.debt === -balance('debt:account/acc_1') && snapshot.debt >= 0n, 'debt is what its entries say', edge);
  const taken = lotsOf(edge.after).filter((lot) => lot.clawedBack);
  must(
    balance('clawed_back') === sum(taken.map((lot) => lot.granted - lot.held - lot.lapsed)),
    'no lot is taken back twice',
    edge,
  );
  const used = sum(lines.map((line) => line.captured - line.reversed));
  must(balance('consumed:account/acc_1') + balance('written_off') === used, 'consumed is what lines captured', edge);
  const issued = -sum([...balances].filter(([name]) => name.startsWith('issued:')).map(([, amount]) => amount));
  must(used >= 0n && used <= issued, 'never more is consumed than was granted', edge);
  expectCounters(edge);
}

function expectCounters(edge: Edge): void {
  const { snapshot } = edge.after;
  const holds = [...snapshot.holds.values()];
  const parts = holds.flatMap((hold) => hold.counters);
  for (const { id, used, held } of snapshot.counters.values()) {
    const mine = parts.filter((part) => part.counterId === id);
    const isTold = sum(mine.map((part) => part.held)) === held && sum(mine.map((part) => part.used)) === used;
    must(isTold && used >= 0n && held >= 0n, 'a counter is the parts of its holds', edge);
  }
  for (const hold of holds) {
    const net = capturedOf(hold) - sum(hold.lines.map((line) => line.reversed));
    for (const kind of ['spend', 'campaign']) {
      const mine = hold.counters.filter((part) => part.counterId.includes(`|${kind}|`));
      if (mine.length === 0) continue;
      must(sum(mine.map((part) => part.used)) === net, 'a limit counts each use once', edge);
      must(sum(mine.map((part) => part.held)) === heldOf(hold), 'a limit holds what its hold holds', edge);
    }
  }
}

/** What a hold takes and gives is its own: the other is not touched, nor any figure of what was refused. */
function expectFrame(edge: Edge): void {
  const { before, after, outcome, command, entries } = edge;
  if (!outcome.ok) {
    must(edge.isClean && after === before, 'a refusal changes nothing', edge);
  }
  for (const holdId of HOLDS) {
    if ('holdId' in command && command.holdId === holdId) continue;
    must(before.snapshot.holds.get(holdId) === after.snapshot.holds.get(holdId), 'a hold is its own', edge);
  }
  for (const entry of entries) must(entry.amount > 0n && entry.from !== entry.to, 'ledger.sum-zero', edge);
  for (const hold of before.snapshot.holds.values()) {
    const now = after.snapshot.holds.get(hold.id);
    const isKept = now !== undefined && capturedOf(now) >= capturedOf(hold);
    must(isKept && (hold.state === 'held' || now.state === hold.state), 'hold.ends-once', edge);
  }
}

/** Between which accounts a verb may move, and so where credits can never go by it. */
const MOVES: Readonly<Record<SmallCommand['verb'], readonly string[]>> = {
  hold: ['open>held', 'held>open', 'held>lapsed', 'held>clawed_back'],
  capture: ['open>held', 'held>consumed', 'debt>clawed_back', 'written_off>consumed'],
  end: ['held>open', 'held>lapsed', 'held>clawed_back'],
  reverse: ['consumed>open'],
  expire: ['open>lapsed'],
  'claw-back': ['open>clawed_back', 'debt>clawed_back'],
  grow: ['issued>open'],
  'end-lot': ['open>lapsed', 'open>clawed_back'],
  'take-back': ['open>lapsed', 'open>clawed_back'],
  buy: ['issued>open', 'open>debt'],
  wait: [],
};

const sideOf = (account: string): string => account.split(':').at(account.startsWith('lot:') ? -1 : 0) ?? account;

/** What ended goes to lapsed, what was taken back after its purchase, and what lives back to open: nowhere else. */
function expectMoves({ entries, ...edge }: Edge): void {
  for (const { from, to, lotId } of entries) {
    const [source, target] = [sideOf(from), sideOf(to)];
    const all = { ...edge, entries };
    must(
      MOVES[edge.command.verb].includes(`${source}>${target}`),
      `no ${edge.command.verb} moves ${from} > ${to}`,
      all,
    );
    const lot = lotId === null ? undefined : edge.after.snapshot.lots.get(lotId);
    if (lot === undefined) continue;
    const hasEnded = hasLapsed(lot, timeOf(edge.after.step));
    if (target === 'clawed_back') must(lot.clawedBack, 'only a purchase that is undone is taken back', all);
    if (target === 'lapsed') must(hasEnded, 'only what has ended lapses', all);
    if (source === 'held' && target === 'open') must(!hasEnded && !lot.clawedBack, 'only to the living', all);
    if (source === 'consumed') must(!hasEnded && !lot.clawedBack, 'a refund can be spent', all);
  }
}

const liveLots = (world: SmallWorld, { snapshot, step }: SmallState): Lot[] =>
  [...snapshot.lots.values()].filter((lot) => isLive(lot, timeOf(step)) && mayPay(world.payer, lot.kind));

function ownOn(hold: Hold | undefined, lot: Lot): bigint {
  return sum((hold?.lines ?? []).filter((line) => line.lotId === lot.id).map((line) => line.held));
}

/** Yes or no, by the rules in words. */
function mayDo(world: SmallWorld, state: SmallState, one: SmallCommand): boolean {
  const { snapshot } = state;
  const hold = 'holdId' in one ? snapshot.holds.get(one.holdId) : undefined;
  switch (one.verb) {
    case 'hold': {
      if (hold !== undefined && hold.state !== 'held') return false;
      if (snapshot.debt > 0n && one.amount > 0n) return false;
      const reach = sum(liveLots(world, state).map((lot) => lot.open + ownOn(hold, lot)));
      return one.amount <= reach && hasRoom(world, state, one);
    }
    case 'capture':
    case 'end':
      return hold?.state === 'held';
    case 'reverse': {
      const line = hold?.lines.find((some) => some.lotId === one.lotId);
      return line !== undefined && one.amount <= refundableOf(line);
    }
    case 'claw-back':
      return snapshot.lots.get(one.lotId)?.clawedBack === false;
    case 'grow': {
      const lot = snapshot.lots.get(one.lotId);
      return lot !== undefined && !lot.clawedBack && !hasLapsed(lot, timeOf(state.step));
    }
    case 'end-lot':
      return snapshot.lots.has(one.lotId);
    case 'take-back':
    case 'expire':
    case 'buy':
    case 'wait':
      return true;
  }
}

function hasRoom(world: SmallWorld, { snapshot, step }: SmallState, one: { holdId: string; amount: bigint }): boolean {
  return world.limits(one.holdId, step).every((now) => {
    const ofLimit = (id: string): boolean =>
      id.includes(`|${now.limit.kind}|`) && id.endsWith(`|${String(now.periodStart)}`);
    const counter = [...snapshot.counters.values()].find(({ id }) => ofLimit(id));
    const mine = snapshot.holds.get(one.holdId)?.counters.find((part) => ofLimit(part.counterId))?.held ?? 0n;
    const others = (counter?.used ?? 0n) + (counter?.held ?? 0n) - mine;
    return one.amount <= mine || one.amount + others <= now.limit.amount;
  });
}

/** What a yes came to: amounts by the rules in words. */
function expectEffect(world: SmallWorld, edge: Edge): void {
  const { command: one, before, after } = edge;
  const was = 'holdId' in one ? before.snapshot.holds.get(one.holdId) : undefined;
  const is = 'holdId' in one ? after.snapshot.holds.get(one.holdId) : undefined;
  const live = liveLots(world, after).sort(compareDrawOrder);
  if (one.verb === 'hold' && is !== undefined) {
    must(heldOf(is) === one.amount, 'a hold holds its target', edge);
    const onLive = sum(live.map((lot) => ownOn(is, lot)));
    must(onLive === one.amount, 'a hold lies on living lots of its payer', edge);
    const last = live.findLastIndex((lot) => ownOn(is, lot) > 0n);
    must(sum(live.slice(0, Math.max(last, 0)).map((lot) => lot.open)) === 0n, 'lot.draw-order-total', edge);
  }
  if (one.verb === 'capture' && was !== undefined && edge.outcome.ok) {
    const { paid, writtenOff } = edge.outcome.value as Captured;
    const held = heldOf(was);
    const drawn = least(
      above(one.amount, held),
      least(one.overrun, sum(liveLots(world, before).map((lot) => lot.open))),
    );
    must(paid === least(one.amount, held) + drawn, 'a capture takes its hold, and of open lots its overrun', edge);
    must(paid + writtenOff === one.amount && held >= paid - drawn, 'hold.captured-at-most-held', edge);
    if (one.amount <= held) must(keepsOrder(edge, is), 'a capture takes ended lots first, then the draw order', edge);
  }
  if (one.verb === 'expire') {
    const left = lotsOf(after).filter((lot) => hasLapsed(lot, timeOf(after.step)) && lot.open > 0n);
    must(left.length === 0 && sameOpen(liveLots(world, before), live), 'expire takes what has ended alone', edge);
  }
}

/** Growth brings what was ordered to that lot, an end leaves nothing open on it; neither touches anything else. */
function expectPeriodLot({ command: one, ...edge }: Edge): void {
  if (one.verb !== 'grow' && one.verb !== 'end-lot' && one.verb !== 'take-back') return;
  const all = { ...edge, command: one };
  const [was, is] = [edge.before.snapshot.lots.get(one.lotId), edge.after.snapshot.lots.get(one.lotId)];
  if (was === undefined || is === undefined) return;
  must(is.held === was.held && edge.before.snapshot.debt === edge.after.snapshot.debt, 'holds and debt stay', all);
  for (const lot of lotsOf(edge.before)) {
    must(lot.id === one.lotId || edge.after.snapshot.lots.get(lot.id) === lot, 'a lot is ended alone', all);
  }
  if (one.verb === 'grow') {
    must(
      is.open === was.open + 1n && is.expiresAt === was.expiresAt,
      'a lot grows by what was ordered, no longer',
      all,
    );
    return;
  }
  const at = timeOf(edge.before.step);
  const wasOver = was.clawedBack || hasLapsed(was, at);
  must(wasOver ? is === was : is.open === 0n && is.expiresAt === at, 'a lot ends now, and once', all);
  must(wasOver || is.clawedBack === was.validFrom > at, 'only what has not begun goes back', all);
}

const sameOpen = (before: readonly Lot[], after: readonly Lot[]): boolean =>
  before.every((lot) => after.some((other) => other.id === lot.id && other.open === lot.open));

/** No lot gave to a capture while one that comes before it in the order of captures had something left. */
function keepsOrder({ after, entries }: Edge, hold: Hold | undefined): boolean {
  const ended = (lot: Lot): number => (hasLapsed(lot, timeOf(after.step)) ? 0 : 1);
  const order = lotsOf(after).sort((a, b) => ended(a) - ended(b) || compareDrawOrder(a, b));
  const took = order.map((lot) => entries.some((entry) => entry.lotId === lot.id));
  return order.every((lot, index) => !took.includes(true, index + 1) || ownOn(hold, lot) === 0n);
}

/** Every rule at once, for one command that was asked in one state. */
export function expectLaws(world: SmallWorld, edge: Edge): void {
  must(edge.outcome.ok === mayDo(world, edge.before, edge.command), 'yes and no are by the rules', edge);
  expectFrame(edge);
  if (!edge.outcome.ok) return;
  expectMoves(edge);
  expectFigures(edge);
  expectEffect(world, edge);
  expectPeriodLot(edge);
}
