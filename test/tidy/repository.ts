// Tidy room. What the house rules read: the files of the repository, by git where it is there, else by walking.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

const GENERATED = new Set(['node_modules', 'dist', '.git', '.fairmeter', 'coverage']);

function walk(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (GENERATED.has(entry.name)) return [];
    return entry.isDirectory() ? walk(path) : [path];
  });
}

function listed(): string[] {
  try {
    const arguments_ = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
    const answer = execFileSync('git', arguments_, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return answer.split('\0').filter((path) => path !== '');
  } catch {
    // A tarball or a container has the files without their history.
    return walk('');
  }
}

const isFile = (path: string): boolean => existsSync(join(root, path)) && statSync(join(root, path)).isFile();

/** Tracked and new files, relative to the root; what git ignores is not the house. */
export const files: readonly string[] = [...new Set(listed())].filter(isFile).sort();

const texts = new Map<string, string>();

export function text(path: string): string {
  const known = texts.get(path) ?? readFileSync(join(root, path), 'utf8');
  texts.set(path, known);
  return known;
}

export const json = (path: string): unknown => JSON.parse(text(path));
