// Goal: what a person would see as broken is red at its place, what works is green, and no file reaches beyond the
// workspace. Method: the real bundler and parsers on tables of small projects.
import { afterAll, describe, expect, it } from '@jest/globals';
import { stopBundler } from '../bundler/bundle-lane.js';
import { Workspace } from '../workspace/workspace.js';
import { checkWorkspace } from './check-workspace.js';

afterAll(stopBundler);

type Files = Readonly<Record<string, string>>;
const workspaceOf = (files: Files): Workspace =>
  Workspace.of(Object.entries(files).map(([path, text]) => ({ path, text })));

async function problemsOf(files: Files): Promise<string[]> {
  const report = await checkWorkspace(workspaceOf(files));
  expect(report.fault).toBeNull();
  expect(report.green).toBe(report.problems.length === 0);
  expect(report.counts.errors).toBe(report.problems.length);
  return report.problems.map(({ path, line, column, rule }) => `${path}:${line}:${column} ${rule}`);
}

describe('green is', () => {
  it.each<[string, Files]>([
    ['nothing at all', {}],
    ['text that nobody parses', { 'README.md': '# [', 'a.py': 'def (', '.env': '=' }],
    [
      'types',
      { 'a.ts': 'export const a = <T,>(x: T): T => x satisfies T;\nenum E { A }\nabstract class C { abstract x: E }' },
    ],
    ['decorators', { 'a.ts': '@f class A { constructor(@g private readonly b: B) {} @h c() {} }' }],
    [
      'elements',
      { 'a.tsx': 'export const A = () => <p className="x">{1}</p>;', 'b.js': 'export const B = () => <><i /></>;' },
    ],
    [
      'a module of Node and one of a package',
      { 'a.mjs': "import fs from 'node:fs'; import x from '@a/b/c'; await x(fs)" },
    ],
    ['CommonJS', { 'a.cjs': "const { b } = require('./b.js'); module.exports = b;", 'b.js': 'exports.b = 1;' }],
    [
      'a source under the name of what is built',
      { 'a.ts': "import { b } from './b.js'; b;", 'b.ts': 'export const b = 1;' },
    ],
    ['a folder with an index', { 'a.ts': "import './lib'; import '.';", 'lib/index.tsx': '<b/>;', 'index.js': '' }],
    [
      'a type alone',
      { 'a.ts': "import type { T } from './t'; export const t: T = 1;", 't.d.ts': 'export type T = number;' },
    ],
    [
      'the usual short name of one’s sources',
      { 'src/a.ts': "import '@/b'; import '~/c'; import '@/far';", 'src/b.ts': '', 'c.ts': '' },
    ],
    ['data', { 'a.json': '{"a": [1, null, "é", 1e9]}', 'b.ts': "import a from './a.json'; a;" }],
    [
      'configuration with comments',
      { 'tsconfig.json': '// c\n{ "a": [1,], /* d */ }\n', '.vscode/settings.json': '{ /**/ }' },
    ],
    [
      'style',
      {
        'a.css': '@import "b.css"; @import url(https://x.test/f.css); a { b: url(no.png); & c { d: e } }',
        'b.css': '',
      },
    ],
    ['a style module', { 'a.ts': "import s from './a.module.css'; s.x;", 'a.module.css': '.x { color: red }' }],
    [
      'what a query says of a file',
      { 'a.ts': "import './a.svg?raw'; import('./b.ts');", 'a.svg': '<svg/>', 'b.ts': '' },
    ],
    ['a part of a page', { 'a.html': '<li>One<li>Two<p>Three' }],
    ['a template', { 'a.html': '<script src="{{ asset }}"></script><img src="none.png">' }],
    [
      'a file of the public folder',
      { 'index.html': '<!doctype html><script src="/x.js"></script>', 'public/x.js': '' },
    ],
    [
      'a page in a folder',
      {
        'app/index.html': '<link rel=stylesheet href="/s.css?v=1"><script src=./m.js></script>',
        'app/s.css': '',
        'app/m.js': '',
      },
    ],
    [
      'scripts of a page',
      { 'a.html': '<script>var a = 1;</script><script type=module>import "./b.js"</script>', 'b.js': '' },
    ],
    [
      'data of a page',
      { 'a.html': '<script type="application/ld+json">{"a":1}</script><script type="text/x">{{</script>' },
    ],
  ])('%s', async (_, files) => {
    expect(await problemsOf(files)).toEqual([]);
  });
});

