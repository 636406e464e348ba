// Worker. Says every few seconds that it lives, so that readiness knows without asking Temporal.
import type { Logger } from '@fairmeter/platform';
import type { EntityDatabase } from '@fairmeter/platform/database';
import { forgetWorker, touchWorker } from '@fairmeter/records';

const EVERY_MS = 5_000;

export class Presence {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly entities: EntityDatabase,
    private readonly worker: { readonly id: string; readonly version: string },
    private readonly logger: Logger,
    private readonly isAlive: () => boolean,
  ) {}

  async start(): Promise<void> {
    await touchWorker(this.entities.manager, this.worker);
    this.timer = setInterval(() => {
      if (!this.isAlive()) return;
      touchWorker(this.entities.manager, this.worker).catch((error: unknown) => {
        this.logger.warn({ err: error }, 'could not say that the worker lives');
      });
    }, EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    // A worker that stops in order leaves at once; one that is killed is forgotten by its silence.
    await forgetWorker(this.entities.manager, this.worker.id).catch(() => undefined);
  }
}
