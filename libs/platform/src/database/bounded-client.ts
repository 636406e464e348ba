// Platform room. A connection on which nobody waits for ever. A server that went without a word, behind a failover or a
// firewall that forgot the connection, would keep whoever asked it, and a place in the pool, until the kernel gives up.
import type { Duplex } from 'node:stream';
import pg from 'pg';

export interface Bounded {
  /** After this without an answer the connection is given up, and with it whatever was asked on it. */
  readonly answersWithinMs?: number;
}

type Asking = (...asked: unknown[]) => unknown;

export class BoundedClient extends pg.Client {
  constructor(config: pg.ClientConfig & Bounded = {}) {
    super(config);
    const { answersWithinMs } = config;
    if (answersWithinMs === undefined) return;
    const ask = this.query.bind(this) as Asking;
    const asking: Asking = (...asked) => {
      const guard = setTimeout(() => {
        hangUp(this);
      }, answersWithinMs);
      const answered = (): void => {
        clearTimeout(guard);
      };
      const callback = asked.at(-1);
      if (typeof callback === 'function') {
        return ask(...asked.slice(0, -1), (...answer: unknown[]) => {
          answered();
          (callback as Asking)(...answer);
        });
      }
      const answer = ask(...asked);
      Promise.resolve(answer).then(answered, answered);
      return answer;
    };
    this.query = asking as typeof this.query;
  }
}

/**
 * Ends a connection whose server does not answer: everything asked on it fails at once instead of in many minutes, and
 * by the code that the kernel would have given then.
 */
export function hangUp(client: pg.ClientBase): void {
  streamOf(client).destroy(Object.assign(new Error('Postgres did not answer in time'), { code: 'ETIMEDOUT' }));
}

export function streamOf(client: pg.ClientBase): Duplex {
  return (client as unknown as { readonly connection: { readonly stream: Duplex } }).connection.stream;
}

/** Idle for long enough a connection is asked by the kernel whether anybody is there. */
export const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 } as const;
