// Domain room. What can happen to a subscription. Everything that falls due by the instant of an event happens first.
import type { Instant } from '../time/instant.js';

export type SubscriptionEvent =
  /** The instant that was named as the next one, or a later one: all that fell due since is done at once. */
  | { readonly type: 'wake' }
  | {
      readonly type: 'change';
      readonly planId: string;
      /** Start of the period that a preview was made for: in another one its figures do not hold. */
      readonly previewedPeriod?: Instant | null;
    }
  | { readonly type: 'cancel' }
  | { readonly type: 'undo' }
  | { readonly type: 'payment'; readonly key: string; readonly paid: boolean }
  /** It was paid, and the bank took the money back, or it went back in another way. */
  | { readonly type: 'payment_returned'; readonly key: string }
  | { readonly type: 'zone'; readonly zone: string }
  /** The account is closed, or the visitor forgotten: at once, and nothing begins any more. */
  | { readonly type: 'close' };
