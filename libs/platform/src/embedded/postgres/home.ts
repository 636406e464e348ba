// Embedded Postgres: where its data and programs live. Promises the state folder wherever the Postgres user can reach
// it, else one named folder outside the checkout that is said aloud and that `reset` removes.
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readMemory, remember, removePath, type StateFolder } from '../state-folder.js';
import { canReach, type SystemAccount } from './account.js';
import { copyBinaries, findPostgresBinaries, makeBinariesUsable, type PostgresBinaries } from './binaries.js';

export interface PostgresHome {
  readonly path: string;
  readonly data: string;
  readonly binaries: PostgresBinaries;
}

const outsideRoot = '/var/lib/fairmeter';

/** The folder used when the checkout is closed to the Postgres user: one per state folder and profile. */
export function outsideHome(folder: StateFolder, root: string = outsideRoot): string {
  const checkout = createHash('sha256').update(realpathSync(folder.root)).digest('hex').slice(0, 12);
  return join(root, checkout, folder.profile);
}

export function preparePostgresHome(
  folder: StateFolder,
  who: SystemAccount | undefined,
  report: (line: string) => void,
): PostgresHome {
  const packaged = findPostgresBinaries();
  const inside = join(folder.path, 'postgres');
  if (who === undefined) return ownHome(inside, packaged);
  mkdirSync(inside, { recursive: true, mode: 0o700 });
  chownSync(inside, who.uid, who.gid);
  const dataReachable = canReach(who, inside, 'write');
  const programsReachable = madeUsable(packaged) && canReach(who, join(packaged.native, 'bin'), 'read');
  if (dataReachable && programsReachable) return { path: inside, data: join(inside, 'data'), binaries: packaged };
  const path = outsideHome(folder);
  openOutsideHome({ folder, path, who, report });
  removePath(inside);
  const binaries = copyBinaries(packaged, join(path, 'native'));
  report(`the user "${who.name}" cannot enter this checkout: Postgres keeps its data and programs in ${path}`);
  return { path, data: join(path, 'data'), binaries };
}

// As an ordinary user all is ours, but for a node_modules that somebody else installed and left without its links.
function ownHome(path: string, packaged: PostgresBinaries): PostgresHome {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const binaries = madeUsable(packaged) ? packaged : copyBinaries(packaged, join(path, 'native'));
  return { path, data: join(path, 'data'), binaries };
}

interface OutsideHome {
  readonly folder: StateFolder;
  readonly path: string;
  readonly who: SystemAccount;
  readonly report: (line: string) => void;
}

function openOutsideHome({ folder, path, who, report }: OutsideHome): void {
  if (readMemory(folder).postgresHome !== path && existsSync(path)) {
    // The state folder with its passwords was deleted by hand, so nobody can open this data any more.
    report(`removing ${path}: it belongs to an earlier state of this checkout`);
    removePath(path);
  }
  mkdirSync(path, { recursive: true });
  for (const way of [path, dirname(path), dirname(dirname(path))]) chmodSync(way, 0o755);
  chownSync(path, who.uid, who.gid);
  remember(folder, { postgresHome: path });
}

function madeUsable(binaries: PostgresBinaries): boolean {
  try {
    makeBinariesUsable(binaries);
    return true;
  } catch {
    return false;
  }
}
