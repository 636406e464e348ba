// Activities room. What sends webhooks, made from the configuration.
import type { Logger, WorkerConfig } from '@fairmeter/platform';
import { systemClock } from '@fairmeter/platform';
import type { EntityDatabase, WriterDatabase } from '@fairmeter/platform/database';
import { HttpWebhooks } from '@fairmeter/providers/webhooks';
import { WebhookDesk } from './webhook.activities.js';

interface WebhookNeeds {
  readonly logger: Logger;
  readonly entities: EntityDatabase;
  /** Hears that something was queued. */
  readonly feeding: WriterDatabase;
}

export function openWebhooks({ webhooks }: WorkerConfig, { entities, feeding, logger }: WebhookNeeds): WebhookDesk {
  const { allowedNetworks, withinMs, sealingSecret } = webhooks;
  const port = new HttpWebhooks({ allowedNetworks, withinMs });
  return new WebhookDesk({ entities, feeding, port, clock: systemClock, sealingSecret, withinMs, logger });
}
