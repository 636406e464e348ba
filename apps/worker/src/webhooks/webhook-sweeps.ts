// Worker. What is looked after beside the sending of webhooks: who goes on trying, and deliveries that are old.
import type { ActivitiesInUse } from '@fairmeter/activities';
import type { Logger } from '@fairmeter/platform';
import type { TemporalClient } from '@fairmeter/platform/temporal';
import { Sweep } from '../sweep.js';
import { tryFailingWebhooks } from './start-delivery.js';

const EVERY_MS = 600_000;

export function webhookSweeps(
  webhooks: Pick<ActivitiesInUse['webhooks'], 'failing' | 'sweep'>,
  temporal: Pick<TemporalClient, 'client'>,
  logger: Logger,
): readonly Sweep[] {
  return [
    new Sweep({
      name: 'webhooks that fail',
      everyMs: EVERY_MS,
      batch: async () => {
        await tryFailingWebhooks(webhooks, temporal);
        return 0;
      },
      logger,
    }),
    new Sweep({
      name: 'old deliveries of webhooks',
      everyMs: EVERY_MS,
      batch: async () => webhooks.sweep(),
      logger,
    }),
  ];
}
