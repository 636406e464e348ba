// Goal: a path means one file on every system and never leads out; a change beyond a limit is an answer; the same
// files have the same hash. Method: tables of what is legal and what is not, and properties over any text at all.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pathProblem } from './file-paths.js';
import { WORKSPACE_LIMITS } from './limits.js';
import { Workspace, type Changed } from './workspace.js';

const SMALL = { files: 3, fileBytes: 10, totalBytes: 20, pathLength: 20, depth: 3 };

function kept(changed: Changed): Workspace {
  if ('refused' in changed) throw new Error(changed.refused.message);
  return changed.workspace;
}

const refusal = (changed: Changed): string | null => ('refused' in changed ? changed.refused.errorClass : null);
const of = (...paths: string[]): Workspace => Workspace.of(paths.map((path) => ({ path, text: path })));

describe('a path', () => {
  it.each([
    ...['a', 'src/index.ts', '.gitignore', '.github/workflows/ci.yml', 'src/[id]/page.tsx', 'src/(group)/a.ts'],
    ...['Grüße/数.md', 'a b.txt', '@types/x.d.ts', '~x', 'con_fig.ts', 'nul1.txt', '$a+b=c,d;e!.js', '...a', '..a/b'],
  ])('may be %s', (path) => {
    expect(pathProblem(path, WORKSPACE_LIMITS)).toBeNull();
  });

  it.each([
    ...['', '.', '..', '../a', 'a/../b', 'a/..', './a', 'a//b', 'a/', '/a', '/etc/passwd', '//server/share'],
    ...[
      'C:\\a',
      'c:a',
      'a\\b',
      '..\\a',
      'a\0b',
      'a\nb',
      'a\rb',
      'a\tb',
      'a\u007fb',
      'a\u0085b',
      'a\u202eb',
      'a\u200bb',
    ],
    ...[
      '\ufeffa',
      'a\u2028b',
      'a<b',
      'a>b',
      'a"b',
      'a|b',
      'a?b',
      'a*b',
      'a.',
      'a ',
      ' a',
      'a/ b',
      'a./b',
      'a /b',
      '...',
    ],
    ...['con', 'CON', 'aux.txt', 'src/nul', 'COM1', 'lpt9.c', 'com¹', 'CONIN$', 'PRN.tar.gz', '.git', 'a/.GIT/config'],
    ...['cafe\u0301.md', 'a\ud800b', '\udc00', `${'a/'.repeat(16)}b`, 'x'.repeat(201)],
  ])('may not be %j', (path) => {
    expect(pathProblem(path, WORKSPACE_LIMITS)?.errorClass).toBe('invalid_path');
  });

  it('that is accepted, of any text at all, stays below the folder it is unpacked in', () => {
    const piece = fc.constantFrom('..', '.', '/', '\\', 'a', 'B.ts', ' ', '\0', ':', 'nul', '\u202e', 'é', '');
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(texts, (path) => {
        if (pathProblem(path, WORKSPACE_LIMITS) !== null) return;
        const resolved = new URL(path.split('/').map(encodeURIComponent).join('/'), 'file:///root-of-zip/').pathname;
        expect(resolved.startsWith('/root-of-zip/')).toBe(true);
        expect(resolved.split('/').length).toBe(path.split('/').length + 2);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is shown in a message without what cannot be seen', () => {
    expect(pathProblem('a\u202eb\n', WORKSPACE_LIMITS)?.message).toContain('"a\\u{202e}b\\n"');
  });
});

describe('a name', () => {
  it.each([
    ['Src/A.ts', 'src/a.ts'],
    ['src/A.ts', 'src/a.ts'],
    ['SRC/b.ts', 'src/a.ts'],
    ['src', 'src/a.ts'],
    ['src/a.ts/b', 'src/a.ts'],
    ['straße', 'STRASSE'],
    ['ﬁle', 'file'],
  ])('%s is taken where %s is', (path, there) => {
    expect(refusal(of(there).with(path, ''))).toBe('already_exists');
    expect(() => of(there, path)).toThrow(RangeError);
  });

  it('may be written again, and another may stand beside it', () => {
    const workspace = kept(of('src/a.ts').with('src/a.ts', 'new'));
    expect(kept(workspace.with('src/b.ts', '')).paths).toEqual(['src/a.ts', 'src/b.ts']);
  });
});

describe('a limit', () => {
  it('refuses the file that passes it, and the one before fits', () => {
    let workspace = kept(Workspace.empty(SMALL).with('a', '1234567890'));
    expect(refusal(workspace.with('b', '12345678901'))).toBe('too_large');
    workspace = kept(workspace.with('b', '1234567890'));
    expect(refusal(workspace.with('c', '1'))).toBe('too_large');
    workspace = kept(workspace.with('c', ''));
    expect(refusal(workspace.with('d', ''))).toBe('too_large');
    expect(kept(workspace.with('a', '')).bytes).toBe(10);
    expect(refusal(workspace.with('a/b/c/d', ''))).toBe('invalid_path');
    expect(refusal(workspace.with('x'.repeat(21), ''))).toBe('invalid_path');
  });

  it('counts bytes of UTF-8, not characters', () => {
    expect(refusal(Workspace.empty(SMALL).with('a', 'ééééé'))).toBeNull();
    expect(refusal(Workspace.empty(SMALL).with('a', 'éééééé'))).toBe('too_large');
  });

  it.each(['a\0b', '\ud83d'])('of text refuses %j', (text) => {
    expect(refusal(Workspace.empty().with('a', text))).toBe('not_text');
  });

  it('holds for ten megabytes in one line', () => {
    expect(refusal(Workspace.empty().with('a', 'x'.repeat(10_485_760)))).toBe('too_large');
  });
});

describe('a workspace', () => {
  it('has the hash of its files, whatever led to them', () => {
    const names = fc.constantFrom('a', 'b', 'c/d', 'c/e', 'f');
    const change = fc.record({ path: names, text: fc.option(fc.string({ maxLength: 3 }), { nil: null }) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        let workspace = Workspace.empty();
        const model = new Map<string, string>();
        for (const { path, text } of changes) {
          if (text === null) model.delete(path);
          else model.set(path, text);
          const changed = text === null ? workspace.without(path) : workspace.with(path, text);
          workspace = 'refused' in changed ? workspace : changed.workspace;
        }
        const same = Workspace.of([...model].reverse().map(([path, text]) => ({ path, text })));
        expect(same.hash).toBe(workspace.hash);
        expect(same.entries).toEqual(workspace.entries);
        expect(workspace.bytes).toBe([...model.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0));
      }),
    );
  });

  it('has another hash when a content moves to another name', () => {
    const [one, other] = [
      of('a', 'b'),
      Workspace.of([
        { path: 'a', text: 'b' },
        { path: 'b', text: 'a' },
      ]),
    ];
    expect(one.hash).not.toBe(other.hash);
    expect(Workspace.empty().hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('stays as it was when another is made of it, and names just the contents that are new', () => {
    const before = of('a', 'b');
    const after = kept(before.with('c', 'new'));
    expect(before.paths).toEqual(['a', 'b']);
    expect([...after.newBodies(before).values()]).toEqual(['new']);
    expect(kept(after.with('d', 'a')).newBodies(after).size).toBe(0);
    expect(before.with('a', 'a')).toEqual({ workspace: before });
  });
});
