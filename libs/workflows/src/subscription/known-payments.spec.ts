// What a subscription asks for once more when it is begun anew, and what of the answers is news to it.
import { describe, expect, it } from '@jest/globals';
import type { WireSubscription } from '@fairmeter/contracts';
import { instant } from '@fairmeter/domain';
import { knownPayments, newsOf } from './known-payments.js';

const PLAN = { planId: 'plan_standard', version: 1 };
const LARGER = { planId: 'plan_premium', version: 2 };
const payment = (key: string) => ({ key, price: { minor: '900', currency: 'eur' } });
const PERIOD = { from: 0, until: 1, start: instant(0), end: instant(1_000) };
const CURRENT = {
  plan: PLAN,
  anchor: { at: instant(0), zone: 'UTC', wallTime: '1970-01-01T00:00:00' },
  period: PERIOD,
  billing: PERIOD,
  lot: null,
  lotsNamed: 0,
};
const QUIET: WireSubscription = {
  subject: { kind: 'account', accountId: 'acc_1' },
  zone: 'UTC',
  current: CURRENT,
  scheduled: null,
  order: null,
  ahead: null,
  arrears: null,
  keysMade: 0,
};
const AHEAD = { next: { ...CURRENT, plan: LARGER }, payment: payment('next'), paid: false, lotsNamed: 0 };
const owing = (key: string, disputed: readonly string[] = []) => ({
  payment: payment(key),
  graceUntil: instant(1),
  suspended: false,
  disputed: disputed.map(payment),
});

const known = (changes: Partial<WireSubscription>): unknown =>
  knownPayments({ ...QUIET, ...changes }).map(({ ask, isPaid }) => [ask.key, ask.plan.planId, ask.why, isPaid]);

describe('the payments that a subscription knows of', () => {
  it('are none where nothing was ever asked for', () => {
    expect(known({})).toEqual([]);
    expect(known({ ahead: { next: null, payment: null, paid: true, lotsNamed: 0 } })).toEqual([]);
  });

  it('are that of a plan that was ordered, and of what it is', () => {
    const order = { plan: LARGER, payment: payment('order') };
    expect(known({ order: { ...order, growthMicroCredits: null } })).toEqual([
      ['order', 'plan_premium', 'start', false],
    ]);
    expect(known({ order: { ...order, growthMicroCredits: '1' } })).toEqual([
      ['order', 'plan_premium', 'upgrade', false],
    ]);
  });

  it('are that of the period to come, or of the one that has begun, once where it is the same', () => {
    expect(known({ ahead: AHEAD })).toEqual([['next', 'plan_premium', 'renewal', false]]);
    expect(known({ arrears: owing('old', ['disputed']) })).toEqual([
      ['old', 'plan_standard', 'renewal', false],
      ['disputed', 'plan_standard', 'renewal', false],
    ]);
    expect(known({ ahead: AHEAD, arrears: owing('next') })).toEqual([['next', 'plan_premium', 'renewal', false]]);
  });

  it('are those that were paid as well, which may have been taken back', () => {
    const paid = { current: { ...CURRENT, paidBy: [payment('paid')] }, ahead: { ...AHEAD, paid: true } };
    expect(known(paid)).toEqual([
      ['next', 'plan_premium', 'renewal', true],
      ['paid', 'plan_standard', 'renewal', true],
    ]);
  });

  it('tell news where it is otherwise than the subscription knows', () => {
    const [paid] = knownPayments({ ...QUIET, current: { ...CURRENT, paidBy: [payment('one')] } });
    const [owed] = knownPayments({ ...QUIET, arrears: owing('one') });
    const [order] = knownPayments({
      ...QUIET,
      order: { plan: LARGER, payment: payment('one'), growthMicroCredits: null },
    });
    const news = [paid, owed, order].map((one) =>
      [true, false].map((isPaid) => (one === undefined ? [] : newsOf(one, { key: 'one', paid: isPaid }))),
    );
    expect(news).toEqual([
      [[], [{ key: 'one', paid: false, returned: true }]],
      [[{ key: 'one', paid: true }], []],
      [[{ key: 'one', paid: true }], [{ key: 'one', paid: false }]],
    ]);
  });
});
