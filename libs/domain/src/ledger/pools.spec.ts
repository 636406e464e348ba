// Goal: what one uses up is not missing elsewhere: limits, payers and people stand beside each other. Method: the
// ledger alone, an account and an end user at a bot, each a scope; figures by hand.
import { describe, expect, it } from '@jest/globals';
import { type HoldWish, LedgerScope } from '../../../../test/harness/ledger-scope.js';
import { creditsOf } from '../../../../test/harness/orders.js';
import { instant } from '../time/instant.js';
import { COUNTER_KINDS, counterId, type CounterKind, type LimitNow } from './counter.js';
import { endUserScope } from './entry.js';
import type { Payer } from './payer.js';

const END_USER: Payer = { funding: 'end_user', publicMayUseBonus: false };
const TRAINING: Payer = { funding: 'training', publicMayUseBonus: false };
const CAMPAIGN: Payer = { funding: 'campaign', publicMayUseBonus: false };
const VISITOR: Payer = { funding: 'free_visitor', publicMayUseBonus: false };

function limit(kind: CounterKind, amount: string, subject = ''): LimitNow {
  return {
    limit: { kind, subject, period: 'billing_period', amount: creditsOf(amount) },
    periodStart: instant(0),
  };
}

function account(credits = '1000'): LedgerScope {
  const scope = new LedgerScope();
  if (credits !== '0') scope.grant('cap', 'subscription', credits);
  return scope;
}

interface Spending extends HoldWish {
  readonly amount: string;
}

/** A job that uses exactly what it holds. The code of the refusal, or `done`. */
function spend(scope: LedgerScope, jobId: string, spending: string | Spending): string {
  const { amount, ...wish } = typeof spending === 'string' ? { amount: spending } : spending;
  const held = scope.hold(jobId, amount, wish);
  if (!held.ok) return held.refusal.code;
  scope.capture(jobId, amount);
  scope.end(jobId);
  return 'done';
}

function usedUnder(scope: LedgerScope, now: LimitNow): bigint {
  return scope.snapshot.counters.get(counterId(scope.snapshot.scopeId, now))?.used ?? 0n;
}

describe('limits beside each other', () => {
  const CODES: Readonly<Record<CounterKind, string>> = {
    free_reserve: 'free_usage_exhausted',
    training: 'training_limit_reached',
    campaign: 'campaign_limit_reached',
    member: 'member_limit_reached',
    key: 'key_limit_reached',
    spend: 'spend_limit_reached',
    bot: 'bot_limit_reached',
    visitor: 'visitor_limit_reached',
  };

  it.each(COUNTER_KINDS)('[B16] %s used up stops alone, and leaves the seven others all they had', (kind) => {
    const scope = account();
    const mine = limit(kind, '2');
    expect(spend(scope, 'first', { amount: '2', limits: [mine] })).toBe('done');
    expect(spend(scope, 'second', { amount: '0.000001', limits: [mine] })).toBe(CODES[kind]);
    for (const other of COUNTER_KINDS.filter((some) => some !== kind)) {
      expect(usedUnder(scope, limit(other, '2'))).toBe(0n);
      expect(spend(scope, `all of ${other}`, { amount: '2', limits: [limit(other, '2')] })).toBe('done');
    }
    expect(usedUnder(scope, mine)).toBe(creditsOf('2'));
    expect(scope.lot('cap')).toEqual([creditsOf('984'), 0n]);
  });

  it('[B16] of several that ride along the first that is full names itself, and none of them has moved', () => {
    const scope = account();
    const [key, member, own] = [limit('key', '9', 'key_1'), limit('member', '2', 'mem_1'), limit('spend', '1')];
    expect(spend(scope, 'a', { amount: '3', limits: [key, member, own] })).toBe('member_limit_reached');
    expect(spend(scope, 'b', { amount: '2', limits: [key, member, own] })).toBe('spend_limit_reached');
    expect([key, member, own].map((now) => usedUnder(scope, now))).toEqual([0n, 0n, 0n]);
  });

  it('[B16] [B9] free answers, a giveaway and training each stop, one by one, while the owner goes on', () => {
    const scope = account();
    const uses = [
      { payer: VISITOR, limits: [limit('free_reserve', '3')] },
      { payer: CAMPAIGN, limits: [limit('campaign', '2', 'spring')] },
      { payer: TRAINING, limits: [limit('training', '1')] },
    ];
    const rounds = [1, 2, 3, 4].map((round) =>
      uses.map((use, index) => spend(scope, `${round}/${index}`, { amount: '1', ...use })),
    );
    expect(rounds).toEqual([
      ['done', 'done', 'done'],
      ['done', 'done', 'training_limit_reached'],
      ['done', 'campaign_limit_reached', 'training_limit_reached'],
      ['free_usage_exhausted', 'campaign_limit_reached', 'training_limit_reached'],
    ]);
    expect(spend(scope, 'owner', '994')).toBe('done');
    expect(scope.lot('cap')).toEqual([0n, 0n]);
  });

  it('[A16] a limit of one bot leaves the other bots of the account theirs', () => {
    const scope = account();
    const [small, other] = [limit('bot', '1', 'bot_1'), limit('bot', '50', 'bot_2')];
    expect(spend(scope, 'a', { amount: '1', limits: [small] })).toBe('done');
    expect(spend(scope, 'b', { amount: '1', limits: [small] })).toBe('bot_limit_reached');
    expect(spend(scope, 'c', { amount: '50', limits: [other] })).toBe('done');
  });

  it('[E24] members draw on one pool; a limit of one stops that one alone, and nothing is theirs', () => {
    const scope = account('20');
    const [ann, ben] = [limit('member', '5', 'mem_ann'), limit('member', '100', 'mem_ben')];
    expect(spend(scope, 'ann-1', { amount: '5', limits: [ann] })).toBe('done');
    expect(spend(scope, 'ann-2', { amount: '1', limits: [ann] })).toBe('member_limit_reached');
    expect(spend(scope, 'ben-1', { amount: '10', limits: [ben] })).toBe('done');
    expect(scope.lot('cap')).toEqual([creditsOf('5'), 0n]);
    expect(spend(scope, 'ben-2', { amount: '6', limits: [ben] })).toBe('credits_exhausted');
    expect([...scope.snapshot.lots.keys()]).toEqual(['cap']);
  });
});

