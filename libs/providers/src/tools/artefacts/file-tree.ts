// Providers room, tools. The files of a project as a drawing of its folders.

export function fileTree(paths: readonly string[]): string {
  const lines: string[] = [];
  let above: readonly string[] = [];
  for (const path of [...paths].sort(asFolders)) {
    const segments = path.split('/');
    const folders = segments.slice(0, -1);
    const shared = folders.findIndex((folder, index) => above[index] !== folder);
    const known = shared === -1 ? folders.length : shared;
    for (const [index, folder] of folders.entries()) {
      if (index >= known) lines.push(`${'  '.repeat(index)}${folder}/`);
    }
    lines.push(`${'  '.repeat(folders.length)}${segments.at(-1) ?? ''}`);
    above = folders;
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** Folder by folder, so that what is together is drawn together. */
function asFolders(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [one = '', other = ''] = [left[index], right[index]];
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}
