// Goal: a period's lot grows with an upgrade, ends when another takes its place, and goes back before it begins; and no
// way leads from any of that to credits that pay twice. Method: worked cases on one scope, entries written out by hand.
import { describe, expect, it } from '@jest/globals';
import { LedgerScope } from '../../../../test/harness/ledger-scope.js';
import { after, creditsOf, grantOrder } from '../../../../test/harness/orders.js';
import type { Outcome } from '../failures/refusal.js';
import { grant } from './lot-verbs.js';
import { postGrowth, postLotEnd, postTakeBack } from './period-lot-operations.js';
import { endLot, grow, takeBackLot, type PeriodLotName } from './period-lots.js';

const DAY = 86_400_000;
const PERIOD: PeriodLotName = { kind: 'subscription', sourceRef: 'period' };
const NEXT: PeriodLotName = { kind: 'subscription', sourceRef: 'next' };

function scopeWith(amount: string): LedgerScope {
  const scope = new LedgerScope();
  scope.grant('period', 'subscription', { amount, endsIn: 30 * DAY });
  return scope;
}

const growBy = (scope: LedgerScope, amount: string, name = PERIOD): Outcome<unknown> =>
  scope.play((book) => grow(book, name, creditsOf(amount)));
const end = (scope: LedgerScope, name = PERIOD): Outcome<unknown> => scope.play((book) => endLot(book, name));
const takeBack = (scope: LedgerScope, name = NEXT): Outcome<unknown> => scope.play((book) => takeBackLot(book, name));

/** The period after the present one, posted ahead of it. */
function postAhead(scope: LedgerScope, amount: string): void {
  const starts = { validFrom: after(scope.at, 30 * DAY), expiresAt: after(scope.at, 60 * DAY) };
  const order = grantOrder({ lotId: 'next', amount: creditsOf(amount), ...starts });
  expect(scope.play((book) => grant(book, order))).toMatchObject({ ok: true });
}

const available = (scope: LedgerScope): bigint => {
  let found = -1n;
  scope.play((book) => {
    found = book.availableToAll;
    return { ok: true, value: null };
  });
  return found;
};

describe('a lot that grows', () => {
  it('[E17] [E20] has more to the same end, beside what a job holds of it and what is spent', () => {
    const scope = scopeWith('300');
    scope.hold('job', '50');
    scope.capture('job', '20');
    expect(growBy(scope.wait(10 * DAY), '466.7')).toMatchObject({ ok: true });
    expect(scope.moved).toEqual(['issued:subscription > period:open 466700000']);
    expect(scope.lot('period')).toEqual([716_700_000n, 30_000_000n]);
    expect(scope.snapshot.lots.get('period')).toMatchObject({
      granted: creditsOf('766.7'),
      expiresAt: after(scope.at, 20 * DAY),
    });
    expect(scope.capture('job', '30')).toMatchObject({ value: { paid: creditsOf('30') } });
  });

  it('[edge 34] gets what was ordered also where nothing of it was left', () => {
    const scope = scopeWith('5');
    scope.hold('job', '5');
    scope.capture('job', '5');
    scope.end('job');
    growBy(scope, '2');
    expect(scope.lot('period')).toEqual([2_000_000n, 0n]);
  });

  it('is one that has not ended, and grows by something', () => {
    const scope = scopeWith('5');
    expect(growBy(scope, '0')).toMatchObject({ refusal: { code: 'amount_out_of_range' } });
    expect(growBy(scope, '9000000000000')).toMatchObject({ refusal: { code: 'amount_out_of_range' } });
    expect(growBy(scope, '1', NEXT)).toMatchObject({ refusal: { code: 'lot_not_found', lotId: 'next' } });
    expect(growBy(scope.wait(30 * DAY), '1')).toMatchObject({ refusal: { code: 'lot_ended', lotId: 'period' } });
    expect(scope.moved).toEqual([]);
  });
});

