// Replay room. Goal: the bundle holds what workflows use and no more of the domain, and its modules are evaluated once
// for all workflows of a thread, which share whatever a module would keep. Method: read the built bundle, and the
// modules that it names.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const BUNDLE = new URL('../../libs/workflows/dist/workflow-bundle.js', import.meta.url);

const CHANGES = 'set|add|delete|clear|push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin';
const NAMED = /^(?:export )?const (\w+) = (.*)$/gm;
const VARIABLE = /^(?:export )?(?:let|var) .*$|^\s+static #?\w+ ?=.*$/gm;
/** One that searches on remembers where it was. */
const SEARCHING = /^\/.*\/[a-z]*[gy][a-z]*;/;

/** What a module keeps from one workflow to the next: whatever it may change after it was evaluated. */
function kept(source: string): string[] {
  const changed = [...source.matchAll(NAMED)].filter(([line, name = '', value = '']) => {
    const rest = source.replace(line, '');
    const called = SEARCHING.test(value) ? `${CHANGES}|exec|test` : CHANGES;
    return new RegExp(`\\b${name}\\.(?:${called})\\(|\\b${name}(?:\\.\\w+|\\[[^\\]]*\\])+ [-+*/|&?]{0,2}= `).test(rest);
  });
  return [...changed, ...source.matchAll(VARIABLE)].map(([line]) => line);
}

describe('the workflow bundle', () => {
  const bundle = readFileSync(BUNDLE, 'utf8');
  const modules = [...bundle.matchAll(/^\/\*{3}\/ "\.\/libs\/(\w+)\/dist\/([^"]+)"/gm)];
  const of = (room: string): string[] => modules.flatMap(([, from, path]) => (from === room ? [path ?? ''] : []));

  it('has the workflows and what they decide by', () => {
    expect(of('workflows')).toContain('ai-job/ai-job.workflow.js');
    expect(of('domain')).toEqual(expect.arrayContaining(['loops/watch.js', 'jobs/moves.js']));
  });

  it('has nothing that only the API or the ledger decides by', () => {
    expect(of('domain').filter((path) => /^(index|ledger|quotes|usage|tips|costs\/explain)\b/.test(path))).toEqual([]);
    expect(of('contracts')).not.toContain('problems.js');
  });

  it('is evaluated before there is any workflow, not anew for each', () => {
    const [, preloaded = ''] = /preloadModules = function preloadModules\(\) \{([^}]*)\}/.exec(bundle) ?? [];
    expect(preloaded).toContain('libs/workflows/dist/index.js');
  });

  it('has no module that keeps anything: workflows of a thread would share it', () => {
    const keeping = modules.flatMap(([, room = '', path = '']) => {
      const source = readFileSync(new URL(`../../libs/${room}/dist/${path}`, import.meta.url), 'utf8');
      return kept(source).map((line) => `${room}/${path}: ${line}`);
    });
    expect(modules.length).toBeGreaterThan(50);
    expect(keeping).toEqual([]);
  });

  it('would be told of a module that keeps something', () => {
    const own = [
      'const seen = new Map();',
      'let last = 0;',
      'const WORD = /a/g;',
      'const list = [];',
      'const at = {};',
    ];
    const uses = ['seen.set(1, 2)', 'last += 1', "WORD.test('a')", 'list.push(1)', 'at.now = 1', 'use(fine, LETTER)'];
    const fine = ['const fine = [1];', 'const LETTER = /a/;'];
    const source = [...own, ...fine, 'function all() {', ...uses.map((one) => `  ${one};`), '}'].join('\n');
    expect(kept(source).sort()).toEqual([...own].sort());
  });
});
