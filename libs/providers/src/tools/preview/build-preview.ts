// Providers room, tools. The preview build: the bundle that a browser would be given, measured and not run.
import { createHash } from 'node:crypto';
import type { BundledFile } from '../bundler/bundle-lane.js';
import { bundle } from '../bundler/bundle-lane.js';
import { bundling, OUT, wholeListOf } from '../bundler/bundling.js';
import type { CodeLimits } from '../bundler/check-limits.js';
import { CODE_LIMITS } from '../bundler/check-limits.js';
import { EVERYTHING, FILE_ENTRY } from '../bundler/memory-files.js';
import { problemsOf, reported } from '../checks/bundler-messages.js';
import type { BuildReport, BuiltFile } from '../checks/check-report.js';
import { survey, type Survey } from '../checks/survey.js';
import type { Workspace } from '../workspace/workspace.js';
import { findEntry, type Entry } from './find-entry.js';

export async function buildPreview(workspace: Workspace, limits: CodeLimits = CODE_LIMITS): Promise<BuildReport> {
  const entry = findEntry(workspace);
  if (entry === null) return NOTHING_TO_BUILD;
  const found = survey(workspace, limits);
  const { sources, entries } = startOf(found, entry);
  const bundled = await bundle(bundling(sources, entries), limits.milliseconds);
  // Of what is wrong before bundling, only what the build meets is its own: other files are the check's.
  const own = entry.kind === 'page' ? found.problems.filter(({ path }) => path === entry.path) : [];
  const leftOut = found.problems.filter(({ rule }) => rule === 'too_complex' || rule === 'too_large');
  const { problems, errors } = reported([...own, ...leftOut, ...problemsOf(found, bundled)]);
  const fault = bundled.kind === 'timed_out' || bundled.kind === 'tool_crashed' ? bundled.kind : found.fault;
  const green = errors === 0 && fault === null;
  const outputs =
    green && bundled.kind === 'bundled' ? [...pageOf(workspace, entry), ...bundled.outputs.map(builtFile)] : [];
  return {
    green,
    entry: entry.kind === 'all' ? null : entry.path,
    outputs: outputs.sort((a, b) => (a.path < b.path ? -1 : 1)),
    outputBytes: outputs.reduce((sum, { bytes }) => sum + bytes, 0),
    problems,
    counts: { errors },
    fault,
  };
}

/** A workspace without scripts, styles and pages is finished as it is. */
const NOTHING_TO_BUILD: BuildReport = {
  green: true,
  entry: null,
  outputs: [],
  outputBytes: 0,
  problems: [],
  counts: { errors: 0 },
  fault: null,
};

interface Start {
  readonly sources: Survey;
  readonly entries: { in: string; out: string }[];
}

function startOf(found: Survey, entry: Entry): Start {
  if (entry.kind === 'all') {
    const list = wholeListOf(entry.paths.map((path) => FILE_ENTRY + path));
    const sources = { ...found, madeUp: new Map([...found.madeUp, [EVERYTHING, list]]) };
    return { sources, entries: [{ in: EVERYTHING, out: 'bundle' }] };
  }
  const page = found.pages.find(({ path }) => path === entry.path);
  const names = entry.kind === 'page' ? (page?.entries ?? []) : [FILE_ENTRY + entry.path];
  return { sources: found, entries: names.map((name, index) => ({ in: name, out: outOf(name, index, names) })) };
}

/** Named after its source, and numbered where two sources would have one name. */
function outOf(name: string, index: number, names: readonly string[]): string {
  const bare = (each: string): string => each.replace(/^(?:file|page):/, '').replace(/\.[^./]*$/, '');
  const own = bare(name).replaceAll('#', '-');
  return names.slice(0, index).some((other) => bare(other) === bare(name)) ? `${own}-${index + 1}` : own;
}

function pageOf(workspace: Workspace, entry: Entry): BuiltFile[] {
  const file = entry.kind === 'page' ? workspace.file(entry.path) : undefined;
  return entry.kind !== 'page' || file === undefined
    ? []
    : [{ path: entry.path, bytes: file.bytes, sha256: file.sha256 }];
}

function builtFile({ path, contents }: BundledFile): BuiltFile {
  const sha256 = createHash('sha256').update(contents).digest('hex');
  const relative = path.replaceAll('\\', '/').replace(new RegExp(`^.*?${OUT}/`), '');
  return { path: relative, bytes: contents.byteLength, sha256 };
}
