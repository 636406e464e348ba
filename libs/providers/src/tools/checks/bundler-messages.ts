// Providers room, tools. The bundler's messages as problems of files, in our words where they would name our insides.
import type { Message } from 'esbuild';
import { isCommentedJson, NO_FILE } from '../bundler/memory-files.js';
import type { Bundled } from '../bundler/bundle-lane.js';
import type { CheckReport, Problem } from './check-report.js';
import type { Survey } from './survey.js';

const MESSAGE_CHARACTERS = 400;
const PROBLEMS_SHOWN = 100;

/** Warnings of style sheets are all that says that one cannot be read; those of scripts are matters of taste. */
export function problemsOf(survey: Survey, bundled: Bundled): Problem[] {
  if (bundled.kind === 'timed_out' || bundled.kind === 'tool_crashed') return [];
  const warnings = bundled.warnings.filter(({ id }) => id === 'css-syntax-error');
  const errors = bundled.kind === 'refused' ? bundled.errors : [];
  return [...errors, ...warnings].map((message) => problemOf(survey, message));
}

/** Sorted, without repeats, and only so many; the count has them all. */
export function reported(problems: readonly Problem[]): Pick<CheckReport, 'problems'> & { readonly errors: number } {
  const unique = [...new Map(problems.map((problem) => [JSON.stringify(Object.values(problem)), problem])).values()];
  const sorted = unique.sort(inOrder);
  return { problems: sorted.slice(0, PROBLEMS_SHOWN), errors: sorted.length };
}

function inOrder(a: Problem, b: Problem): number {
  return (
    compare(a.path, b.path) ||
    a.line - b.line ||
    a.column - b.column ||
    compare(a.rule, b.rule) ||
    compare(a.message, b.message)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function problemOf(survey: Survey, { id, text, location }: Message): Problem {
  const name = (location?.file ?? '').replace(/^(?:file-of-workspace|made-up):/, '');
  const own = survey.places.get(name);
  const path = own?.path ?? name;
  const said = {
    path,
    rule: ruleOf(id, text),
    message: text.replaceAll('file-of-workspace:', '').replaceAll('made-up:', '').slice(0, MESSAGE_CHARACTERS),
  };
  if (location === null) return { ...said, line: 0, column: 0 };
  const column = charactersOf(location.lineText, location.column) + 1;
  if (own !== undefined) {
    return {
      ...said,
      line: own.line + location.line - 1,
      column: location.line === 1 ? own.column + column - 1 : column,
    };
  }
  return { ...said, line: location.line - (isCommentedJson(path) ? 1 : 0), column };
}

function ruleOf(id: string, text: string): string {
  if (id !== '') return id.replaceAll('-', '_');
  if (text.startsWith(NO_FILE)) return 'missing_import';
  return text.startsWith('No matching export') ? 'missing_export' : 'syntax';
}

/** The bundler counts bytes. */
function charactersOf(line: string, bytes: number): number {
  return Buffer.from(line, 'utf8').subarray(0, bytes).toString('utf8').length;
}
