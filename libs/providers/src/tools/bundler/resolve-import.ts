// Providers room, tools. Where an import leads: into the workspace, to a package outside it, or nowhere.
import type { Workspace } from '../workspace/workspace.js';

export type Lead = { readonly path: string } | 'outside' | 'nowhere';

const TRIED = ['', '.ts', '.tsx', '.mts', '.cts', '.d.ts', '.js', '.jsx', '.mjs', '.cjs', '.json', '.css'];
/** TypeScript names the file that will be built; the one that is there is its source. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx', '.d.ts'],
  '.jsx': ['.tsx'],
  '.mjs': ['.mts', '.d.mts'],
  '.cjs': ['.cts', '.d.cts'],
};

/** `wanted` as written, `from` the folder of the file that wants it. */
export function resolveImport(workspace: Workspace, wanted: string, from: string): Lead {
  const bare = wanted.replace(/[?#].*$/s, '');
  if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(bare)) return 'outside';
  if (/^\.{1,2}(?:\/|$)/.test(bare)) return inWorkspace(workspace, [joined(from, bare)]) ?? 'nowhere';
  if (bare.startsWith('/'))
    return (
      inWorkspace(
        workspace,
        rootsOf(from).map((root) => joined(root, bare.slice(1))),
      ) ?? 'nowhere'
    );
  // The usual names for the folder of one's own sources; anything else is a package.
  if (/^[@~]\//.test(bare)) {
    const rest = bare.slice(2);
    return (
      inWorkspace(
        workspace,
        rootsOf(from).flatMap((root) => [joined(root, `src/${rest}`), joined(root, rest)]),
      ) ?? 'outside'
    );
  }
  return 'outside';
}

/** A file referred to by its exact name, as pages do. */
export function resolveFile(workspace: Workspace, wanted: string, from: string): Lead {
  const bare = decoded(wanted.replace(/[?#].*$/s, ''));
  if (bare === '' || /^[a-z][a-z0-9+.-]*:|^\/\//i.test(bare)) return 'outside';
  const roots = bare.startsWith('/') ? rootsOf(from) : [from];
  const names = roots.map((root) => joined(root, bare.replace(/^\/+/, '')));
  const path = names.find((name) => name !== null && workspace.file(name) !== undefined);
  return path === undefined || path === null ? 'nowhere' : { path };
}

/** What `/` may mean: the folder of the page or project, any above it, and what such a folder serves as it is. */
function rootsOf(from: string): string[] {
  const segments = from === '' ? [] : from.split('/');
  const above = segments.map((_, index) => segments.slice(0, segments.length - index).join('/'));
  return [...above, ''].flatMap((root) => [root, root === '' ? 'public' : `${root}/public`]);
}

function inWorkspace(workspace: Workspace, names: readonly (string | null)[]): Lead | null {
  for (const name of names) {
    if (name === null) continue;
    const path = candidates(name).find((candidate) => workspace.file(candidate) !== undefined);
    if (path !== undefined) return { path };
  }
  return null;
}

function candidates(name: string): string[] {
  const built = /\.[mc]?jsx?$/.exec(name)?.[0] ?? '';
  const sources = (SOURCES[built] ?? []).map((extension) => name.slice(0, -built.length) + extension);
  const folder = name === '' ? '' : `${name}/`;
  return [
    ...TRIED.map((extension) => name + extension),
    ...sources,
    ...TRIED.slice(1).map((end) => `${folder}index${end}`),
  ];
}

/** Null where it would leave the workspace. */
export function joined(folder: string, relative: string): string | null {
  const path = folder === '' ? [] : folder.split('/');
  for (const segment of relative.split('/')) {
    if (segment === '..' && path.length === 0) return null;
    if (segment === '..') path.pop();
    else if (segment !== '' && segment !== '.') path.push(segment);
  }
  return path.join('/');
}

export function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

function decoded(text: string): string {
  try {
    return decodeURI(text);
  } catch {
    return text;
  }
}
