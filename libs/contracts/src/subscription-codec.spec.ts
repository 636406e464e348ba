// Goal: whatever becomes of a subscription, it comes back from JSON as it was, and it stays small enough to be carried
// for years. Method: random years of a subscription, its state and its effects written and read after each move.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { instant } from '@fairmeter/domain';
import { SHIPPED_PLANS } from '../../../test/harness/shipped-plans.js';
import { SubscriptionBook } from '../../../test/harness/subscription-book.js';
import { playMove, subscriptionMoves } from '../../../test/harness/subscription-walks.js';
import { isForPort, packEffect, packSubscription, unpackEffect, unpackSubscription } from './subscription-codec.js';
import { subscriptionWorkflowId } from './subscriptions.js';

const START = Date.UTC(2027, 0, 31, 9, 30);
/** Of one payload: thousands of them fit what a history may hold. */
const LONGEST_STATE = 2_500;

const thereAndBack = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

describe('the state of a subscription', () => {
  it('[F16] comes back from JSON as it was, small, whatever was asked of it', () => {
    fc.assert(
      fc.property(fc.array(subscriptionMoves, { maxLength: 25 }), fc.boolean(), (moves, byHand) => {
        const book = new SubscriptionBook({ plans: SHIPPED_PLANS, pays: byHand ? 'by_hand' : 'at_once' });
        let at = instant(START);
        book.change(at, 'plan_free');
        for (const move of moves) {
          at = instant(at + move.after);
          playMove(book, at, move);
          const packed = packSubscription(book.subscription);
          expect(unpackSubscription(thereAndBack(packed))).toEqual(book.subscription);
          expect(JSON.stringify(packed).length).toBeLessThan(LONGEST_STATE);
        }
        for (const effect of book.done) {
          const packed = thereAndBack(packEffect(effect));
          if (isForPort(packed)) expect(packed).toEqual(packEffect(effect));
          else expect(unpackEffect(packed)).toEqual(effect);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('meets every field of a state and every effect that there is', () => {
    const book = new SubscriptionBook({ plans: SHIPPED_PLANS, pays: 'by_hand' });
    const seen = new Set<string>();
    const note = (): void => {
      const { current, scheduled, order, ahead, arrears } = packSubscription(book.subscription);
      for (const [name, value] of Object.entries({ current, scheduled, order, ahead, arrears })) {
        if (value !== null) seen.add(name);
      }
    };
    for (const [days, act] of [
      [0, (at: number) => book.change(instant(at), 'plan_standard')],
      [1, (at: number) => book.hear(instant(at), true)],
      [2, (at: number) => book.change(instant(at), 'plan_premium')],
      [3, (at: number) => book.hear(instant(at), false)],
      [4, (at: number) => book.change(instant(at), 'plan_premium')],
      [5, (at: number) => book.hear(instant(at), true)],
      [6, (at: number) => book.mustAct(instant(at), { type: 'cancel' })],
      [7, (at: number) => book.mustAct(instant(at), { type: 'undo' })],
      // A moment before the boundary the next period is decided, and after it not paid.
      [28.999_99, (at: number) => book.runUntil(instant(at))],
      [40, (at: number) => book.runUntil(instant(at))],
      [41, (at: number) => book.hear(instant(at), true)],
      [42, (at: number) => book.change(instant(at), 'plan_standard')],
      [70, (at: number) => book.runUntil(instant(at))],
    ] as const) {
      act(START + Math.round(days * 86_400_000));
      note();
    }
    expect([...seen].sort()).toEqual(['ahead', 'arrears', 'current', 'order', 'scheduled']);
    expect(new Set(book.done.map((effect) => effect.do)).size).toBeGreaterThanOrEqual(6);
  });

  it('names its workflow by its subject, and by nothing else', () => {
    const visitor = { kind: 'end_user', accountId: 'acc_1', botId: 'bot_1', visitorId: 'vis_1' } as const;
    expect(subscriptionWorkflowId({ kind: 'account', accountId: 'acc_1' })).toBe('subscription/acc_1');
    expect(subscriptionWorkflowId(visitor)).toBe('subscription/bot_1/vis_1');
  });
});
