// The last line of a test run, from Jest's own report.
import { describe, expect, it } from '@jest/globals';
import { summarise } from './test-report.js';

const report = { numPassedTests: 12, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 };

describe('test summary', () => {
  it('is green only when nothing failed', () => {
    expect(summarise(report, 0)).toEqual({ line: '12 passed, 0 failed', exitCode: 0 });
    expect(summarise({ ...report, numFailedTests: 2 }, 1)).toEqual({ line: '12 passed, 2 failed', exitCode: 1 });
  });

  it('names skipped tests only where there are any', () => {
    const skipped = { ...report, numPendingTests: 1, numTodoTests: 2 };
    expect(summarise(skipped, 0)).toEqual({ line: '12 passed, 0 failed, 3 skipped', exitCode: 0 });
  });

  it('counts a suite that could not run as a failure', () => {
    expect(summarise({ ...report, numRuntimeErrorTestSuites: 1 }, 1).line).toBe('12 passed, 1 failed');
  });

  it('is never green when Jest is not, or left no report', () => {
    expect(summarise(report, 1)).toEqual({ line: '12 passed, 1 failed', exitCode: 1 });
    for (const none of [undefined, null, {}, 'text']) {
      expect(summarise(none, 0)).toEqual({ line: '0 passed, 1 failed', exitCode: 1 });
    }
  });
});
