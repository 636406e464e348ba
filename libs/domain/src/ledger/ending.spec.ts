// Goal: what is left of a payer who is gone ends, once, and nothing that was spent moves. Method: worked endings on one
// scope, with the entries written out by hand.
import { describe, expect, it } from '@jest/globals';
import { balancesOf, LedgerScope } from '../../../../test/harness/ledger-scope.js';
import { endAll } from './lot-verbs.js';

describe('the end of all units', () => {
  it('[edge 66] takes what is open of every lot, and owes nobody anything for what was spent', () => {
    const scope = new LedgerScope();
    scope.grant('pack', 'bundle', '10');
    scope.hold('spent', '4');
    scope.capture('spent', '4');
    scope.end('spent');
    scope.grant('allowance', 'subscription', { amount: '5', endsIn: 86_400_000 });
    expect(scope.play(endAll)).toMatchObject({ ok: true });
    expect(scope.moved).toEqual(['allowance:open > lapsed 5000000', 'pack:open > lapsed 6000000']);
    expect([scope.lot('pack'), scope.lot('allowance'), scope.debt]).toEqual([[0n, 0n], [0n, 0n], 0n]);
    expect(scope.hold('late', '0.1')).toMatchObject({ ok: false, refusal: { code: 'credits_exhausted' } });
    scope.play(endAll);
    expect(scope.moved).toEqual([]);
  });

  it('[edge 66] leaves what a hold has to that hold, and ends it once it was released', () => {
    const scope = new LedgerScope();
    scope.grant('pack', 'bundle', '10');
    scope.hold('running', '4');
    scope.play(endAll);
    expect(scope.lot('pack')).toEqual([0n, 4_000_000n]);
    scope.capture('running', '1');
    scope.end('running');
    scope.play(endAll);
    expect(scope.lot('pack')).toEqual([0n, 0n]);
    expect(balancesOf(scope.entries).get('lapsed')).toBe(9_000_000n);
  });
});
