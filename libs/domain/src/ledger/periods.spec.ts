// Goal: limits of a billing period count anew when the subscription's period does, at that very instant, although
// nothing runs then; not once more, nor for what never began. Method: lots as a subscription posts them, over time.
import { describe, expect, it } from '@jest/globals';
import { LedgerScope } from '../../../../test/harness/ledger-scope.js';
import { after, creditsOf, grantOrder, T0 } from '../../../../test/harness/orders.js';
import { instant, type Instant } from '../time/instant.js';
import { Book } from './book.js';
import { grant } from './lot-verbs.js';
import type { GrantOrder } from './lot-verbs.js';
import { endLot, takeBackLot } from './period-lots.js';
import { limitsNow } from './terms.js';

const DAY = 86_400_000;
const day = (days: number): Instant => after(T0, days * DAY);
const MEMBER = { kind: 'member', subject: 'usr_1' } as const;

type Span = Pick<GrantOrder, 'validFrom' | 'expiresAt'> & Partial<GrantOrder>;

class Account extends LedgerScope {
  post(at: Instant, source: string, span: Span): this {
    this.at = at;
    expect(this.play((book) => grant(book, grantOrder({ lotId: source, ...span })))).toMatchObject({ ok: true });
    return this;
  }

  /** When the period began in which the limit counts at `at`, and when it is said to count anew. */
  periodAt(at: Instant): readonly [Instant | undefined, Instant | null] {
    const limit = { ...MEMBER, period: 'billing_period' as const, amount: creditsOf('10') };
    const { lots, counters } = this.snapshot;
    const ground = { limits: [limit], day: null, lots: [...lots.values()], counters: [...counters.values()], at };
    return [limitsNow(ground, [MEMBER])[0]?.periodStart, new Book(this.snapshot, at).nextPeriod('billing_period')];
  }
}

const FIRST: Span = { validFrom: day(0), expiresAt: day(30) };
const SECOND: Span = { validFrom: day(30), expiresAt: day(60) };

describe('a limit of a billing period', () => {
  it('[E24] turns when the lot that was posted ahead begins', () => {
    const account = new Account().post(day(0), 'one', FIRST).post(day(29), 'two', SECOND);
    expect(account.periodAt(after(day(30), -1))).toEqual([day(0), day(30)]);
    expect(account.periodAt(day(30))).toEqual([day(30), day(60)]);
  });

  it('[B9] turns where nothing was posted because nobody has paid, and not again when somebody does', () => {
    const account = new Account().post(day(0), 'one', FIRST);
    expect(account.periodAt(day(30))).toEqual([day(30), null]);
    account.post(day(33), 'two', { ...SECOND, validFrom: day(33), periodStart: day(30) });
    expect(account.periodAt(day(33))).toEqual([day(30), day(60)]);
    expect(account.periodAt(day(60))).toEqual([day(60), null]);
  });

  it('turns with a larger plan that takes the place of the present one, once', () => {
    const account = new Account().post(day(0), 'free', FIRST);
    account.post(day(10), 'paid', { validFrom: day(10), expiresAt: day(41) });
    account.at = after(day(10), 5);
    account.play((book) => endLot(book, { kind: 'subscription', sourceRef: 'free' }));
    expect(account.periodAt(day(11))).toEqual([day(10), day(41)]);
    expect(account.periodAt(day(30))).toEqual([day(10), day(41)]);
  });

  it('does not turn for a lot that was taken back, but for the one in its place', () => {
    const account = new Account().post(day(0), 'one', FIRST).post(day(29), 'two', SECOND);
    account.play((book) => takeBackLot(book, { kind: 'subscription', sourceRef: 'two' }));
    expect(account.periodAt(day(29))).toEqual([day(0), day(30)]);
    expect(account.periodAt(day(45))).toEqual([day(30), null]);
    account.post(day(29), 'two/2', { validFrom: day(30), expiresAt: day(395) });
    expect(account.periodAt(day(60))).toEqual([day(30), day(395)]);
  });

  it('[F17] counts in the present period after a standstill, not in one that was missed', () => {
    const account = new Account().post(day(0), 'one', FIRST);
    account.post(day(70), 'two', SECOND);
    account.post(day(70), 'three', { validFrom: day(60), expiresAt: day(90) });
    expect(account.periodAt(day(70))).toEqual([day(60), day(90)]);
  });

  it('has one period only where there never was a plan', () => {
    const account = new Account().post(day(0), 'bundle', { validFrom: day(0), expiresAt: null, kind: 'bundle' });
    expect(account.periodAt(day(400))).toEqual([instant(0), null]);
  });

  it('is never of a period that begins after its lot', () => {
    const wrong = grantOrder({ lotId: 'wrong', ...FIRST, periodStart: day(1) });
    const scope = new LedgerScope();
    expect(scope.play((book) => grant(book, wrong))).toMatchObject({ refusal: { code: 'amount_out_of_range' } });
  });
});