describe('a paying visitor beside the owner', () => {
  function visitor(): LedgerScope {
    return new LedgerScope(endUserScope('bot_1', 'usr_1'));
  }

  it('[B8] owner and free visitors lower one budget', () => {
    const scope = account('10');
    expect(spend(scope, 'chat', '3')).toBe('done');
    expect(spend(scope, 'visit', { amount: '2', payer: VISITOR, limits: [limit('free_reserve', '5')] })).toBe('done');
    expect(scope.lot('cap')).toEqual([creditsOf('5'), 0n]);
  });

  it('[B14] with an empty cap pays by itself, and the cap stays empty', () => {
    const [owner, paying] = [account('0'), visitor()];
    paying.grant('pack', 'eu_pack', '5');
    expect(spend(paying, 'answer', { amount: '5', payer: END_USER })).toBe('done');
    expect(spend(owner, 'chat', '0.1')).toBe('credits_exhausted');
    expect([owner.entries, paying.lot('pack')]).toEqual([[], [0n, 0n]]);
  });

  it('[B15] [B10] who runs out is refused, also where lots of other payers lie in the very same scope', () => {
    const scope = visitor();
    scope.grant('pack', 'eu_pack', '1');
    scope.grant('not-theirs', 'subscription', '50');
    expect(spend(scope, 'answer', { amount: '1', payer: END_USER })).toBe('done');
    expect(spend(scope, 'next', { amount: '0.1', payer: END_USER })).toBe('credits_exhausted');
    expect(scope.lot('not-theirs')).toEqual([creditsOf('50'), 0n]);
  });

  it('[B11] a bought quantity falls by each charge, and by nothing else', () => {
    const scope = visitor();
    scope.grant('pack', 'eu_pack', '5');
    const left = ['1.25', '0.5', '3.25'].map((charge, index) => {
      spend(scope, `answer-${index}`, { amount: charge, payer: END_USER });
      return scope.lot('pack')[0];
    });
    expect(left).toEqual([creditsOf('3.75'), creditsOf('3.25'), 0n]);
    scope.wait(1_000_000_000);
    expect(spend(scope, 'late', { amount: '0.1', payer: END_USER })).toBe('credits_exhausted');
  });

  it('[B12] an allowance is full again with each period, however much of the last was used', () => {
    const scope = visitor();
    for (const period of [1, 2, 3]) {
      scope.grant(`period-${period}`, 'eu_allowance', { amount: '4', endsIn: 1_000 });
      expect(spend(scope, `short-${period}`, { amount: '4.1', payer: END_USER })).toBe('credits_exhausted');
      expect(spend(scope, `answer-${period}`, { amount: `${period}`, payer: END_USER })).toBe('done');
      scope.wait(1_000);
    }
    expect(spend(scope, 'between', { amount: '0.1', payer: END_USER })).toBe('credits_exhausted');
  });
});
