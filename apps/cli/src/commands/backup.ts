// Command line: `backup`, one folder that brings ledger and workflows back to one instant. The stack may run meanwhile.
import { join } from 'node:path';
import { readBackupArguments } from '../backup/arguments.js';
import { takeBackup } from '../backup/take.js';
import type { Command } from './command.js';

export const backup: Command = async (context) => {
  const { settings, terminal, args } = context;
  const { folder } = readBackupArguments(args, { folder: 'to', flags: [] }, settings.env);
  const started = new Date();
  const target = folder ?? join(settings.stateRoot, 'backups', started.toISOString().replace(/[:.]/g, '-'));
  terminal.line(`backing up to ${target}`);
  const { files, bytes, stopLsn, temporal } = await takeBackup(context, target);
  const megabytes = (bytes / 1_000_000).toFixed(1);
  terminal.line(`${files.length} files, ${megabytes} MB, up to WAL position ${stopLsn}`);
  if (temporal === 'elsewhere') {
    terminal.line('note: no workflows are in this backup: Temporal keeps them elsewhere, or never ran');
  }
  terminal.line('it holds passwords and keys: keep it as private as the stack itself, and on another disk');
  return 0;
};
