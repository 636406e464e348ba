// Backup: files copied so that they can be trusted: hashed as they are written, on disk before they count, private to
// their owner. Tolerates files that vanish or shrink, as those of a running server do.
import { createHash } from 'node:crypto';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface CopiedFile {
  /** From the root of the backup, with slashes. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/** Copies what is at most as long as it was when opened; undefined when the file is gone. */
export async function copyFile(
  from: string,
  to: string,
  owner?: FileOwner,
): Promise<Omit<CopiedFile, 'path'> | undefined> {
  const source = await openIfThere(from);
  if (source === undefined) return undefined;
  try {
    const target = await open(to, 'wx', 0o600);
    try {
      const copied = await pump(source, target);
      if (owner !== undefined) await target.chown(owner.uid, owner.gid);
      await target.sync();
      return copied;
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

export async function hashFile(path: string): Promise<Omit<CopiedFile, 'path'> | undefined> {
  const source = await openIfThere(path);
  if (source === undefined) return undefined;
  try {
    return await pump(source);
  } finally {
    await source.close();
  }
}

export async function writeSynced(path: string, content: string | Buffer): Promise<Omit<CopiedFile, 'path'>> {
  const target = await open(path, 'wx', 0o600);
  try {
    await target.writeFile(content);
    await target.sync();
  } finally {
    await target.close();
  }
  const bytes = Buffer.from(content);
  return { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** A new name is safe only when its folder is on disk too. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

export async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
}

/** Every folder that holds one of these paths, the deepest first. */
export function foldersOf(root: string, paths: readonly string[]): readonly string[] {
  const found = new Set<string>([root]);
  for (const path of paths) {
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) found.add(join(root, folder));
  }
  return [...found].sort((a, b) => b.length - a.length);
}

/** Waiting for disks is what takes time, so several files wait together. */
export async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const lane = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

const LANES = 16;
const CHUNK_BYTES = 1024 * 1024;

async function pump(source: FileHandle, target?: FileHandle): Promise<Omit<CopiedFile, 'path'>> {
  const hash = createHash('sha256');
  const wanted = (await source.stat()).size;
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(CHUNK_BYTES, wanted)));
  let size = 0;
  while (size < wanted) {
    const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, wanted - size), size);
    if (bytesRead === 0) break;
    const chunk = buffer.subarray(0, bytesRead);
    hash.update(chunk);
    if (target !== undefined) await writeAll(target, chunk);
    size += bytesRead;
  }
  return { size, sha256: hash.digest('hex') };
}

/** One write may take less than it was given. */
async function writeAll(target: FileHandle, chunk: Buffer): Promise<void> {
  for (let at = 0; at < chunk.length;) at += (await target.write(chunk, at)).bytesWritten;
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

export function isGone(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}
