// API room. The frames of a stream of figures, without a server: what is told, and when nothing is.
import type { Instant } from '@fairmeter/domain';
import { instant, ZERO } from '@fairmeter/domain';
import type { CreditsView } from '@fairmeter/ledger/reads';
import { describe, expect, it } from '@jest/globals';
import { Sleeper } from '../events/event-wake.js';
import type { CreditsFeed } from './credits-stream.js';
import { creditsFrames } from './credits-stream.js';

function view(entrySeq: bigint, asOf = 0, nextChangeAt: Instant | null = null): CreditsView {
  const none = { available: ZERO, held: ZERO, total: ZERO };
  const counted = { entrySeq, eventSeq: entrySeq + 100n };
  return {
    point: { scopeId: 'account/acc_1', at: instant(asOf), ...counted, termsRows: 0 },
    asOf: instant(asOf),
    ...counted,
    ...none,
    daily: { ...none, nextResetAt: null },
    subscription: { ...none, periodEnd: null, next: null },
    bonus: { ...none, nextEnd: null, kinds: [] },
    nextChangeAt,
  };
}

/** Reads one view after the other; over when all are read. */
function feed(views: readonly CreditsView[], wish: Partial<CreditsFeed> = {}): CreditsFeed {
  const [first = view(0n), ...rest] = views;
  return {
    first,
    read: async () => Promise.resolve(rest.shift() ?? first),
    isOver: () => rest.length === 0,
    sleeper: new Sleeper(),
    pollMs: () => 1,
    keepAliveMs: 60_000,
    retryMs: 1_000,
    restMs: 0,
    now: () => 0,
    ...wish,
  };
}

async function firstLines(frames: AsyncGenerator<string, void>): Promise<string[]> {
  const lines: string[] = [];
  for await (const frame of frames) lines.push(frame.split('\n')[0] ?? '');
  return lines;
}

describe('a stream of figures', () => {
  it('begins with the present figure and tells a new one only where something changed', async () => {
    const views = [view(1n), view(1n, 5), view(2n, 6), view(2n, 7), view(4n, 8)];
    expect(await firstLines(creditsFrames(feed(views)))).toEqual(['retry: 1000', 'id: 101', 'id: 102', 'id: 104']);
  });

  it('keeps the line alive while nothing changes', async () => {
    const views = [view(1n), view(1n), view(1n), view(1n)];
    const lines = await firstLines(creditsFrames(feed(views, { keepAliveMs: 1 })));
    expect(lines.slice(0, 3)).toEqual(['retry: 1000', 'id: 101', ': keep-alive']);
  });

  it('looks again when a lot ends by itself, though nobody wakes it', async () => {
    const views = [view(1n, 0, instant(20)), view(2n)];
    const from = performance.now();
    const lines = await firstLines(creditsFrames(feed(views, { pollMs: () => 60_000 })));
    expect(lines.at(-1)).toBe('id: 102');
    expect(performance.now() - from).toBeLessThan(5_000);
  });
});
