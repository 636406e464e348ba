// Goal: worked examples of which the ledger is only a part come out right from its entries alone. Method: whole jobs on
// a ledger in memory, lots and figures by hand; what was charged, refunded and left is added up from entries.
import { describe, expect, it } from '@jest/globals';
import { LedgerScope } from '../../../../test/harness/ledger-scope.js';
import { MemoryLedger, type StampedEntry } from '../../../../test/harness/memory-ledger.js';
import {
  admitOrder,
  after,
  beginOrder,
  botTerms,
  byTokens,
  cardWith,
  creditsOf,
  endOrder,
  grantOrder,
  HOUR,
  priceFor,
  T0,
  use,
  wishFor,
} from '../../../../test/harness/orders.js';
import { formatCredits, type MicroCredits } from '../amounts/micro-credits.js';
import type { ModelPrice } from '../pricing/rate-card.js';
import type { Instant } from '../time/instant.js';
import { instant } from '../time/instant.js';
import type { LimitNow } from './counter.js';
import type { Payer } from './payer.js';

const JOB = 'job_1';
const DAY = 24 * HOUR;
const nothing = creditsOf('0');
const FREE = { input: nothing, cachedInput: nothing, cacheWrite: nothing, output: nothing, reasoning: nothing };
const THOUSAND_IN = use({ input: 1_000, calls: 1 });

/** A model whose thousand input tokens cost just that, and nothing else anything. */
function modelAt(model: string, perThousand: string): ModelPrice {
  const input = (creditsOf(perThousand) * 1_000n) as MicroCredits;
  return priceFor({ model, rates: { ...FREE, input } });
}

function jobOf(ledger: MemoryLedger, models: readonly ModelPrice[]): void {
  const bot = botTerms({ rateCard: cardWith(...models), defaultModel: models[0]?.model ?? '' });
  const admitted = ledger.admit(T0, admitOrder(JOB, { bot, wish: wishFor({ maxCredits: creditsOf('100') }) }));
  if (!admitted.ok) throw new Error(admitted.refusal.code);
}

function step(ledger: MemoryLedger, ordinal: number, price: ModelPrice): void {
  const begun = ledger.begin(JOB, T0, beginOrder(ordinal, { price: byTokens(price) }));
  const ended = ledger.end(JOB, T0, endOrder(ordinal, 1, { price: byTokens(price), meters: THOUSAND_IN }));
  if (!begun.ok || !ended.ok) throw new Error(`step ${ordinal} was refused`);
}

/** Gives a whole step back to the lots that its entries came from. */
function refundStep(ledger: MemoryLedger, ordinal: number, asOf: Instant = T0): void {
  const parts = ledger.entries
    .filter((entry) => entry.stepOrdinal === ordinal && entry.to.startsWith('consumed:'))
    .map(({ lotId, amount }) => ({ lotId: lotId ?? '', amount }));
  const ref = `refund-${ordinal}`;
  const compensation = { fromDailyLotId: `${ref}-daily`, lotId: ref, sourceRef: ref };
  const refunded = ledger.refund(JOB, asOf, { parts, form: 'origin_while_live', stepOrdinal: ordinal, compensation });
  if (!refunded.ok) throw new Error(refunded.refusal.code);
}

const isCharge = (entry: StampedEntry): boolean => entry.to.startsWith('consumed:');
const isRefund = (entry: StampedEntry): boolean => entry.from.startsWith('consumed:');
const sumOf = (entries: readonly StampedEntry[]): string =>
  formatCredits(entries.reduce((sum, entry) => sum + entry.amount, 0n) as MicroCredits);
const lotsOf = (ledger: MemoryLedger): Record<string, string> =>
  Object.fromEntries([...ledger.snapshot.lots.values()].map((lot) => [lot.id, formatCredits(lot.open)]));

describe('a loop that is refunded', () => {
  it('[W3] of eight steps of 0.4, of which four repeat the first honest try: refunds 1.6 and leaves 1.6', () => {
    const ledger = new MemoryLedger('acc_1');
    const price = modelAt('coder', '0.4');
    ledger.grant(T0, grantOrder({ lotId: 'daily', kind: 'daily', amount: creditsOf('2') }));
    ledger.grant(T0, grantOrder({ lotId: 'period', amount: creditsOf('10') }));
    jobOf(ledger, [price]);
    for (const ordinal of [1, 2, 3, 4, 5, 6, 7, 8]) step(ledger, ordinal, price);
    ledger.settle(JOB, T0, { state: 'stopped_loop', reason: 'finished', minimumCharge: creditsOf('0.1') });
    expect(lotsOf(ledger)).toEqual({ daily: '0.000000', period: '8.800000' });
    for (const ordinal of [5, 6, 7, 8]) refundStep(ledger, ordinal);
    expect([sumOf(ledger.entries.filter(isCharge)), sumOf(ledger.entries.filter(isRefund))]).toEqual([
      '3.200000',
      '1.600000',
    ]);
    expect(ledger.jobs.get(JOB)).toMatchObject({ charge: creditsOf('3.2'), refunded: creditsOf('1.6') });
    const netOf = (ordinal: number): bigint =>
      ledger.entries
        .filter((entry) => entry.stepOrdinal === ordinal)
        .reduce((net, entry) => net + (isCharge(entry) ? entry.amount : isRefund(entry) ? -entry.amount : 0n), 0n);
    expect([1, 2, 3, 4, 5, 6, 7, 8].map(netOf)).toEqual([
      ...[400_000n, 400_000n, 400_000n, 400_000n],
      ...[0n, 0n, 0n, 0n],
    ]);
    expect(lotsOf(ledger)).toEqual({ daily: '0.400000', period: '10.000000' });
  });
});

