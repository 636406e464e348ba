// Worker. What is done over and over beside the jobs: at the start and every so often, until nothing is left. Several
// workers may be at it at once: each takes what no other has in hand.
import type { Logger } from '@fairmeter/platform';

export interface SweepOptions {
  /** What is done, as the log says it. */
  readonly name: string;
  readonly everyMs: number;
  /** Does some, and says how much it was: none when nothing is left. */
  readonly batch: () => Promise<number>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

export class Sweep {
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: SweepOptions) {}

  start(): void {
    this.begin();
    this.timer = setInterval(() => {
      this.begin();
    }, this.options.everyMs);
  }

  /** Waits for the batch in hand: its connection is closed next. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  private begin(): void {
    // One sweep after the other: where one took longer than its turn the next finds little to do.
    this.running = this.running.then(() => this.sweep());
  }

  private async sweep(): Promise<void> {
    const { name, batch, logger } = this.options;
    let done = 0;
    try {
      let some = -1;
      while (some !== 0 && !this.isStopped) {
        some = await batch();
        done += some;
      }
    } catch (error) {
      logger.warn({ err: error, sweep: name }, 'a sweep failed, it is tried again at its next turn');
    }
    if (done > 0) logger.info({ done, sweep: name }, 'a sweep is done');
  }
}
