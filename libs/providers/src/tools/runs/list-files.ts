// Providers room, tools. What is there: every file below a folder with its size.
import { shown } from '../workspace/file-paths.js';
import type { TreeEntry, Workspace } from '../workspace/workspace.js';
import type { Came } from './tool-result.js';

const FILES_LISTED = 1_000;

/** A file is below itself, and everything is below no folder at all. */
export function below(folder: string | undefined): (path: string) => boolean {
  const bare = (folder ?? '').replace(/^\.\/|^\.$/, '').replace(/\/+$/, '');
  return (path) => bare === '' || path === bare || path.startsWith(`${bare}/`);
}

export function listFiles(workspace: Workspace, folder: string | undefined): Came {
  const isBelow = below(folder);
  const found = workspace.entries.filter(({ path }) => isBelow(path));
  if (found.length === 0 && folder !== undefined && workspace.size > 0) {
    return { refused: { errorClass: 'not_found', message: `there is nothing at ${shown(folder)}` } };
  }
  return { text: listing(found) };
}

function listing(entries: readonly TreeEntry[]): string {
  if (entries.length === 0) return 'the workspace is empty';
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  const lines = entries.slice(0, FILES_LISTED).map((entry) => `${entry.path} (${entry.bytes} bytes)`);
  const more = entries.length - lines.length;
  return [`${entries.length} files, ${bytes} bytes`, ...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}
