// Goal: whatever is granted, held, captured and ended in whatever order, the books balance. Method: random command
// lists at rising instants over lots that end; after each one every figure is recomputed from the entries alone.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { after, grantOrder, T0 } from '../../../../test/harness/orders.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import { InvariantViolation } from '../failures/invariant.js';
import type { Outcome } from '../failures/refusal.js';
import { Book, remainingOf, spentOf } from './book.js';
import type { Entry } from './entry.js';
import type { Hold } from './hold.js';
import { capturedOf } from './hold.js';
import { availableOf, isLive, LOT_KINDS } from './lot.js';
import { capture, endHold, holdAfresh } from './hold-verbs.js';
import { grant } from './lot-verbs.js';
import type { ScopeSnapshot } from './scope.js';
import { applyChanges, emptyScope } from './scope.js';

const money = fc.bigInt(0n, 60n).map((value) => value as MicroCredits);
const holdId = fc.constantFrom('hld_1', 'hld_2', 'hld_3');
const waits = fc.nat(40);

const command = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      verb: fc.constant('grant'),
      waits,
      amount: money,
      kind: fc.constantFrom(...LOT_KINDS),
      lives: fc.option(fc.integer({ min: 1, max: 120 }), { nil: null }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ verb: fc.constant('hold'), waits, holdId, amount: money }) },
  { weight: 4, arbitrary: fc.record({ verb: fc.constant('capture'), waits, holdId, amount: money, overrun: money }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('end'), waits, holdId }) },
);
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;
const commands = fc.array(command, { minLength: 1, maxLength: 40 });

interface Played {
  readonly before: ScopeSnapshot;
  readonly after: ScopeSnapshot;
  readonly command: Command;
  readonly outcome: Outcome<unknown>;
  /** All entries of the scope so far. */
  readonly entries: readonly Entry[];
  readonly fresh: readonly Entry[];
  readonly now: ReturnType<typeof after>;
}

function run(book: Book, one: Command, number: number): Outcome<unknown> {
  if ('kind' in one) {
    const expiresAt = one.lives === null ? null : after(book.at, one.lives);
    return grant(book, grantOrder({ lotId: `lot_${number}`, kind: one.kind, amount: one.amount, expiresAt }));
  }
  if ('overrun' in one) return capture(book, { holdId: one.holdId, amount: one.amount, mayOverrunBy: one.overrun });
  if ('amount' in one) return holdAfresh(book, { holdId: one.holdId, jobId: one.holdId, target: one.amount });
  return endHold(book, one.holdId, 'released');
}

function* play(list: readonly Command[]): Generator<Played> {
  let snapshot: ScopeSnapshot = emptyScope('account/acc_1');
  let now = T0;
  const entries: Entry[] = [];
  for (const [index, one] of list.entries()) {
    now = after(now, one.waits);
    const book = new Book(snapshot, now);
    const outcome = run(book, one, index);
    const before = snapshot;
    const fresh = outcome.ok ? book.changes().entries : [];
    if (outcome.ok) snapshot = applyChanges(snapshot, book.changes());
    entries.push(...fresh);
    yield { before, after: snapshot, command: one, outcome, entries, fresh, now };
  }
}

function always(check: (played: Played) => void): void {
  fc.assert(
    fc.property(commands, (list) => {
      for (const played of play(list)) check(played);
    }),
    { numRuns: 300 },
  );
}

function balances(entries: readonly Entry[]): Map<string, bigint> {
  const of = new Map<string, bigint>();
  for (const { from, to, amount } of entries) {
    of.set(from, (of.get(from) ?? 0n) - amount);
    of.set(to, (of.get(to) ?? 0n) + amount);
  }
  return of;
}

const sum = (amounts: Iterable<bigint>): bigint => [...amounts].reduce((a, b) => a + b, 0n);
const linesOn = (holds: Iterable<Hold>, lotId: string): Hold['lines'][number][] =>
  [...holds].flatMap((hold) => hold.lines.filter((line) => line.lotId === lotId));