describe('red is', () => {
  it.each<[string, Files, string[]]>([
    ['a script that cannot be read', { 'a.js': 'let a = 1;\nlet b = ;' }, ['a.js:2:9 syntax']],
    ['types in a plain script', { 'a.js': 'let a: number = 1;' }, ['a.js:1:6 syntax']],
    ['an element that is not closed', { 'a.tsx': 'const a = <p>;\n' }, ['a.tsx:2:1 syntax']],
    ['a column after letters of two bytes', { 'a.ts': "const ä = 'ö'; let b = ;" }, ['a.ts:1:24 syntax']],
    ['a missing file', { 'src/a.ts': "import './b';" }, ['src/a.ts:1:8 missing_import']],
    ['a file outside the workspace', { 'a.ts': "import '../../etc/passwd';" }, ['a.ts:1:8 missing_import']],
    ['a file of the machine', { 'a.ts': "import '/etc/passwd';" }, ['a.ts:1:8 missing_import']],
    [
      'a missing name',
      { 'a.js': "import { x } from './b.js'; x;", 'b.js': 'export const y = 1;' },
      ['a.js:1:10 missing_export'],
    ],
    ['data that is none', { 'package.json': '{"a": 1,}' }, ['package.json:1:8 syntax']],
    ['data after data', { 'a.json': '{} {}' }, ['a.json:1:4 syntax']],
    ['no data', { 'a.json': '' }, ['a.json:1:1 syntax']],
    ['comments in plain data', { 'a.json': '// c\n{}' }, ['a.json:1:1 syntax']],
    ['configuration that cannot be read', { 'tsconfig.json': '{\n  "a": b c\n}' }, ['tsconfig.json:2:10 syntax']],
    ['style that is not closed', { 'a.css': 'a { b: c' }, ['a.css:1:9 css_syntax_error']],
    ['a missing style', { 'a.css': '@import "./b.css";' }, ['a.css:1:9 missing_import']],
    ['a page’s missing script', { 'a.html': '<p>\n <script src="b.js"></script>' }, ['a.html:2:10 missing_file']],
    ['a page’s missing style', { 'a.html': '<link href="b.css" rel="stylesheet">' }, ['a.html:1:7 missing_file']],
    ['a page’s own script', { 'a.html': '<p>\n<script>let a;\n  let b = ;</script>' }, ['a.html:3:11 syntax']],
    ['the first line of it', { 'a.html': '<p>\n<script>let b = ;</script>' }, ['a.html:2:17 syntax']],
    ['a page’s own style', { 'a.html': '<style>a { b: c</style>' }, ['a.html:1:16 css_syntax_error']],
    ['a page’s own data', { 'a.html': '<script type=importmap>{a}</script>' }, ['a.html:1:25 syntax']],
    ['an element that is never closed', { 'a.html': '<ul>\n<li><b>a\n</ul>' }, ['a.html:2:5 html']],
    ['a page that ends in a tag', { 'a.html': '<p class="a' }, ['a.html:1:12 html']],
  ])('%s', async (_, files, problems) => {
    expect(await problemsOf(files)).toEqual(problems);
  });
});

describe('a report', () => {
  it('is the same twice, sorted, bounded, and counts what it does not show', async () => {
    const files = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`f${index}.ts`, 'let = ;']));
    const one = await checkWorkspace(workspaceOf(files));
    const other = await checkWorkspace(workspaceOf(Object.fromEntries(Object.entries(files).reverse())));
    expect(other).toEqual(one);
    expect(one.problems).toHaveLength(100);
    expect(one.counts).toEqual({ errors: 150, files: 150 });
    expect(one.bytesChecked).toBe(150 * 7);
    const paths = one.problems.map(({ path }) => path);
    expect(paths).toEqual([...paths].sort());
  });

  it('of imports that lead nowhere by the thousand comes all the same', async () => {
    const text = Array.from({ length: 5_000 }, (_, index) => `import './none${index}';\n`).join('');
    const report = await checkWorkspace(workspaceOf({ 'a.ts': text }));
    expect(report).toMatchObject({ green: false, fault: null });
    expect(report.problems).toHaveLength(100);
  });

  it('speaks of the files and not of how they were given to the bundler', async () => {
    const files = {
      'a.js': "import { x } from './b.js'; x;",
      'b.js': 'export const y = 1;',
      'c.html': '<script>a b</script>',
    };
    const { problems } = await checkWorkspace(workspaceOf(files));
    expect(JSON.stringify(problems)).not.toMatch(/file-of-workspace|made-up|list:|page:|\/out/);
  });
});
