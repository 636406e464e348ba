// Providers room, tools. The files of a job as one immutable value: a change gives another workspace, and the same files
// have the same hash whatever led to them.
import type { Refused } from '../runs/tool-result.js';
import type { WorkspaceLimits } from './limits.js';
import { WORKSPACE_LIMITS } from './limits.js';

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

export class Workspace {
  private constructor(
    readonly limits: WorkspaceLimits,
    private readonly files: ReadonlyMap<string, WorkspaceFile>,
  ) {}

  static empty(limits: WorkspaceLimits = WORKSPACE_LIMITS): Workspace {
    return new Workspace(limits, new Map());
  }

  /** Of files that were accepted before, as a stored tree holds them; the first one that is not legal throws. */
  static of(files: Iterable<{ readonly path: string; readonly text: string }>, limits = WORKSPACE_LIMITS): Workspace {
    let workspace = Workspace.empty(limits);
    for (const { path, text } of files) {
      const changed = workspace.with(path, text);
      if ('refused' in changed) throw new Error(changed.refused.message);
      workspace = changed.workspace;
    }
    return workspace;
  }

  /** Sorted by code units, so that every machine lists and hashes them alike. */
  get paths(): readonly string[] {
    return [...this.files.keys()].sort();
  }

  get bytes(): number {
    return [...this.files.values()].reduce((sum, file) => sum + file.bytes, 0);
  }

  get size(): number {
    return this.files.size;
  }

  /** Names the tree: sha256 over the sorted list of paths and hashes of contents. */
  get hash(): string {
    throw new Error('not yet');
  }

  get entries(): readonly TreeEntry[] {
    throw new Error('not yet');
  }

  file(path: string): WorkspaceFile | undefined {
    return this.files.get(path);
  }

  with(path: string, text: string): Changed {
    throw new Error(`not yet ${path} ${text}`);
  }

  without(path: string): Changed {
    throw new Error(`not yet ${path}`);
  }
}
