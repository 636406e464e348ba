// Goal: the scripted answers of the demo lead, through the real tools, from an empty workspace over two red checks to
// a ZIP. Method: plays the script file as a workflow would, round by round.
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parseScript } from '../scripted/parse-script.js';
import type { ScriptedReply } from '../scripted/script.js';
import {
  ALL_EXTRAS,
  buildPreview,
  checkWorkspace,
  packArtefact,
  packingOf,
  parseToolCalls,
  renderToolResults,
  runTool,
  splitByPart,
  stopBundler,
  Workspace,
  type CheckReport,
  type ToolResult,
} from './index.js';

afterAll(stopBundler);

const FILE = new URL('../../../../apps/cli/demo/model-script.json', import.meta.url);

function answersOf(stages: ReadonlyMap<string, readonly ScriptedReply[]>): string[] {
  return ['generate', 'repair'].flatMap((stage) =>
    (stages.get(stage) ?? []).map((reply) => ('text' in reply ? (reply.text ?? '') : '')),
  );
}

interface Round {
  readonly results: readonly ToolResult[];
  readonly check: CheckReport;
  readonly told: string;
}

describe('the demo job', () => {
  const entry = parseScript(readFileSync(FILE, 'utf8')).entries.find(({ name }) => name.startsWith('a word counter'));
  const answers = entry?.script.kind === 'stages' ? answersOf(entry.script.stages) : [];

  it('plans, generates, is red, repairs, is red, repairs, is green, builds and packs', async () => {
    let workspace = Workspace.empty();
    const rounds: Round[] = [];
    for (const answer of answers) {
      const { calls, problems } = parseToolCalls(answer);
      expect(problems).toEqual([]);
      expect(calls.at(-1)?.tool).toBe('done');
      const results = calls.map((call) => {
        const run = runTool(workspace, call);
        workspace = run.workspace;
        return run.result;
      });
      const check = await checkWorkspace(workspace);
      rounds.push({ results, check, told: renderToolResults({ results, check }) });
    }
    expect(rounds.flatMap(({ results }) => results).filter(({ ok }) => !ok)).toEqual([]);
    expect(rounds.map(({ check }) => check.problems.map(({ path, line, rule }) => `${path}:${line} ${rule}`))).toEqual([
      ['src/main.ts:2 missing_import', 'style.css:9 css_syntax_error'],
      ['src/sentence.ts:4 syntax'],
      [],
    ]);
    expect(rounds.map(({ check }) => check.green)).toEqual([false, false, true]);
    expect(rounds[1]?.told).toContain('src/sentence.ts:4:38 syntax Unexpected ";"');
    const preview = await buildPreview(workspace);
    expect(preview).toMatchObject({ green: true, entry: 'index.html' });
    expect(preview.outputs.map(({ path }) => path)).toEqual(['index.html', 'src/main.js', 'style.css']);
    const packing = packingOf(ALL_EXTRAS);
    const artefact = await packArtefact(workspace, { jobId: 'job_demo', fileTree: packing.fileTree });
    expect(artefact.names).toEqual([
      'FILES.txt',
      'INSTALL.md',
      'NOTICE.txt',
      'index.html',
      'src/count.ts',
      'src/main.ts',
      'src/sentence.ts',
      'style.css',
      'test/count.test.ts',
    ]);
  });

  it('shows which parts made its answers large, and the parts add up', () => {
    const parts = splitByPart(answers[0] ?? '', 640n);
    expect(Object.values(parts).reduce((sum, part) => sum + part, 0n)).toBe(640n);
    expect(parts.code).toBeGreaterThan(parts.tests);
    for (const part of ['tests', 'install_notes', 'explanation'] as const) expect(parts[part]).toBeGreaterThan(0n);
    expect(parts.file_structure).toBe(0n);
  });
});
