// Providers room, tools. Where a build of a workspace begins: its page, what its package says, or the usual names.
import { isCode, loaderOf } from '../bundler/memory-files.js';
import { folderOf, joined, resolveImport } from '../bundler/resolve-import.js';
import type { Workspace } from '../workspace/workspace.js';

export type Entry =
  | { readonly kind: 'page'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string }
  /** No file is known to be the first: all are built together. */
  | { readonly kind: 'all'; readonly paths: readonly string[] };

/** The first of: index.html, package.json, the usual names; each nearest to the root. Null: nothing can be built. */
export function findEntry(workspace: Workspace): Entry | null {
  const paths = [...workspace.paths].sort((a, b) => depthOf(a) - depthOf(b));
  const page =
    paths.find((path) => /(?:^|\/)index\.html?$/i.test(path)) ?? paths.find((path) => /\.html?$/i.test(path));
  if (page !== undefined) return { kind: 'page', path: page };
  const named = paths
    .filter((path) => /(?:^|\/)package\.json$/.test(path))
    .flatMap((path) => fromPackage(workspace, path));
  const usual = paths.find(
    (path) => !isTest(path) && /^(?:[^/]+\/)*?(?:src\/)?(?:main|index|app)\.(?:[mc]?[jt]s|[jt]sx)$/i.test(path),
  );
  const path = named[0] ?? usual;
  if (path !== undefined) return { kind: 'file', path };
  const all = workspace.paths.filter((each) => isCode(each) && loaderOf(each) !== 'json' && !isTest(each));
  return all.length === 0 ? null : { kind: 'all', paths: all };
}

function fromPackage(workspace: Workspace, path: string): string[] {
  const wishes = mainsOf(workspace.file(path)?.text ?? '');
  return wishes.flatMap((wish) => {
    const lead = resolveImport(workspace, `./${joined('', wish) ?? ''}`, folderOf(path));
    return typeof lead === 'string' || lead.path === path ? [] : [lead.path];
  });
}

function mainsOf(text: string): string[] {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read !== 'object' || read === null) return [];
    const members = new Map<string, unknown>(Object.entries(read));
    return ['source', 'module', 'main'].map((name) => members.get(name)).filter((value) => typeof value === 'string');
  } catch {
    // What is wrong with it is the check's to say.
    return [];
  }
}

function isTest(path: string): boolean {
  return /(?:^|\/)(?:__tests__|tests?)\/|\.(?:test|spec)\.[a-z]+$/i.test(path);
}

function depthOf(path: string): number {
  return path.split('/').length;
}
