// Backup: a physical copy of a Postgres at work, taken through SQL. Promises files and WAL that together come back to
// one instant, that of `stopLsn`, for every database of the cluster.
import { randomBytes } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { withClient } from '@fairmeter/platform/database';
import { CONTROL_FILE, listCluster } from './cluster-files.js';
import { copyFile, inParallel, makeFolder, writeSynced, type CopiedFile } from './file-copy.js';
import { BackupError } from './manifest.js';

export interface ClusterCopy {
  readonly postgresVersion: string;
  readonly postgresMajor: number;
  readonly startLsn: string;
  readonly stopLsn: string;
  /** By this machine's clock: the instant that everything comes back to. */
  readonly stoppedAt: Date;
  readonly folders: readonly string[];
  readonly files: readonly CopiedFile[];
}

type Client = Parameters<Parameters<typeof withClient>[1]>[0];

export interface ClusterCopyOptions {
  readonly adminUrl: string;
  /** Where the server must keep its data: a URL may lead to quite another server. */
  readonly data: string;
  readonly target: string;
}

export async function copyCluster(options: ClusterCopyOptions): Promise<ClusterCopy> {
  return withClient(options.adminUrl, async (client) => {
    const lost: { why?: Error } = {};
    // A server that stops meanwhile breaks this connection; without a listener that would end the process.
    client.on('error', (error) => {
      lost.why = error;
    });
    try {
      return await copyOn(client, options);
    } catch (error) {
      if (lost.why === undefined) throw error;
      throw new BackupError(`Postgres went away during the backup: ${lost.why.message}`);
    }
  });
}

/** Begin and end of a backup belong to one session. */
async function copyOn(client: Client, { data, target }: ClusterCopyOptions): Promise<ClusterCopy> {
  const server = await inspect(client, data);
  await makeFolder(target);
  // The start of the WAL must still be there at the end. A temporary slot keeps it, and goes with this session even
  // when nobody is left to drop it.
  const slot = `fairmeter_backup_${randomBytes(6).toString('hex')}`;
  await client.query('SELECT pg_create_physical_replication_slot($1, true, true)', [slot]);
  const startLsn = await text(client, `SELECT pg_backup_start('fairmeter backup', fast => true)::text AS value`);
  const { files, folders } = await copyFiles(data, target);
  const stop = await stopBackup(client);
  const stoppedAt = new Date();
  const wal = await copyWal(client, { data, target, startLsn, stopLsn: stop.lsn });
  const label = { path: 'backup_label', ...(await writeSynced(join(target, 'backup_label'), stop.label)) };
  await client.query('SELECT pg_drop_replication_slot($1)', [slot]);
  return { ...server, startLsn, stopLsn: stop.lsn, stoppedAt, folders, files: [...files, ...wal, label] };
}

async function inspect(client: Client, data: string): Promise<Pick<ClusterCopy, 'postgresVersion' | 'postgresMajor'>> {
  const directory = await text(client, `SELECT current_setting('data_directory') AS value`);
  // A state folder may be named by way of a link.
  const [real, expected] = await Promise.all([directory, data].map((path) => realpath(path).catch(() => path)));
  if (real !== expected) {
    throw new BackupError(`the running stack keeps its data in ${directory}, not in ${data}: back it up on its own`);
  }
  const postgresVersion = await text(client, `SELECT current_setting('server_version') AS value`);
  return { postgresVersion, postgresMajor: Number.parseInt(postgresVersion, 10) };
}

async function copyFiles(data: string, target: string): Promise<Pick<ClusterCopy, 'files' | 'folders'>> {
  const listing = await listCluster(data);
  for (const folder of listing.folders) await makeFolder(join(target, folder));
  const files: CopiedFile[] = [];
  const ordinary = listing.files.filter((path) => path !== CONTROL_FILE);
  await inParallel(ordinary, async (path) => {
    const copied = await copyFile(join(data, path), join(target, path));
    // Gone since it was listed: the WAL knows, and recovery does the same.
    if (copied !== undefined) files.push({ path, ...copied });
  });
  const control = await steady(join(data, CONTROL_FILE));
  files.push({ path: CONTROL_FILE, ...(await writeSynced(join(target, CONTROL_FILE), control)) });
  return { files, folders: listing.folders };
}

/** The server rewrites this one in place, and no WAL mends it: it is read until two readings agree. */
async function steady(path: string): Promise<Buffer> {
  let last = await readFile(path);
  for (let reading = 0; reading < 20; reading += 1) {
    const next = await readFile(path);
    if (next.equals(last)) return next;
    last = next;
  }
  throw new BackupError(`${path} keeps changing`);
}

async function stopBackup(client: Client): Promise<{ readonly lsn: string; readonly label: string }> {
  // Nothing is archived here: the WAL is fetched below, so there is nothing to wait for.
  const { rows } = await client.query<{ lsn: string; labelfile: string; spcmapfile: string | null }>(
    'SELECT lsn::text AS lsn, labelfile, spcmapfile FROM pg_backup_stop(wait_for_archive => false)',
  );
  const [stopped] = rows;
  if (stopped === undefined) throw new BackupError('Postgres did not say where the backup ends');
  if ((stopped.spcmapfile ?? '') !== '') throw new BackupError('a cluster with tablespaces cannot be backed up');
  return { lsn: stopped.lsn, label: stopped.labelfile };
}

interface WalRange {
  readonly data: string;
  readonly target: string;
  readonly startLsn: string;
  readonly stopLsn: string;
}

/** Every segment from the one that recovery starts in to the one that the backup ends in. */
async function copyWal(client: Client, { data, target, startLsn, stopLsn }: WalRange): Promise<readonly CopiedFile[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT pg_walfile_name('0/0'::pg_lsn + (n * size + 1)) AS name
     FROM (SELECT setting::numeric AS size FROM pg_settings WHERE name = 'wal_segment_size') s
     CROSS JOIN LATERAL generate_series(
       div($1::pg_lsn - '0/0'::pg_lsn, size), div($2::pg_lsn - '0/0'::pg_lsn - 1, size)) n
     ORDER BY n`,
    [startLsn, stopLsn],
  );
  const copied: CopiedFile[] = [];
  for (const { name } of rows) {
    const path = `pg_wal/${name}`;
    const segment = await copyFile(join(data, path), join(target, path));
    if (segment === undefined) throw new BackupError(`the WAL segment ${name} is gone: the backup would not be whole`);
    copied.push({ path, ...segment });
  }
  if (copied.length === 0) throw new BackupError(`no WAL between ${startLsn} and ${stopLsn}`);
  return copied;
}

async function text(client: Client, sql: string): Promise<string> {
  const { rows } = await client.query<{ value: string }>(sql);
  const [row] = rows;
  if (row === undefined) throw new BackupError(`Postgres answered nothing to: ${sql}`);
  return row.value;
}
