// Command line: the last line of `npm test`. Pure. Promises that a suite which could not run is counted as a failure,
// and that a run without any result is never taken for a green one.

export interface TestSummary {
  readonly line: string;
  readonly exitCode: 0 | 1;
}

export function summarise(report: unknown, jestExitCode: number): TestSummary {
  const numbers = readNumbers(report);
  if (numbers === undefined) return { line: '0 passed, 1 failed', exitCode: 1 };
  // Jest counts tests of a suite that cannot be loaded nowhere: the suite itself stands for them.
  const counted = numbers.failed + numbers.brokenSuites;
  const unexplained = jestExitCode !== 0 && counted === 0 ? 1 : 0;
  const failed = counted + unexplained;
  const skipped = numbers.skipped > 0 ? `, ${numbers.skipped} skipped` : '';
  return { line: `${numbers.passed} passed, ${failed} failed${skipped}`, exitCode: failed === 0 ? 0 : 1 };
}

interface Numbers {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly brokenSuites: number;
}

function readNumbers(report: unknown): Numbers | undefined {
  if (typeof report !== 'object' || report === null) return undefined;
  const fields = report as Readonly<Record<string, unknown>>;
  const passed = count(fields['numPassedTests']);
  const failed = count(fields['numFailedTests']);
  if (passed === undefined || failed === undefined) return undefined;
  return {
    passed,
    failed,
    skipped: (count(fields['numPendingTests']) ?? 0) + (count(fields['numTodoTests']) ?? 0),
    brokenSuites: count(fields['numRuntimeErrorTestSuites']) ?? 0,
  };
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}
