// What is said about a server's capabilities, as data; asking a real one is in the server suites.
import { describe, expect, it } from '@jest/globals';
import {
  describeMissing,
  isSupported,
  missingForStack,
  missingForTests,
  type TemporalCapabilities,
} from './capabilities.js';
import { isLoopback } from './connect.js';

const all: TemporalCapabilities = {
  serverVersion: '1.32.1',
  versionSupported: true,
  timeSkipping: 'on',
  fairness: 'on',
  updateWithStart: 'on',
};

describe('capabilities', () => {
  it.each([
    ['1.32.0', true],
    ['v1.32.1', true],
    ['1.40.0-rc1', true],
    ['2.0.0', true],
    ['1.31.3', false],
    ['1.4.0', false],
    ['', false],
    ['unknown', false],
  ])('server %j is supported: %s', (version, expected) => {
    expect(isSupported(version)).toBe(expected);
  });

  it('have nothing to say about a server that can do all', () => {
    expect([describeMissing(all), missingForTests(all), missingForStack(all)]).toEqual([[], [], []]);
  });

  it('stop the tests, but not the stack, where time cannot be skipped', () => {
    for (const timeSkipping of ['off', 'unknown'] as const) {
      expect(missingForTests({ ...all, timeSkipping })).toHaveLength(1);
      expect(missingForStack({ ...all, timeSkipping })).toEqual([]);
    }
  });

  it('stop everything where no job can be admitted', () => {
    expect(missingForStack({ ...all, updateWithStart: 'off' })).toHaveLength(1);
  });

  it('are told, but stop nobody, where fairness cannot be asked', () => {
    const unsure = { ...all, fairness: 'unknown' } as const;
    expect(describeMissing(unsure)[0]).toContain('fairness is unknown');
    expect([missingForTests(unsure), missingForStack(unsure)]).toEqual([[], []]);
  });
});

describe('loopback', () => {
  it.each([
    ['127.0.0.1:7233', true],
    ['localhost:7233', true],
    ['[::1]:7233', true],
    ['temporal:7233', false],
    ['10.127.0.1:7233', false],
  ])('%s: %s', (address, expected) => {
    expect(isLoopback(address)).toBe(expected);
  });
});
