// Embedded servers: the one folder that holds everything a profile leaves on disk. Promises that what must stay the
// same from start to start (ports, passwords, shard count) is written whole or not at all, readable by its owner only.
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** They run side by side in one checkout: each has its own servers, ports and data. */
export type Profile = 'dev' | 'test' | 'bench';

export interface StateFolder {
  readonly profile: Profile;
  /** `.fairmeter` of the checkout, or where the configuration put it. */
  readonly root: string;
  /** The profile's own folder inside the root. */
  readonly path: string;
  readonly lockFile: string;
  readonly processesFile: string;
  readonly memoryFile: string;
  readonly runningFile: string;
  readonly logs: string;
  readonly temporal: string;
}

/** What a start remembers for the next one. */
export interface StateMemory {
  readonly ports?: Readonly<Record<string, number>>;
  readonly passwords?: Readonly<Record<string, string>>;
  /** Immutable once Temporal has written its first row. */
  readonly historyShards?: number;
  /** The server version whose schema was set up completely. */
  readonly temporalSchema?: string;
  /** Postgres data and binaries, where they had to live outside the checkout. */
  readonly postgresHome?: string;
}

export function stateFolder(root: string, profile: Profile): StateFolder {
  const path = join(root, profile);
  return {
    profile,
    root,
    path,
    lockFile: join(root, `${profile}.lock`),
    processesFile: join(path, 'processes.json'),
    memoryFile: join(path, 'memory.json'),
    runningFile: join(path, 'running.json'),
    logs: join(path, 'logs'),
    temporal: join(path, 'temporal'),
  };
}

/**
 * Creates the folders. As root the Postgres user has to pass through them to its data, so others may enter but not
 * list; secrets inside are files of mode 0600.
 */
export function createStateFolder(folder: StateFolder): void {
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700;
  for (const path of [folder.root, folder.path]) {
    mkdirSync(path, { recursive: true });
    chmodSync(path, mode);
  }
  mkdirSync(folder.logs, { recursive: true, mode: 0o700 });
  mkdirSync(folder.temporal, { recursive: true, mode: 0o700 });
}

export function readMemory(folder: StateFolder): StateMemory {
  const memory = readJson(folder.memoryFile) as StateMemory | undefined;
  return memory ?? {};
}

export function remember(folder: StateFolder, news: StateMemory): StateMemory {
  const all = { ...readMemory(folder), ...news };
  writePrivateJson(folder.memoryFile, all);
  return all;
}

/** The password of a name: the remembered one, or a new one that is remembered from now on. */
export function passwordFor(folder: StateFolder, name: string): string {
  const known = readMemory(folder).passwords ?? {};
  const password = known[name] ?? randomBytes(24).toString('base64url');
  if (known[name] === undefined) remember(folder, { passwords: { ...known, [name]: password } });
  return password;
}

export function writePrivateJson(path: string, value: unknown): void {
  writePrivate(path, JSON.stringify(value, null, 2));
}

export function writePrivate(path: string, text: string): void {
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, path);
}

/** A JSON file, or undefined when it is missing or was damaged. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

export function removePath(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
