// Goal: limits are held along with credits, so that many in flight never pass them, and a refund gives room back once.
// Method: worked cases on one scope with more credits than any limit allows.
import { describe, expect, it } from '@jest/globals';
import { LedgerScope } from '../../../../test/harness/ledger-scope.js';
import { creditsOf } from '../../../../test/harness/orders.js';
import { instant } from '../time/instant.js';
import type { CounterKind, LimitNow } from './counter.js';
import { counterId } from './counter.js';
import type { Payer } from './payer.js';

const CAMPAIGN: Payer = { funding: 'campaign', publicMayUseBonus: false };

function limit(kind: CounterKind, amount: string, { subject = 'one', start = 0 } = {}): LimitNow {
  return { limit: { kind, subject, period: 'day', amount: creditsOf(amount) }, periodStart: instant(start) };
}

function rich(): LedgerScope {
  const scope = new LedgerScope();
  scope.grant('subscription', 'subscription', '1000');
  return scope;
}

/** Used and held under a limit, in credits. */
function figures(scope: LedgerScope, now: LimitNow): readonly [number, number] {
  const counter = scope.snapshot.counters.get(counterId(scope.snapshot.scopeId, now));
  return [Number(counter?.used ?? 0n) / 1e6, Number(counter?.held ?? 0n) / 1e6];
}

describe('a limit', () => {
  it('[edge 74] with 50 visitors in flight gives at most itself', () => {
    const scope = rich();
    const campaign = limit('campaign', '10');
    const visitors = Array.from({ length: 50 }, (_, index) => `visitor-${index}`);
    const letIn = visitors.filter((id) => scope.hold(id, '1', { payer: CAMPAIGN, limits: [campaign] }).ok);
    expect(letIn).toHaveLength(10);
    expect(figures(scope, campaign)).toEqual([0, 10]);
    for (const id of letIn) scope.capture(id, '1');
    expect(figures(scope, campaign)).toEqual([10, 0]);
    expect(scope.hold('late', '0.000001', { payer: CAMPAIGN, limits: [campaign] })).toEqual({
      ok: false,
      refusal: {
        code: 'campaign_limit_reached',
        limit: 10_000_000n,
        used: 10_000_000n,
        held: 0n,
        required: 1n,
        resetsAt: Date.UTC(2039, 0, 2),
      },
    });
    expect(scope.lot('subscription')).toEqual([990_000_000n, 0n]);
  });

  it('[edge 74] gives what a visitor did not need to the next', () => {
    const scope = rich();
    const campaign = limit('campaign', '1');
    scope.hold('a', '1', { limits: [campaign] });
    expect(scope.hold('b', '0.5', { limits: [campaign] })).toMatchObject({ ok: false });
    scope.capture('a', '0.5');
    scope.end('a');
    expect(scope.hold('b', '0.5', { limits: [campaign] })).toMatchObject({ ok: true });
    expect(figures(scope, campaign)).toEqual([0.5, 0.5]);
  });

  it('[edge 75] lowered below its use holds nothing more, while what runs captures and ends', () => {
    const scope = rich();
    scope.hold('running', '4', { limits: [limit('free_reserve', '10')] });
    scope.hold('done', '3', { limits: [limit('free_reserve', '10')] });
    scope.capture('done', '3');
    scope.end('done');
    const lowered = limit('free_reserve', '2');
    expect(scope.hold('new', '0.1', { limits: [lowered] })).toMatchObject({
      refusal: { code: 'free_usage_exhausted', limit: 2_000_000n, used: 3_000_000n, held: 4_000_000n },
    });
    expect(scope.hold('running', '4.1', { limits: [lowered] })).toMatchObject({ ok: false });
    expect(scope.hold('running', '3', { limits: [lowered] })).toMatchObject({ ok: true });
    expect(scope.capture('running', '3')).toMatchObject({ value: { paid: 3_000_000n, writtenOff: 0n } });
    expect(scope.end('running')).toMatchObject({ ok: true });
    expect(figures(scope, lowered)).toEqual([6, 0]);
  });

  it.each<[CounterKind, string]>([
    ['free_reserve', 'free_usage_exhausted'],
    ['training', 'training_limit_reached'],
    ['campaign', 'campaign_limit_reached'],
    ['member', 'member_limit_reached'],
    ['key', 'key_limit_reached'],
    ['spend', 'spend_limit_reached'],
    ['bot', 'bot_limit_reached'],
    ['visitor', 'visitor_limit_reached'],
  ])('[B16] of %s stops alone, under its own code, and refuses before anything moves', (kind, code) => {
    const scope = rich();
    const wide = limit('spend', '500', { subject: 'wide' });
    scope.hold('a', '5', { limits: [wide, limit(kind, '5')] });
    const before = scope.snapshot;
    expect(scope.hold('b', '1', { limits: [wide, limit(kind, '5')] })).toMatchObject({ refusal: { code } });
    expect(scope.snapshot).toBe(before);
    expect(scope.hold('c', '1', { limits: [wide] })).toMatchObject({ ok: true });
    expect(scope.hold('d', '1', { limits: [wide, limit(kind, '5', { subject: 'two' })] })).toMatchObject({ ok: true });
    expect(figures(scope, wide)).toEqual([0, 7]);
  });

  it('[B9] counts beside credits: where the lots do not reach, no limit helps, and none is held', () => {
    const scope = new LedgerScope();
    scope.grant('subscription', 'subscription', '1');
    const reserve = limit('free_reserve', '100');
    expect(scope.hold('a', '2', { limits: [reserve] })).toMatchObject({ refusal: { code: 'credits_exhausted' } });
    expect(figures(scope, reserve)).toEqual([0, 0]);
  });
});

