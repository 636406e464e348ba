// Goal: whatever order news of a payment comes in, credits stand exactly while their payment does. Method: every
// ordered pair of news as a table, and random news, repeated and shuffled, against what the ledger was asked for.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { HeardNews, Holder, PartEffect, PaymentNews, PurchaseState } from './purchase.js';
import { effectOn, failedRefunds, owesBack, PAYMENT_NEWS, PURCHASE_STATES, standingOf } from './purchase.js';

type Pair = readonly [PaymentNews, PaymentNews, PurchaseState];

/** What was heard first, what second, and what stands then. */
const PAIRS: readonly Pair[] = [
  ['paid', 'paid', 'paid'],
  ['paid', 'disputed', 'disputed'],
  ['paid', 'dispute_won', 'paid'],
  ['paid', 'reversed', 'reversed'],
  ['disputed', 'paid', 'disputed'],
  ['disputed', 'disputed', 'disputed'],
  ['disputed', 'dispute_won', 'paid'],
  ['disputed', 'reversed', 'reversed'],
  ['dispute_won', 'paid', 'paid'],
  ['dispute_won', 'disputed', 'paid'],
  ['dispute_won', 'dispute_won', 'paid'],
  ['dispute_won', 'reversed', 'reversed'],
  ['reversed', 'paid', 'reversed'],
  ['reversed', 'disputed', 'reversed'],
  ['reversed', 'dispute_won', 'reversed'],
  ['reversed', 'reversed', 'reversed'],
  ['paid', 'refund_failed', 'paid'],
  ['disputed', 'refund_failed', 'disputed'],
  ['dispute_won', 'refund_failed', 'paid'],
  ['reversed', 'refund_failed', 'paid'],
  ['refund_failed', 'paid', 'paid'],
  ['refund_failed', 'disputed', 'disputed'],
  ['refund_failed', 'dispute_won', 'paid'],
  ['refund_failed', 'reversed', 'paid'],
  ['refund_failed', 'refund_failed', 'paid'],
];

const told = (news: PaymentNews, dispute: string | null = null): HeardNews => ({
  ...{ news, dispute, event: `${news} ${dispute}` },
  refund: news === 'refund_failed' ? 'one' : null,
  at: 0,
});
const refund = (news: 'reversed' | 'refund_failed', name: string | null, event = `${news} ${name}`): HeardNews => ({
  ...{ news, dispute: null, refund: name, event, at: 0 },
});
const anyNews = fc.record({
  news: fc.constantFrom(...PAYMENT_NEWS),
  dispute: fc.constantFrom(null, 'one', 'another'),
  refund: fc.constantFrom(null, 'one', 'another'),
  event: fc.constantFrom('first', 'second'),
  at: fc.constantFrom(0, 1_000, 2_000),
});

