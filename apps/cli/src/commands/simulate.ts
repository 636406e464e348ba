// Command line: `simulate`, a seeded load with seeded faults, on a ledger of its own or, for whole jobs, on a stack of
// its own. The simulator is part of the tests, and the command line does not lean on them: it compiles and starts them.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stateFolder } from '@fairmeter/platform/embedded';
import { InterruptedError } from '../stack/interruption.js';
import { environmentOfTests, provideTestServers } from '../stack/test-servers.js';
import { withState } from '../stack/with-state.js';
import { UsageError, type Command, type CommandContext } from './command.js';

const OF_THE_LEDGER = 'test/simulation';
const OF_JOBS = 'test/simulation/jobs';

export const simulate: Command = async (context) => {
  const playsJobs = context.args.includes('--jobs');
  const room = playsJobs ? OF_JOBS : OF_THE_LEDGER;
  const compiled = compile(context, room);
  if (compiled !== 0) return compiled;
  const { settings, args } = context;
  const main = join(settings.checkout, room, 'dist', room, 'main.js');
  return playsJobs ? playJobs(context, main) : run(context, [main, settings.stateRoot, ...args]);
};

function compile(context: CommandContext, room: string): number {
  const { checkout } = context.settings;
  const compiler = join(checkout, 'node_modules/typescript/bin/tsc');
  const project = join(checkout, room, 'tsconfig.json');
  for (const path of [compiler, project]) {
    if (!existsSync(path))
      throw new UsageError(`simulate runs in a checkout with its test packages; ${path} is missing`);
  }
  return run(context, [compiler, '-p', project]);
}

function run({ settings }: CommandContext, command: readonly string[]): number {
  const { checkout, env } = settings;
  const how = { cwd: checkout, env: { ...env, TZ: 'UTC' }, stdio: 'inherit' } as const;
  return spawnSync(process.execPath, command, how).status ?? 1;
}

async function playJobs(context: CommandContext, main: string): Promise<number> {
  const { settings, terminal, signals, exitNow, args } = context;
  const folder = stateFolder(join(settings.stateRoot, 'simulated-jobs'), 'test');
  const frame = { folder, purpose: 'npm run simulate -- --jobs', terminal, signals, exitNow, fresh: true };
  try {
    return await withState(frame, async (state) => {
      const servers = await provideTestServers(context, state);
      return state.supervisor.runForCode({
        name: 'simulator',
        command: process.execPath,
        args: [main, ...args],
        cwd: settings.checkout,
        env: environmentOfTests(context, state, servers),
        logFile: join(folder.logs, 'simulator.log'),
        standardError: 'screen',
        stopSignal: 'SIGTERM',
        stopWithinMs: 5_000,
      });
    });
  } catch (error) {
    if (error instanceof InterruptedError) return 130;
    throw error;
  }
}
