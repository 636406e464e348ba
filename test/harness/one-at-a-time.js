// Test harness. How Jest runs the suites that measure time: one after the other, while no other suite runs.
import TestRunner from 'jest-runner';

/** Jest runs what one runner has to the end before it turns to the next. */
export default class OneAtATime extends TestRunner {
  constructor(globalConfig, context) {
    super({ ...globalConfig, maxWorkers: 1 }, context);
  }
}
