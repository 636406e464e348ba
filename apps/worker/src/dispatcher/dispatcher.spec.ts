// Goal: a worker to which nothing happens asks the database little, and whoever is in no hurry is told of a busy scope
// together; nobody misses anything. Method: a feed by hand that counts what is asked of it, one consumer of each pace.
import { createLogger } from '@fairmeter/platform';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pause, until } from '../../../../test/harness/until.js';
import { consumersOf } from './consumers.js';
import { Dispatcher, type DispatcherOptions } from './dispatcher.js';
import type { OutboxConsumer, Pace } from './outbox-consumer.js';
import { PROMPT } from './outbox-consumer.js';

type Outbox = DispatcherOptions['outbox'];

/** As in production, but that one consumer takes its time: a second is long here. */
const SLOW: Pace = { newsMs: 1_500, lookMs: 60_000 };

class Feed {
  /** By consumer, what each question was about; null is a look at all. */
  readonly asked: { name: string; scopes: readonly string[] | null }[] = [];
  private readonly due = new Map<string, Set<string>>();
  private tell: (scopeId: string) => void = () => undefined;
  private readonly failing = new Set<string>();

  /** Of that consumer. */
  questions(name: string): (readonly string[] | null)[] {
    return this.asked.filter((one) => one.name === name).map(({ scopes }) => scopes);
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
        this.asked.push({ name, scopes });
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
  let feed: Feed;
  let dispatcher: Dispatcher;

  /** One for all that its describe says, which begins so long before. */
  function begun(before: number): void {
    beforeAll(async () => {
      feed = new Feed();
      const consumers = [feed.consumer('prompt'), feed.consumer('slow', SLOW)];
      dispatcher = new Dispatcher({ outbox: feed.outbox, consumers, logger });
      dispatcher.start();
      await until(
        async () => feed.questions('slow'),
        (asked) => asked.length > 0,
      );
      await pause(before);
    }, 60_000);
    afterAll(async () => {
      await dispatcher.stop();
    }, 60_000);
  }

  describe('to which nothing happened for three seconds', () => {
    begun(3_300);

    it('asks for whoever is in no hurry once where nothing happens, and each second for the others', () => {
      expect(feed.questions('slow')).toEqual([null]);
      const prompt = feed.questions('prompt');
      expect(new Set(prompt)).toEqual(new Set([null]));
      expect(prompt.length).toBeGreaterThanOrEqual(3);
      expect(prompt.length).toBeLessThanOrEqual(4);
    });
  });

  describe('with news of a busy scope', () => {
    begun(SLOW.newsMs);

    it('hands on news at once, and of a busy scope together for whoever is in no hurry', async () => {
      for (let news = 0; news < 5; news += 1) {
        feed.happens('account/acc_1');
        await pause(70);
      }
      expect(feed.questions('prompt').length).toBeGreaterThanOrEqual(5);
      expect(feed.questions('slow')).toEqual([null, ['account/acc_1']]);
      await until(
        async () => feed.left('slow'),
        (left) => left.length === 0,
        2_500,
      );
      expect(feed.questions('slow')).toEqual([null, ['account/acc_1'], ['account/acc_1']]);
    });
  });

  describe('with somebody who fails once', () => {
    begun(SLOW.newsMs);

    it('meets again soon what could not be handled, whatever the pace', async () => {
      feed.failsOnce('slow');
      feed.happens('account/acc_1');
      await until(
        async () => feed.left('slow'),
        (left) => left.length === 0,
        2_500,
      );
      expect(feed.questions('slow')).toEqual([null, ['account/acc_1'], null]);
    });
  });

  describe('that was told nothing', () => {
    begun(0);

    it('finds by a look of its own what was never heard of', async () => {
      feed.happens('account/acc_1', { isHeard: false });
      await until(
        async () => feed.left('prompt'),
        (left) => left.length === 0,
        2_500,
      );
      expect(feed.left('slow')).toEqual(['account/acc_1']);
    });
  });
});
