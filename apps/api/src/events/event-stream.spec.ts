// API room. Frames of a stream, from events to bytes.
import { instant } from '@fairmeter/domain';
import type { JobEventView } from '@fairmeter/ledger/reads';
import { describe, expect, it } from '@jest/globals';
import { ProblemError } from '../problems/problem-error.js';
import type { EventFeed, JobNews } from './event-stream.js';
import { eventFrames } from './event-stream.js';
import { Sleeper } from './event-wake.js';
import { resumePoint } from './resume-point.js';
import { eventFrame } from './sse-format.js';

function event(seq: bigint, type = 'step.started'): JobEventView {
  return { seq, at: instant(0), type, payload: { type, job_id: 'job_1', text: 'line\nbreak' } };
}

/** Answers one page after the other, then nothing. */
function feed(pages: readonly JobNews[], wish: Partial<EventFeed> = {}): EventFeed & { asked: bigint[] } {
  const [first = { events: [], ended: false }, ...rest] = pages;
  const asked: bigint[] = [];
  return {
    asked,
    first,
    after: 0n,
    pageSize: 2,
    keepAliveMs: 60_000,
    retryMs: 1_000,
    sleeper: new Sleeper(),
    pollMs: () => 1,
    isOver: () => false,
    read: async (after) => {
      asked.push(after);
      return Promise.resolve(rest.shift() ?? { events: [], ended: false });
    },
    ...wish,
  };
}

async function all(frames: AsyncGenerator<string, void>): Promise<string[]> {
  const seen: string[] = [];
  for await (const frame of frames) seen.push(frame);
  return seen;
}

describe('an event on the wire', () => {
  it('has an id, a type and one line of JSON', () => {
    expect(eventFrame(event(7n))).toBe(
      'id: 7\nevent: step.started\n' +
        'data: {"type":"step.started","job_id":"job_1","text":"line\\nbreak","seq":"7",' +
        '"at":"1970-01-01T00:00:00.000Z"}\n\n',
    );
  });
});

describe('a stream of events', () => {
  it('goes from page to page and ends with the job', async () => {
    const source = feed([
      { events: [event(1n), event(2n)], ended: false },
      { events: [event(5n)], ended: false },
      { events: [event(9n, 'job.ended')], ended: true },
    ]);
    const frames = await all(eventFrames(source));
    expect(frames.map((frame) => frame.split('\n')[0])).toEqual(['retry: 1000', 'id: 1', 'id: 2', 'id: 5', 'id: 9']);
    expect(source.asked).toEqual([2n, 5n]);
  });

  it('ends where a job has ended and nothing is left', async () => {
    expect(await all(eventFrames(feed([{ events: [], ended: true }])))).toEqual(['retry: 1000\n\n']);
  });

  it('keeps the line alive while nothing happens', async () => {
    let looks = 0;
    const frames = await all(
      eventFrames(feed([], { keepAliveMs: 5, pollMs: () => 1_000, isOver: () => (looks += 1) > 6 })),
    );
    expect(frames.filter((frame) => frame === ': keep-alive\n\n').length).toBeGreaterThan(0);
  });

  it('reads no further than its reader has taken', async () => {
    const source = feed([
      { events: [event(1n), event(2n)], ended: false },
      { events: [event(3n), event(4n)], ended: false },
    ]);
    const frames = eventFrames(source);
    for (let taken = 0; taken < 3; taken += 1) await frames.next();
    expect(source.asked).toEqual([]);
    await frames.next();
    expect(source.asked).toEqual([2n]);
    await frames.return();
  });

  it('is woken from its sleep, also when woken before it slept', async () => {
    const sleeper = new Sleeper();
    sleeper.wake();
    await sleeper.sleep(60_000);
    const asleep = sleeper.sleep(60_000);
    sleeper.wake();
    await asleep;
  });
});

describe('the point to resume from', () => {
  const codeOf = (lastEventId: string | undefined, after: unknown): string => {
    try {
      return String(resumePoint(lastEventId, after));
    } catch (error) {
      if (error instanceof ProblemError) return error.code;
      throw error;
    }
  };

  it('is the last event seen, by header before query', () => {
    expect(codeOf(undefined, undefined)).toBe('undefined');
    expect(codeOf('7', '9')).toBe('7');
    expect(codeOf(undefined, '9')).toBe('9');
    expect(codeOf('9223372036854775807', undefined)).toBe('9223372036854775807');
  });

  it('is refused where it is no id', () => {
    for (const wrong of ['', '-1', '1.5', 'x', '01', '9223372036854775808', '1e3']) {
      expect([wrong, codeOf(wrong, undefined)]).toEqual([wrong, 'validation_failed']);
    }
    expect(codeOf(undefined, ['1', '2'])).toBe('validation_failed');
  });
});
