// Providers room, tools. The files of a job as one immutable value: a change gives another workspace, and the same
// files have the same hash whatever led to them. There are files and nothing else: no links, no modes, no empty
// folders.
import { createHash } from 'node:crypto';
import type { Refused } from './refused.js';
import { BROKEN, pathProblem, shown } from './file-paths.js';
import type { WorkspaceLimits } from './limits.js';
import { WORKSPACE_LIMITS } from './limits.js';
import { TakenNames } from './taken-names.js';

export interface WorkspaceFile {
  readonly text: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** A file by reference, as a stored tree lists it. */
export interface TreeEntry {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}

export type Changed = { readonly workspace: Workspace } | { readonly refused: Refused };

type Files = ReadonlyMap<string, WorkspaceFile>;

export class Workspace {
  private hashed: string | undefined;

  private constructor(
    readonly limits: WorkspaceLimits,
    private readonly files: Files,
    readonly bytes: number,
  ) {}

  static empty(limits: WorkspaceLimits = WORKSPACE_LIMITS): Workspace {
    return new Workspace(limits, new Map(), 0);
  }

  /** Of files that a workspace held before, as a stored tree lists them; it throws at the first that is not legal. */
  static of(
    files: Iterable<{ readonly path: string; readonly text: string }>,
    limits: WorkspaceLimits = WORKSPACE_LIMITS,
  ): Workspace {
    const names = new TakenNames();
    const held = new Map<string, WorkspaceFile>();
    let bytes = 0;
    for (const { path, text } of files) {
      const file = fileOf(text);
      const room = { files: held.size + 1, bytes: bytes + file.bytes };
      const problem = pathProblem(path, limits) ?? names.clash(path) ?? tooMuch(path, { file, room, limits });
      if (problem !== null || held.has(path)) throw new RangeError(problem?.message ?? `${shown(path)} is there twice`);
      names.take(path);
      held.set(path, file);
      bytes = room.bytes;
    }
    return new Workspace(limits, held, bytes);
  }

  /** Sorted by code units, so that every machine lists and hashes them alike. */
  get paths(): readonly string[] {
    return [...this.files.keys()].sort();
  }

  get size(): number {
    return this.files.size;
  }

  get entries(): readonly TreeEntry[] {
    return this.paths.map((path) => {
      const { sha256, bytes } = this.at(path);
      return { path, sha256, bytes };
    });
  }

  /** Names the tree: sha256 over the sorted list of paths and hashes of contents. */
  get hash(): string {
    this.hashed ??= sha256Of(this.entries.map(({ path, sha256 }) => `${sha256} ${path}\n`).join(''));
    return this.hashed;
  }

  file(path: string): WorkspaceFile | undefined {
    return this.files.get(path);
  }

  /** Contents by hash that `before` does not have: all that has to be stored for the step from there to here. */
  newBodies(before: Workspace): ReadonlyMap<string, string> {
    const had = new Set([...before.files.values()].map(({ sha256 }) => sha256));
    return new Map([...this.files.values()].flatMap(({ sha256, text }) => (had.has(sha256) ? [] : [[sha256, text]])));
  }

  with(path: string, text: string): Changed {
    const problem = pathProblem(path, this.limits);
    if (problem !== null) return { refused: problem };
    const file = fileOf(text);
    const before = this.files.get(path);
    if (before?.sha256 === file.sha256) return { workspace: this };
    const room = {
      files: this.files.size + (before === undefined ? 1 : 0),
      bytes: this.bytes + file.bytes - (before?.bytes ?? 0),
    };
    const clash = before === undefined ? new TakenNames(this.files.keys()).clash(path) : null;
    const refused = clash ?? tooMuch(path, { file, room, limits: this.limits });
    if (refused !== null) return { refused };
    return { workspace: new Workspace(this.limits, new Map([...this.files, [path, file]]), room.bytes) };
  }

  without(path: string): Changed {
    const file = this.files.get(path);
    if (file === undefined) return { refused: notFound(path) };
    const left = new Map([...this.files].filter(([name]) => name !== path));
    return { workspace: new Workspace(this.limits, left, this.bytes - file.bytes) };
  }

  private at(path: string): WorkspaceFile {
    const file = this.files.get(path);
    if (file === undefined) throw new Error(`no file at ${path}`);
    return file;
  }
}

export function notFound(path: string): Refused {
  return { errorClass: 'not_found', message: `there is no file at ${shown(path)}` };
}

interface Wanted {
  readonly file: WorkspaceFile;
  /** What the workspace would hold with it. */
  readonly room: { readonly files: number; readonly bytes: number };
  readonly limits: WorkspaceLimits;
}

function tooMuch(path: string, { file, room, limits }: Wanted): Refused | null {
  if (BROKEN.test(file.text) || file.text.includes('\0')) {
    return { errorClass: 'not_text', message: `${shown(path)}: a file is UTF-8 text without NUL` };
  }
  const over = (what: string, is: number, most: number): Refused | null =>
    is <= most
      ? null
      : { errorClass: 'too_large', message: `${shown(path)}: ${what} at most ${most}, this makes ${is}` };
  return (
    over('bytes of a file:', file.bytes, limits.fileBytes) ??
    over('files of a workspace:', room.files, limits.files) ??
    over('bytes of a workspace:', room.bytes, limits.totalBytes)
  );
}

function fileOf(text: string): WorkspaceFile {
  return { text, sha256: sha256Of(text), bytes: Buffer.byteLength(text, 'utf8') };
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
