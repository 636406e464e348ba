// Test harness. Random years of one subscription: what people wish, what becomes of payments, standstills between.
import fc from 'fast-check';
import type { Instant, SubscriptionEvent } from '@fairmeter/domain';
import type { SubscriptionBook } from './subscription-book.js';

const DAY_MS = 86_400_000;

const wishes: fc.Arbitrary<SubscriptionEvent> = fc.oneof(
  fc
    .constantFrom('plan_free', 'plan_standard', 'plan_standard_annual', 'plan_premium', 'plan_business', 'plan_custom')
    .map((planId): SubscriptionEvent => ({ type: 'change', planId })),
  fc.constantFrom<SubscriptionEvent>({ type: 'cancel' }, { type: 'undo' }, { type: 'wake' }),
  fc.constantFrom('UTC', 'Asia/Tokyo').map((zone): SubscriptionEvent => ({ type: 'zone', zone })),
);

export type SubscriptionMove =
  | { readonly after: number; readonly wish: SubscriptionEvent; readonly asleep: boolean }
  | { readonly after: number; readonly hear: boolean };

export const subscriptionMoves: fc.Arbitrary<SubscriptionMove> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ after: fc.nat(40 * DAY_MS), wish: wishes, asleep: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ after: fc.nat(20 * DAY_MS), hear: fc.boolean() }) },
);

/** The book itself refuses a second lot of a name, lots that overlap, and what is taken back after it began. */
export function playMove(book: SubscriptionBook, at: Instant, move: SubscriptionMove): void {
  if ('hear' in move) {
    if (book.payments.some(({ state }) => state === 'open' || state === 'failed')) book.hear(at, move.hear);
  } else if (move.asleep) book.step(at, move.wish);
  else book.act(at, move.wish);
}
