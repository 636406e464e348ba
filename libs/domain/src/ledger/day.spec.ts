// Goal: a day's lot is there for whoever needs it first, once, with what the terms give that day and not a minute less
// or more. Method: worked days on one account, then random changes of zone and allowance between random work.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MemoryLedger } from '../../../../test/harness/memory-ledger.js';
import {
  admitOrder,
  after,
  beginOrder,
  botTerms,
  creditsOf,
  endOrder,
  grantOrder,
  HOUR,
  T0,
  USE_OF_0_6,
  wishFor,
} from '../../../../test/harness/orders.js';
import type { MicroCredits } from '../amounts/micro-credits.js';
import { MOST_OF_A_SCOPE } from '../amounts/micro-credits.js';
import { dailyPeriodAt } from '../time/daily-terms.js';
import type { Instant } from '../time/instant.js';
import { instant } from '../time/instant.js';
import type { Lot } from './lot.js';
import { dailyLotId } from './terms.js';

const DAY = 24 * HOUR;
const SETTLING = { state: 'completed', reason: 'finished', minimumCharge: creditsOf('0.1') } as const;

function account(zone: string, daily: string, at: Instant = T0): MemoryLedger {
  const ledger = new MemoryLedger('acc_1');
  ledger.setTerms(at, { zone, dailyAllowance: creditsOf(daily) });
  return ledger;
}

/** A job of one step that costs 0.6. */
function work(ledger: MemoryLedger, jobId: string, at: Instant): void {
  const bot = botTerms();
  ledger.admit(at, admitOrder(jobId, { bot, wish: wishFor({ maxCredits: creditsOf('2') }) }));
  ledger.begin(jobId, at, beginOrder(1));
  ledger.end(jobId, at, endOrder(1, 1, { meters: USE_OF_0_6 }));
  ledger.settle(jobId, at, SETTLING);
}

const dailyLots = (ledger: MemoryLedger): Lot[] =>
  [...ledger.snapshot.lots.values()].filter((lot) => lot.kind === 'daily');

