// Goal: the ZIP holds just the files, safely named, with the notice; the same files give the same bytes. Method:
// another program than the one that packs reads it.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { WORKSPACE_LIMITS } from '../workspace/limits.js';
import { pathProblem } from '../workspace/file-paths.js';
import { Workspace } from '../workspace/workspace.js';
import type { Artefact } from './artefact.js';
import { fileTree } from './file-tree.js';
import { NOTICE_TEXT, noticeText } from './notice.js';
import { packArtefact } from './pack-artefact.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fm-zip-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const READ = `
import json, sys, zipfile
def read(path):
  archive = zipfile.ZipFile(path)
  assert archive.testzip() is None
  return [[i.filename, archive.read(i).decode('utf-8'), i.external_attr >> 16, list(i.date_time), i.create_system]
    for i in archive.infolist()]
print(json.dumps([read(path) for path in sys.argv[1:]]))
`;
type Read = [name: string, text: string, mode: number, date: number[], system: number];

function readByAnother(artefact: Pick<Artefact, 'bytes'>): Read[] {
  return readAllByAnother([artefact])[0] ?? [];
}

function readAllByAnother(artefacts: readonly Pick<Artefact, 'bytes'>[]): Read[][] {
  const files = artefacts.map(({ bytes }, index) => {
    const file = join(folder, `packed-${index}.zip`);
    writeFileSync(file, bytes);
    return file;
  });
  const printed = execFileSync('python3', ['-c', READ, ...files], { encoding: 'utf8', maxBuffer: 1e8 });
  return JSON.parse(printed) as Read[][];
}

const workspaceOf = (files: Readonly<Record<string, string>>): Workspace =>
  Workspace.of(Object.entries(files).map(([path, text]) => ({ path, text })));
const INFO = { jobId: 'job_1', fileTree: false };

describe('a packed workspace', () => {
  it('[A14] is read by another program: every file, the notice, and what was said of it', async () => {
    const files = { 'src/ä/数.ts': 'héllo 👩‍💻\r\n', 'a.txt': '', 'b.js': 'x'.repeat(100_000) };
    const artefact = await packArtefact(workspaceOf(files), INFO);
    const read = readByAnother(artefact);
    expect(Object.fromEntries(read.map(([name, text]) => [name, text]))).toEqual({
      ...files,
      'NOTICE.txt': noticeText(),
    });
    expect(artefact.names).toEqual(read.map(([name]) => name));
    expect(artefact.files).toBe(4);
    expect(artefact.size).toBe(artefact.bytes.byteLength);
    expect(artefact.sha256).toBe(createHash('sha256').update(artefact.bytes).digest('hex'));
    expect(artefact.size).toBeLessThan(2_000);
  });

  it('has one date, sorted names, ordinary files and no folders of its own', async () => {
    const read = readByAnother(await packArtefact(workspaceOf({ 'b/c': '1', a: '2', 'b/a': '3' }), INFO));
    expect(read.map(([name]) => name)).toEqual(['NOTICE.txt', 'a', 'b/a', 'b/c']);
    for (const [, , mode, date, system] of read) {
      expect([mode, date, system]).toEqual([0o100644, [1980, 1, 1, 0, 0, 0], 3]);
    }
  });

  it('is the same bytes again, whatever order the files came in', async () => {
    const one = await packArtefact(workspaceOf({ a: '1', b: '2' }), INFO);
    const other = await packArtefact(workspaceOf({ b: '2', a: '1' }), { ...INFO, jobId: 'job_2' });
    expect(other).toEqual(one);
  });

  it('draws its files where that was asked for, and never takes the place of a file', async () => {
    const files = { 'NOTICE.txt': 'mine', 'files.txt': 'mine too', 'src/a.ts': '', 'src/lib/b.ts': '' };
    const { names, bytes } = await packArtefact(workspaceOf(files), { ...INFO, fileTree: true });
    expect(names).toContain('NOTICE.generated-1.txt');
    expect(names).toContain('FILES.generated-1.txt');
    const read = new Map(readByAnother({ bytes }).map(([name, text]) => [name, text]));
    expect(read.get('NOTICE.txt')).toBe('mine');
    expect(read.get('FILES.generated-1.txt')).toBe(
      'NOTICE.generated-1.txt\nNOTICE.txt\nfiles.txt\nsrc/\n  a.ts\n  lib/\n    b.ts\n',
    );
  });

  it('comes back as it was, of any texts under any names that a workspace takes', async () => {
    const path = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).map((text) => text.normalize('NFC'));
    const text = fc.string({ unit: 'grapheme' }).filter((each) => !each.includes('\0'));
    const files = fc.array(fc.tuple(path, text), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(files, { minLength: 40, maxLength: 40 }), async (many) => {
        const workspaces = many.map(accepted);
        const packed = await Promise.all(workspaces.map(async (workspace) => packArtefact(workspace, INFO)));
        for (const [index, read] of readAllByAnother(packed).entries()) {
          const workspace = workspaces[index] ?? Workspace.empty();
          const own = read.filter(([name]) => workspace.file(name) !== undefined);
          expect(own.map(([name, content]) => [name, content])).toEqual(
            workspace.paths.map((name) => [name, workspace.file(name)?.text]),
          );
          for (const [name] of read) expect(pathProblem(name, WORKSPACE_LIMITS)).toBeNull();
        }
      }),
      { numRuns: 2 },
    );
  });
});

function accepted(pairs: readonly (readonly [string, string])[]): Workspace {
  let workspace = Workspace.empty();
  for (const [name, content] of pairs) {
    const changed = workspace.with(name, content);
    if ('workspace' in changed) workspace = changed.workspace;
  }
  return workspace;
}

describe('a drawing of files', () => {
  it('names each folder once, also where names sort across it', () => {
    expect(fileTree(['a/b/c', 'a-b', 'a/b/d/e', 'a/f', 'b/c'])).toBe(
      'a/\n  b/\n    c\n    d/\n      e\n  f\na-b\nb/\n  c\n',
    );
  });
});

describe('the notice', () => {
  it('says that a person must review it and promises nothing', () => {
    for (const words of ['suggestion', 'must review', 'production', 'legal']) {
      expect([noticeText(), NOTICE_TEXT].every((text) => text.includes(words))).toBe(true);
    }
  });
});
