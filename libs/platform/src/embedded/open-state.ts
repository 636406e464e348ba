// Embedded servers: taking possession of a profile. Promises one owner at a time, and a profile free of whatever a
// killed run left behind.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { acquireLock, lockHolder, type Lock, type LockHolder } from './processes/lock.js';
import { ProcessRecords } from './processes/records.js';
import type { Reporter } from './reporter.js';
import { createStateFolder, readMemory, remember, removePath, type StateFolder } from './state-folder.js';
import { Supervisor } from './supervisor.js';

export interface OpenState {
  readonly folder: StateFolder;
  readonly supervisor: Supervisor;
  /** Gives the profile back; call it when everything has ended. */
  close(): void;
}

export interface OpenStateOptions {
  /** What holds the lock, for the message to the next one: "npm start". */
  readonly purpose: string;
  readonly report: Reporter;
  /** Throws away data of earlier runs, but keeps the ports. */
  readonly fresh?: boolean;
}

export async function openState(folder: StateFolder, options: OpenStateOptions): Promise<OpenState> {
  const lock = acquireLock(folder.lockFile, options.purpose);
  try {
    createStateFolder(folder);
    const records = new ProcessRecords(folder.processesFile);
    for (const ended of await records.endLeftovers()) {
      options.report.line(`ended what an earlier run left behind: ${ended}`);
    }
    removePath(folder.runningFile);
    if (options.fresh === true) forgetData(folder);
    return { folder, supervisor: new Supervisor(records), close: () => close(folder, lock) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Who runs the profile just now, if anyone. */
export function whoRuns(folder: StateFolder): LockHolder | undefined {
  return lockHolder(folder.lockFile);
}

/** Deletes a profile with everything it keeps anywhere. Throws LockedError while it runs. Names what was removed. */
export async function resetState(folder: StateFolder): Promise<readonly string[]> {
  if (!existsSync(folder.root)) return [];
  const lock = acquireLock(folder.lockFile, 'npm run reset');
  try {
    await new ProcessRecords(folder.processesFile).endLeftovers();
    const outside = readMemory(folder).postgresHome;
    const paths = [folder.path, ...(outside === undefined ? [] : [outside])].filter(existsSync);
    paths.forEach(removePath);
    // The checkout's own folder around its profiles goes with the last of them.
    if (outside !== undefined) removeIfEmpty(dirname(outside));
    return paths;
  } finally {
    lock.release();
  }
}

function forgetData(folder: StateFolder): void {
  const { ports, postgresHome } = readMemory(folder);
  removePath(join(folder.path, 'postgres'));
  removePath(folder.temporal);
  if (postgresHome !== undefined) removePath(join(postgresHome, 'data'));
  removePath(folder.memoryFile);
  createStateFolder(folder);
  remember(folder, {
    ...(ports === undefined ? {} : { ports }),
    ...(postgresHome === undefined ? {} : { postgresHome }),
  });
}

function removeIfEmpty(path: string): void {
  if (existsSync(path) && readdirSync(path).length === 0) removePath(path);
}

function close(folder: StateFolder, lock: Lock): void {
  removePath(folder.runningFile);
  lock.release();
}
