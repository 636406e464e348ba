// Ctrl-C once and twice, with signals that are only events.
import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { InterruptedError, listenForInterruption } from './interruption.js';

function scene(): { source: EventEmitter; forced: () => number; at: (ms: number) => void; asked: Promise<never> } {
  const source = new EventEmitter();
  let forced = 0;
  let now = 0;
  const interruption = listenForInterruption(
    source,
    () => {
      forced += 1;
    },
    () => now,
  );
  return {
    source,
    forced: () => forced,
    at: (ms) => {
      now = ms;
    },
    asked: interruption.whenAsked,
  };
}

describe('interruption', () => {
  it('is an orderly end at the first signal', async () => {
    const { source, forced, asked } = scene();
    source.emit('SIGTERM', 'SIGTERM');
    await expect(asked).rejects.toEqual(new InterruptedError('SIGTERM'));
    expect(forced()).toBe(0);
  });

  it('is not forced by one key press that arrives twice', () => {
    const { source, forced, at } = scene();
    source.emit('SIGINT', 'SIGINT');
    at(30);
    source.emit('SIGINT', 'SIGINT');
    expect(forced()).toBe(0);
  });

  it('is forced by a second key press', () => {
    const { source, forced, at } = scene();
    source.emit('SIGINT', 'SIGINT');
    at(2_000);
    source.emit('SIGINT', 'SIGINT');
    expect(forced()).toBe(1);
  });
});
