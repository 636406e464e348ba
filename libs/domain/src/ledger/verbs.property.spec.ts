// Goal: all verbs together, in whatever order, keep the books, the limits and the debt right. Method: random command
// lists at rising instants over lots that end; after each one every figure is recomputed from the entries alone.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { balancesOf, LedgerScope } from '../../../../test/harness/ledger-scope.js';
import { after, grantOrder } from '../../../../test/harness/orders.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { instant } from '../time/instant.js';
import type { ScopeSnapshot } from './scope.js';
import type { CounterKind, LimitNow } from './counter.js';
import { counterId, limitOfCounter } from './counter.js';
import type { Entry } from './entry.js';
import { capturedOf } from './hold.js';
import { capture, endHold, holdAfresh } from './hold-verbs.js';
import { LOT_KINDS } from './lot.js';
import { clawBack, expire, grant, reverse } from './lot-verbs.js';
import type { LotPart } from './hold-verbs.js';
import { FUNDINGS, mayPay } from './payer.js';

const PERIOD = 50;

/** Which limits ride along with a hold; their amounts change from order to order, as an owner may change them. */
const LIMITS_OF: Readonly<Record<string, readonly CounterKind[]>> = {
  hld_1: ['spend', 'member'],
  hld_2: ['spend'],
  hld_3: ['campaign'],
  hld_4: ['campaign', 'visitor'],
  hld_5: [],
};

const upTo = (most: bigint): fc.Arbitrary<MicroCredits> => fc.bigInt(0n, most).map((value) => value as MicroCredits);
const money = upTo(60n);
const waits = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.nat(40) });
const holdId = fc.constantFrom(...Object.keys(LIMITS_OF));
const payer = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ funding: 'owner' as const, publicMayUseBonus: false }) },
  {
    weight: 2,
    arbitrary: fc.record({ funding: fc.constantFrom(...FUNDINGS), publicMayUseBonus: fc.boolean() }),
  },
);
const verb = <V extends string>(name: V): fc.Arbitrary<V> => fc.constant(name);

const command = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      verb: verb('grant'),
      waits,
      amount: money,
      kind: fc.oneof(fc.constantFrom(...LOT_KINDS), fc.constantFrom('bundle' as const, 'subscription' as const)),
      lives: fc.option(fc.integer({ min: 1, max: 120 }), { nil: null }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ verb: verb('hold'), waits, holdId, amount: upTo(30n), payer, limit: upTo(90n) }),
  },
  { weight: 5, arbitrary: fc.record({ verb: verb('capture'), waits, holdId, amount: upTo(30n), overrun: money }) },
  { weight: 1, arbitrary: fc.record({ verb: verb('end'), waits, holdId }) },
  {
    weight: 4,
    arbitrary: fc.record({
      verb: verb('reverse'),
      waits,
      holdId,
      picks: fc.array(fc.tuple(fc.nat(5), upTo(15n)), { minLength: 1, maxLength: 3 }),
      form: fc.constantFrom('origin_while_live' as const, 'compensation' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ verb: verb('expire'), waits }) },
  { weight: 2, arbitrary: fc.record({ verb: verb('claw-back'), waits, pick: fc.nat(20) }) },
);
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;
const commands = fc.array(command, { minLength: 1, maxLength: 60 });

function limitsFor(id: string, amount: MicroCredits, at: number): LimitNow[] {
  const periodStart = instant(Math.floor(at / PERIOD) * PERIOD);
  return (LIMITS_OF[id] ?? []).map((kind) => ({ limit: { kind, subject: 'one', period: 'day', amount }, periodStart }));
}

function run(scope: LedgerScope, one: Command, name: string): Outcome<unknown> {
  return scope.play<unknown>((book) => {
    switch (one.verb) {
      case 'grant': {
        const expiresAt = one.lives === null ? null : after(book.at, one.lives);
        return grant(book, grantOrder({ lotId: name, kind: one.kind, amount: one.amount, expiresAt }));
      }
      case 'hold': {
        const limits = limitsFor(one.holdId, one.limit, book.at);
        const { holdId: id, amount: target, payer: who } = one;
        return holdAfresh(book, { holdId: id, jobId: id, target, payer: who, limits });
      }
      case 'capture':
        return capture(book, { holdId: one.holdId, amount: one.amount, mayOverrunBy: one.overrun });
      case 'end':
        return endHold(book, one.holdId, 'released');
      case 'reverse': {
        const lines = book.hold(one.holdId)?.lines ?? [];
        const parts = one.picks.map(([pick, amount]) => ({
          lotId: lines[pick % Math.max(lines.length, 1)]?.lotId ?? 'unknown',
          amount,
        }));
        const compensation = { fromDailyLotId: `${name}-daily`, lotId: name, sourceRef: name };
        return reverse(book, { holdId: one.holdId, parts, form: one.form, compensation });
      }
      case 'expire':
        return expire(book);
      case 'claw-back':
        return clawBack(book, book.allLots[one.pick % Math.max(book.allLots.length, 1)]?.id ?? 'unknown');
    }
  });
}

