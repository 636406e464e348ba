// Goal: who changes a plan gets what was previewed, when it was previewed, and never loses what was paid for. Method:
// the plans as they are shipped, amounts reckoned by hand.
import { describe, expect, it } from '@jest/globals';
import { creditsOf } from '../../../../test/harness/orders.js';
import { SHIPPED_PLANS } from '../../../../test/harness/shipped-plans.js';
import { SubscriptionBook } from '../../../../test/harness/subscription-book.js';
import { add, formatCredits } from '../amounts/micro-credits.js';
import type { Instant } from '../time/instant.js';
import { instant, instantToText } from '../time/instant.js';

const at = (text: string): Instant => instant(Date.parse(text));
/** June has thirty days: 20 of 30 are left on the 11th. */
const JUNE = at('2027-06-01T00:00:00Z');
const ELEVENTH = at('2027-06-11T00:00:00Z');
const JULY = at('2027-07-01T00:00:00Z');

function on(planId: string, start = JUNE): SubscriptionBook {
  const book = new SubscriptionBook({ plans: SHIPPED_PLANS, zone: 'UTC' });
  book.change(start, planId);
  return book;
}

const amounts = (book: SubscriptionBook): readonly string[] =>
  book.lots.filter(({ takenBack }) => !takenBack).map(({ granted }) => formatCredits(granted));

describe('an upgrade', () => {
  it('[E17] [W7] [edge 33] adds the rest of the period at once, from the plan in force, and renews in full', () => {
    const book = on('plan_standard');
    book.change(ELEVENTH, 'plan_premium');
    expect(amounts(book)).toEqual(['766.700000']);
    book.change(at('2027-06-21T00:00:00Z'), 'plan_business');
    expect(amounts(book)).toEqual(['1100.100000']);
    book.runUntil(JULY);
    expect(amounts(book)).toEqual(['1100.100000', '2000.000000']);
    expect(book.dailyAllowance).toBe(creditsOf('20'));
  });

  it('[edge 34] adds as much where all was spent before, and what is spent stays spent', () => {
    const book = on('plan_standard');
    book.spend(ELEVENTH, creditsOf('300'));
    expect(book.available(ELEVENTH)).toBe(0n);
    book.change(ELEVENTH, 'plan_premium');
    expect(book.available(ELEVENTH)).toBe(creditsOf('466.7'));
  });

  it('[edge 16] in the last second adds a tenth at least; the renewal brings the full new amount', () => {
    const book = on('plan_standard');
    book.change(instant(JULY - 1), 'plan_premium');
    expect(amounts(book)[0]).toBe('300.100000');
    book.runUntil(JULY);
    expect(book.available(JULY)).toBe(creditsOf('1000'));
    // What had been posted and paid ahead for the old plan went back.
    expect(book.lots.map(({ source, takenBack }) => [source, takenBack])).toEqual([
      ['period/2027-06-01T00:00:00.000Z', false],
      ['period/2027-07-01T00:00:00.000Z', true],
      ['period/2027-07-01T00:00:00.000Z/2', false],
    ]);
    expect(book.payments.map(({ price, state }) => [price.minor, state])).toEqual([
      [2_900n, 'paid'],
      [2_900n, 'dropped'],
      [1n, 'paid'],
      [8_900n, 'paid'],
    ]);
  });

  it('[D9] [E18] waits for its payment with the old plan in force, and then brings what was told', () => {
    const book = on('plan_standard');
    const told = book.preview(ELEVENTH, { type: 'change', planId: 'plan_premium' });
    expect(told).toEqual({
      periodStart: JUNE,
      takesEffect: 'when_paid',
      price: { minor: 4_000n, currency: 'eur' },
      credits: creditsOf('466.7'),
      dailyCredits: creditsOf('5'),
      endsCredits: 0n,
      paysDebt: 0n,
      availableChange: creditsOf('471.7'),
      endsPresentPeriod: false,
      dropsPending: false,
      nextRenewal: {
        at: JULY,
        plan: { planId: 'plan_premium', version: 1 },
        credits: creditsOf('1000'),
        price: { minor: 8_900n, currency: 'eur' },
      },
    });
    book.pays = 'by_hand';
    book.change(ELEVENTH, 'plan_premium');
    expect([book.plan?.planId, book.subscription.order?.plan.planId]).toEqual(['plan_standard', 'plan_premium']);
    expect(book.available(ELEVENTH)).toBe(creditsOf('300'));
    book.hear(at('2027-06-14T00:00:00Z'), true);
    expect([book.plan?.planId, book.subscription.order]).toEqual(['plan_premium', null]);
    expect(book.available(at('2027-06-14T00:00:00Z'))).toBe(add(creditsOf('300'), told.credits));
  });

  it('whose payment fails leaves everything as it was', () => {
    const book = on('plan_standard');
    const before = book.subscription;
    book.pays = 'by_hand';
    book.change(ELEVENTH, 'plan_premium');
    book.hear(ELEVENTH, false);
    expect({ ...book.subscription, keysMade: before.keysMade }).toEqual(before);
    expect([book.told.at(-1)?.news, book.payments.at(-1)?.state]).toEqual(['payment_failed', 'dropped']);
  });

  it('that is not paid within its period lapses with it, and its payment is dropped', () => {
    const book = on('plan_standard');
    book.pays = 'by_hand';
    book.change(ELEVENTH, 'plan_premium');
    book.runUntil(instant(JULY - 1));
    const [upgrade = '', renewal = ''] = book.payments.slice(1).map(({ key }) => key);
    book.mustAct(instant(JULY - 1), { type: 'payment', key: renewal, paid: true });
    book.runUntil(JULY);
    expect([book.payments[1]?.state, book.available(JULY)]).toEqual(['dropped', creditsOf('300')]);
    expect(book.told.map(({ news }) => news)).toContain('order_lapsed');
    book.mustAct(JULY, { type: 'payment', key: upgrade, paid: true });
    expect([book.plan?.planId, book.payments[1]?.state]).toEqual(['plan_standard', 'dropped']);
  });

  it('is told anew once its period is over', () => {
    const book = on('plan_standard');
    book.runUntil(JULY);
    const stale = book.act(JULY, { type: 'change', planId: 'plan_premium', previewedPeriod: JUNE });
    expect(stale).toEqual({ ok: false, refusal: { code: 'preview_stale', periodStart: JULY } });
    book.mustAct(JULY, { type: 'change', planId: 'plan_premium', previewedPeriod: JULY });
    expect(book.available(JULY)).toBe(creditsOf('1000'));
  });
});

