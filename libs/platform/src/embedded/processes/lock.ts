// Embedded servers: a lock file with an owner. Promises that two starts never hold it together, and that the lock of a
// killed process is recognised and taken over, whatever process has its pid by now.
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identifySelf, isAlive, parseIdentity, type ProcessIdentity } from './identity.js';

export interface LockHolder extends ProcessIdentity {
  readonly purpose: string;
}

export interface Lock {
  release(): void;
}

export class LockedError extends Error {
  constructor(
    readonly path: string,
    readonly holder: LockHolder,
  ) {
    super(`${holder.purpose} is already running as process ${holder.pid} (lock ${path})`);
    this.name = 'LockedError';
  }
}

/** Takes the lock or throws LockedError naming the live process that holds it. */
export function acquireLock(path: string, purpose: string): Lock {
  mkdirSync(dirname(path), { recursive: true });
  const text = JSON.stringify({ ...identifySelf(), purpose, token: randomBytes(8).toString('hex') });
  // Few rounds are enough: each further round means that another process moved the lock under our hands.
  for (let round = 0; round < 20; round += 1) {
    if (tryCreate(path, text)) return { release: () => releaseLock(path, text) };
    const found = readText(path);
    if (found === undefined) continue;
    const holder = parseHolder(found);
    if (holder !== undefined && isAlive(holder)) throw new LockedError(path, holder);
    takeAway(path, found);
  }
  throw new Error(`could not take the lock ${path}: it keeps changing hands`);
}

/** Waits for the lock; `onWait` hears every second whom it waits for. */
export async function waitForLock(path: string, purpose: string, onWait: (holder: LockHolder) => void): Promise<Lock> {
  for (;;) {
    try {
      return acquireLock(path, purpose);
    } catch (error) {
      if (!(error instanceof LockedError)) throw error;
      onWait(error.holder);
      await sleep(1000);
    }
  }
}

/** The live holder of a lock, if any. */
export function lockHolder(path: string): LockHolder | undefined {
  const found = readText(path);
  const holder = found === undefined ? undefined : parseHolder(found);
  return holder !== undefined && isAlive(holder) ? holder : undefined;
}

// A link makes name and content appear together, so nobody ever reads a half-written lock.
function tryCreate(path: string, text: string): boolean {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, text, { mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

// Between reading a stale lock and removing it another process may have taken it over. So it is moved aside first, and
// put back when it turns out not to be the one that was judged stale.
function takeAway(path: string, judged: string): void {
  const aside = `${path}.stale.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  try {
    if (readText(aside) !== judged) linkSync(aside, path);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function releaseLock(path: string, text: string): void {
  if (readText(path) === text) rmSync(path, { force: true });
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function parseHolder(text: string): LockHolder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const identity = parseIdentity(value);
    if (identity === undefined) return undefined;
    const purpose = (value as { purpose?: unknown }).purpose;
    return { ...identity, purpose: typeof purpose === 'string' ? purpose : 'a process' };
  } catch {
    return undefined;
  }
}

function isCode(error: unknown, code: string): boolean {
  // No instanceof: an error of Node itself may come from another realm than this module's, as it does under Jest.
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
