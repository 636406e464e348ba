// Test harness. In which order Jest takes the suites of a fresh checkout, where none of the long ones was ever timed:
// those come first, so that at the end no process waits for another. It goes by sizes of files otherwise.
import TestSequencer from '@jest/test-sequencer';

/** Each lasts half a minute and more, waiting for a lost machine or walking through a lot. */
const LONG = [
  'test/workflows/killed-worker.spec.ts',
  'test/http/compensation-killed.spec.ts',
  'test/workflows/subscription-years.spec.ts',
  'libs/domain/src/time/all-days.server.spec.ts',
  'test/simulation/jobs/jobs.spec.ts',
  'test/operating/backup.spec.ts',
  'test/workflows/own-faults.spec.ts',
  'test/workflows/reported-length.spec.ts',
  'test/workflows/subscription-restarts.spec.ts',
  'test/workflows/alerts.spec.ts',
  'libs/ledger/src/store/matches-model.spec.ts',
];

export default class LongestFirst extends TestSequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const isLong = ({ path }) => LONG.some((name) => path.endsWith(`/${name}`));
    // Others may have been timed already, by a check that ran before.
    if (sorted.some((test) => isLong(test) && test.duration !== undefined)) return sorted;
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
}
