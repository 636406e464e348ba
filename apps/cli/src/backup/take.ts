// Backup: taken from a stack at work, or from a stopped one whose Postgres is started for it. Promises a folder that is
// whole as soon as its manifest is there, and nothing left behind by a backup that failed.
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { readMemory, readRunning, whoRuns, type StateFolder } from '@fairmeter/platform/embedded';
import type { CommandContext } from '../commands/command.js';
import { dataFolder, devFolder, withAdmin } from '../database/ledger-door.js';
import { copyCluster } from './cluster-copy.js';
import { foldersOf, isGone, makeFolder, syncFolder } from './file-copy.js';
import {
  BackupError,
  CLUSTER,
  MANIFEST_VERSION,
  PRIVATE,
  writeManifest,
  type Manifest,
  type TemporalPlace,
} from './manifest.js';
import { copyPrivateFiles, hasDevServerDatabase } from './private-files.js';

export const EXTERNAL_POSTGRES =
  'DATABASE_URL names a Postgres of somebody else: back it up with its own means, as docs/operating/backup.md says';

export async function takeBackup(context: CommandContext, target: string): Promise<Manifest> {
  if (context.settings.servers.databaseUrl !== undefined) throw new BackupError(EXTERNAL_POSTGRES);
  refuseInsideState(devFolder(context), target);
  await makeEmptyFolder(target);
  try {
    return await withAdmin(context, { purpose: 'npm run backup' }, ({ url }) => copyAll(context, target, url));
  } catch (error) {
    for (const name of [CLUSTER, PRIVATE]) await rm(join(target, name), { recursive: true, force: true });
    throw error;
  }
}

async function copyAll(context: CommandContext, target: string, adminUrl: string): Promise<Manifest> {
  const folder = devFolder(context);
  const memory = readMemory(folder);
  const temporal = temporalPlace(context, folder);
  const cluster = await copyCluster({ adminUrl, data: dataFolder(folder), target: join(target, CLUSTER) });
  // After the cluster: a password that came meanwhile may be for a role that the copy lacks, never the other way.
  const privateFiles = await copyPrivateFiles({
    folder,
    target: join(target, PRIVATE),
    withDevServer: temporal !== 'elsewhere' && isOurs(folder),
  });
  const files = [
    ...cluster.files.map((file) => ({ ...file, path: `${CLUSTER}/${file.path}` })),
    ...privateFiles.map((file) => ({ ...file, path: `${PRIVATE}/${file.path}` })),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
  const folders = cluster.folders.map((path) => `${CLUSTER}/${path}`);
  for (const path of foldersOf(target, [...files.map((file) => file.path), ...folders.map((path) => `${path}/.`)])) {
    await syncFolder(path);
  }
  const manifest: Manifest = {
    version: MANIFEST_VERSION,
    takenAt: cluster.stoppedAt.toISOString(),
    platform: `${process.platform}-${process.arch}`,
    postgresVersion: cluster.postgresVersion,
    postgresMajor: cluster.postgresMajor,
    temporal,
    temporalServerVersion: memory.temporalSchema ?? null,
    namespace: readRunning(folder)?.namespace ?? context.settings.servers.namespace,
    historyShards: memory.historyShards ?? null,
    startLsn: cluster.startLsn,
    stopLsn: cluster.stopLsn,
    bytes: files.reduce((sum, file) => sum + file.size, 0),
    folders,
    files,
  };
  await writeManifest(target, manifest);
  return manifest;
}

function temporalPlace({ settings }: CommandContext, folder: StateFolder): TemporalPlace {
  const kind = isOurs(folder) ? undefined : readRunning(folder)?.temporalKind;
  if (kind === 'dev-server') {
    throw new BackupError(
      'a Temporal dev server keeps its workflows in a file of its own, which is copied only while it rests: ' +
        'stop the stack, back up, start it again',
    );
  }
  if (kind === 'own') return 'in the cluster';
  if (kind === 'given' || settings.servers.temporalAddress !== undefined) return 'elsewhere';
  if (readMemory(folder).temporalSchema !== undefined) return 'in the cluster';
  return hasDevServerDatabase(folder) ? 'in the private files' : 'elsewhere';
}

/** True where this process holds the profile, so that no Temporal server runs in it. */
function isOurs(folder: StateFolder): boolean {
  return whoRuns(folder)?.pid === process.pid;
}

/** A restore moves the state folder aside, and a backup in it would go with it. */
export function refuseInsideState(folder: StateFolder, backup: string): void {
  for (const taken of [folder.path, dirname(dataFolder(folder))]) {
    const way = relative(taken, backup);
    if (way === '' || !(way.startsWith('..') || isAbsolute(way))) {
      throw new BackupError(`${backup} lies in ${taken}, which a restore replaces: choose a folder elsewhere`);
    }
  }
}

async function makeEmptyFolder(path: string): Promise<void> {
  try {
    const [first] = readdirSync(path);
    if (first !== undefined) throw new BackupError(`${path} is not empty: each backup gets a folder of its own`);
  } catch (error) {
    if (!isGone(error)) throw error;
    await makeFolder(path);
  }
}
