// Command line: `reset`, a clean slate. Promises to touch nothing while a stack runs, and to say what it removed.
import { LockedError, resetState, stateFolder, whoRuns, type Profile } from '@fairmeter/platform/embedded';
import { readFlags, type Command } from './command.js';

const profiles: readonly Profile[] = ['dev', 'test', 'bench'];

export const reset: Command = async ({ settings, terminal, args }) => {
  readFlags(args, []);
  const folders = profiles.map((profile) => stateFolder(settings.stateRoot, profile));
  for (const folder of folders) {
    const holder = whoRuns(folder);
    if (holder !== undefined) throw new LockedError(folder.lockFile, holder);
  }
  const removed: string[] = [];
  for (const folder of folders) removed.push(...(await resetState(folder)));
  for (const path of removed) terminal.line(`removed ${path}`);
  if (removed.length === 0) terminal.line('there was nothing to remove');
  if (settings.servers.databaseUrl !== undefined) {
    terminal.line('the databases behind DATABASE_URL were not touched');
  }
  return 0;
};
