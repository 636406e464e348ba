// Worker. Frees the bytes of ZIPs that have expired, at its start and every hour. Several workers may be at it at once:
// each takes what no other has in hand.
import type { ActivitiesInUse } from '@fairmeter/activities';
import type { Logger } from '@fairmeter/platform';

export const SWEEP_EVERY_MS = 3_600_000;

export interface ArtefactSweepOptions {
  readonly activities: Pick<ActivitiesInUse, 'sweepArtefacts'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

export class ArtefactSweep {
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: ArtefactSweepOptions) {}

  start(): void {
    this.begin();
    this.timer = setInterval(() => {
      this.begin();
    }, SWEEP_EVERY_MS);
  }

  /** Waits for the batch in hand: its connection is closed next. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  private begin(): void {
    // One sweep after the other: where one took longer than an hour the next finds little to do.
    this.running = this.running.then(() => this.sweep());
  }

  private async sweep(): Promise<void> {
    const { activities, logger } = this.options;
    let freed = 0;
    try {
      let batch = -1;
      while (batch !== 0 && !this.isStopped) {
        batch = await activities.sweepArtefacts();
        freed += batch;
      }
    } catch (error) {
      logger.warn({ err: error }, 'expired artefacts could not be freed, trying again in an hour');
    }
    if (freed > 0) logger.info({ freed }, 'expired artefacts are freed');
  }
}
