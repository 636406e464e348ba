// Worker. A loop that the platform may not refund by itself is looked at by a person: its job opens a review. Hearing
// of it twice does no harm, since a job opens one at most.
import type { ActivitiesInUse } from '@fairmeter/activities';
import type { TemporalClient } from '@fairmeter/platform/temporal';
import { beginReview } from '../begin-review.js';
import type { OutboxConsumer } from './outbox-consumer.js';
import { UNHURRIED } from './outbox-consumer.js';

export class OpenReviews implements OutboxConsumer {
  readonly reader = { name: 'open-reviews', follows: 'all_scopes', takes: 'newest' } as const;
  readonly pace = UNHURRIED;

  constructor(
    private readonly reviews: Pick<ActivitiesInUse['platformReviews'], 'scopesAwaiting' | 'openIn'>,
    private readonly temporal: Pick<TemporalClient, 'client'>,
  ) {}

  async among(scopeIds: readonly string[] | null): Promise<readonly string[]> {
    return this.reviews.scopesAwaiting(scopeIds);
  }

  async handle(scopeId: string): Promise<void> {
    for (const caseId of await this.reviews.openIn(scopeId)) await beginReview(this.temporal, caseId);
  }
}
