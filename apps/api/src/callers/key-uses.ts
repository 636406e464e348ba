// API room. When each key was last used: noted in memory, written for many keys at once, now and then. A request waits
// for none of it, and what a crash loses is half a minute of a time that people read by the day.
import type { ApiConfig, Clock, Logger } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import { noteKeysUsed } from '@fairmeter/records';
import type { OnModuleDestroy } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import { API_CLOCK, API_CONFIG, API_LOGGER } from '../tokens.js';

@Injectable()
export class KeyUses implements OnModuleDestroy {
  private used = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: TenantDatabase,
    @Inject(API_CLOCK) private readonly clock: Clock,
    @Inject(API_LOGGER) private readonly logger: Logger,
    @Inject(API_CONFIG) config: ApiConfig,
  ) {
    this.timer = setInterval(() => void this.write(), config.keyUseEveryMs);
    this.timer.unref();
  }

  note(keyId: string): void {
    this.used.set(keyId, this.clock.now());
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.write();
  }

  /** One write at a time: what is noted meanwhile goes with the next. */
  private async write(): Promise<void> {
    this.writing = this.writing.then(async () => {
      if (this.used.size === 0) return;
      const batch = this.used;
      this.used = new Map();
      try {
        await this.database.beforeTenant(async (tx) => noteKeysUsed(tx, batch));
      } catch (error) {
        // Nobody is told a wrong thing by it, only an old one: the next use of the key is noted anew.
        this.logger.warn({ keys: batch.size, err: error }, 'the last uses of keys could not be written');
      }
    });
    return this.writing;
  }
}
