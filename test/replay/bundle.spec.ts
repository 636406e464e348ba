// Replay room. Goal: each new workflow evaluates every module of the bundle anew, so the bundle holds what workflows
// use and no more of the domain. Method: read which modules the built bundle names.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const BUNDLE = new URL('../../libs/workflows/dist/workflow-bundle.js', import.meta.url);

describe('the workflow bundle', () => {
  const modules = [...readFileSync(BUNDLE, 'utf8').matchAll(/^\/\*{3}\/ "\.\/libs\/(\w+)\/dist\/([^"]+)"/gm)];
  const of = (room: string): string[] => modules.flatMap(([, from, path]) => (from === room ? [path ?? ''] : []));

  it('has the workflows and what they decide by', () => {
    expect(of('workflows')).toContain('ai-job/ai-job.workflow.js');
    expect(of('domain')).toEqual(expect.arrayContaining(['loops/watch.js', 'jobs/moves.js']));
  });

  it('has nothing that only the API or the ledger decides by', () => {
    expect(of('domain').filter((path) => /^(index|ledger|quotes|usage|tips|costs\/explain)\b/.test(path))).toEqual([]);
    expect(of('contracts')).not.toContain('problems.js');
  });
});
