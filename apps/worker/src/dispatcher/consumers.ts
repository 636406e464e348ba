// Worker. Everybody who acts on what the ledger says has happened, in the order in which they are served.
import type { ActivitiesInUse } from '@fairmeter/activities';
import type { TemporalClient } from '@fairmeter/platform/temporal';
import type { OutboxConsumer } from './outbox-consumer.js';
import { OpenReviews } from './open-reviews.js';
import { QueueWebhooks } from './queue-webhooks.js';
import { StartAutoTopUps } from './start-auto-top-ups.js';
import { WakeWaitingJobs } from './wake-waiting-jobs.js';
import { WarnOfLowCredits } from './warn-of-low-credits.js';

export function consumersOf(
  parts: Pick<ActivitiesInUse, 'outbox' | 'autoTopUps' | 'creditWarnings' | 'platformReviews' | 'webhooks'>,
  temporal: Pick<TemporalClient, 'client'>,
): readonly OutboxConsumer[] {
  const { outbox, autoTopUps, creditWarnings, platformReviews, webhooks } = parts;
  return [
    new WakeWaitingJobs(outbox, temporal),
    new StartAutoTopUps(autoTopUps, temporal),
    new OpenReviews(platformReviews, temporal),
    new QueueWebhooks(webhooks, outbox),
    new WarnOfLowCredits(creditWarnings),
  ];
}
