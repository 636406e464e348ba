// Command line: the entry. The one place of this room that reads the environment and ends the process.
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LockedError, NoTemporalServerError, PortTakenError } from '@fairmeter/platform/embedded';
import { BackupError } from './backup/manifest.js';
import { audit } from './commands/audit.js';
import { backup } from './commands/backup.js';
import { UsageError, type Command } from './commands/command.js';
import { doctor } from './commands/doctor.js';
import { migrate } from './commands/migrate.js';
import { replay } from './commands/replay.js';
import { reset } from './commands/reset.js';
import { restore } from './commands/restore.js';
import { seed } from './commands/seed.js';
import { simulate } from './commands/simulate.js';
import { demo, start } from './commands/start.js';
import { test } from './commands/test.js';
import { NoLedgerError } from './database/ledger-door.js';
import { readSettings, SettingsError } from './settings.js';
import { database } from './stack/database.js';
import { StackCannotWorkError } from './stack/stack.js';
import { ServerDiedError } from './stack/with-state.js';
import { createTerminal } from './terminal/terminal.js';
import { TourFailedError } from './tour/job-run.js';

const commands: Readonly<Record<string, Command>> = {
  start,
  demo,
  reset,
  doctor,
  test,
  migrate,
  seed,
  audit,
  replay,
  simulate,
  backup,
  restore,
};

/** Errors that say all there is to say; the rest are shown with their stack. */
const plainErrors = [
  BackupError,
  LockedError,
  NoLedgerError,
  NoTemporalServerError,
  PortTakenError,
  ServerDiedError,
  SettingsError,
  StackCannotWorkError,
  TourFailedError,
  UsageError,
];

async function main(): Promise<number> {
  const [name = '', ...args] = process.argv.slice(2);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined)
    throw new UsageError(`unknown command "${name}"; known: ${Object.keys(commands).join(', ')}`);
  // From dist/main.js of apps/cli up to the checkout.
  const checkout = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
  const settings = readSettings(process.env, checkout, homedir());
  return command({
    settings,
    terminal: createTerminal(process.stdout),
    signals: process,
    database,
    args,
    exitNow: (code) => process.exit(code),
  });
}

// A reader that went away, such as `head`, must not keep the stack from ending in order.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

try {
  process.exitCode = await main();
} catch (error) {
  const plain = plainErrors.some((kind) => error instanceof kind);
  console.error(plain && error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
