// Goal: a worker to which nothing happens asks the database little, and whoever is in no hurry is told of a busy scope
// together; nobody misses anything. Method: a feed by hand that counts what is asked of it, one consumer of each pace.
import { createLogger } from '@fairmeter/platform';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../../../../test/harness/until.js';
import { consumersOf } from './consumers.js';
import { Dispatcher, type DispatcherOptions } from './dispatcher.js';
import type { OutboxConsumer, Pace } from './outbox-consumer.js';
import { PROMPT } from './outbox-consumer.js';

type Outbox = DispatcherOptions['outbox'];

/** As in production, but that one consumer takes its time: a second is long here. */
const SLOW: Pace = { newsMs: 1_500, lookMs: 60_000 };
const LOOK_MS = 1_000;
const LOOKS = 4;

class Feed {
  /** By consumer, what each question was about; null is a look at all. */
  readonly asked: { name: string; scopes: readonly string[] | null; at: number }[] = [];
  private readonly due = new Map<string, Set<string>>();
  private tell: (scopeId: string) => void = () => undefined;
  private readonly failing = new Set<string>();

  /** Of that consumer. */
  questions(name: string): (readonly string[] | null)[] {
    return this.asked.filter((one) => one.name === name).map(({ scopes }) => scopes);
  }

  /** Of those the ones about news. */
  told(name: string): (readonly string[] | null)[] {
    return this.questions(name).filter((scopes) => scopes !== null);
  }

  /** How long that consumer waited from one question to the next. */
  pauses(name: string): number[] {
    const times = this.asked.filter((one) => one.name === name).map(({ at }) => at);
    return times.slice(1).map((at, index) => at - (times[index] ?? 0));
  }

  happens(scopeId: string, { isHeard = true } = {}): void {
    for (const name of ['prompt', 'slow']) this.dueOf(name).add(scopeId);
    if (isHeard) this.tell(scopeId);
  }

  failsOnce(name: string): void {
    this.failing.add(name);
  }

  left(name: string): string[] {
    return [...this.dueOf(name)];
  }

  consumer(name: string, pace?: Pace): OutboxConsumer {
    return {
      reader: { name, follows: 'all_scopes' },
      ...(pace === undefined ? {} : { pace }),
      among: async (scopes) => {
        this.asked.push({ name, scopes, at: performance.now() });
        return scopes;
      },
      handle: async () => undefined,
    };
  }

  get outbox(): Outbox {
    return {
      listen: async (onScope: (scopeId: string) => void) => {
        this.tell = onScope;
        return { close: async () => undefined };
      },
      due: async ({ name }: { name: string }, scopes: readonly string[] | null) =>
        this.left(name).filter((scopeId) => scopes?.includes(scopeId) ?? true),
      take: async ({ name }: { name: string }, scopeId: string) => {
        if (this.failing.delete(name)) throw new Error('it fails once');
        return this.dueOf(name).delete(scopeId) ? 'handled' : 'nothing';
      },
    } as unknown as Outbox;
  }

  private dueOf(name: string): Set<string> {
    const due = this.due.get(name) ?? new Set<string>();
    this.due.set(name, due);
    return due;
  }
}

describe('the consumers of a worker', () => {
  it('are told of each moment only where a job waits: all others would ask the database with every step', () => {
    type Parts = Parameters<typeof consumersOf>;
    const consumers = consumersOf({} as unknown as Parts[0], {} as unknown as Parts[1]);
    const hurried = consumers.filter(({ pace = PROMPT }) => pace.newsMs < 500 || pace.lookMs < 5_000);
    expect(hurried.map(({ reader }) => reader.name)).toEqual(['wake-waiting-jobs']);
    expect(consumers.length).toBeGreaterThan(1);
  });
});

describe('the dispatcher', () => {
  const logger = createLogger({ service: 'test', level: 'silent', pretty: false });
  const dispatchers: Dispatcher[] = [];

  /** With a feed of its own. */
  function dispatched(): Feed {
    const feed = new Feed();
    const consumers = [feed.consumer('prompt'), feed.consumer('slow', SLOW)];
    dispatchers.push(new Dispatcher({ outbox: feed.outbox, consumers, logger }));
    return feed;
  }

  const quiet = dispatched();
  const busy = dispatched();
  const failing = dispatched();
  const untold = dispatched();
  beforeAll(async () => {
    for (const dispatcher of dispatchers) dispatcher.start();
    // Some looks of the prompt ones, and the pause of the others after their first.
    await until(
      async () => quiet.questions('prompt'),
      ({ length }) => length >= LOOKS,
    );
  }, 60_000);
  afterAll(async () => {
    for (const dispatcher of dispatchers) await dispatcher.stop();
  }, 60_000);

  it('asks for whoever is in no hurry once where nothing happens, and each second for the others', () => {
    expect(quiet.questions('slow')).toEqual([null]);
    expect(new Set(quiet.questions('prompt'))).toEqual(new Set([null]));
    for (const pauseMs of quiet.pauses('prompt')) expect(pauseMs).toBeGreaterThan(0.9 * LOOK_MS);
    // A busy machine may be late now and then, and not each time.
    expect(Math.min(...quiet.pauses('prompt'))).toBeLessThan(1.5 * LOOK_MS);
  });

  it('hands on news at once, and of a busy scope together for whoever is in no hurry', async () => {
    const from = performance.now();
    const waitedMs: number[] = [];
    for (let news = 1; news <= 5; news += 1) {
      const asked = performance.now();
      busy.happens('account/acc_1');
      await until(
        async () => busy.told('prompt'),
        ({ length }) => length >= news,
        LOOK_MS,
      );
      waitedMs.push(performance.now() - asked);
    }
    expect(Math.min(...waitedMs)).toBeLessThan(LOOK_MS / 4);
    const lastedMs = performance.now() - from;
    await until(
      async () => busy.left('slow'),
      (left) => left.length === 0,
      2_500,
    );
    const [look, ...told] = busy.questions('slow');
    expect([look, new Set(told.flat())]).toEqual([null, new Set(['account/acc_1'])]);
    // At once, and after its pause what came meanwhile; more often only where the news itself lasted longer than that.
    expect(told.length).toBeGreaterThanOrEqual(2);
    expect(told.length).toBeLessThanOrEqual(2 + Math.floor(lastedMs / SLOW.newsMs));
  });

  it('meets again soon what could not be handled, whatever the pace', async () => {
    failing.failsOnce('slow');
    failing.happens('account/acc_1');
    await until(
      async () => failing.left('slow'),
      (left) => left.length === 0,
      2_500,
    );
    expect(failing.questions('slow')).toEqual([null, ['account/acc_1'], null]);
  });

  it('finds by a look of its own what was never heard of', async () => {
    untold.happens('account/acc_1', { isHeard: false });
    await until(
      async () => untold.left('prompt'),
      (left) => left.length === 0,
      2_500,
    );
    expect(untold.left('slow')).toEqual(['account/acc_1']);
  });
});
