// Goal: a build begins where a person would begin, gives the same bytes each time, and is red by the project's own
// doing.
import { afterAll, describe, expect, it } from '@jest/globals';
import { stopBundler } from '../bundler/bundle-lane.js';
import { Workspace } from '../workspace/workspace.js';
import { buildPreview } from './build-preview.js';

afterAll(stopBundler);

type Files = Readonly<Record<string, string>>;
const workspaceOf = (files: Files): Workspace =>
  Workspace.of(Object.entries(files).map(([path, text]) => ({ path, text })));

describe('a build begins at', () => {
  it.each<[string, Files, string | null, string[]]>([
    [
      'the page',
      { 'index.html': '<script src=a.js></script>', 'a.js': '1', 'src/main.ts': '2' },
      'index.html',
      ['a.js', 'index.html'],
    ],
    ['a page alone', { 'index.html': '<p>Hi' }, 'index.html', ['index.html']],
    ['the page nearest to the root', { 'x/y/index.html': '', 'x/index.html': '' }, 'x/index.html', ['x/index.html']],
    ['any page', { 'about.html': '', 'main.ts': '' }, 'about.html', ['about.html']],
    [
      'the file of the package',
      { 'package.json': '{"main":"./lib/x.js"}', 'lib/x.ts': 'a()', 'main.ts': '' },
      'lib/x.ts',
      ['lib/x.js'],
    ],
    [
      'the usual file, where the package names what is not there',
      { 'package.json': '{"main":"dist/x.js"}', 'src/index.ts': 'a()' },
      'src/index.ts',
      ['src/index.js'],
    ],
    [
      'the usual file, where the package cannot be read',
      { 'package.json': '{', 'main.jsx': 'a()' },
      'main.jsx',
      ['main.js'],
    ],
    ['no test', { 'test/index.ts': 'b()', 'lib/tool.ts': 'export const a = 1;' }, null, ['bundle.js']],
    [
      'all files, where none is the first',
      { 'lib/a.ts': 'export const a = 1;', 'lib/b.css': 'b{c:d}' },
      null,
      ['bundle.css', 'bundle.js'],
    ],
    ['nothing, where nothing can be built', { 'a.py': '', 'data.json': '{' }, null, []],
  ])('%s', async (...[, files, entry, outputs]) => {
    const report = await buildPreview(workspaceOf(files));
    expect(report).toMatchObject({ green: true, entry, problems: [], fault: null });
    expect(report.outputs.map(({ path }) => path)).toEqual(outputs);
    expect(report.outputBytes).toBe(report.outputs.reduce((sum, { bytes }) => sum + bytes, 0));
    expect(await buildPreview(workspaceOf(files))).toEqual(report);
  });
});

describe('a build', () => {
  it('of a page holds its own scripts and styles, and never two files of one name', async () => {
    const { outputs, green } = await buildPreview(
      workspaceOf({
        'index.html': `<style>a { b: c }</style><link rel=stylesheet href=a.css><script src="a.ts"></script>
          <script src="a.js"></script><script type=module>import './a.js'; f();</script>`,
        'a.ts': 'one()',
        'a.js': 'two()',
        'a.css': 'd { e: f }',
      }),
    );
    expect(green).toBe(true);
    expect(new Set(outputs.map(({ path }) => path)).size).toBe(6);
  });

  it('of all files keeps what nothing uses', async () => {
    const { outputs } = await buildPreview(workspaceOf({ 'lib/a.ts': 'export const unused = "here";' }));
    expect(outputs[0]?.bytes).toBeGreaterThan(20);
  });

  it.each<[string, Files, string]>([
    ['a missing import', { 'src/main.ts': "import './b.js'" }, 'src/main.ts missing_import'],
    ['a script that cannot be read', { 'main.js': 'let = ;' }, 'main.js syntax'],
    ['a page’s missing script', { 'index.html': '<script src=b.js></script>' }, 'index.html missing_file'],
    ['a tangle', { 'main.js': '['.repeat(5_000) }, 'main.js too_complex'],
  ])('is red and empty for %s', async (_, files, problem) => {
    const report = await buildPreview(workspaceOf(files));
    expect(report).toMatchObject({ green: false, outputs: [], outputBytes: 0, fault: null });
    expect(report.problems.map(({ path, rule }) => `${path} ${rule}`)).toContain(problem);
  });

  it('is not red for a file that it does not meet', async () => {
    expect((await buildPreview(workspaceOf({ 'main.ts': 'a()', 'other.ts': 'let = ;' }))).green).toBe(true);
  });
});
