// Providers room, tools. The files as one ZIP. The same files give the same bytes: sorted, of one fixed date, packed
// in one way, so that a repeated packaging step makes what it made before.
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { strToU8, Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import { TakenNames } from '../workspace/taken-names.js';
import type { Workspace } from '../workspace/workspace.js';
import type { Artefact, ArtefactInfo } from './artefact.js';
import { fileTree } from './file-tree.js';
import { noticeText } from './notice.js';

/** The first moment a ZIP can tell, by the fields of its local clock: that is what the format stores. */
const DATE = new Date(1980, 0, 1);
const LEVEL = 6;
/** Ordinary files, readable by all; nothing that is unpacked can be run by itself. */
const MODE = { os: 3, attrs: 0o100644 << 16 };

export async function packArtefact(workspace: Workspace, info: ArtefactInfo): Promise<Artefact> {
  const files = filesOf(workspace, info);
  const bytes = await zipped(files);
  return {
    bytes,
    files: files.length,
    size: bytes.byteLength,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    names: files.map(({ name }) => name),
  };
}

interface Packed {
  readonly name: string;
  readonly text: string;
}

function filesOf(workspace: Workspace, info: ArtefactInfo): Packed[] {
  const own = workspace.paths.map((name) => ({ name, text: workspace.file(name)?.text ?? '' }));
  const taken = new TakenNames(workspace.paths);
  const notice = { name: freeName(taken, 'NOTICE'), text: noticeText() };
  const names = [...workspace.paths, notice.name].sort();
  const tree = info.fileTree ? [{ name: freeName(taken, 'FILES'), text: fileTree(names) }] : [];
  return [...own, notice, ...tree].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Our words never take the place of a file of the project, whatever it is called. */
function freeName(taken: TakenNames, name: string): string {
  let free = `${name}.txt`;
  for (let number = 1; taken.holds(free); number += 1) free = `${name}.generated-${number}.txt`;
  return free;
}

async function zipped(files: readonly Packed[]): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const failed: Error[] = [];
  const zip = new Zip((error, chunk) => {
    if (error === null) chunks.push(chunk);
    else failed.push(error);
  });
  for (const { name, text } of files) {
    const content = strToU8(text);
    const entry = content.length === 0 ? new ZipPassThrough(name) : new ZipDeflate(name, { level: LEVEL });
    Object.assign(entry, MODE, { mtime: DATE });
    zip.add(entry);
    entry.push(content, true);
    // Packing is plain computing: between two files, others in this process get their turn.
    await nextTurn();
  }
  zip.end();
  const [error] = failed;
  if (error !== undefined) throw error;
  return Buffer.concat(chunks);
}