describe('from free to paid', () => {
  it('[E20] [D8] a period begins with the full amount, on a new anchor, and what was left for free ends', () => {
    const book = on('plan_free');
    book.spend(ELEVENTH, creditsOf('10'));
    const told = book.preview(ELEVENTH, { type: 'change', planId: 'plan_standard' });
    expect([told.credits, told.endsPresentPeriod, told.price?.minor]).toEqual([creditsOf('300'), true, 2_900n]);
    // 300 and three more of today, less the forty that are left.
    expect([told.dailyCredits, told.endsCredits, told.availableChange]).toEqual(['3', '40', '263'].map(creditsOf));
    book.change(ELEVENTH, 'plan_standard');
    expect([book.state, book.available(ELEVENTH), book.dailyAllowance]).toEqual([
      'active',
      creditsOf('300'),
      creditsOf('5'),
    ]);
    book.runUntil(at('2027-07-11T00:00:00Z'));
    expect(book.table().at(-1)).toBe('2027-07-11T00:00:00.000Z 300.000000');
  });

  it('[E18] tells that what is owed is paid first, by what is paid for and by nothing else', () => {
    const book = on('plan_free');
    book.debt = creditsOf('20');
    const told = book.preview(ELEVENTH, { type: 'change', planId: 'plan_standard' });
    expect([told.paysDebt, told.availableChange]).toEqual(['20', '233'].map(creditsOf));
    const upgrade = on('plan_standard');
    upgrade.debt = creditsOf('20');
    const more = upgrade.preview(ELEVENTH, { type: 'change', planId: 'plan_premium' });
    expect([more.paysDebt, more.availableChange]).toEqual(['0', '471.7'].map(creditsOf));
  });

  it('goes on for free until it is paid, over a reset too', () => {
    const book = on('plan_free');
    book.pays = 'by_hand';
    book.change(ELEVENTH, 'plan_standard');
    book.runUntil(JULY);
    expect([book.state, book.available(JULY)]).toEqual(['free', creditsOf('50')]);
    book.hear(at('2027-07-03T12:00:00Z'), true);
    expect(book.subscription.current?.anchor.at).toBe(at('2027-07-03T12:00:00Z'));
    expect(book.available(at('2027-07-03T12:00:00Z'))).toBe(creditsOf('300'));
  });

  it('at the very instant of a free reset takes the place of the new free period', () => {
    const book = on('plan_free');
    book.change(JULY, 'plan_standard');
    expect(book.lots.map(({ source }) => source)).toEqual([
      'period/2027-06-01T00:00:00.000Z',
      'period/2027-07-01T00:00:00.000Z',
      'period/2027-07-01T00:00:00.000Z/2',
    ]);
    expect(book.available(JULY)).toBe(creditsOf('300'));
  });
});