describe('a lot that is ended', () => {
  it('[X23] lets go of what is open and keeps what was held for the step in flight', () => {
    const scope = scopeWith('50');
    scope.hold('job', '10');
    scope.wait(3 * DAY);
    expect(end(scope)).toMatchObject({ value: { lapsed: creditsOf('40'), takenBack: 0n } });
    expect(scope.moved).toEqual(['period:open > lapsed 40000000']);
    expect(scope.snapshot.lots.get('period')).toMatchObject({
      expiresAt: scope.at,
      grantedUntil: after(scope.at, 27 * DAY),
    });
    expect(scope.capture('job', '4')).toMatchObject({ value: { paid: creditsOf('4'), writtenOff: 0n } });
    expect(scope.hold('job', '6')).toMatchObject({ refusal: { code: 'credits_exhausted' } });
    scope.end('job');
    expect(scope.moved).toEqual(['period:held > lapsed 6000000']);
  });

  it('[E21] holds its next step on what lives, whatever was held on it before', () => {
    const scope = scopeWith('50');
    scope.hold('job', '10');
    scope.grant('paid', 'subscription', { amount: '300', endsIn: 30 * DAY });
    end(scope);
    expect(scope.hold('job', '12')).toMatchObject({ ok: true });
    expect([scope.lot('period'), scope.lot('paid')]).toEqual([
      [0n, 0n],
      [288_000_000n, 12_000_000n],
    ]);
  });

  it('[X14] gets no refund back: that is a lot of its own', () => {
    const scope = scopeWith('50');
    scope.hold('job', '10');
    scope.capture('job', '10');
    scope.end('job');
    end(scope);
    expect(scope.reverse('job', { period: '10' })).toMatchObject({ value: { toLots: [{ lotKind: 'compensation' }] } });
    expect([scope.lot('period'), scope.lot('refund')]).toEqual([
      [0n, 0n],
      [10_000_000n, 0n],
    ]);
  });

  it('[X23] gives way to the lot that takes its place in one posting: never both, never neither', () => {
    const scope = scopeWith('50');
    scope.hold('job', '10');
    const order = grantOrder({ lotId: 'paid', amount: creditsOf('300'), inPlaceOf: 'period' });
    expect(scope.play((book) => grant(book, order))).toMatchObject({
      value: { replaced: { lapsed: creditsOf('40') } },
    });
    expect(scope.moved).toEqual(['period:open > lapsed 40000000', 'issued:subscription > paid:open 300000000']);
    expect(available(scope)).toBe(creditsOf('300'));
    expect(scope.snapshot.lots.get('period')).toMatchObject({ expiresAt: scope.at, held: creditsOf('10') });
    const again = grantOrder({ lotId: 'other', inPlaceOf: 'period' });
    expect(scope.play((book) => grant(book, again))).toMatchObject({ value: { replaced: { lot: null } } });
    const unknown = grantOrder({ lotId: 'third', inPlaceOf: 'never posted' });
    expect(scope.play((book) => grant(book, unknown))).toMatchObject({ ok: true });
  });

  it('ends once, and one that is over by itself keeps its end', () => {
    const scope = scopeWith('5');
    end(scope.wait(DAY));
    const ended = scope.snapshot.lots.get('period');
    expect(end(scope.wait(DAY))).toMatchObject({ value: { lot: null } });
    expect(scope.snapshot.lots.get('period')).toBe(ended);
    expect(growBy(scope, '1')).toMatchObject({ refusal: { code: 'lot_ended' } });
    const other = scopeWith('5').wait(31 * DAY);
    expect(end(other)).toMatchObject({ value: { lot: null } });
    expect(other.snapshot.lots.get('period')).toMatchObject({ grantedUntil: null });
    expect(end(other, NEXT)).toMatchObject({ refusal: { code: 'lot_not_found' } });
  });
});

describe('a lot that was posted ahead', () => {
  it('pays nothing before it begins, and goes back whole without a debt', () => {
    const scope = scopeWith('5');
    postAhead(scope, '300');
    expect(available(scope)).toBe(creditsOf('5'));
    expect(growBy(scope, '20', NEXT)).toMatchObject({ ok: true });
    expect(takeBack(scope)).toMatchObject({ value: { takenBack: creditsOf('320'), lapsed: 0n } });
    expect(scope.moved).toEqual(['next:open > clawed_back 320000000']);
    expect([scope.debt, available(scope.wait(30 * DAY))]).toEqual([0n, 0n]);
    expect(growBy(scope, '1', NEXT)).toMatchObject({ refusal: { code: 'lot_taken_back' } });
    expect(scope.clawBack('next')).toMatchObject({ refusal: { code: 'lot_taken_back' } });
    expect(takeBack(scope)).toMatchObject({ value: { lot: null } });
    expect(takeBack(scope, { kind: 'subscription', sourceRef: 'never posted' })).toMatchObject({
      value: { lot: null },
    });
  });

  it("and has begun while its taking back was on the way is ended: what was spent of it is nobody's debt", () => {
    const scope = scopeWith('5');
    postAhead(scope, '300');
    scope.wait(30 * DAY).hold('job', '10');
    scope.capture('job', '4');
    expect(takeBack(scope)).toMatchObject({ value: { takenBack: 0n, lapsed: creditsOf('290') } });
    expect(scope.capture('job', '6')).toMatchObject({ value: { paid: creditsOf('6') } });
    expect([scope.debt, available(scope)]).toEqual([0n, 0n]);
  });
});

describe('a lot whose period is over when it is granted', () => {
  it('[F17] is booked and lapses in the same posting', () => {
    const scope = new LedgerScope();
    scope.wait(40 * DAY);
    const over = { validFrom: after(scope.at, -40 * DAY), expiresAt: after(scope.at, -10 * DAY) };
    scope.play((book) => grant(book, grantOrder({ lotId: 'missed', amount: creditsOf('50'), ...over })));
    expect(scope.moved).toEqual(['issued:subscription > missed:open 50000000', 'missed:open > lapsed 50000000']);
    const present = { validFrom: over.expiresAt, expiresAt: after(scope.at, 20 * DAY) };
    scope.play((book) => grant(book, grantOrder({ lotId: 'present', amount: creditsOf('50'), ...present })));
    expect([scope.snapshot.lots.size, available(scope)]).toEqual([2, creditsOf('50')]);
  });
});

describe('what is told of it', () => {
  const eventsOf = (posted: ReturnType<typeof postGrowth | typeof postLotEnd>): unknown =>
    posted.ok ? posted.value.events : posted;

  it('names lot, amount and what is available', () => {
    const scope = scopeWith('5');
    postAhead(scope, '300');
    const { snapshot, at } = scope;
    const grown = eventsOf(postGrowth({ snapshot, at }, { ...PERIOD, amount: creditsOf('2') }));
    expect(grown).toMatchObject([
      { type: 'credits.grown', lot_id: 'period', amount: '2.000000', available: '7.000000' },
    ]);
    expect(eventsOf(postLotEnd({ snapshot, at }, PERIOD))).toMatchObject([
      { type: 'credits.lapsed', amount: '5.000000', available: '0.000000' },
    ]);
    expect(eventsOf(postTakeBack({ snapshot, at }, NEXT))).toMatchObject([
      { type: 'credits.taken_back', lot_id: 'next', amount: '300.000000', debt: '0.000000', available: '5.000000' },
    ]);
    expect(eventsOf(postTakeBack({ snapshot, at }, { ...NEXT, sourceRef: 'unknown' }))).toEqual([]);
  });
});
