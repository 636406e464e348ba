// Goal: no file takes the process down, keeps it busy for long or makes our tool's failure look like the project's.
// Method: the inputs that bring parsers down when given to them as they are.
import { execFileSync } from 'node:child_process';
import { afterAll, describe, expect, it } from '@jest/globals';
import { bundle, stopBundler } from '../bundler/bundle-lane.js';
import { CODE_LIMITS } from '../bundler/check-limits.js';
import { DEEPEST, deepest } from '../bundler/tangle.js';
import { bounded } from '../pages/bounded.js';
import { Workspace } from '../workspace/workspace.js';
import { checkWorkspace } from './check-workspace.js';

afterAll(stopBundler);

const MEGABYTE = 1_048_576;
const full = (piece: string): string => piece.repeat(Math.floor((MEGABYTE - 1) / piece.length));

/** Each brings a recursive parser to a gigabyte of stack and down. */
const TANGLES: Readonly<Record<string, string>> = {
  ...{
    brackets: '[',
    parens: '(',
    braces: '{',
    nots: '!',
    minus: '- ',
    typeofs: 'typeof\n',
    awaits: 'await ',
    news: 'new ',
  },
  ...{
    arrows: 'a=>',
    choices: 'a?',
    choicesByLine: 'a?b\n:',
    assigned: 'a=',
    powers: 'a**',
    labels: 'a:',
    guards: 'if(1)',
  },
  ...{
    guardsByLine: 'if(1)\n',
    elses: 'else if(1);',
    elsesOfBlocks: 'else if(1){}',
    members: '.b',
    membersByLine: '\n.b',
  },
  ...{
    maybes: '?.b',
    calls: '()',
    callsByLine: '\n()',
    indexes: '[0]',
    templates: '``',
    nestedTemplates: '`${',
    functions: 'function a(){',
  },
  ...{
    elements: '<a>',
    elementsWithValues: '<a b={1}>',
    generics: 'A<',
    conditionals: 'B extends C?D:',
    rules: 'a{',
    nots2: ':not(',
  },
  ...{ data: '{"a":', dataByLine: '[\n', switches: 'switch(a){case 1:' },
};

describe('a tangle', () => {
  it.each(Object.entries(TANGLES))('of %s is seen before it is parsed', (_, piece) => {
    expect(deepest(`a${full(piece)}`)).toBeGreaterThan(DEEPEST);
  });

  it('is not seen in code that people read', () => {
    const nested = `${'['.repeat(200)}1${']'.repeat(200)}`;
    const chain = `promise${'.then((value) => value + 1)'.repeat(200)};`;
    const elses = `if (a) b();${' else if (a > 1) { c(); }'.repeat(100)}`;
    const bare = 'const a = f(1)\nb(a)\n'.repeat(5_000);
    const markup = `return (${'<li class="x"><a href="y.z">Some text. More: text!</a><br /></li>\n'.repeat(3_000)})`;
    const table = `[${'[1, -2, "a.b", { c: 0.5 }],\n'.repeat(10_000)}]`;
    const style = 'a:hover > b.c::after { d: calc(1px - (2 * var(--e))) }\n'.repeat(5_000);
    const base64 = `"${'iVBORw0KGgo/+AAAANSUhEUg'.repeat(500)}=="`;
    for (const text of [nested, chain, elses, bare, markup, table, style, base64]) {
      expect(deepest(text)).toBeLessThan(DEEPEST);
    }
  });

  it('of each kind at once is red for each file, in seconds, without a crash', async () => {
    const files = ['brackets', 'arrows', 'members', 'data'].map((name) => ({
      path: `${name}.${name === 'data' ? 'json' : 'js'}`,
      text: `a${full(TANGLES[name] ?? '')}`,
    }));
    const report = await checkWorkspace(Workspace.of(files), {
      ...CODE_LIMITS,
      lineCharacters: 2 * MEGABYTE,
      codeBytes: 8 * MEGABYTE,
    });
    expect(report.fault).toBeNull();
    expect(report.problems.map(({ path, rule }) => `${path} ${rule}`)).toEqual(
      files.map(({ path }) => `${path} too_complex`).sort(),
    );
  });
});

