// Goal: a purchase that is taken back costs what was spent of it, once, and no other lot. Method: worked chargebacks on
// one scope, with the entries written out by hand.
import { describe, expect, it } from '@jest/globals';
import { balancesOf, LedgerScope } from '../../../../test/harness/ledger-scope.js';
import { creditsOf, grantOrder } from '../../../../test/harness/orders.js';
import { expire, grant } from './lot-verbs.js';

/** A bundle of 10 of which 4 were spent, beside a subscription of 50 that no job has touched. */
function spentBundle(): LedgerScope {
  const scope = new LedgerScope();
  scope.grant('bundle', 'bundle', '10');
  scope.hold('old', '4');
  scope.capture('old', '4');
  scope.end('old');
  scope.grant('subscription', 'subscription', '50');
  return scope;
}

const owed = (scope: LedgerScope): bigint => -(balancesOf(scope.entries).get('debt:account/acc_1') ?? 0n);
const takenBack = (scope: LedgerScope): bigint | undefined => balancesOf(scope.entries).get('clawed_back');

describe('a chargeback after spending', () => {
  it('[edge 72] takes back what remains, owes what was spent, and leaves the other lots alone', () => {
    const scope = spentBundle();
    expect(scope.clawBack('bundle')).toMatchObject({ value: { takenBack: 6_000_000n, debt: 4_000_000n } });
    expect(scope.moved).toEqual(['bundle:open > clawed_back 6000000', 'debt > clawed_back 4000000']);
    expect([scope.lot('bundle'), scope.lot('subscription')]).toEqual([
      [0n, 0n],
      [50_000_000n, 0n],
    ]);
  });

  it('[edge 72] refuses holds until it is paid, also a running job that wants another step', () => {
    const scope = spentBundle();
    scope.hold('running', '1');
    scope.clawBack('bundle');
    const refused = { ok: false, refusal: { code: 'debt_outstanding', debt: 4_000_000n } };
    expect(scope.hold('new', '0.1')).toMatchObject(refused);
    expect(scope.hold('running', '2')).toMatchObject(refused);
    expect(scope.hold('running', '0')).toMatchObject({ ok: true });
  });

  it.each(['bundle', 'eu_pack'] as const)('[edge 72] is paid first by the next purchase: %s', (kind) => {
    const scope = spentBundle();
    scope.clawBack('bundle');
    expect(scope.grant('small', kind, '1')).toMatchObject({ value: { debtPaid: 1_000_000n } });
    expect(scope.grant('next', kind, '10')).toMatchObject({ value: { debtPaid: 3_000_000n } });
    expect(scope.moved).toEqual([`issued:${kind} > next:open 10000000`, 'next:open > debt 3000000']);
    expect([scope.debt, scope.lot('small')[0], scope.lot('next')[0]]).toEqual([0n, 0n, 7_000_000n]);
    expect(scope.hold('new', '1')).toMatchObject({ ok: true });
  });

  it.each(['subscription', 'daily', 'bonus_admin', 'compensation', 'eu_allowance'] as const)(
    '[edge 72] is not paid by what was not bought: %s',
    (kind) => {
      const scope = spentBundle();
      scope.clawBack('bundle');
      expect(scope.grant('given', kind, '10')).toMatchObject({ value: { debtPaid: 0n } });
      expect([scope.debt, scope.lot('given')[0]]).toEqual([4_000_000n, 10_000_000n]);
    },
  );

  it('[edge 72] owes anew what a second purchase paid, when that is taken back too', () => {
    const scope = spentBundle();
    scope.clawBack('bundle');
    scope.grant('next', 'bundle', '10');
    expect(scope.clawBack('next')).toMatchObject({ value: { takenBack: 6_000_000n, debt: 4_000_000n } });
    expect([scope.debt, owed(scope)]).toEqual([4_000_000n, 4_000_000n]);
  });

  it('[edge 72] does not owe what ended unused, booked or not, open or held', () => {
    const scope = new LedgerScope();
    scope.grant('month', 'subscription', { amount: '10', endsIn: 1000 });
    scope.hold('old', '4');
    scope.capture('old', '1');
    scope.wait(1000);
    scope.end('old');
    scope.play(expire);
    expect(scope.moved).toEqual(['month:open > lapsed 6000000']);
    expect(scope.clawBack('month')).toMatchObject({ value: { takenBack: 0n, debt: 1_000_000n } });
    expect([scope.debt, owed(scope), takenBack(scope)]).toEqual([1_000_000n, 1_000_000n, 1_000_000n]);
    scope.grant('unbooked', 'subscription', { amount: '10', endsIn: 1000 });
    scope.wait(1000);
    expect(scope.clawBack('unbooked')).toMatchObject({ value: { takenBack: 10_000_000n, debt: 0n } });
  });

  it('[edge 72] is paid first by a period that is paid for, as by a purchase', () => {
    const scope = spentBundle();
    scope.clawBack('bundle');
    const order = grantOrder({ lotId: 'month', kind: 'subscription', amount: creditsOf('10'), isBought: true });
    expect(scope.play((book) => grant(book, order))).toMatchObject({ value: { debtPaid: 4_000_000n } });
    expect([scope.debt, scope.lot('month')[0]]).toEqual([0n, 6_000_000n]);
  });

  it('takes a lot back once, and none that it does not know', () => {
    const scope = spentBundle();
    scope.clawBack('bundle');
    const before = scope.snapshot;
    expect(scope.clawBack('bundle')).toMatchObject({ refusal: { code: 'lot_taken_back' } });
    expect(scope.clawBack('unknown')).toMatchObject({ refusal: { code: 'lot_not_found' } });
    expect(scope.snapshot).toBe(before);
  });
});

