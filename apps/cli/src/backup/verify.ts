// Backup: looked at before it is believed. Promises to change nothing, neither in the backup nor elsewhere.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findPostgresBinaries } from '@fairmeter/platform/embedded';
import { hashFile, inParallel } from './file-copy.js';
import { BackupError, CLUSTER, PRIVATE, readManifest, type Manifest } from './manifest.js';

const shownAtMost = 10;

/** The manifest of a backup that is whole and that this machine can use. */
export async function verifyBackup(folder: string): Promise<Manifest> {
  const manifest = readManifest(folder);
  refuseOtherMachine(manifest);
  const problems = [...strangers(folder, manifest)];
  await inParallel(manifest.files, async ({ path, size, sha256 }) => {
    const found = await hashFile(join(folder, path));
    if (found === undefined) problems.push(`${path} is missing`);
    else if (found.size !== size) problems.push(`${path} has ${found.size} bytes instead of ${size}`);
    else if (found.sha256 !== sha256) problems.push(`${path} was changed`);
  });
  if (problems.length > 0) {
    const more = problems.length > shownAtMost ? [`and ${problems.length - shownAtMost} more`] : [];
    const list = [...problems.slice(0, shownAtMost), ...more].map((problem) => `  - ${problem}`);
    throw new BackupError([`the backup in ${folder} is damaged, nothing was touched:`, ...list].join('\n'));
  }
  return manifest;
}

function refuseOtherMachine({ platform, postgresMajor }: Manifest): void {
  const here = `${process.platform}-${process.arch}`;
  if (platform !== here) throw new BackupError(`the backup is of ${platform}, this machine is ${here}`);
  const major = Number.parseInt(findPostgresBinaries().packageVersion, 10);
  if (postgresMajor !== major) {
    throw new BackupError(`the backup is of Postgres ${postgresMajor}, here is Postgres ${major}`);
  }
}

/** A server believes whatever lies in its folder, so nothing may lie there that was not backed up. */
function strangers(folder: string, manifest: Manifest): readonly string[] {
  const known = new Set(manifest.files.map((file) => file.path));
  return [CLUSTER, PRIVATE].flatMap((part) =>
    readdirSync(join(folder, part), { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .filter((path) => !known.has(path))
      .map((path) => `${path} does not belong to it`),
  );
}