describe('too much', () => {
  it.each([
    ['a line of a megabyte', [{ path: 'a.js', text: `x="${'y'.repeat(1_000_000)}"` }], 'a.js too_complex'],
    ['a page of nested elements', [{ path: 'a.html', text: full('<div>') }], 'a.html too_complex'],
    [
      'a page that starts too many files',
      [
        { path: 'a.html', text: '<script src=a.js></script>'.repeat(17) },
        { path: 'a.js', text: '' },
      ],
      'a.html too_large',
    ],
    [
      'more code than can be checked',
      Array.from({ length: 5 }, (_, n) => ({ path: `${n}.css`, text: full('a{b:c}\n') })),
      '4.css too_large',
    ],
  ])('%s is red and no fault of ours', async (_, files, problem) => {
    const report = await checkWorkspace(Workspace.of(files));
    expect(report.fault).toBeNull();
    expect(report.problems.map(({ path, rule }) => `${path} ${rule}`)).toContain(problem);
  });

  it('a page that takes its time to be read ends at its time, and is not called a crash', async () => {
    const names = Array.from({ length: 130_000 }, (_, index) => `a${index}`).join(' ');
    const began = performance.now();
    const report = await checkWorkspace(Workspace.of([{ path: 'a.html', text: `<p ${names}>` }]), {
      ...CODE_LIMITS,
      pageMilliseconds: 10,
    });
    expect(report).toMatchObject({ green: false, fault: 'timed_out', problems: [] });
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('of odd files does not harm: NUL-like names, marks of order, surrogate pairs, empty ones', async () => {
    const texts = ['\ufeff', '\u2028', '\u0001\u0002', '👩‍💻', '#!/bin/sh\n', '<!-- -->', '\r\r\n'];
    const files = texts.flatMap((text, index) =>
      ['js', 'ts', 'css', 'json', 'html'].map((end) => ({ path: `f${index}.${end}`, text })),
    );
    expect((await checkWorkspace(Workspace.of(files))).fault).toBeNull();
  });
});

const HANGS = { stdin: { contents: "import 'slow'", loader: 'js' }, bundle: true, logLevel: 'silent' } as const;
const FINE = { stdin: { contents: 'a()', loader: 'js' }, logLevel: 'silent' } as const;

describe('the bundler', () => {
  it('that hangs is ended at its time, and the next build finds a new one', async () => {
    const slow = {
      name: 'slow',
      setup: (bundler: { onResolve: (filter: { filter: RegExp }, answer: () => Promise<never>) => void }): void => {
        bundler.onResolve({ filter: /slow/ }, async () => new Promise<never>(() => undefined));
      },
    };
    const [hung, fine] = await Promise.all([bundle({ ...HANGS, plugins: [slow] }, 100), bundle(FINE, 10_000)]);
    expect([hung.kind, fine.kind]).toEqual(['timed_out', 'bundled']);
  });

  it('that dies is a crash of our tool, and the next build finds a new one', async () => {
    const deadly = {
      name: 'deadly',
      setup: (bundler: { onResolve: (filter: { filter: RegExp }, answer: () => undefined) => void }): void => {
        bundler.onResolve({ filter: /slow/ }, () => {
          killOwnBundler();
          return undefined;
        });
      },
    };
    const [dead, fine] = await Promise.all([bundle({ ...HANGS, plugins: [deadly] }, 10_000), bundle(FINE, 10_000)]);
    expect([dead.kind, fine.kind]).toEqual(['tool_crashed', 'bundled']);
  });
});

/** By its parent and its name: nobody else's process is meant. */
function killOwnBundler(): void {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  const own = lines.map((line) => line.trim().split(/\s+/)).filter(([, parent]) => parent === String(process.pid));
  for (const [pid, , command] of own) if (command?.includes('esbuild') === true) process.kill(Number(pid), 'SIGKILL');
}

describe('bounded work', () => {
  it('gives its value, throws what it throws, and ends when its time is over', () => {
    expect(bounded(1_000, () => 7)).toEqual({ value: 7 });
    expect(() => bounded(1_000, () => JSON.parse('{') as never)).toThrow(SyntaxError);
    const forever = (): never => {
      for (;;) Math.sqrt(2);
    };
    expect(bounded(50, forever)).toBe('timed_out');
  });
});
