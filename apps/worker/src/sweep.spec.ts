// Goal: a sweep is done at the start and at each turn, to the last of it, and a failed one is not the last.
// Method: a counted fake of the one call, and time that is moved by hand.
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Sweep } from './sweep.js';

const EVERY_MS = 60_000;

function sweeping(answers: readonly (number | Error)[]) {
  const left = [...answers];
  const calls: number[] = [];
  const logger = { info: jest.fn(), warn: jest.fn() };
  const batch = async (): Promise<number> => {
    calls.push(Date.now());
    const answer = left.shift();
    if (answer === undefined) throw new Error('asked more often than there are answers');
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { sweep: new Sweep({ name: 'test', everyMs: EVERY_MS, batch, logger: logger as never }), calls, logger, left };
}

describe('a sweep', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('asks at the start until nothing is left, and again at each turn', async () => {
    const { sweep, calls, logger } = sweeping([100, 7, 0, 0, 3, 0]);
    sweep.start();
    await jest.advanceTimersByTimeAsync(0);
    expect(calls.length).toBe(3);
    expect(logger.info).toHaveBeenCalledWith({ done: 107, sweep: 'test' }, expect.any(String));
    await jest.advanceTimersByTimeAsync(EVERY_MS);
    expect(calls.length).toBe(4);
    await jest.advanceTimersByTimeAsync(EVERY_MS);
    expect(calls.length).toBe(6);
    await sweep.stop();
    await jest.advanceTimersByTimeAsync(3 * EVERY_MS);
    expect(calls.length).toBe(6);
    expect(logger.warn).not.toHaveBeenCalled();
  });

  it('goes on after a sweep that failed', async () => {
    const { sweep, logger, left } = sweeping([new Error('no connection'), 2, 0]);
    sweep.start();
    await jest.advanceTimersByTimeAsync(EVERY_MS);
    expect(left).toEqual([]);
    expect(logger.warn).toHaveBeenCalledTimes(1);
    await sweep.stop();
  });
});
