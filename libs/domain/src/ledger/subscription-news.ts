// Domain room. What a scope's outbox tells of its subscription: no credits move, yet whoever listens hears it in the
// order in which the credits moved.
import { formatCredits } from '../amounts/micro-credits.js';
import type { Outcome } from '../failures/refusal.js';
import { accept } from '../failures/refusal.js';
import type { JobPosting } from '../jobs/facts.js';
import { scopePosting } from '../jobs/facts.js';
import type { SubscriptionNews } from '../subscriptions/effects.js';
import type { Instant } from '../time/instant.js';
import { instantToText } from '../time/instant.js';
import { Book } from './book.js';
import type { LotGround } from './lot-operations.js';

export interface SubscriptionNewsOrder {
  readonly news: SubscriptionNews;
  /** Since when it is true: after a standstill it may be told late. */
  readonly since: Instant;
}

export interface SubscriptionNewsResult {
  readonly told: SubscriptionNews;
}

export function postSubscriptionNews(
  { snapshot, at }: LotGround,
  { news, since }: SubscriptionNewsOrder,
): Outcome<JobPosting<SubscriptionNewsResult>> {
  const book = new Book(snapshot, at);
  return accept(
    scopePosting({
      result: { told: news },
      changes: book.changes(),
      events: [
        {
          type: 'subscription.changed',
          job_id: null,
          news,
          since: instantToText(since),
          available: formatCredits(book.availableToAll),
        },
      ],
    }),
  );
}