interface Played {
  readonly before: ScopeSnapshot;
  readonly scope: LedgerScope;
  readonly command: Command;
  readonly outcome: Outcome<unknown>;
  /** What came of each hold, added up from the entries of its captures and its refunds. */
  readonly net: ReadonlyMap<string, { captured: bigint; reversed: bigint }>;
}

const CONSUMED = 'consumed:account/acc_1';
const sum = (amounts: Iterable<bigint>): bigint => [...amounts].reduce((a, b) => a + b, 0n);
const amountOf = (entries: readonly Entry[], which: (entry: Entry) => boolean): bigint =>
  sum(entries.filter(which).map((entry) => entry.amount));

function always(check: (played: Played) => void): void {
  fc.assert(
    fc.property(commands, (list) => {
      const scope = new LedgerScope();
      const net = new Map<string, { captured: bigint; reversed: bigint }>();
      for (const [index, one] of list.entries()) {
        const before = scope.snapshot;
        const outcome = run(scope.wait(one.waits), one, `lot_${index}`);
        if ('holdId' in one) {
          const so = net.get(one.holdId) ?? { captured: 0n, reversed: 0n };
          const captured = amountOf(scope.fresh, ({ to, lotId }) => to === CONSUMED && lotId !== null);
          const reversed = amountOf(scope.fresh, ({ from }) => from === CONSUMED);
          net.set(one.holdId, { captured: so.captured + captured, reversed: so.reversed + reversed });
        }
        check({ before, scope, command: one, outcome, net });
      }
    }),
    { numRuns: 400 },
  );
}

const usedAndHeld = (snapshot: ScopeSnapshot, id: string): bigint => {
  const counter = snapshot.counters.get(id);
  return (counter?.used ?? 0n) + (counter?.held ?? 0n);
};