describe('a purchase', () => {
  it('is pending while nothing is heard', () => {
    expect(standingOf([])).toBe('pending');
  });

  it.each(PAIRS)('that hears %s, then %s, is %s', (first, second, state) => {
    expect(standingOf([told(first), told(second)])).toBe(state);
  });

  it('has a line in that table for every ordered pair', () => {
    expect(new Set(PAIRS.map(([first, second]) => `${first} ${second}`)).size).toBe(PAYMENT_NEWS.length ** 2);
  });

  it('stays disputed while another dispute than the one that was won is open', () => {
    const heard = [told('paid'), told('dispute_won', 'one'), told('disputed', 'one'), told('disputed', 'another')];
    expect(standingOf(heard)).toBe('disputed');
    expect(standingOf([...heard, told('dispute_won', 'another')])).toBe('paid');
  });

  it('is paid again where a dispute that was noted without its name is won under one', () => {
    expect(standingOf([told('paid'), told('disputed'), told('dispute_won', 'one')])).toBe('paid');
    expect(standingOf([told('disputed'), told('disputed', 'two'), told('dispute_won', 'one')])).toBe('disputed');
  });

  it('[edge 68] is paid as before where its refund fails, and reversed by the next one that does not', () => {
    const first = [told('paid'), refund('reversed', 'one'), refund('reversed', null, 'told of the first')];
    expect(standingOf(first)).toBe('reversed');
    const failed = [...first, refund('refund_failed', 'one'), refund('refund_failed', 'one', 'told in other words')];
    expect([standingOf(failed), failedRefunds(failed)]).toEqual(['paid', ['one']]);
    const second = [...failed, refund('reversed', 'another'), refund('reversed', null, 'told of the second')];
    expect(standingOf(second)).toBe('reversed');
    expect(standingOf([...second, refund('refund_failed', 'another')])).toBe('paid');
    // Sent back by hand at the provider, whose message does not name it.
    expect(standingOf([...failed, refund('reversed', null, 'told of another')])).toBe('reversed');
  });

  it.each([
    { of: 'a part that could not be sent back', failedAt: 10_000, wentAt: 20_000, state: 'reversed' },
    { of: 'what was told of in the same second', failedAt: 20_000, wentAt: 20_000, state: 'paid' },
    { of: 'a whole that fails in the end', failedAt: 30_000, wentAt: 20_000, state: 'paid' },
  ])('[edge 68] that hears of $of, and of one without a name, in any order', ({ failedAt, wentAt, state }) => {
    const heard = [
      told('paid'),
      { ...refund('refund_failed', 'one'), at: failedAt },
      { ...refund('refund_failed', 'one', 'told again, much later'), at: failedAt + 90_000 },
      { ...refund('reversed', null, 'a whole'), at: wentAt },
    ];
    expect([standingOf(heard), standingOf([...heard].reverse())]).toEqual([state, state]);
  });

  it('[edge 72] that a bank has decided on stays reversed, whatever becomes of a refund', () => {
    const lost = [told('paid'), told('disputed', 'one'), told('reversed', 'one'), refund('refund_failed', 'another')];
    expect(standingOf(lost)).toBe('reversed');
  });

  it('[edge 72, edge 73] has its credits exactly while it is paid, told in any order and however often', () => {
    const sameInAnotherOrder = fc
      .array(anyNews, { maxLength: 10 })
      .chain((heard) =>
        fc.tuple(
          fc.constant(heard),
          fc.shuffledSubarray([...heard, ...heard], { minLength: heard.length * 2, maxLength: heard.length * 2 }),
        ),
      );
    fc.assert(
      fc.property(sameInAnotherOrder, ([once, twiceAndShuffled]) => {
        expect(afterAll(twiceAndShuffled)).toEqual(afterAll(once));
        const { state, given } = afterAll(once);
        expect(given).toBe(state === 'paid');
      }),
      { numRuns: 1_000 },
    );
  });
});

/** News by news, as it is taken; the ledger gives once and takes once. */
function afterAll(heard: readonly HeardNews[]): { readonly state: PurchaseState; readonly given: boolean } {
  let given = false;
  heard.forEach((_, index) => {
    const effect = effectOn({ given, holder: 'there' }, standingOf(heard.slice(0, index + 1)));
    expect(effect).not.toBe(given ? 'grant' : 'take_back');
    if (effect !== null) given = effect === 'grant';
  });
  return { state: standingOf(heard), given };
}

const STATES_OF: readonly (readonly [Holder, boolean, Readonly<Record<PurchaseState, PartEffect | null>>])[] = [
  ['there', false, { pending: null, paid: 'grant', disputed: null, reversed: null }],
  ['there', true, { pending: 'take_back', paid: null, disputed: 'take_back', reversed: 'take_back' }],
  ['closed', false, { pending: null, paid: null, disputed: null, reversed: null }],
  ['closed', true, { pending: 'take_back', paid: null, disputed: 'take_back', reversed: 'take_back' }],
  ['forgotten', false, { pending: null, paid: null, disputed: null, reversed: null }],
  ['forgotten', true, { pending: null, paid: null, disputed: null, reversed: null }],
];

describe('a lot of a purchase', () => {
  it.each(STATES_OF)('[edge 66] whose holder is %s, given before: %s', (holder, given, effects) => {
    for (const state of PURCHASE_STATES) {
      expect([state, effectOn({ given, holder }, state)]).toEqual([state, effects[state]]);
    }
  });

  it('[edge 66] is paid back where its buyer had gone before the payment came, and only then', () => {
    const owed = PURCHASE_STATES.flatMap((state) =>
      (['there', 'closed', 'forgotten'] as const).flatMap((buyer) =>
        [true, false].filter((granted) => owesBack(state, buyer, granted)).map((granted) => [state, buyer, granted]),
      ),
    );
    expect(owed).toEqual([
      ['paid', 'closed', false],
      ['paid', 'forgotten', false],
    ]);
  });
});