describe('downgrade and cancel', () => {
  it('[E21] [edge 35] wait for the end of the period; the last wish wins, and an undo leaves nothing behind', () => {
    const book = on('plan_business');
    const before = book.subscription;
    book.change(ELEVENTH, 'plan_premium');
    book.change(ELEVENTH, 'plan_standard');
    expect([book.plan?.planId, book.available(ELEVENTH)]).toEqual(['plan_business', creditsOf('2000')]);
    expect(book.preview(ELEVENTH, { type: 'change', planId: 'plan_premium' }).availableChange).toBe(0n);
    book.mustAct(ELEVENTH, { type: 'undo' });
    expect(book.subscription).toEqual(before);
    book.change(ELEVENTH, 'plan_premium');
    book.change(ELEVENTH, 'plan_standard');
    book.runUntil(JULY);
    expect([book.plan?.planId, book.available(JULY)]).toEqual(['plan_standard', creditsOf('300')]);
    expect(book.dailyAllowance).toBe(creditsOf('5'));
  });

  it('[edge 35] are dropped by an upgrade, and the preview says so', () => {
    const book = on('plan_premium');
    book.change(ELEVENTH, 'plan_standard');
    expect(book.preview(ELEVENTH, { type: 'change', planId: 'plan_business' })).toMatchObject({
      dropsPending: true,
      nextRenewal: { plan: { planId: 'plan_business' }, credits: creditsOf('2000') },
    });
    book.change(ELEVENTH, 'plan_business');
    expect(book.subscription.scheduled).toBeNull();
  });

  it('[edge 36] a cancelled account goes on for free when its time is over, with a rhythm of its own', () => {
    const book = on('plan_standard');
    book.mustAct(ELEVENTH, { type: 'cancel' });
    expect([book.state, book.available(ELEVENTH)]).toEqual(['cancel_scheduled', creditsOf('300')]);
    book.runUntil(at('2027-07-31T00:00:00Z'));
    expect([book.state, book.dailyAllowance]).toEqual(['free', creditsOf('2')]);
    expect(book.table().slice(1)).toEqual(['2027-07-01T00:00:00.000Z 50.000000', '2027-07-31T00:00:00.000Z 50.000000']);
  });

  it('may be made, and undone, between the decision and its boundary: lots and payments ahead go back', () => {
    const book = on('plan_standard');
    book.mustAct(instant(JULY - 1), { type: 'cancel' });
    book.mustAct(instant(JULY - 1), { type: 'undo' });
    book.runUntil(JULY);
    expect([book.state, book.available(JULY)]).toEqual(['active', creditsOf('300')]);
    expect(book.lots.map(({ takenBack }) => takenBack)).toEqual([false, true, true, false]);
    expect(book.payments.map(({ state }) => state)).toEqual(['paid', 'dropped', 'paid']);
  });

  it('[edge 37] from month to year: the month runs on, the year is paid from the next boundary on the same day', () => {
    const book = on('plan_standard', at('2027-01-31T09:00:00Z'));
    book.change(at('2027-02-10T00:00:00Z'), 'plan_standard_annual');
    book.runUntil(at('2028-04-01T00:00:00Z'));
    expect(book.table().map((line) => line.slice(0, 10))).toEqual([
      ...['2027-01-31', '2027-02-28', '2027-03-31', '2027-04-30', '2027-05-31', '2027-06-30', '2027-07-31'],
      ...['2027-08-31', '2027-09-30', '2027-10-31', '2027-11-30', '2027-12-31', '2028-01-31', '2028-02-29'],
      '2028-03-31',
    ]);
    expect(book.payments.map(({ price, key }) => [price.minor, key.slice(8, 18)])).toEqual([
      [2_900n, '2027-01-31'],
      [29_000n, '2027-02-28'],
      [29_000n, '2028-02-29'],
    ]);
  });

  it('[E21] of a year that is paid waits for its end, and its months go on till then', () => {
    const book = on('plan_premium_annual', at('2027-01-31T09:00:00Z'));
    book.mustAct(at('2027-02-10T00:00:00Z'), { type: 'cancel' });
    book.runUntil(at('2028-01-31T09:00:00Z'));
    expect(book.table().map((line) => line.slice(25))).toEqual([...Array<string>(12).fill('1000.000000'), '50.000000']);
  });
});

describe('what changes nothing or is not there', () => {
  it('is refused and named', () => {
    const code = (book: SubscriptionBook, event: Parameters<SubscriptionBook['act']>[1]): unknown => {
      const done = book.act(ELEVENTH, event);
      return done.ok ? 'done' : done.refusal;
    };
    const book = on('plan_standard');
    expect(code(book, { type: 'change', planId: 'plan_gold' })).toEqual({
      code: 'plan_not_offered',
      planId: 'plan_gold',
    });
    expect(code(book, { type: 'change', planId: 'plan_visitor' })).toMatchObject({ code: 'plan_not_offered' });
    expect(code(book, { type: 'change', planId: 'plan_standard' })).toMatchObject({ why: 'same_plan' });
    expect(code(book, { type: 'undo' })).toMatchObject({ why: 'nothing_pending' });
    expect(code(on('plan_free'), { type: 'cancel' })).toMatchObject({ why: 'nothing_paid' });
  });

  it('a change of zone leaves the periods where they are and moves the days', () => {
    const book = on('plan_standard', at('2027-01-31T09:00:00Z'));
    book.mustAct(at('2027-02-01T00:00:00Z'), { type: 'zone', zone: 'Pacific/Auckland' });
    expect([book.zone, book.dailyAllowance]).toEqual(['Pacific/Auckland', creditsOf('5')]);
    book.runUntil(at('2027-04-30T09:00:00Z'));
    expect(book.lots.map(({ validFrom }) => instantToText(validFrom).slice(5, 16))).toEqual([
      '01-31T09:00',
      '02-28T09:00',
      '03-31T09:00',
      '04-30T09:00',
    ]);
  });
});
