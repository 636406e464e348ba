// Worker. Brings what the ledger says has happened to whoever must act on it: woken by each commit, and by a look of
// its own where a message was lost. Several workers share the work; what one dies over another does again.
import type { ActivitiesInUse } from '@fairmeter/activities';
import type { Logger } from '@fairmeter/platform';
import { ConsumerTurn } from './consumer-turn.js';
import type { OutboxConsumer } from './outbox-consumer.js';

export interface DispatcherOptions {
  readonly outbox: ActivitiesInUse['outbox'];
  readonly consumers: readonly OutboxConsumer[];
  readonly logger: Logger;
}

type Listening = Awaited<ReturnType<ActivitiesInUse['outbox']['listen']>>;

/** What was committed within this time is looked at together: a busy scope is a few looks a second, not thousands. */
const BREATH_MS = 50;
/** After so long without news consumers look by themselves, each at its own pace. */
const QUIET_MS = 1_000;
const SCOPES_AT_ONCE = 3;

export class Dispatcher {
  private readonly turns: readonly ConsumerTurn[];
  private readonly heard = new Set<string>();
  private rouse: () => void = () => undefined;
  private mustLook = true;
  private isStopped = false;
  private listening: Listening | undefined;
  private runs: Promise<void> | undefined;

  constructor(private readonly options: DispatcherOptions) {
    this.turns = options.consumers.map((consumer) => new ConsumerTurn(consumer));
  }

  start(): void {
    this.runs = this.run();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.rouse();
    await this.runs;
    await this.listening?.close();
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      // Listening first: what is committed from now on is heard, everything before is looked for.
      if (this.listening === undefined) await this.listen();
      this.handOn();
      for (const turn of this.turns) {
        const scopes = turn.begin(performance.now());
        if (scopes !== undefined) await this.serve(turn, scopes);
      }
      await this.pause(BREATH_MS);
      if (this.heard.size === 0 && !this.mustLook) await this.sleep();
    }
  }

  private handOn(): void {
    const heard = [...this.heard];
    for (const turn of this.turns) {
      turn.hear(heard);
      if (this.mustLook) turn.look();
    }
    this.heard.clear();
    this.mustLook = false;
  }

  private async listen(): Promise<void> {
    try {
      this.listening = await this.options.outbox.listen(
        (scopeId) => {
          this.heard.add(scopeId);
          this.rouse();
        },
        () => {
          this.mustLook = true;
          this.rouse();
        },
      );
    } catch (error) {
      this.options.logger.warn({ err: error }, 'listening for events failed, looking for them meanwhile');
    }
  }

  private async serve(turn: ConsumerTurn, scopes: readonly string[] | null): Promise<void> {
    const { outbox, logger } = this.options;
    const { consumer } = turn;
    try {
      const its = consumer.among === undefined ? scopes : await consumer.among(scopes);
      if (its?.length === 0) return;
      const due = await outbox.due(consumer.reader, its);
      // Only so many are told at once.
      if (scopes === null && due.length > 0) turn.lookSoon();
      for (let from = 0; from < due.length && !this.isStopped; from += SCOPES_AT_ONCE) {
        await Promise.all(due.slice(from, from + SCOPES_AT_ONCE).map((id) => this.serveScope(turn, id)));
      }
    } catch (error) {
      turn.lookSoon();
      logger.warn({ err: error, consumer: consumer.reader.name }, 'events could not be read, looking again soon');
    }
  }

  /** What could not be handled stays due, and is met again by the next look. */
  private async serveScope(turn: ConsumerTurn, scopeId: string): Promise<void> {
    const { outbox, logger } = this.options;
    const { consumer } = turn;
    try {
      const reader = { ...consumer.reader, since: consumer.since?.(scopeId) };
      let taken = await outbox.take(reader, scopeId, (events) => consumer.handle(scopeId, events));
      while (taken === 'handled' && !this.isStopped) {
        taken = await outbox.take(reader, scopeId, (events) => consumer.handle(scopeId, events));
      }
      // Another process is at it, and perhaps past what was just heard.
      if (taken === 'taken') turn.hear([scopeId]);
    } catch (error) {
      turn.lookSoon();
      logger.warn({ err: error, consumer: consumer.reader.name, scopeId }, 'events could not be handled yet');
    }
  }

  /** Until something is heard, or somebody's turn comes. */
  private async sleep(): Promise<void> {
    const now = performance.now();
    const waitMs = Math.min(QUIET_MS, ...this.turns.map((turn) => turn.waitMs(now)));
    if (waitMs === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        if (waitMs === QUIET_MS) for (const turn of this.turns) turn.rest(performance.now());
        resolve();
      }, waitMs);
      this.rouse = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.isStopped) this.rouse();
    });
    this.rouse = () => undefined;
  }

  private async pause(milliseconds: number): Promise<void> {
    if (this.isStopped) return;
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  }
}