describe('the lot of a day', () => {
  it('[E3] in Kathmandu ends and begins at 18:15 UTC', () => {
    const ledger = account('Asia/Kathmandu', '5');
    const reset = instant(Date.UTC(2039, 0, 1, 18, 15));
    work(ledger, 'job_1', after(reset, -1));
    work(ledger, 'job_2', reset);
    expect(dailyLots(ledger).map(({ validFrom, expiresAt, open }) => [validFrom, expiresAt, open])).toEqual([
      [reset - DAY, reset, creditsOf('4.4')],
      [reset, reset + DAY, creditsOf('4.4')],
    ]);
  });

  it('[E4] leaves nothing to the next: 3 of 5 left today, 5 tomorrow', () => {
    const ledger = account('UTC', '5');
    ledger.admit(T0, admitOrder('job_1'));
    ledger.begin('job_1', T0, beginOrder(1, { inputBytes: 4_000 }));
    ledger.end('job_1', T0, endOrder(1, 1, { meters: { ...USE_OF_0_6, input: 0, output: 1_334 } }));
    ledger.settle('job_1', T0, SETTLING);
    const left = ledger.availableAt(after(T0, DAY - 1));
    expect(left).toBe(creditsOf('2.999'));
    expect(ledger.availableAt(after(T0, DAY))).toBe(creditsOf('5'));
    expect(ledger.entries.filter((entry) => entry.from === 'issued:daily')).toHaveLength(1);
  });

  it('[E9] pays first although no posting had needed it before, then the period, then bonus', () => {
    const ledger = account('Europe/Berlin', '0.2', after(T0, -3 * DAY));
    ledger.grant(T0, grantOrder({ lotId: 'bonus', kind: 'bonus_admin', amount: creditsOf('9') }));
    ledger.grant(T0, grantOrder({ lotId: 'period', kind: 'subscription', amount: creditsOf('0.1') }));
    work(ledger, 'job_1', after(T0, 5 * HOUR));
    const paid = ledger.entries.filter((entry) => entry.to.startsWith('consumed:'));
    const day = instant(Date.UTC(2038, 11, 31, 23));
    expect(paid.map(({ lotId, amount }) => [lotId, amount])).toEqual([
      [dailyLotId(ledger.scopeId, day), creditsOf('0.2')],
      ['period', creditsOf('0.1')],
      ['bonus', creditsOf('0.3')],
    ]);
  });

  it('is not opened a second time when it is used up', () => {
    const ledger = account('UTC', '1');
    for (const job of ['job_1', 'job_2', 'job_3']) work(ledger, job, T0);
    expect(ledger.availableAt(T0)).toBeLessThan(creditsOf('0.5'));
    expect(dailyLots(ledger)).toHaveLength(1);
    expect(ledger.availableAt(after(T0, DAY))).toBe(creditsOf('1'));
  });

  it('costs nothing while nobody needs it, and a day without work leaves no row', () => {
    const ledger = account('UTC', '5');
    const entries = ledger.entries.length;
    expect(ledger.availableAt(after(T0, 300 * DAY))).toBe(creditsOf('5'));
    work(ledger, 'job_1', after(T0, 300 * DAY));
    expect(dailyLots(ledger).map((lot) => lot.validFrom)).toEqual([T0, T0 + 300 * DAY]);
    expect(ledger.entries.length).toBeGreaterThan(entries);
  });

  it('[edge 13] of an instant that is midnight itself is the new one', () => {
    const ledger = account('UTC', '5', after(T0, -HOUR));
    work(ledger, 'job_1', after(T0, -1));
    work(ledger, 'job_2', T0);
    expect(dailyLots(ledger).map((lot) => lot.validFrom)).toEqual([T0 - DAY, T0]);
  });

  it('grows with an upgrade at once, and up, down and up again gains nothing more', () => {
    const ledger = account('UTC', '2');
    work(ledger, 'job_1', T0);
    for (const daily of ['5', '1', '5', '4']) ledger.setTerms(after(T0, HOUR), { dailyAllowance: creditsOf(daily) });
    expect(dailyLots(ledger).map(({ granted, open }) => [granted, open])).toEqual([[creditsOf('5'), creditsOf('4.4')]]);
    expect(ledger.availableAt(after(T0, DAY))).toBe(creditsOf('4'));
  });

  it('that was used up grows all the same', () => {
    const ledger = account('UTC', '1');
    for (const job of ['job_1', 'job_2', 'job_3']) work(ledger, job, T0);
    const before = ledger.availableAt(T0);
    ledger.setTerms(T0, { dailyAllowance: creditsOf('3') });
    expect(ledger.availableAt(T0) - before).toBe(creditsOf('2'));
  });

  it('[edge 9] moves its end along with the zone, never to before the day would have ended', () => {
    const ledger = account('America/New_York', '5', instant(Date.UTC(2039, 0, 1, 6)));
    const midnight = instant(Date.UTC(2039, 0, 2, 5));
    work(ledger, 'job_1', instant(Date.UTC(2039, 0, 2, 1)));
    ledger.setTerms(instant(Date.UTC(2039, 0, 2, 1)), { zone: 'Asia/Tokyo' });
    const moved = instant(Date.UTC(2039, 0, 2, 15));
    expect(dailyLots(ledger).map((lot) => lot.expiresAt)).toEqual([moved]);
    expect(ledger.availableAt(midnight)).toBe(creditsOf('4.4'));
    expect(ledger.availableAt(moved)).toBe(creditsOf('5'));
  });

  it('[edge 10] stays one while the zone flips ten times; the last zone resets, and no day is extra', () => {
    const ledger = account('Europe/Berlin', '5', after(T0, 2 * HOUR));
    ledger.grant(T0, grantOrder({ lotId: 'period' }));
    work(ledger, 'job_1', after(T0, 3 * HOUR));
    for (let flip = 0; flip < 10; flip += 1) {
      const zone = flip % 2 === 0 ? 'Pacific/Kiritimati' : 'Pacific/Pago_Pago';
      ledger.setTerms(after(T0, 4 * HOUR + flip), { zone });
      work(ledger, `job_at_${flip}`, after(T0, 4 * HOUR + flip));
    }
    // Berlin's day would have ended at 23:00 UTC; the first midnight of Pago Pago after that is at 11:00.
    const reset = instant(Date.UTC(2039, 0, 2, 11));
    expect(dailyLots(ledger).map((lot) => lot.expiresAt)).toEqual([reset]);
    for (let hour = 5; hour < 5 + 80; hour += 1) work(ledger, `job_in_${hour}`, after(T0, hour * HOUR));
    expect(dailyLots(ledger).map((lot) => lot.validFrom)).toEqual([
      Date.UTC(2038, 11, 31, 23),
      reset,
      reset + DAY,
      reset + 2 * DAY,
    ]);
  });

  it('refuses a zone that is none, an allowance below nothing, and first terms without a zone', () => {
    const ledger = new MemoryLedger('acc_1');
    expect(ledger.setTerms(T0, { dailyAllowance: creditsOf('5') })).toMatchObject({
      refusal: { code: 'time_zone_invalid', timeZone: '' },
    });
    expect(ledger.setTerms(T0, { zone: '+02:00' })).toMatchObject({ refusal: { code: 'time_zone_invalid' } });
    expect(ledger.setTerms(T0, { zone: 'UTC', dailyAllowance: -1n as MicroCredits })).toMatchObject({
      refusal: { code: 'amount_out_of_range', field: 'daily_allowance' },
    });
    expect(ledger.entries).toHaveLength(0);
  });
});

