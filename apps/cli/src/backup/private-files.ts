// Backup: what a state folder knows and a cluster does not, yet must fit it: passwords of its roles, the demo's keys,
// the number of history shards. Ports and places stay behind: they belong to a machine, not to the data.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readMemory, remember, type StateFolder, type StateMemory } from '@fairmeter/platform/embedded';
import { copyFile, makeFolder, writeSynced, type CopiedFile } from './file-copy.js';
import { BackupError } from './manifest.js';

const memoryFile = 'memory.json';
const plainFiles = ['database-roles.json', 'demo-keys.json'] as const;
/** A dev server's own database, with the journals that it may have left beside. */
export const devServerDatabase = 'dev-server.sqlite';

export function hasDevServerDatabase(folder: StateFolder): boolean {
  return existsSync(join(folder.temporal, devServerDatabase));
}

export interface PrivateCopy {
  readonly folder: StateFolder;
  readonly target: string;
  /** Only while no dev server runs: a copy of a database at work could be torn. */
  readonly withDevServer: boolean;
}

export async function copyPrivateFiles({ folder, target, withDevServer }: PrivateCopy): Promise<readonly CopiedFile[]> {
  await makeFolder(target);
  const { passwords, historyShards, temporalSchema } = readMemory(folder);
  const memory: StateMemory = {
    ...(passwords === undefined ? {} : { passwords }),
    ...(historyShards === undefined ? {} : { historyShards }),
    ...(temporalSchema === undefined ? {} : { temporalSchema }),
  };
  const files: CopiedFile[] = [
    { path: memoryFile, ...(await writeSynced(join(target, memoryFile), JSON.stringify(memory, null, 2))) },
  ];
  for (const name of plainFiles) {
    const copied = await copyFile(join(folder.path, name), join(target, name));
    if (copied !== undefined) files.push({ path: name, ...copied });
  }
  for (const name of withDevServer ? devServerFiles(folder) : []) {
    const copied = await copyFile(join(folder.temporal, name), join(target, name));
    if (copied !== undefined) files.push({ path: name, ...copied });
  }
  return files;
}

export async function restorePrivateFiles(source: string, folder: StateFolder, memory: StateMemory): Promise<void> {
  for (const name of readdirSync(source)) {
    if (name === memoryFile) continue;
    const inTemporal = name.startsWith(devServerDatabase);
    if (!inTemporal && !plainFiles.some((known) => known === name)) throw new BackupError(`unknown file ${name}`);
    await copyFile(join(source, name), join(inTemporal ? folder.temporal : folder.path, name));
  }
  remember(folder, memory);
}

function devServerFiles(folder: StateFolder): readonly string[] {
  return readdirSync(folder.temporal).filter((name) => name.startsWith(devServerDatabase));
}
