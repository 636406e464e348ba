// Providers room, tools. The files of a workspace as a bundler sees them. Everything it asks for is answered here: it
// never looks at a disk, at a configuration, or at packages that happen to be installed around it.
import type { Loader, OnLoadResult, OnResolveArgs, OnResolveResult, Plugin } from 'esbuild';
import { folderOf, resolveImport } from './resolve-import.js';
import type { Workspace } from '../workspace/workspace.js';

/** A text that is bundled without being a file of its own: a page's own script, or a list of all files. */
export interface MadeUp {
  readonly contents: string;
  readonly loader: Loader;
  /** The folder its imports start from. */
  readonly folder: string;
}

export interface Sources {
  readonly workspace: Workspace;
  /** By the name that entries and imports call it; no path of a file looks like one. */
  readonly madeUp: ReadonlyMap<string, MadeUp>;
  /** Files that are known to be wrong already: they are there, and empty. */
  readonly leftOut: ReadonlySet<string>;
}

const FILE = 'file-of-workspace';
const MADE_UP = 'made-up';
/** Past so many, saying it again would only cost. */
const MISSING_SAID = 200;

export const FILE_ENTRY = 'file:';
/** The made-up text that imports every file by its entry's name. */
export const EVERYTHING = 'list:everything';
/** What is said of an import that leads nowhere. */
export const NO_FILE = 'no file of the workspace is meant by';

export function memoryFiles(sources: Sources): Plugin {
  let missing = 0;
  return {
    name: 'workspace',
    setup: (bundler): void => {
      bundler.onResolve({ filter: /.*/s }, (wanted) => {
        const found = resolved(sources, wanted);
        if (found.errors !== undefined) missing += 1;
        return missing > MISSING_SAID && found.errors !== undefined ? { path: wanted.path, external: true } : found;
      });
      bundler.onLoad({ filter: /.*/s, namespace: FILE }, ({ path }) => loadedFile(sources, path));
      bundler.onLoad({ filter: /.*/s, namespace: MADE_UP }, ({ path }) => {
        const { contents, loader } = sources.madeUp.get(path) ?? { contents: '', loader: 'empty' as const };
        return { contents, loader };
      });
    },
  };
}

function resolved({ workspace, madeUp }: Sources, wanted: OnResolveArgs): OnResolveResult {
  const { path, importer, namespace, kind } = wanted;
  const ours = kind === 'entry-point' || (namespace === MADE_UP && importer === EVERYTHING);
  if (ours && madeUp.has(path)) return { path, namespace: MADE_UP };
  if (ours) return { path: path.slice(FILE_ENTRY.length), namespace: FILE };
  // Pictures and fonts are no text, so a workspace cannot hold them: what a style sheet shows is fetched, not bundled.
  if (kind === 'url-token') return { path, external: true };
  const folder = namespace === MADE_UP ? (madeUp.get(importer)?.folder ?? '') : folderOf(importer);
  const sheet = kind === 'import-rule' && /^[^./@~][^:]*\.css$/.test(path);
  const lead = resolveImport(workspace, sheet ? `./${path}` : path, folder);
  if (lead === 'outside' || (sheet && lead === 'nowhere' && path.includes('/'))) return { path, external: true };
  if (lead === 'nowhere') return { errors: [{ text: `${NO_FILE} "${path}"` }] };
  return { path: lead.path, namespace: FILE };
}

function loadedFile({ workspace, leftOut }: Sources, path: string): OnLoadResult {
  const text = workspace.file(path)?.text ?? '';
  if (leftOut.has(path)) return { contents: '', loader: 'empty' };
  if (isCommentedJson(path)) return { contents: `export default (\n${text}\n)`, loader: 'js' };
  return { contents: text, loader: loaderOf(path) };
}

const LOADERS: Readonly<Record<string, Loader>> = {
  ...{ ts: 'ts', mts: 'ts', cts: 'ts', tsx: 'tsx', js: 'jsx', jsx: 'jsx', mjs: 'jsx', cjs: 'jsx' },
  ...{ json: 'json', css: 'css', svg: 'dataurl', txt: 'text', md: 'text', html: 'text', graphql: 'text', sql: 'text' },
};

/** `empty` for what no bundler of scripts reads. */
export function loaderOf(path: string): Loader {
  if (path.endsWith('.module.css')) return 'local-css';
  return LOADERS[path.slice(path.lastIndexOf('.') + 1).toLowerCase()] ?? 'empty';
}

/** Configuration that by custom is JSON with comments. Read as an expression, whose first line is the second. */
export function isCommentedJson(path: string): boolean {
  return /(?:^|\/)(?:[jt]sconfig[^/]*\.json|\.vscode\/[^/]+\.json|\.(?:eslint|babel|swc)rc(?:\.json)?)$|\.jsonc$/.test(
    path,
  );
}

/** Whether a check parses it. */
export function isCode(path: string): boolean {
  return isCommentedJson(path) || /\.(?:[mc]?[jt]s|[jt]sx|json|css)$/i.test(path);
}
