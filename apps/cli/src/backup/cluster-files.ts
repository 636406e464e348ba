// Backup: which files of a running cluster belong into a copy. What a server makes anew at its start stays out: some of
// it would lie to the restored one.
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isGone } from './file-copy.js';
import { BackupError } from './manifest.js';

export interface ClusterListing {
  /** From the root of the cluster, with slashes; `global/pg_control` is the last. */
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

export const CONTROL_FILE = 'global/pg_control';

/** Folders that must be there and whose content belongs to the running server alone. */
const emptied: ReadonlySet<string> = new Set([
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]);

const skippedAtTop: ReadonlySet<string> = new Set([
  'postmaster.pid',
  'postmaster.opts',
  'current_logfiles',
  // Of an earlier backup: the server would believe them.
  'backup_label',
  'backup_label.old',
  'tablespace_map',
  'tablespace_map.old',
  'backup_manifest',
]);

/** True for what a server writes for itself: caches, sort files, temporary tables. */
export function isSkipped(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (!path.includes('/') && skippedAtTop.has(name)) return true;
  return (
    name.startsWith('pgsql_tmp') ||
    name.startsWith('pg_internal.init') ||
    name === 'postgresql.auto.conf.tmp' ||
    /^t\d+_\d+(_(fsm|vm|init))?(\.\d+)?$/.test(name)
  );
}

export async function listCluster(data: string): Promise<ClusterListing> {
  const files: string[] = [];
  const folders: string[] = [];
  const visit = async (folder: string): Promise<void> => {
    for (const name of await namesIn(join(data, folder))) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if (isSkipped(path)) continue;
      const kind = await kindOf(join(data, path));
      if (kind === 'folder') {
        folders.push(path);
        if (!emptied.has(path)) await visit(path);
      } else if (kind === 'file') {
        files.push(path);
      } else if (kind === 'other') {
        throw new BackupError(
          `${join(data, path)} is a link: data outside the cluster's own folder cannot be backed up`,
        );
      }
    }
  };
  await visit('');
  // Recovery starts from this file, so it must not be older than anything else that was copied.
  const others = files.filter((path) => path !== CONTROL_FILE);
  return { files: [...others, CONTROL_FILE], folders: [...folders, 'pg_wal/archive_status', 'pg_wal/summaries'] };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    // A database that is being dropped.
    if (isGone(error)) return [];
    throw error;
  }
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'other' | 'gone'> {
  try {
    const found = await lstat(path);
    if (found.isDirectory()) return 'folder';
    return found.isFile() ? 'file' : 'other';
  } catch (error) {
    if (isGone(error)) return 'gone';
    throw error;
  }
}