describe('a limit over its periods', () => {
  const monday = limit('member', '10', { start: 0 });
  const tuesday = limit('member', '10', { start: 1_000 });

  function twoDays(): LedgerScope {
    const scope = rich();
    scope.hold('hld', '3', { limits: [monday] });
    scope.capture('hld', '2');
    scope.hold('hld', '4', { limits: [tuesday] });
    scope.capture('hld', '3');
    return scope;
  }

  it('moves what is held to the new period and leaves what was used in the old', () => {
    expect([figures(twoDays(), monday), figures(twoDays(), tuesday)]).toEqual([
      [2, 0],
      [3, 1],
    ]);
  });

  it('gives a refund back once, to the earlier period first, so that the present gains no room it never lost', () => {
    const scope = twoDays();
    scope.reverse('hld', { subscription: '1' });
    expect([figures(scope, monday)[0], figures(scope, tuesday)[0]]).toEqual([1, 3]);
    scope.reverse('hld', { subscription: '4' });
    expect([figures(scope, monday)[0], figures(scope, tuesday)[0]]).toEqual([0, 0]);
  });

  it('gives a refund of an old job to the period it was used in, not to the present one', () => {
    const scope = rich();
    scope.hold('old', '3', { limits: [monday] });
    scope.capture('old', '3');
    scope.end('old');
    scope.hold('new', '2', { limits: [tuesday] });
    scope.capture('new', '2');
    scope.reverse('old', { subscription: '3' });
    expect([figures(scope, monday), figures(scope, tuesday)]).toEqual([
      [0, 0],
      [2, 0],
    ]);
  });

  it('gives a refund back to every limit that rode along', () => {
    const scope = rich();
    const key = limit('key', '10');
    scope.hold('hld', '3', { limits: [monday, key] });
    scope.capture('hld', '3');
    scope.reverse('hld', { subscription: '1' });
    expect([figures(scope, monday), figures(scope, key)]).toEqual([
      [2, 0],
      [2, 0],
    ]);
  });
});

describe('an overrun', () => {
  it('[edge 21] counts as used, in the present period, also where nothing is held any more', () => {
    const scope = rich();
    const member = limit('member', '4');
    scope.hold('hld', '3', { limits: [member] });
    scope.capture('hld', '4', '9');
    expect(figures(scope, member)).toEqual([4, 0]);
    scope.capture('hld', '1', '9');
    expect(figures(scope, member)).toEqual([5, 0]);
    expect(scope.hold('next', '0.1', { limits: [member] })).toMatchObject({ ok: false });
  });

  it('[edge 21] that is written off is no use of the limit', () => {
    const scope = rich();
    const member = limit('member', '9');
    scope.hold('hld', '3', { limits: [member] });
    expect(scope.capture('hld', '5')).toMatchObject({ value: { writtenOff: 2_000_000n } });
    expect(figures(scope, member)).toEqual([3, 0]);
  });
});

describe('a day that turns out to have begun earlier', () => {
  it('counts the use where the hold lies now, not in the counter with the later start', () => {
    const scope = rich();
    const utcDay = limit('spend', '10', { start: 86_400_000 });
    const ownDay = limit('spend', '10', { start: 79_200_000 });
    scope.hold('job', '2', { limits: [utcDay] });
    scope.hold('job', '2', { limits: [ownDay] });
    scope.capture('job', '1.5');
    scope.end('job');
    expect([figures(scope, utcDay), figures(scope, ownDay)]).toEqual([
      [0, 0],
      [1.5, 0],
    ]);
  });
});
