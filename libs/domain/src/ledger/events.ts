// Domain room. What happened to a scope's credits outside of any job, as the outbox stores it. Each carries the figure
// that was left, so that whoever hears of it need not ask.
import type { SubscriptionNews } from '../subscriptions/effects.js';
import type { LotKind } from './lot.js';

export type ScopeEvent =
  | {
      readonly type: 'credits.granted';
      readonly job_id: null;
      readonly lot_id: string;
      readonly kind: LotKind;
      readonly amount: string;
      readonly valid_from: string;
      readonly expires_at: string | null;
      /** What of it went to an earlier debt at once. */
      readonly debt_paid: string;
      readonly available: string;
    }
  | {
      /** More in a lot that was there before. */
      readonly type: 'credits.grown';
      readonly job_id: null;
      readonly lot_id: string;
      readonly kind: LotKind;
      readonly amount: string;
      readonly expires_at: string | null;
      readonly available: string;
    }
  | {
      readonly type: 'credits.ending_soon';
      readonly job_id: null;
      readonly lot_id: string;
      readonly kind: LotKind;
      /** What nobody has spent of the lot, what holds have of it too. */
      readonly left: string;
      readonly expires_at: string;
      readonly available: string;
    }
  | {
      readonly type: 'credits.lapsed';
      readonly job_id: null;
      readonly amount: string;
      readonly available: string;
    }
  | {
      readonly type: 'credits.taken_back';
      readonly job_id: null;
      readonly lot_id: string;
      readonly amount: string;
      readonly debt: string;
      readonly available: string;
    }
  | {
      readonly type: 'terms.changed';
      readonly job_id: null;
      readonly time_zone: string;
      readonly daily_allowance: string;
      readonly next_reset_at: string;
      readonly available: string;
    }
  | {
      readonly type: 'subscription.changed';
      readonly job_id: null;
      readonly news: SubscriptionNews;
      /** Since when it is true. */
      readonly since: string;
      readonly available: string;
    }
  | {
      readonly type: 'limits.changed';
      readonly job_id: null;
      readonly limits: readonly {
        readonly kind: string;
        readonly subject: string;
        readonly period: string;
        readonly amount: string | null;
      }[];
      readonly available: string;
    };

export type ScopeEventType = ScopeEvent['type'];
