// Goal: each tool does what it says and nothing else, says why where it does nothing, and answers the same twice.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ToolCall } from '../protocol/tool-call.js';
import { WORKSPACE_LIMITS } from '../workspace/limits.js';
import { Workspace } from '../workspace/workspace.js';
import { runTool } from './run-tool.js';

const FILES = {
  'README.md': '# A\n',
  'src/a.ts': 'one\ntwo\nthree\n',
  'src/b.ts': 'two\r\ntwo and a half\r\n',
  'src/open.ts': 'first\nlast',
};
const start = Workspace.of(Object.entries(FILES).map(([path, text]) => ({ path, text })));

function done(
  call: ToolCall,
  workspace = start,
): { text: string; failed: string | null; files: Record<string, string> } {
  const { workspace: after, result } = runTool(workspace, call);
  expect(runTool(workspace, call)).toEqual({ workspace: after, result });
  expect(result.changed).toBe(after.hash !== workspace.hash);
  expect(result.ok).toBe(result.errorClass === undefined);
  if (!result.ok) expect(after).toBe(workspace);
  const files = Object.fromEntries(after.paths.map((path) => [path, after.file(path)?.text ?? '']));
  return { text: result.text, failed: result.errorClass ?? null, files };
}

describe('list', () => {
  it('shows every file with its size, or those below a folder', () => {
    expect(done({ tool: 'list' }).text.split('\n')).toEqual([
      '4 files, 49 bytes',
      'README.md (4 bytes)',
      'src/a.ts (14 bytes)',
      'src/b.ts (21 bytes)',
      'src/open.ts (10 bytes)',
    ]);
    for (const path of ['src', 'src/', './src']) expect(done({ tool: 'list', path }).text).toMatch(/^3 files/);
    expect(done({ tool: 'list', path: '.' }).text).toMatch(/^4 files/);
    expect(done({ tool: 'list', path: 'sr' }).failed).toBe('not_found');
    expect(done({ tool: 'list' }, Workspace.empty()).text).toBe('the workspace is empty');
  });
});

