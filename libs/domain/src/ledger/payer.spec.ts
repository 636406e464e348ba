// Goal: each funding draws on its own kinds of lots and in their order (requirements 2.2). Method: one scope with a lot
// of every kind, opened in the reverse of the draw order; a payer holds all it can reach and captures it.
import { describe, expect, it } from '@jest/globals';
import { LedgerScope } from '../../../../test/harness/ledger-scope.js';
import type { LotKind } from './lot.js';
import type { Funding, Payer } from './payer.js';

const payer = (funding: Funding, publicMayUseBonus = false): Payer => ({ funding, publicMayUseBonus });

/** One credit of each kind; what is bought first and the daily lot last, so that age alone would draw the other way. */
const REVERSED: readonly LotKind[] = [
  'eu_pack',
  'eu_allowance',
  'bundle',
  'compensation',
  'bonus_community',
  'bonus_promo',
  'bonus_admin',
  'subscription',
  'daily',
];

function everyKind(): LedgerScope {
  const scope = new LedgerScope();
  for (const kind of REVERSED) scope.grant(kind, kind, '1');
  return scope;
}

function drawnBy(who: Payer): string[] {
  const scope = everyKind();
  const short = scope.hold('hld', '100', { payer: who });
  if (short.ok || short.refusal.code !== 'credits_exhausted') throw new Error('nobody can reach that much');
  const reach = String(short.refusal.available / 1_000_000n);
  scope.hold('hld', reach, { payer: who });
  const captured = scope.capture('hld', reach);
  if (!captured.ok) throw new Error(captured.refusal.code);
  return captured.value.paidFrom.map((part) => part.lotId);
}

/** Free grants by age, then what was bought (X20). */
const BONUS = ['compensation', 'bonus_community', 'bonus_promo', 'bonus_admin', 'bundle'];

describe('what a payer draws on', () => {
  it.each<[string, Payer, string[]]>([
    ['[E9] owner: daily, subscription, bonus', payer('owner'), ['daily', 'subscription', ...BONUS]],
    ['training: subscription, bonus, no daily', payer('training'), ['subscription', ...BONUS]],
    ['[X24] free visitor: the subscription alone', payer('free_visitor'), ['subscription']],
    ['[X24] free visitor, bonus allowed', payer('free_visitor', true), ['subscription', ...BONUS]],
    ['[X24] campaign: the subscription alone', payer('campaign'), ['subscription']],
    ['[X24] campaign, bonus allowed', payer('campaign', true), ['subscription', ...BONUS]],
    [
      '[B10] [B13] paying visitor: allowance before packs',
      payer('end_user'),
      ['eu_allowance', 'eu_pack', 'compensation'],
    ],
    ['business sells direct: subscription, bonus, no daily', payer('business_direct'), ['subscription', ...BONUS]],
  ])('%s', (_, who, kinds) => {
    expect(drawnBy(who)).toEqual(kinds);
  });

  it.each<Funding>(['owner', 'training', 'end_user', 'business_direct'])(
    '[X24] the opt-in for the public changes nothing for %s',
    (funding) => {
      expect(drawnBy(payer(funding, true))).toEqual(drawnBy(payer(funding)));
    },
  );

  it('[B13] takes the allowance that ends soonest, then the oldest pack', () => {
    const scope = new LedgerScope('end_user/bot_1/eu_1');
    scope.grant('pack-b', 'eu_pack', '1');
    scope.grant('pack-a', 'eu_pack', '1');
    scope.grant('late', 'eu_allowance', { amount: '1', endsIn: 2_000 });
    scope.grant('soon', 'eu_allowance', { amount: '1', endsIn: 1_000 });
    scope.hold('hld', '4', { payer: payer('end_user') });
    scope.capture('hld', '4');
    expect(scope.fresh.map((entry) => entry.lotId)).toEqual(['soon', 'late', 'pack-b', 'pack-a']);
  });

  it('[W6] charges 12 as 10 of the allowance and 2 of the pack; the next allowance leaves the pack at 3', () => {
    const scope = new LedgerScope('end_user/bot_1/eu_1');
    scope.grant('pack', 'eu_pack', '5');
    scope.grant('allowance-1', 'eu_allowance', { amount: '10', endsIn: 1_000 });
    scope.hold('hld', '12', { payer: payer('end_user') });
    scope.capture('hld', '12');
    expect(scope.moved).toEqual(['allowance-1:held > consumed 10000000', 'pack:held > consumed 2000000']);
    scope.end('hld');
    scope.wait(1_000).grant('allowance-2', 'eu_allowance', { amount: '10', endsIn: 1_000 });
    expect([scope.lot('allowance-1')[0], scope.lot('allowance-2')[0], scope.lot('pack')[0]]).toEqual([
      0n,
      10_000_000n,
      3_000_000n,
    ]);
  });
});

describe('no fallback from one payer to another', () => {
  it('refuses a free visitor with what the subscription has, whatever else lies there', () => {
    expect(everyKind().hold('hld', '1.5', { payer: payer('free_visitor') })).toMatchObject({
      refusal: { code: 'credits_exhausted', required: 1_500_000n, available: 1_000_000n },
    });
  });

  it('keeps the payer of the first order, whatever a later one says', () => {
    const scope = everyKind();
    scope.hold('hld', '1', { payer: payer('campaign') });
    expect(scope.hold('hld', '2', { payer: payer('owner') })).toMatchObject({
      refusal: { code: 'credits_exhausted', available: 1_000_000n },
    });
  });

  it('[edge 21] writes an overrun off rather than draw it on lots of another payer', () => {
    const scope = everyKind();
    scope.hold('hld', '1', { payer: payer('free_visitor') });
    expect(scope.capture('hld', '3', '10')).toMatchObject({ value: { paid: 1_000_000n, writtenOff: 2_000_000n } });
  });
});
