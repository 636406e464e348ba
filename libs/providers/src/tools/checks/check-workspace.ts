// Providers room, tools. Whether the files of a workspace can be read for what they are: scripts and style sheets are
// parsed and bundled with what they import, JSON and pages are parsed. Nothing of it is ever run.
import { bundle } from '../bundler/bundle-lane.js';
import type { CodeLimits } from '../bundler/check-limits.js';
import { CODE_LIMITS } from '../bundler/check-limits.js';
import { bundling, listOf } from '../bundler/bundling.js';
import { EVERYTHING, FILE_ENTRY } from '../bundler/memory-files.js';
import type { Workspace } from '../workspace/workspace.js';
import { problemsOf, reported } from './bundler-messages.js';
import type { CheckReport } from './check-report.js';
import { survey } from './survey.js';

export async function checkWorkspace(workspace: Workspace, limits: CodeLimits = CODE_LIMITS): Promise<CheckReport> {
  const found = survey(workspace, limits);
  const names = [...found.code.map((path) => FILE_ENTRY + path), ...found.madeUp.keys()];
  const sources = { ...found, madeUp: new Map([...found.madeUp, [EVERYTHING, listOf(names)]]) };
  const bundled = await bundle(bundling(sources, [EVERYTHING]), limits.milliseconds);
  const { problems, errors } = reported([...found.problems, ...problemsOf(found, bundled)]);
  const fault = bundled.kind === 'timed_out' || bundled.kind === 'tool_crashed' ? bundled.kind : found.fault;
  return {
    green: errors === 0 && fault === null,
    problems,
    counts: { errors, files: found.code.length + found.pages.length },
    bytesChecked: found.bytes,
    fault,
  };
}
