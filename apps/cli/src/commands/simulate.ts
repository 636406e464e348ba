// Command line: `simulate`, a seeded load with seeded faults on a ledger of its own. The simulator is part of the
// tests, and the command line does not lean on them: it compiles and starts them.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError, type Command } from './command.js';

const room = 'test/simulation';

export const simulate: Command = async ({ settings, args }) => {
  const { checkout, env, stateRoot } = settings;
  const compiler = join(checkout, 'node_modules/typescript/bin/tsc');
  const project = join(checkout, room, 'tsconfig.json');
  for (const path of [compiler, project]) {
    if (!existsSync(path))
      throw new UsageError(`simulate runs in a checkout with its test packages; ${path} is missing`);
  }
  const run = (...command: readonly string[]): number => {
    const how = { cwd: checkout, env: { ...env, TZ: 'UTC' }, stdio: 'inherit' } as const;
    return spawnSync(process.execPath, command, how).status ?? 1;
  };
  const compiled = run(compiler, '-p', project);
  if (compiled !== 0) return compiled;
  return run(join(checkout, room, 'dist', room, 'main.js'), stateRoot, ...args);
};