describe('any list of all verbs', () => {
  it('ledger.sum-zero: what was issued lies on lots or outside, and lots are what their entries say', () => {
    always(({ scope: { snapshot, entries } }) => {
      const of = balancesOf(entries);
      const balance = (account: string): bigint => of.get(account) ?? 0n;
      for (const lot of snapshot.lots.values()) {
        expect([balance(`lot:${lot.id}:open`), balance(`lot:${lot.id}:held`)]).toEqual([lot.open, lot.held]);
      }
      const issued = -sum([...of].filter(([account]) => account.startsWith('issued:')).map(([, amount]) => amount));
      const outside = [CONSUMED, 'lapsed', 'clawed_back', 'written_off', 'debt:account/acc_1'].map(balance);
      expect(sum(outside) + sum([...snapshot.lots.values()].map((lot) => lot.open + lot.held))).toBe(issued);
      expect(snapshot.entrySeq).toBe(BigInt(entries.length));
    });
  });

  it('lot.never-negative: no lot, no counter and no debt goes below nothing, entry by entry', () => {
    always(({ scope: { snapshot, fresh } }) => {
      for (const { amount, lotOpenAfter, lotHeldAfter } of fresh) {
        expect(amount > 0n && (lotOpenAfter ?? 0n) >= 0n && (lotHeldAfter ?? 0n) >= 0n).toBe(true);
      }
      for (const { used, held } of snapshot.counters.values()) expect(used >= 0n && held >= 0n).toBe(true);
      for (const lot of snapshot.lots.values()) expect(lot.open + lot.held <= lot.granted).toBe(true);
      expect(snapshot.debt >= 0n).toBe(true);
    });
  });

  it('[edge 72] debt is what its entries say, stops holds, and no purchase is taken back more than once over', () => {
    always(({ before, command: one, outcome, scope: { snapshot, entries } }) => {
      const of = balancesOf(entries);
      expect(snapshot.debt).toBe(-(of.get('debt:account/acc_1') ?? 0n));
      const taken = [...snapshot.lots.values()].filter((lot) => lot.clawedBack);
      expect(of.get('clawed_back') ?? 0n).toBe(sum(taken.map((lot) => lot.granted - lot.held - lot.lapsed)));
      for (const lot of taken) expect(lot.open).toBe(0n);
      if (one.verb === 'hold' && outcome.ok && one.amount > 0n) expect(before.debt).toBe(0n);
    });
  });

  it('[edge 72] taking one lot back moves nothing on the others', () => {
    always(({ before, command: one, scope: { snapshot } }) => {
      if (one.verb !== 'claw-back') return;
      const changed = [...snapshot.lots.values()].filter((lot) => before.lots.get(lot.id) !== lot);
      expect(changed.every((lot) => lot.clawedBack) && changed.length <= 1).toBe(true);
    });
  });

  it('hold.captured-at-most-held: lines are what lots hold, and none captured more than was ever set aside', () => {
    always(({ scope: { snapshot, entries }, net }) => {
      const lines = [...snapshot.holds.values()].flatMap((hold) => hold.lines);
      for (const lot of snapshot.lots.values()) {
        const on = lines.filter((line) => line.lotId === lot.id);
        const everHeld = amountOf(
          entries,
          ({ from, to }) => to === `lot:${lot.id}:held` && from === `lot:${lot.id}:open`,
        );
        const captured = amountOf(entries, ({ from, to }) => from === `lot:${lot.id}:held` && to === CONSUMED);
        expect([sum(on.map((line) => line.held)), sum(on.map((line) => line.captured))]).toEqual([lot.held, captured]);
        expect(captured <= everHeld).toBe(true);
      }
      for (const hold of snapshot.holds.values()) {
        expect(capturedOf(hold)).toBe(net.get(hold.id)?.captured);
        for (const line of hold.lines) expect(mayPay(hold.payer, kindOf(snapshot, line.lotId))).toBe(true);
      }
    });
  });

  it('[F14] refund.at-most-charged: no line and no hold gives back more than it captured', () => {
    always(({ scope: { snapshot }, net }) => {
      for (const hold of snapshot.holds.values()) {
        for (const line of hold.lines) expect(line.reversed <= line.captured).toBe(true);
        const { captured, reversed } = net.get(hold.id) ?? { captured: 0n, reversed: 0n };
        expect(sum(hold.lines.map((line) => line.reversed))).toBe(reversed);
        expect(reversed <= captured).toBe(true);
      }
    });
  });

  it('counters hold the sum of their holds, and count what was captured less what was given back', () => {
    always(({ scope: { snapshot }, net }) => {
      const parts = [...snapshot.holds.values()].flatMap((hold) => hold.counters);
      const usedUnder = new Map<string, bigint>();
      for (const { id, used, held } of snapshot.counters.values()) {
        const mine = parts.filter((part) => part.counterId === id);
        expect([sum(mine.map((part) => part.held)), sum(mine.map((part) => part.used))]).toEqual([held, used]);
        usedUnder.set(limitOfCounter(id), (usedUnder.get(limitOfCounter(id)) ?? 0n) + used);
      }
      for (const [limit, used] of usedUnder) {
        const riding = [...net].filter(([id]) => LIMITS_OF[id]?.some((kind) => limit.includes(`|${kind}|`)));
        expect(used).toBe(sum(riding.map(([, { captured, reversed }]) => captured - reversed)));
      }
    });
  });

  it('[B16] a hold takes more of a limit only where there is room, and else only an overrun does', () => {
    always(({ before, command: one, outcome, scope: { snapshot, at } }) => {
      if (!outcome.ok) return;
      const grown = [...snapshot.counters.keys()].filter((id) => usedAndHeld(snapshot, id) > usedAndHeld(before, id));
      if (one.verb === 'hold') {
        const present = limitsFor(one.holdId, one.limit, at).map((now) => counterId(snapshot.scopeId, now));
        for (const id of grown) {
          expect(present).toContain(id);
          expect(usedAndHeld(snapshot, id) <= one.limit).toBe(true);
        }
      } else if (one.verb === 'capture') {
        const { paidFrom } = outcome.value as { readonly paidFrom: readonly LotPart[] };
        const paid = sum(paidFrom.map((part) => part.amount));
        const parts = before.holds.get(one.holdId)?.counters ?? [];
        for (const id of grown) {
          const held = parts.find((part) => part.counterId === id)?.held ?? 0n;
          expect(usedAndHeld(snapshot, id) - usedAndHeld(before, id)).toBe(paid - held);
        }
      } else expect(grown).toEqual([]);
    });
  });
});

function kindOf(snapshot: ScopeSnapshot, lotId: string): (typeof LOT_KINDS)[number] {
  const lot = snapshot.lots.get(lotId);
  if (lot === undefined) throw new Error(`a line lies on ${lotId}, which is no lot`);
  return lot.kind;
}
