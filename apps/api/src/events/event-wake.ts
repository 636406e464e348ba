// API room. One LISTEN connection wakes every open stream of a scope; polling is the fallback, never the rule.
import { OUTBOX_CHANNEL } from '@fairmeter/ledger/reads';
import type { Logger } from '@fairmeter/platform';
import type { Listening } from '@fairmeter/platform/database';
import { TenantDatabase } from '@fairmeter/platform/database';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import { API_LOGGER } from '../tokens.js';

/** A stream looks for itself this often, LISTEN or not: that the line broke is heard of only when it is back. */
const POLL_MS = 1_000;
const LISTEN_AGAIN_MS = 2_000;

/** A reader that sleeps until something may have happened. */
export class Sleeper {
  private woken = false;
  private rouse: (() => void) | undefined;

  wake(): void {
    this.woken = true;
    this.rouse?.();
  }

  /** Returns at once when woken since the last sleep. */
  async sleep(ms: number): Promise<void> {
    if (!this.woken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.rouse = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.rouse = undefined;
    }
    this.woken = false;
  }
}

@Injectable()
export class EventWake implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly sleepers = new Map<string, Set<Sleeper>>();
  private listening: Listening | undefined;
  private retry: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly database: TenantDatabase,
    @Inject(API_LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.listen();
  }

  get isStopped(): boolean {
    return this.stopped;
  }

  readonly pollMs = POLL_MS;

  enter(scopeId: string): Sleeper {
    const sleeper = new Sleeper();
    const others = this.sleepers.get(scopeId);
    if (others === undefined) this.sleepers.set(scopeId, new Set([sleeper]));
    else others.add(sleeper);
    return sleeper;
  }

  leave(scopeId: string, sleeper: Sleeper): void {
    const scope = this.sleepers.get(scopeId);
    scope?.delete(sleeper);
    if (scope?.size === 0) this.sleepers.delete(scopeId);
  }

  /** Streams end before the server waits for its requests: they would never end by themselves. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.retry);
    this.wakeAll();
    await this.listening?.close();
  }

  private async listen(): Promise<void> {
    try {
      this.listening = await this.database.listen(
        OUTBOX_CHANNEL,
        (scopeId) => {
          for (const sleeper of this.sleepers.get(scopeId) ?? []) sleeper.wake();
        },
        () => {
          this.wakeAll();
        },
      );
      // Asked to stop while the connection was being made.
      if (this.stopped) await this.listening.close();
    } catch (error) {
      this.logger.warn({ err: error }, 'listening for events failed, polling meanwhile');
      if (!this.stopped) this.retry = setTimeout(() => void this.listen(), LISTEN_AGAIN_MS);
    }
  }

  private wakeAll(): void {
    for (const scope of this.sleepers.values()) {
      for (const sleeper of scope) sleeper.wake();
    }
  }
}
