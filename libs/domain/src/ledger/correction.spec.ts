// Goal: what was given by mistake goes back as far as it is still there, and nobody comes to owe anything for it.
import { describe, expect, it } from '@jest/globals';
import { LedgerScope } from '../../../../test/harness/ledger-scope.js';
import { creditsOf, HOUR } from '../../../../test/harness/orders.js';
import { accept } from '../failures/refusal.js';
import { planCorrection } from '../refunds/correction.js';
import type { LotCap } from './lot-verbs.js';
import { takeFromLots } from './lot-verbs.js';

function scopeWith(held: string): LedgerScope {
  const scope = new LedgerScope();
  scope.grant('lot_soon', 'compensation', { amount: '2', endsIn: HOUR });
  scope.grant('lot_ever', 'compensation', '3');
  scope.hold('hold_1', held);
  return scope;
}

const capOf = (lotId: string, most: string): LotCap => ({ lotId, most: creditsOf(most) });
const WHOLE = [capOf('lot_soon', '2'), capOf('lot_ever', '3'), capOf('lot_unknown', '1')];

const take = (scope: LedgerScope, most: string, caps = WHOLE) =>
  scope.play((book) => accept(takeFromLots(book, caps, creditsOf(most))));

describe('credits that were given by mistake', () => {
  it('[edge 60] go back from each lot in turn, up to what is still open there', () => {
    const scope = scopeWith('2.5');
    expect(take(scope, '1')).toEqual({ ok: true, value: [{ lotId: 'lot_ever', amount: creditsOf('1') }] });
    expect(take(scope, '9')).toEqual({ ok: true, value: [{ lotId: 'lot_ever', amount: creditsOf('1.5') }] });
    expect(take(scope, '9')).toEqual({ ok: true, value: [] });
    expect(scope.snapshot.debt).toBe(0n);
    expect(scope.entries.filter(({ to }) => to === 'clawed_back').map(({ amount }) => amount)).toEqual([
      creditsOf('1'),
      creditsOf('1.5'),
    ]);
  });

  it('leave alone what has ended', () => {
    const scope = scopeWith('0.5').wait(2 * HOUR);
    expect(take(scope, '9')).toEqual({ ok: true, value: [{ lotId: 'lot_ever', amount: creditsOf('3') }] });
  });

  it('[edge 60] leave alone what else is in a lot, also where another lot of theirs has ended', () => {
    const scope = scopeWith('0.5').wait(2 * HOUR);
    const caps = [capOf('lot_soon', '1.5'), capOf('lot_ever', '0.5')];
    expect(take(scope, '2', caps)).toEqual({ ok: true, value: [{ lotId: 'lot_ever', amount: creditsOf('0.5') }] });
  });

  it('are at most what went to each lot, less what others take or have taken of it', () => {
    const parts = [
      { lotId: 'lot_soon', amount: creditsOf('1') },
      { lotId: 'lot_ever', amount: creditsOf('0.5') },
      { lotId: 'lot_soon', amount: creditsOf('1') },
    ];
    const first = planCorrection({ parts, earlier: [] }, creditsOf('1.2'));
    expect(first).toEqual({ lots: [capOf('lot_soon', '1.2'), capOf('lot_ever', '0.5')], most: creditsOf('1.2') });
    const taken = { lots: [capOf('lot_soon', '1.2')], most: creditsOf('1.2') };
    const second = planCorrection({ parts, earlier: [taken] }, null);
    expect(second).toEqual({ lots: [capOf('lot_soon', '0.8'), capOf('lot_ever', '0.5')], most: creditsOf('1.3') });
    expect(planCorrection({ parts, earlier: [taken, second] }, creditsOf('1'))).toEqual({ lots: [], most: 0n });
  });
});
