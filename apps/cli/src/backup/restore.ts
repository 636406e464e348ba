// Backup: put back. Promises to touch nothing before the backup was verified, to move what was there aside instead of
// deleting it, and not to call it restored before Postgres has recovered and the audit was heard.
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { chown, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  createStateFolder,
  LockedError,
  postgresAccount,
  preparePostgresHome,
  readMemory,
  whoRuns,
  type OpenState,
  type StateFolder,
  type StateMemory,
} from '@fairmeter/platform/embedded';
import { provisionDatabase, WRITER_ROLE } from '@fairmeter/platform/database';
import { auditAt } from '../commands/audit.js';
import type { CommandContext } from '../commands/command.js';
import { devFolder, hasCluster, knownPasswords, startAlone, writerUrl } from '../database/ledger-door.js';
import { DATABASE_NAME } from '../database/provision.js';
import { withState } from '../stack/with-state.js';
import { copyFile, foldersOf, inParallel, makeFolder, syncFolder } from './file-copy.js';
import { BackupError, CLUSTER, PRIVATE, type Manifest } from './manifest.js';
import { hasDevServerDatabase, restorePrivateFiles } from './private-files.js';
import { EXTERNAL_POSTGRES, refuseInsideState } from './take.js';
import { verifyBackup } from './verify.js';

export interface RestoreOptions {
  readonly from: string;
  /** Moves existing state aside; without it existing state is a reason to refuse. */
  readonly replace: boolean;
}

export interface Restored {
  readonly manifest: Manifest;
  readonly auditHolds: boolean;
}

export async function restoreBackup(context: CommandContext, { from, replace }: RestoreOptions): Promise<Restored> {
  const { terminal, signals, exitNow } = context;
  if (context.settings.servers.databaseUrl !== undefined) throw new BackupError(EXTERNAL_POSTGRES);
  const folder = devFolder(context);
  const holder = whoRuns(folder);
  if (holder !== undefined) throw new LockedError(folder.lockFile, holder);
  if (!replace) refuseExisting(folder);
  refuseInsideState(folder, from);
  const manifest = await verifyBackup(from);
  terminal.line(`the backup of ${manifest.takenAt} is whole: ${manifest.files.length} files`);
  return withState({ folder, purpose: 'npm run restore', terminal, signals, exitNow }, async (state) => {
    if (!replace) refuseExisting(folder);
    const ports = readMemory(folder).ports;
    moveAside(folder, (line) => terminal.line(line));
    createStateFolder(folder);
    await placeCluster(context, folder, { from, manifest });
    const memory = JSON.parse(readFileSync(join(from, PRIVATE, 'memory.json'), 'utf8')) as StateMemory;
    await restorePrivateFiles(join(from, PRIVATE), folder, { ...memory, ...(ports === undefined ? {} : { ports }) });
    return { manifest, auditHolds: await recoverAndAudit(context, state) };
  });
}

function hasState(folder: StateFolder): boolean {
  return hasCluster(folder) || hasDevServerDatabase(folder) || knownPasswords(folder) !== undefined;
}

function refuseExisting(folder: StateFolder): void {
  if (!hasState(folder)) return;
  throw new BackupError(
    `${folder.path} holds a stack already: --replace moves it aside, or name another FAIRMETER_STATE_DIR`,
  );
}

function moveAside(folder: StateFolder, tell: (line: string) => void): void {
  if (!hasState(folder)) return;
  const mark = `replaced-${new Date().toISOString().replace(/[:.]/g, '-')}`;
  const outside = readMemory(folder).postgresHome;
  for (const path of [outside, folder.path]) {
    if (path === undefined || !existsSync(path)) continue;
    renameSync(path, `${path}.${mark}`);
    tell(`what was in ${path} is now in ${path}.${mark}`);
  }
}

/** Copied beside and then renamed: a restore that was cut short leaves no cluster that could start. */
async function placeCluster(
  context: CommandContext,
  folder: StateFolder,
  { from, manifest }: { readonly from: string; readonly manifest: Manifest },
): Promise<void> {
  const tell = (line: string): void => context.terminal.line(line);
  const owner = postgresAccount(tell);
  const { data } = preparePostgresHome(folder, owner, tell);
  const draft = `${data}.restoring`;
  await rm(draft, { recursive: true, force: true });
  const inside = (path: string): string => path.slice(CLUSTER.length + 1);
  const files = manifest.files.map((file) => file.path).filter((path) => path.startsWith(`${CLUSTER}/`));
  const folders = manifest.folders.filter((path) => path.startsWith(`${CLUSTER}/`)).map(inside);
  await makeFolder(draft);
  for (const path of folders) await makeFolder(join(draft, path));
  await inParallel(files, async (path) => {
    const copied = await copyFile(join(from, path), join(draft, inside(path)), owner);
    if (copied === undefined) throw new BackupError(`${path} vanished from the backup`);
  });
  for (const path of foldersOf(draft, [...files.map(inside), ...folders.map((one) => `${one}/.`)])) {
    if (owner !== undefined) await chown(path, owner.uid, owner.gid);
    await syncFolder(path);
  }
  renameSync(draft, data);
  await syncFolder(dirname(data));
}

async function recoverAndAudit(context: CommandContext, state: OpenState): Promise<boolean> {
  // It answers only after it has replayed the WAL of the backup to its end, and refuses to start where that is missing.
  const { url } = await startAlone(context, state);
  const passwords = knownPasswords(state.folder);
  if (passwords === undefined) {
    context.terminal.line('the backup is of a cluster without a ledger: there is nothing to audit');
    return true;
  }
  // As every start does: the roles log in with what the state folder knows, whatever somebody set by hand.
  await provisionDatabase({ adminUrl: url, database: DATABASE_NAME, passwords });
  return (await auditAt(writerUrl(url, passwords[WRITER_ROLE]), context.terminal)).holds;
}