describe('a job on two models', () => {
  const coder = modelAt('coder', '1.6');
  const large = modelAt('large', '3');

  /** 12.4 charged in the first month; 1.6 of it refunded in the second, after the period has ended. */
  function twoMonths(): MemoryLedger {
    const ledger = new MemoryLedger('acc_1');
    const monthEnd = after(T0, 30 * DAY);
    ledger.grant(T0, grantOrder({ lotId: 'january', amount: creditsOf('50'), expiresAt: monthEnd }));
    jobOf(ledger, [coder, large]);
    for (const ordinal of [1, 2, 3, 4]) step(ledger, ordinal, coder);
    for (const ordinal of [5, 6]) step(ledger, ordinal, large);
    ledger.settle(JOB, T0, { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') });
    ledger.grant(monthEnd, grantOrder({ lotId: 'february', amount: creditsOf('50'), validFrom: monthEnd }));
    refundStep(ledger, 4, after(T0, 31 * DAY));
    return ledger;
  }

  const rowsIn = (ledger: MemoryLedger, from: Instant, to: Instant): StampedEntry[] =>
    ledger.entries.filter(({ at }) => at >= from && at < to).filter((entry) => isCharge(entry) || isRefund(entry));

  it('[W8] has rows that sum to 12.4 and to -1.6, and a net of 10.8 over the whole range', () => {
    const ledger = twoMonths();
    const rows = rowsIn(ledger, T0, after(T0, 60 * DAY));
    expect([sumOf(rows.filter(isCharge)), sumOf(rows.filter(isRefund))]).toEqual(['12.400000', '1.600000']);
    const net = rows.reduce((sum, row) => sum + (isCharge(row) ? row.amount : -row.amount), 0n);
    expect(net).toBe(creditsOf('10.8'));
    const byModel = (model: string): string =>
      sumOf(rows.filter((row) => isCharge(row) && ledger.steps.get(`${JOB}:${row.stepOrdinal}`)?.model === model));
    expect([byModel('coder'), byModel('large')]).toEqual(['6.400000', '6.000000']);
    expect(ledger.jobs.get(JOB)).toMatchObject({ charge: creditsOf('12.4'), refunded: creditsOf('1.6') });
  });

  it('[edge 65] shows its refund at the date of the refund: the month before keeps its sum, both add up', () => {
    const ledger = twoMonths();
    const monthEnd = after(T0, 30 * DAY);
    const [first, second] = [rowsIn(ledger, T0, monthEnd), rowsIn(ledger, monthEnd, after(T0, 60 * DAY))];
    expect([sumOf(first.filter(isCharge)), first.filter(isRefund)]).toEqual(['12.400000', []]);
    expect([second.filter(isCharge), sumOf(second.filter(isRefund))]).toEqual([[], '1.600000']);
    expect(lotsOf(ledger)).toMatchObject({ february: '50.000000', 'refund-4': '1.600000' });
  });
});

describe('an owner cap of 1000 with a free reserve of 100', () => {
  const VISITOR: Payer = { funding: 'free_visitor', publicMayUseBonus: false };
  const reserve: LimitNow = {
    limit: { kind: 'free_reserve', subject: '', period: 'billing_period', amount: creditsOf('100') },
    periodStart: instant(0),
  };

  function cap(): LedgerScope {
    const scope = new LedgerScope();
    scope.grant('cap', 'subscription', '1000');
    return scope;
  }

  /** Answers of 10 to visitors until one is refused; how many were given, and the code of the refusal. */
  function answerVisitors(scope: LedgerScope): readonly [number, string] {
    for (let given = 0; ; given++) {
      const held = scope.hold(`visitor-${given}`, '10', { payer: VISITOR, limits: [reserve] });
      if (!held.ok) return [given, held.refusal.code];
      scope.capture(`visitor-${given}`, '10');
      scope.end(`visitor-${given}`);
    }
  }

  function ownerSpends(scope: LedgerScope, amount: string): boolean {
    const held = scope.hold(`owner-${amount}`, amount);
    return held.ok && scope.capture(`owner-${amount}`, amount).ok && scope.end(`owner-${amount}`).ok;
  }

  it('[W5] [B8] [B9] stops free use at 100 while the owner goes on to the end of the cap', () => {
    const scope = cap();
    expect(answerVisitors(scope)).toEqual([10, 'free_usage_exhausted']);
    expect(scope.lot('cap')).toEqual([creditsOf('900'), 0n]);
    expect(ownerSpends(scope, '900')).toBe(true);
    expect(scope.lot('cap')).toEqual([0n, 0n]);
  });

  it('[W5] stops free use at 50 where the owner has spent 950 first, for the reserve is an earmark', () => {
    const scope = cap();
    expect(ownerSpends(scope, '950')).toBe(true);
    expect(answerVisitors(scope)).toEqual([5, 'credits_exhausted']);
    expect(scope.lot('cap')).toEqual([0n, 0n]);
  });
});
