// Goal: what comes of a lost machine is told apart from a fault of ours. Method: the errors as the drivers throw them.
import { describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { isUnavailable, LedgerBusy } from './ask-again.js';

const coded = (code: string): Error => Object.assign(new Error('told by its code'), { code });

describe('a failure of the world', () => {
  it.each([
    new Error('Connection terminated unexpectedly'),
    new Error('Query read timeout'),
    // A worker that goes down closes its pools under what still runs: that is no fault of the step.
    new Error('Cannot use a pool after calling end on the pool'),
    new Error('Driver not Connected'),
    new LedgerBusy('the ledger is busy'),
    coded('ECONNRESET'),
    coded('57P01'),
    coded('40001'),
    coded('55P03'),
  ])('[F8] is no fault of the step: %p', (error) => {
    expect(isUnavailable(error)).toBe(true);
  });

  it('[F8] is no fault of the step as Node itself throws it, in a realm of its own', async () => {
    const refused = await new Promise<unknown>((resolve) =>
      connect({ host: '127.0.0.1', port: 1 }).on('error', resolve),
    );
    expect(isUnavailable(refused)).toBe(true);
  });

  it.each([new Error('a row cannot be read'), coded('23505'), coded('42P01'), 'no error at all'])(
    'is none: %p',
    (error) => {
      expect(isUnavailable(error)).toBe(false);
    },
  );
});
