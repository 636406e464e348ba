// Providers room, tools. What of a workspace can be checked, and what is wrong before a bundler has looked at it:
// files too tangled or too long to be parsed, pages and the files they start.
import type { CodeLimits } from '../bundler/check-limits.js';
import { FILE_ENTRY, isCode, type MadeUp, type Sources } from '../bundler/memory-files.js';
import { folderOf, resolveFile } from '../bundler/resolve-import.js';
import { DEEPEST, deepest } from '../bundler/tangle.js';
import { bounded } from '../pages/bounded.js';
import type { OwnText, Page, Place } from '../pages/read-page.js';
import { readPage, TooDeep } from '../pages/read-page.js';
import { shown } from '../workspace/file-paths.js';
import type { Workspace } from '../workspace/workspace.js';
import type { CheckFault, Problem } from './check-report.js';

export interface PageParts {
  readonly path: string;
  /** Entries of the bundler, in the order of the page. */
  readonly entries: readonly string[];
}

export interface Survey extends Sources {
  /** Files the bundler parses. */
  readonly code: readonly string[];
  readonly pages: readonly PageParts[];
  /** Where a page's own text stands, by its made-up name. */
  readonly places: ReadonlyMap<string, Place & { readonly path: string }>;
  readonly problems: readonly Problem[];
  readonly bytes: number;
  readonly fault: CheckFault | null;
}

export function survey(workspace: Workspace, limits: CodeLimits): Survey {
  const code = workspace.paths.filter(isCode);
  const tooLong = overBudget(workspace, code, limits);
  const wrong = tooLong === null ? code.flatMap((path) => unreadable(workspace, path, limits)) : [];
  const pages = surveyPages(workspace, limits);
  return {
    workspace,
    code: tooLong === null ? code : [],
    pages: pages.map(({ path, entries }) => ({ path, entries })),
    madeUp: new Map(pages.flatMap(({ madeUp }) => madeUp)),
    places: new Map(pages.flatMap(({ places }) => places)),
    leftOut: new Set(wrong.map(({ path }) => path)),
    problems: [...(tooLong === null ? [] : [tooLong]), ...wrong, ...pages.flatMap(({ problems }) => problems)],
    bytes: [...code, ...pages.map(({ path }) => path)].reduce((sum, path) => sum + bytesOf(workspace, path), 0),
    fault: pages.find(({ fault }) => fault !== null)?.fault ?? null,
  };
}

function bytesOf(workspace: Workspace, path: string): number {
  return workspace.file(path)?.bytes ?? 0;
}

/** The file with which it becomes too much, if it does. */
function overBudget(workspace: Workspace, code: readonly string[], { codeBytes }: CodeLimits): Problem | null {
  let bytes = 0;
  for (const path of code) {
    bytes += bytesOf(workspace, path);
    if (bytes > codeBytes) return whole(path, 'too_large', `more than ${codeBytes} bytes of code cannot be checked`);
  }
  return null;
}

function unreadable(workspace: Workspace, path: string, limits: CodeLimits): Problem[] {
  return unparsable(workspace.file(path)?.text ?? '', limits).map((message) => whole(path, 'too_complex', message));
}

function unparsable(text: string, { lineCharacters }: CodeLimits): string[] {
  const longest = text.split('\n').reduce((most, line) => Math.max(most, line.length), 0);
  if (longest > lineCharacters) return [`a line of code has at most ${lineCharacters} characters`];
  return deepest(text) > DEEPEST ? [`nested or chained more than ${DEEPEST} deep`] : [];
}