describe('a scope that has all it may have', () => {
  it('counts what is granted ahead and what is held, so that no later day finds more than can be reckoned with', () => {
    const ledger = account('UTC', '0');
    const half = (MOST_OF_A_SCOPE / 2n) as MicroCredits;
    const ahead = { validFrom: after(T0, DAY), amount: half };
    const told = ['a', 'b', 'c'].map((lotId) => ledger.grant(T0, grantOrder({ lotId, ...ahead })).ok);
    expect(told).toEqual([true, true, false]);
    expect(ledger.availableAt(after(T0, DAY))).toBe(half * 2n);
  });

  it('is refused a grant and a day that would lift it further, and its days still open', () => {
    const ledger = account('UTC', '5');
    const rest = (MOST_OF_A_SCOPE - creditsOf('5')) as MicroCredits;
    expect(ledger.grant(T0, grantOrder({ lotId: 'all', amount: rest }))).toMatchObject({ ok: true });
    const one = grantOrder({ lotId: 'more', amount: 1n as MicroCredits });
    expect(ledger.grant(T0, one)).toMatchObject({ refusal: { code: 'amount_out_of_range', field: 'amount' } });
    expect(ledger.setTerms(T0, { dailyAllowance: (MOST_OF_A_SCOPE + 1n) as MicroCredits })).toMatchObject({
      ok: false,
    });
    expect(ledger.setTerms(T0, { dailyAllowance: MOST_OF_A_SCOPE })).toMatchObject({ ok: true });
    work(ledger, 'job_1', after(T0, DAY));
    expect(ledger.availableAt(after(T0, DAY))).toBe(MOST_OF_A_SCOPE * 2n - creditsOf('5') - creditsOf('0.6'));
  });
});

const zones = ['UTC', 'Europe/Berlin', 'America/Havana', 'Asia/Kathmandu', 'Pacific/Apia', 'Pacific/Kiritimati'];
const anyMove = fc.record({
  wait: fc.oneof(fc.nat(3 * HOUR), fc.nat(2 * DAY)),
  zone: fc.constantFrom(undefined, ...zones),
  daily: fc.option(fc.bigInt(0n, 3_000_000n), { nil: undefined }),
  works: fc.boolean(),
});

describe('`available.equals-entries`', () => {
  it('whatever the changes, each day has at most one lot, and its figures are those of the terms', () => {
    fc.assert(
      fc.property(fc.array(anyMove, { minLength: 1, maxLength: 14 }), (moves) => {
        const ledger = account('Europe/Berlin', '1', instant(Date.UTC(2025, 9, 30)));
        ledger.grant(T0, grantOrder({ lotId: 'period' }));
        let at = ledger.lastEffectiveAt;
        moves.forEach(({ wait, zone, daily, works }, index) => {
          at = after(at, wait);
          const change = {
            ...(zone === undefined ? {} : { zone }),
            ...(daily === undefined ? {} : { dailyAllowance: daily as MicroCredits }),
          };
          if (Object.keys(change).length > 0) ledger.setTerms(at, change);
          if (works) work(ledger, `job_${index}`, at);
        });
        const { rows } = ledger.snapshot.terms;
        const lots = dailyLots(ledger);
        expect(new Set(lots.map((lot) => lot.validFrom)).size).toBe(lots.length);
        for (const { validFrom, expiresAt, granted } of lots) {
          const said = dailyPeriodAt(rows, instant((expiresAt ?? 0) - 1));
          expect({ validFrom, expiresAt, granted }).toEqual({
            validFrom: said?.start,
            expiresAt: said?.end,
            granted: said?.grantedNow,
          });
        }
      }),
    );
  });
});
