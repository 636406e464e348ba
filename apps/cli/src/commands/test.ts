// Command line: `test`, every suite against real servers. Promises a profile of its own beside a running stack, an
// error at once where a server cannot do what the suites need, and a last line that counts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateFolder, type OpenState } from '@fairmeter/platform/embedded';
import { InterruptedError } from '../stack/interruption.js';
import { environmentOfTests, provideTestServers, type TestServers } from '../stack/test-servers.js';
import { withState } from '../stack/with-state.js';
import type { Command, CommandContext } from './command.js';
import { summarise, type TestSummary } from './test-report.js';

export const test: Command = async (context) => {
  const { terminal } = context;
  try {
    const summary = await runTests(context);
    // After the servers have ended, so that it is the last line.
    terminal.line(summary.line);
    return summary.exitCode;
  } catch (error) {
    if (error instanceof InterruptedError) return 130;
    terminal.line(error instanceof Error ? error.message : String(error));
    const summary = summarise(undefined, 1);
    terminal.line(summary.line);
    return summary.exitCode;
  }
};

function runTests(context: CommandContext): Promise<TestSummary> {
  const { settings, terminal, signals, exitNow } = context;
  const folder = stateFolder(settings.stateRoot, 'test');
  return withState({ folder, purpose: 'npm test', terminal, signals, exitNow, fresh: true }, async (state) => {
    const servers = await provideTestServers(context, state);
    const report = join(folder.path, 'report.json');
    const code = await runJest(context, { servers, state, report });
    return summarise(readReport(report), code);
  });
}

interface JestRun {
  readonly servers: TestServers;
  readonly state: OpenState;
  readonly report: string;
}

function runJest(context: CommandContext, { servers, state, report }: JestRun): Promise<number> {
  const { settings, args } = context;
  return state.supervisor.runForCode({
    name: 'Jest',
    command: process.execPath,
    args: [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      join(settings.checkout, 'node_modules/jest/bin/jest.js'),
      '--json',
      `--outputFile=${report}`,
      ...args,
    ],
    cwd: settings.checkout,
    env: environmentOfTests(context, state, servers),
    // With --json Jest prints the whole report to standard output; people read what goes to standard error.
    logFile: join(state.folder.logs, 'jest.log'),
    standardError: 'screen',
    stopSignal: 'SIGTERM',
    stopWithinMs: 5_000,
  });
}

function readReport(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
