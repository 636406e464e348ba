// Command line: `restore`, a stack put back from a backup. Ends with 1 where the restored ledger does not hold.
import { readBackupArguments } from '../backup/arguments.js';
import { restoreBackup } from '../backup/restore.js';
import { UsageError, type Command } from './command.js';

export const restore: Command = async (context) => {
  const { settings, terminal, args } = context;
  const { folder, flags } = readBackupArguments(args, { folder: 'from', flags: ['replace'] }, settings.env);
  if (folder === undefined) throw new UsageError('restore needs --from DIR, the folder of a backup');
  const { manifest, auditHolds } = await restoreBackup(context, { from: folder, replace: flags.has('replace') });
  if (!auditHolds) {
    terminal.line('the stack was restored, but its ledger does NOT hold: do not let anybody pay with it');
    return 1;
  }
  terminal.line(`restored as it was at ${manifest.takenAt}; \`npm start\` goes on from there`);
  if (manifest.temporal === 'elsewhere') {
    terminal.line('note: no workflows are in this backup; docs/operating/backup.md says what to do with them');
  }
  return 0;
};