describe('read', () => {
  it.each([
    [{ path: 'src/a.ts' }, '"src/a.ts", lines 1 to 3 of 3\none\ntwo\nthree'],
    [{ path: 'src/a.ts', from: 2 }, '"src/a.ts", lines 2 to 3 of 3\ntwo\nthree'],
    [{ path: 'src/a.ts', from: 2, to: 2 }, '"src/a.ts", lines 2 to 2 of 3\ntwo'],
    [{ path: 'src/a.ts', to: 99 }, '"src/a.ts", lines 1 to 3 of 3\none\ntwo\nthree'],
    [{ path: 'src/open.ts' }, '"src/open.ts", lines 1 to 2 of 2\nfirst\nlast'],
  ])('%j', (range, text) => {
    expect(done({ tool: 'read', ...range })).toEqual({ text, failed: null, files: FILES });
  });

  it.each([
    [{ path: 'src/c.ts' }, 'not_found'],
    [{ path: '../../etc/passwd' }, 'not_found'],
    [{ path: 'src/a.ts', from: 4 }, 'invalid_arguments'],
    [{ path: 'src/a.ts', from: 3, to: 2 }, 'invalid_arguments'],
  ])('%j is %s', (range, failed) => {
    expect(done({ tool: 'read', ...range }).failed).toBe(failed);
  });

  it('gives a long file in portions, and a line that is longer than one by its beginning', () => {
    const long = Workspace.of([
      { path: 'many', text: 'line\n'.repeat(2_500) },
      { path: 'wide', text: 'x'.repeat(1_000_000) },
      { path: 'empty', text: '' },
    ]);
    const first = done({ tool: 'read', path: 'many' }, long).text;
    expect(first).toMatch(/lines 1 to 1000 of 2500[^]*\[lines 1001 to 2500 are left: read with from: 1001\]$/);
    expect(done({ tool: 'read', path: 'many', from: 2_001 }, long).text).toMatch(/^"many", lines 2001 to 2500[^[]*$/);
    expect(done({ tool: 'read', path: 'wide' }, long).text).toMatch(/\[cut here: 40000 of 1000000 characters/);
    expect(done({ tool: 'read', path: 'empty' }, long).text).toBe('"empty", lines 0 to 0 of 0');
  });
});

describe('search', () => {
  it.each([
    [
      { query: 'two', kind: 'literal' },
      '3 lines match in 2 files\nsrc/a.ts:2: two\nsrc/b.ts:1: two\nsrc/b.ts:2: two and a half',
    ],
    [{ query: '^tw.$', kind: 'regex' }, '2 lines match in 2 files\nsrc/a.ts:2: two\nsrc/b.ts:1: two'],
    [{ query: '(?i)ONE', kind: 'regex', path: 'src' }, '1 lines match in 1 files\nsrc/a.ts:1: one'],
    [{ query: '.*', kind: 'literal' }, 'no line matches'],
    [{ query: 'two', kind: 'literal', path: 'README.md' }, 'no line matches'],
  ] as const)('%j', (search, text) => {
    expect(done({ tool: 'search', ...search })).toMatchObject({ text, failed: null });
  });

  it.each([
    [{ query: '(', kind: 'regex' }, 'invalid_arguments'],
    [{ query: 'a(?=b)', kind: 'regex' }, 'invalid_arguments'],
    [{ query: '(a)\\1', kind: 'regex' }, 'invalid_arguments'],
    [{ query: '((a{100}){100}){100}', kind: 'regex' }, 'invalid_arguments'],
    [{ query: `${'('.repeat(500)}${')'.repeat(500)}`.repeat(1), kind: 'regex' }, null],
    [{ query: 'x'.repeat(1_001), kind: 'literal' }, 'invalid_arguments'],
    [{ query: '', kind: 'literal' }, 'invalid_arguments'],
    [{ query: 'a', kind: 'literal', path: 'nowhere' }, 'not_found'],
  ] as const)('%j is %s', (search, failed) => {
    expect(done({ tool: 'search', ...search }).failed).toBe(failed);
  });

  it('cannot be made to run away', () => {
    const mine = Workspace.of([{ path: 'a', text: `${'a'.repeat(1_048_000)}b` }]);
    for (const query of [
      '(a+)+$',
      '(a|a)*$',
      '(a|aa)+$',
      '(.*)*x',
      '(?:a?){200}a{200}$',
      '([a-z]+\\s?)*!',
      '\\b(a|b|ab)*\\b!',
    ]) {
      const began = performance.now();
      expect(done({ tool: 'search', query, kind: 'regex' }, mine).failed).toBeNull();
      // Twice, and far below what a backtracking engine would need: longer than the world stands.
      expect(performance.now() - began).toBeLessThan(20_000);
    }
  });

  it('shows so many lines and so much of each, and says what is left', () => {
    const mine = Workspace.of([{ path: 'a', text: `${'x'.repeat(1_000)}\n`.repeat(500) }]);
    const { text } = done({ tool: 'search', query: 'x', kind: 'literal' }, mine);
    expect(text.split('\n')).toHaveLength(202);
    expect(text).toMatch(/^500 lines match in 1 files\na:1: x{300} \[of 1000 characters\]\n[^]*\nand 300 more$/);
  });

  it('stops where a pattern would be too much work, and says where', () => {
    const text = `${'x'.repeat(99)}\n`.repeat(10_000);
    const mine = Workspace.of(['a', 'b', 'c'].map((path) => ({ path, text })));
    const heavy = done({ tool: 'search', query: '(?:x?y?z?){12}q', kind: 'regex' }, mine).text;
    expect(heavy).toContain('[stopped before b: too much text for this pattern, search in a folder]');
  });
});

describe('write, delete, move', () => {
  it.each([
    [{ tool: 'write', path: 'new/c.ts', content: 'x' }, 'created "new/c.ts" (1 bytes)', { ...FILES, 'new/c.ts': 'x' }],
    [
      { tool: 'write', path: 'README.md', content: '' },
      'replaced "README.md" (0 bytes)',
      { ...FILES, 'README.md': '' },
    ],
    [{ tool: 'write', path: 'README.md', content: '# A\n' }, 'unchanged: "README.md" (4 bytes)', FILES],
    [{ tool: 'move', from: 'README.md', to: 'readme.md' }, 'moved "README.md" to "readme.md"', null],
    [{ tool: 'move', from: 'README.md', to: 'README.md' }, 'unchanged: "README.md" is there already', FILES],
    [{ tool: 'delete', path: 'README.md' }, 'deleted "README.md"', null],
  ] as const)('%j', (call, text, files) => {
    const came = done(call);
    expect({ text: came.text, failed: came.failed }).toEqual({ text, failed: null });
    if (files !== null) expect(came.files).toEqual(files);
    else expect(came.files['README.md']).toBeUndefined();
  });

  it.each([
    [{ tool: 'write', path: '../c.ts', content: 'x' }, 'invalid_path'],
    [{ tool: 'write', path: 'SRC/c.ts', content: 'x' }, 'already_exists'],
    [{ tool: 'write', path: 'src', content: 'x' }, 'already_exists'],
    [{ tool: 'write', path: 'c', content: 'x'.repeat(WORKSPACE_LIMITS.fileBytes + 1) }, 'too_large'],
    [{ tool: 'write', path: 'c', content: 'a\0b' }, 'not_text'],
    [{ tool: 'delete', path: 'src' }, 'not_found'],
    [{ tool: 'move', from: 'nowhere', to: 'c' }, 'not_found'],
    [{ tool: 'move', from: 'README.md', to: 'src/a.ts' }, 'already_exists'],
    [{ tool: 'move', from: 'README.md', to: 'C:/c' }, 'invalid_path'],
    [{ tool: 'ask', question: '' }, 'invalid_arguments'],
  ] as const)('%j is %s and changes nothing', (call, failed) => {
    expect(done(call)).toMatchObject({ failed, files: FILES });
  });

  it('a question and a summary are words, and change nothing', () => {
    expect(done({ tool: 'ask', question: 'Which?' })).toEqual({ text: 'Which?', failed: null, files: FILES });
    expect(done({ tool: 'done', summary: '' })).toEqual({ text: '', failed: null, files: FILES });
  });
});

describe('patch', () => {
  const patch = (path: string, ...hunks: [string, string][]): ToolCall => ({
    tool: 'patch',
    path,
    hunks: hunks.map(([old, after]) => ({ old, new: after })),
  });

  it.each([
    [patch('src/a.ts', ['two\n', '2\n']), 'src/a.ts', 'one\n2\nthree\n'],
    [patch('src/a.ts', ['two\n', '']), 'src/a.ts', 'one\nthree\n'],
    [
      patch('src/a.ts', ['one\ntwo\n', 'one\nand a half\ntwo\n'], ['three\n', '3\n']),
      'src/a.ts',
      'one\nand a half\ntwo\n3\n',
    ],
    [patch('src/a.ts', ['one\n', 'zero\n'], ['zero\n', 'nought\n']), 'src/a.ts', 'nought\ntwo\nthree\n'],
    [patch('src/b.ts', ['two\n', '2\n']), 'src/b.ts', '2\r\ntwo and a half\r\n'],
    [patch('src/open.ts', ['last\n', 'LAST\n']), 'src/open.ts', 'first\nLAST'],
    [patch('src/open.ts', ['first\n', '']), 'src/open.ts', 'last'],
    [patch('src/a.ts', ['one\n', '$& $1 $$\n']), 'src/a.ts', '$& $1 $$\ntwo\nthree\n'],
  ])('%j', (call, path, text) => {
    expect(done(call)).toMatchObject({ failed: null, files: { ...FILES, [path]: text } });
  });

  it.each([
    ['a line that is not there', patch('src/a.ts', ['four\n', 'x\n']), 'not_found'],
    ['a part of a line', patch('src/a.ts', ['thre\n', 'x\n']), 'not_found'],
    ['the end of a line', patch('src/a.ts', ['ree\n', 'x\n']), 'not_found'],
    ['no line at all', patch('src/a.ts', ['', 'x\n']), 'invalid_arguments'],
    ['a file that is not there', patch('src/c.ts', ['a\n', 'x\n']), 'not_found'],
    ['a second place that fails', patch('src/a.ts', ['one\n', '1\n'], ['four\n', 'x\n']), 'not_found'],
  ])('of %s changes nothing', (_, call, failed) => {
    expect(done(call)).toMatchObject({ failed, files: FILES });
  });

  it('of a line that stands twice is in doubt, also where the two overlap', () => {
    for (const text of ['a\nb\na\n', 'a\na\na\n']) {
      const mine = Workspace.of([{ path: 'x', text }]);
      const old = text.startsWith('a\na') ? 'a\na\n' : 'a\n';
      expect(done(patch('x', [old, 'c\n']), mine).failed).toBe('not_unique');
    }
  });

  it('puts in just what was asked, for any text', () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n\0]/g, ''));
    const text = fc.array(line, { maxLength: 4 }).map((all) => all.map((each) => `${each}\n`).join(''));
    fc.assert(
      fc.property(text, text, text, (before, after, by) => {
        const mine = Workspace.of([{ path: 'x', text: `${before}THE PLACE\n${after}` }]);
        const came = done(patch('x', ['THE PLACE\n', by]), mine);
        if (!`${before}${after}`.includes('THE PLACE')) expect(came.files['x']).toBe(`${before}${by}${after}`);
      }),
    );
  });
});