/** One after the other, until they are too many bytes together or one of them does not come to its end. */
function surveyPages(workspace: Workspace, limits: CodeLimits): SurveyedPage[] {
  const pages: SurveyedPage[] = [];
  const until = performance.now() + limits.pagesMilliseconds;
  let bytes = 0;
  for (const path of workspace.paths.filter((each) => /\.html?$/i.test(each))) {
    bytes += bytesOf(workspace, path);
    if (bytes > limits.pageBytes) {
      const message = `more than ${limits.pageBytes} bytes of pages cannot be checked`;
      return [...pages, { ...NOTHING, path, problems: [whole(path, 'too_large', message)] }];
    }
    const left = Math.min(limits.pageMilliseconds, Math.ceil(until - performance.now()));
    const page = left > 0 ? surveyPage(workspace, path, { ...limits, pageMilliseconds: left }) : late(path);
    pages.push(page);
    if (page.fault !== null) return pages;
  }
  return pages;
}

const late = (path: string): SurveyedPage => ({ ...NOTHING, path, fault: 'timed_out' });

interface SurveyedPage extends PageParts {
  readonly madeUp: readonly (readonly [string, MadeUp])[];
  readonly places: readonly (readonly [string, Place & { readonly path: string }])[];
  readonly problems: readonly Problem[];
  readonly fault: CheckFault | null;
}

function surveyPage(workspace: Workspace, path: string, limits: CodeLimits): SurveyedPage {
  const page = parsed(path, workspace.file(path)?.text ?? '', limits);
  if ('fault' in page) return { ...NOTHING, path, fault: page.fault };
  if ('problem' in page) return { ...NOTHING, path, problems: [page.problem] };
  const own = page.own.map((text, index) => ({ name: `page:${path}#${index + 1}`, text }));
  const fit = own.filter(({ text }) => unparsable(text.text, limits).length === 0);
  const tangled = own.flatMap(({ text }) =>
    unparsable(text.text, limits).map((message) => at(path, text, ['too_complex', message])),
  );
  const started = page.started.map((each) => ({ ...each, lead: resolveFile(workspace, each.address, folderOf(path)) }));
  const missing = started
    .filter(({ lead, address }) => lead === 'nowhere' && !isTemplate(address))
    .map((each) => at(path, each, ['missing_file', `no file of the workspace is meant by ${shown(each.address)}`]));
  const files = started.flatMap(({ lead }) =>
    typeof lead === 'string' || !isCode(lead.path) ? [] : [FILE_ENTRY + lead.path],
  );
  const many =
    files.length > limits.entries ? [whole(path, 'too_large', `a page starts at most ${limits.entries} files`)] : [];
  return {
    path,
    entries: [
      ...new Set([
        ...files.slice(0, limits.entries),
        ...fit.filter(({ text }) => text.loader !== 'json').map(({ name }) => name),
      ]),
    ],
    madeUp: fit.map(({ name, text }) => [name, madeUpOf(path, text)]),
    places: fit.map(({ name, text }) => [name, { path, line: text.line, column: text.column }]),
    problems: [...page.problems, ...tangled, ...missing, ...many],
    fault: null,
  };
}

const NOTHING = { entries: [], madeUp: [], places: [], problems: [], fault: null } as const;

function parsed(path: string, text: string, limits: CodeLimits): Page | { fault: CheckFault } | { problem: Problem } {
  try {
    const read = bounded(limits.pageMilliseconds, () => readPage(path, text));
    return read === 'timed_out' ? { fault: read } : read.value;
  } catch (error) {
    return error instanceof TooDeep
      ? { problem: whole(path, 'too_complex', 'elements are nested too deeply') }
      : { fault: 'tool_crashed' };
  }
}

function madeUpOf(path: string, { loader, text }: OwnText): MadeUp {
  return { contents: text, loader, folder: folderOf(path) };
}

/** An address that is filled in before a browser sees it. */
function isTemplate(address: string): boolean {
  return /\{\{|<%|\$\{|%[A-Z_]+%/.test(address);
}

function at(path: string, { line, column }: Place, [rule, message]: readonly [string, string]): Problem {
  return { path, line, column, rule, message };
}

function whole(path: string, rule: string, message: string): Problem {
  return { path, line: 0, column: 0, rule, message };
}
