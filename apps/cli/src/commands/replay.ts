// Command line: `replay`, every committed history against the workflows as they are built now. Needs no server: it
// shows before a release whether what runs under the last one would go on under this one.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readFlags, UsageError, type Command } from './command.js';

const spec = 'test/replay/committed.spec.ts';

export const replay: Command = async ({ settings, args }) => {
  readFlags(args, []);
  const { checkout, env } = settings;
  const jest = join(checkout, 'node_modules/jest/bin/jest.js');
  for (const path of [jest, join(checkout, spec)]) {
    if (!existsSync(path)) throw new UsageError(`replay runs in a checkout with its test packages; ${path} is missing`);
  }
  // The replayer is part of the tests, and the command line does not lean on them: it only starts them.
  const { status } = spawnSync(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      jest,
      '--verbose',
      '-t',
      'committed histories',
      spec,
    ],
    { cwd: checkout, env: { ...env, TZ: 'UTC' }, stdio: 'inherit' },
  );
  return status ?? 1;
};
