// Embedded Postgres: the lock file of its data folder. Promises to remove it only when its process is provably not a
// Postgres of this folder: Postgres' own check is better than ours in every other case.
import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { identify } from '../processes/identity.js';

/**
 * After a SIGKILL the file names a dead pid, which Postgres notices by itself. When that pid has been given to another
 * program of the same user since, Postgres takes it for a running server and refuses to start: that file is removed.
 */
export function removeStalePostmasterFile(data: string): void {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (identify(pid) === undefined) return;
  // A server's processes stand in its data folder. Without /proc nobody can tell, and nothing is removed.
  if (!existsSync('/proc/self/cwd') || someoneStandsIn(realpathSync(data))) return;
  rmSync(file, { force: true });
}

function someoneStandsIn(folder: string): boolean {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((name) => {
      try {
        return readlinkSync(`/proc/${name}/cwd`) === folder;
      } catch {
        return false;
      }
    });
}
