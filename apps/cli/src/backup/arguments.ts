// Backup: what a person says on the command line. Paths are meant from where he stands, not from where npm goes.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../commands/command.js';
import type { Environment } from '../settings.js';

export interface BackupArguments {
  readonly folder: string | undefined;
  readonly flags: ReadonlySet<string>;
}

export interface KnownArguments {
  /** The option that names a folder. */
  readonly folder: string;
  readonly flags: readonly string[];
}

export function readBackupArguments(args: readonly string[], known: KnownArguments, env: Environment): BackupArguments {
  const options = Object.fromEntries<{ type: 'string' | 'boolean' }>([
    [known.folder, { type: 'string' }],
    ...known.flags.map((flag) => [flag, { type: 'boolean' }] as const),
  ]);
  const list = [`--${known.folder} DIR`, ...known.flags.map((flag) => `--${flag}`)].join(', ');
  let values: Readonly<Record<string, unknown>>;
  try {
    ({ values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: false }));
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}; known: ${list}`);
  }
  const folder = values[known.folder];
  if (folder === '') throw new UsageError(`--${known.folder} needs a folder`);
  // npm changes to the checkout before it runs a script, and keeps here where it was called.
  const from = env['INIT_CWD'] ?? process.cwd();
  return {
    folder: typeof folder === 'string' ? resolve(from, folder) : undefined,
    flags: new Set(known.flags.filter((flag) => values[flag] === true)),
  };
}
