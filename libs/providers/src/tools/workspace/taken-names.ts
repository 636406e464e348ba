// Providers room, tools. Which names of a workspace are taken, as a file system blind to case would see them.
import type { Refused } from './refused.js';
import { folded, foldersOf, shown } from './file-paths.js';

interface Taken {
  readonly spelling: string;
  readonly kind: 'file' | 'folder';
}

export class TakenNames {
  private readonly taken = new Map<string, Taken>();

  constructor(paths: Iterable<string> = []) {
    for (const path of paths) this.take(path);
  }

  take(path: string): void {
    this.taken.set(folded(path), { spelling: path, kind: 'file' });
    for (const folder of foldersOf(path)) this.taken.set(folded(folder), { spelling: folder, kind: 'folder' });
  }

  holds(path: string): boolean {
    return this.taken.has(folded(path));
  }

  /** Null where a new file may have this path. */
  clash(path: string): Refused | null {
    const own = this.taken.get(folded(path));
    if (own?.kind === 'folder') return refused(path, `${shown(own.spelling)} is a folder`);
    if (own !== undefined && own.spelling !== path) return refused(path, `${shown(own.spelling)} differs only in case`);
    for (const folder of foldersOf(path)) {
      const above = this.taken.get(folded(folder));
      if (above?.kind === 'file') return refused(path, `${shown(above.spelling)} is a file, not a folder`);
      if (above !== undefined && above.spelling !== folder) {
        return refused(path, `the folder is spelt ${shown(above.spelling)}`);
      }
    }
    return null;
  }
}

function refused(path: string, message: string): Refused {
  return { errorClass: 'already_exists', message: `${shown(path)}: ${message}` };
}
