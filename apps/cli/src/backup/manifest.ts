// Backup: the manifest, what a backup says of itself. Promises that a folder without a whole one is never taken for a
// backup: it is written last, and read strictly.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivate } from '@fairmeter/platform/embedded';
import { syncFolder, type CopiedFile } from './file-copy.js';

export const MANIFEST = 'manifest.json';
export const MANIFEST_VERSION = 1;
/** The cluster lies in here as Postgres wants it, the state folder's private files beside it. */
export const CLUSTER = 'cluster';
export const PRIVATE = 'private';

/** Where the workflows are that belong to the ledger of this backup. */
export type TemporalPlace = 'in the cluster' | 'in the private files' | 'elsewhere';

export interface Manifest {
  readonly version: typeof MANIFEST_VERSION;
  readonly takenAt: string;
  /** A copy of files goes back onto the same kind of machine and the same major version. */
  readonly platform: string;
  readonly postgresVersion: string;
  readonly postgresMajor: number;
  readonly temporal: TemporalPlace;
  readonly temporalServerVersion: string | null;
  readonly namespace: string;
  readonly historyShards: number | null;
  readonly startLsn: string;
  readonly stopLsn: string;
  readonly bytes: number;
  /** Empty folders that Postgres expects to find. */
  readonly folders: readonly string[];
  readonly files: readonly CopiedFile[];
}

export class BackupError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BackupError';
  }
}

export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  writePrivate(join(folder, MANIFEST), JSON.stringify(manifest, null, 1));
  await syncFolder(folder);
}

export function readManifest(folder: string): Manifest {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new BackupError(`${folder} is no whole backup: its ${MANIFEST} cannot be read (${why})`);
  }
  if (!isManifest(parsed)) {
    throw new BackupError(`${folder} holds a ${MANIFEST} that this version does not understand`);
  }
  return parsed;
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Readonly<Record<string, unknown>>;
  const texts = ['takenAt', 'platform', 'postgresVersion', 'temporal', 'namespace', 'startLsn', 'stopLsn'];
  return (
    fields['version'] === MANIFEST_VERSION &&
    texts.every((name) => typeof fields[name] === 'string') &&
    typeof fields['postgresMajor'] === 'number' &&
    isListOf(fields['folders'], (folder) => typeof folder === 'string' && staysInside(folder)) &&
    isListOf(fields['files'], isCopiedFile)
  );
}

function isCopiedFile(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { path, size, sha256 } = value as Readonly<Record<string, unknown>>;
  return typeof path === 'string' && staysInside(path) && typeof size === 'number' && typeof sha256 === 'string';
}

/** A manifest is a file that anybody may have edited: it must not lead a restore out of its folder. */
function staysInside(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.split(/[/\\]/).includes('..');
}

function isListOf(value: unknown, fits: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(fits);
}