describe('a hold on a lot that is taken back', () => {
  /** 4 spent, 3 held, 3 open. */
  function heldBundle(): LedgerScope {
    const scope = new LedgerScope();
    scope.grant('bundle', 'bundle', '10');
    scope.hold('old', '4');
    scope.capture('old', '4');
    scope.end('old');
    scope.hold('running', '3');
    return scope;
  }

  it('[edge 72] still captures, and what it captures is owed; the rest goes after the purchase', () => {
    const scope = heldBundle();
    expect(scope.clawBack('bundle')).toMatchObject({ value: { takenBack: 3_000_000n, debt: 4_000_000n } });
    expect(scope.capture('running', '1')).toMatchObject({ value: { paid: 1_000_000n, writtenOff: 0n } });
    expect(scope.debt).toBe(5_000_000n);
    scope.end('running');
    expect(scope.moved).toEqual(['bundle:held > clawed_back 2000000']);
    expect([scope.debt, owed(scope), takenBack(scope)]).toEqual([5_000_000n, 5_000_000n, 10_000_000n]);
  });

  it('[edge 72] is never taken back twice: a debt paid meanwhile was of what was spent alone', () => {
    const scope = heldBundle();
    scope.clawBack('bundle');
    scope.grant('next', 'bundle', '10');
    scope.end('running');
    expect([scope.debt, takenBack(scope), scope.lot('next')[0]]).toEqual([0n, 10_000_000n, 6_000_000n]);
  });

  it('[edge 72] draws an overrun on lots that stand, never on the one taken back', () => {
    const scope = heldBundle();
    scope.grant('subscription', 'subscription', '5');
    scope.clawBack('bundle');
    expect(scope.capture('running', '4', '9')).toMatchObject({ value: { paid: 4_000_000n } });
    expect(scope.lot('subscription')).toEqual([4_000_000n, 0n]);
  });

  it('[edge 72] is held afresh on other lots once nothing is owed, and what lay there goes after the purchase', () => {
    const scope = heldBundle();
    scope.grant('subscription', 'subscription', '5');
    scope.clawBack('bundle');
    scope.grant('next', 'bundle', '4');
    scope.hold('running', '3');
    expect(scope.moved).toEqual(['subscription:open > subscription:held 3000000', 'bundle:held > clawed_back 3000000']);
  });

  it('[edge 72] gives a refund of it as a lot of its own, for the origin pays nothing any more', () => {
    const scope = heldBundle();
    scope.clawBack('bundle');
    expect(scope.reverse('old', { bundle: '4' })).toMatchObject({ value: { toLots: [{ lotId: 'refund' }] } });
    expect([scope.lot('bundle')[0], scope.lot('refund')[0]]).toEqual([0n, 4_000_000n]);
  });
});
