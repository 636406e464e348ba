// Worker. Says every few seconds that it lives, so that readiness knows without asking Temporal.
import type { ActivitiesInUse } from '@fairmeter/activities';
import type { Logger } from '@fairmeter/platform';

const EVERY_MS = 5_000;

export interface PresenceOptions {
  readonly activities: Pick<ActivitiesInUse, 'sayAlive' | 'sayGone'>;
  readonly worker: { readonly id: string; readonly version: string };
  readonly logger: Logger;
  readonly isAlive: () => boolean;
}

export class Presence {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: PresenceOptions) {}

  async start(): Promise<void> {
    const { activities, worker, logger, isAlive } = this.options;
    await activities.sayAlive(worker);
    this.timer = setInterval(() => {
      if (!isAlive()) return;
      activities.sayAlive(worker).catch((error: unknown) => {
        logger.warn({ err: error }, 'could not say that the worker lives');
      });
    }, EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    // A worker that stops in order leaves at once; one that is killed is forgotten by its silence.
    await this.options.activities.sayGone(this.options.worker.id).catch(() => undefined);
  }
}