describe('any list of commands', () => {
  it('ledger.sum-zero: every entry moves one amount between two accounts, and lots are what their entries say', () => {
    always(({ after: { lots }, entries, fresh }) => {
      for (const { from, to, amount } of fresh) {
        expect(amount > 0n && from !== to).toBe(true);
      }
      const of = balances(entries);
      for (const lot of lots.values()) {
        expect([of.get(`lot:${lot.id}:open`), of.get(`lot:${lot.id}:held`) ?? 0n]).toEqual([lot.open, lot.held]);
      }
      const issued = -sum([...of].filter(([account]) => account.startsWith('issued:')).map(([, amount]) => amount));
      expect(issued).toBe(sum([...lots.values()].map((lot) => lot.granted)));
      const outside =
        (of.get('consumed:account/acc_1') ?? 0n) + (of.get('lapsed') ?? 0n) + (of.get('written_off') ?? 0n);
      expect(issued).toBe(outside + sum([...lots.values()].map(remainingOf)));
    });
  });

  it('ledger.sum-zero: each entry carries the figures that it left its lot with', () => {
    always(({ entries }) => {
      const of = new Map<string, bigint>();
      for (const { from, to, amount, lotId, lotOpenAfter, lotHeldAfter } of entries) {
        of.set(from, (of.get(from) ?? 0n) - amount);
        of.set(to, (of.get(to) ?? 0n) + amount);
        if (lotId === null) expect([lotOpenAfter, lotHeldAfter]).toEqual([null, null]);
        else
          expect([of.get(`lot:${lotId}:open`), of.get(`lot:${lotId}:held`) ?? 0n]).toEqual([
            lotOpenAfter,
            lotHeldAfter,
          ]);
      }
    });
  });

  it('lot.never-negative: neither open nor held of a lot goes below nothing, nor both above what was granted', () => {
    always(({ after: { lots }, fresh }) => {
      for (const entry of fresh)
        expect((entry.lotOpenAfter ?? 0n) >= 0n && (entry.lotHeldAfter ?? 0n) >= 0n).toBe(true);
      for (const lot of lots.values()) expect(lot.open >= 0n && lot.held >= 0n && spentOf(lot) >= 0n).toBe(true);
    });
  });

  it('hold.captured-at-most-held: a capture takes what was set aside, and holds set aside just what lots hold', () => {
    always(({ after: { lots, holds, scopeId }, entries }) => {
      for (const lot of lots.values()) {
        const lines = linesOn(holds.values(), lot.id);
        expect(sum(lines.map((line) => line.held))).toBe(lot.held);
        const moved = (from: string, to: string): bigint =>
          sum(entries.filter((entry) => entry.from === from && entry.to === to).map((entry) => entry.amount));
        const captured = sum(lines.map((line) => line.captured));
        expect(captured).toBe(moved(`lot:${lot.id}:held`, `consumed:${scopeId}`));
        expect(captured <= moved(`lot:${lot.id}:open`, `lot:${lot.id}:held`)).toBe(true);
      }
    });
  });

  it('hold.ends-once: a hold that ended keeps its state and its captures for good, and holds nothing', () => {
    always(({ before, after: { holds } }) => {
      for (const hold of before.holds.values()) {
        const now = holds.get(hold.id);
        if (now === undefined) throw new Error('a hold vanished');
        if (hold.state !== 'held') expect(now).toBe(hold);
        else expect(capturedOf(now) >= capturedOf(hold)).toBe(true);
        if (now.state !== 'held') expect(sum(now.lines.map((line) => line.held))).toBe(0n);
      }
    });
  });

  it('[E4] available.equals-entries: what can be spent is what the entries left open on lots that live now', () => {
    always(({ after: { lots }, entries, now }) => {
      const last = new Map<string, bigint>();
      for (const entry of entries) if (entry.lotId !== null) last.set(entry.lotId, entry.lotOpenAfter ?? 0n);
      const live = [...lots.values()].filter((lot) => isLive(lot, now)).map((lot) => last.get(lot.id) ?? 0n);
      expect(availableOf(lots.values(), now)).toBe(sum(live));
    });
  });

  it('a hold that succeeds holds exactly its target, on lots that live, and lets none of it lie on ended ones', () => {
    always(({ after: { lots, holds }, command: one, outcome, now }) => {
      if (!('holdId' in one) || !('amount' in one) || 'overrun' in one || !outcome.ok) return;
      const lines = holds.get(one.holdId)?.lines ?? [];
      expect(sum(lines.map((line) => line.held))).toBe(one.amount);
      for (const line of lines.filter((some) => some.held > 0n)) {
        const lot = lots.get(line.lotId);
        expect(lot !== undefined && isLive(lot, now)).toBe(true);
      }
    });
  });

  it('a refusal leaves no trace', () => {
    always(({ before, after: now, outcome, fresh }) => {
      if (outcome.ok) return;
      expect(now).toBe(before);
      expect(fresh).toEqual([]);
    });
  });
});

describe('a book', () => {
  const book = (): Book => {
    const fresh = new Book(emptyScope('account/acc_1'), T0);
    grant(fresh, grantOrder({ lotId: 'a', amount: 5n as MicroCredits }));
    return fresh;
  };
  const five = 5n as MicroCredits;
  const six = 6n as MicroCredits;

  it.each([
    ['more set aside than is open', (on: Book) => on.setAside('a', six)],
    ['more given back than is held', (on: Book) => on.giveBack('a', five)],
    ['more paid out than is held', (on: Book) => on.payOut('a', five, 'lapsed')],
  ])('lot.never-negative: breaks off at %s', (_, move) => {
    expect(() => move(book())).toThrow(InvariantViolation);
    expect(() => move(book())).toThrow(/lot\.never-negative/);
  });

  it('ledger.sum-zero: breaks off at an entry of nothing', () => {
    expect(() => book().setAside('a', 0n as MicroCredits)).toThrow(/ledger\.sum-zero/);
  });
});
