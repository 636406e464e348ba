// Test harness. In which order Jest takes the suites of a fresh checkout, where it has timed none: those that are known
// to last long come first, so that at the end no process waits for another. It goes by sizes of files otherwise.
import TestSequencer from '@jest/test-sequencer';

/** Each lasts half a minute and more, waiting for a lost machine or walking through a lot. */
const LONG = [
  'test/workflows/killed-worker.spec.ts',
  'test/workflows/subscription-years.spec.ts',
  'libs/domain/src/time/all-days.server.spec.ts',
  'test/simulation/jobs/jobs.spec.ts',
  'test/operating/backup.spec.ts',
  'test/workflows/own-faults.spec.ts',
  'test/workflows/reported-length.spec.ts',
];

export default class LongestFirst extends TestSequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted;
    const isLong = ({ path }) => LONG.some((name) => path.endsWith(`/${name}`));
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
}
