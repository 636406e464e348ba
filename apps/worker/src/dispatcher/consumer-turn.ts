// Worker. One consumer's turns at its own pace: what it has to be told of, and when it may be told.
import type { OutboxConsumer } from './outbox-consumer.js';
import { PROMPT } from './outbox-consumer.js';

const NEVER = Number.NEGATIVE_INFINITY;

export class ConsumerTurn {
  private readonly heard = new Set<string>();
  private mustLook = true;
  private servedAt = NEVER;
  private lookedAt = NEVER;

  constructor(readonly consumer: OutboxConsumer) {}

  /** Something happened in those scopes. */
  hear(scopeIds: readonly string[]): void {
    for (const scopeId of scopeIds) this.heard.add(scopeId);
  }

  /** Nobody knows what was missed. */
  look(): void {
    this.mustLook = true;
  }

  /** Nothing was heard for a while. */
  rest(now: number): void {
    if (now - this.lookedAt >= this.pace.lookMs) this.mustLook = true;
  }

  /** Something is left, or could not be handled: the next quiet moment meets it, whatever the pace. */
  lookSoon(): void {
    this.lookedAt = NEVER;
  }

  /** How long until its turn; for ever, where there is nothing to tell. */
  waitMs(now: number): number {
    if (this.mustLook) return 0;
    if (this.heard.size === 0) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.servedAt + this.pace.newsMs - now);
  }

  /** The scopes of this turn, null for a look at all of them; undefined where its turn has not come. */
  begin(now: number): readonly string[] | null | undefined {
    if (this.waitMs(now) > 0) return undefined;
    const scopes = this.mustLook ? null : [...this.heard];
    if (scopes === null) this.lookedAt = now;
    this.servedAt = now;
    this.mustLook = false;
    this.heard.clear();
    return scopes;
  }

  private get pace(): NonNullable<OutboxConsumer['pace']> {
    return this.consumer.pace ?? PROMPT;
  }
}
