// Providers room, tools. Lines that match. Patterns run on an engine without backtracking, so no pattern can run
// away, and the work of one search is bounded by its size times the text it reads: a count, and so the same on every
// machine.
import { RE2JS } from 're2js';
import type { ToolCall } from '../protocol/tool-call.js';
import { shown } from '../workspace/file-paths.js';
import type { Refused } from '../workspace/refused.js';
import type { Workspace } from '../workspace/workspace.js';
import { below } from './list-files.js';
import type { Came } from './tool-result.js';

const QUERY_CHARACTERS = 1_000;
const PROGRAM_SIZE = 2_000;
/** Instructions of the pattern times characters of text; at most a second or two of a busy processor. */
const WORK = 100_000_000;
const LINES_SHOWN = 200;
const LINE_CHARACTERS = 300;

type Search = Extract<ToolCall, { tool: 'search' }>;

interface Pattern {
  readonly matches: (line: string) => boolean;
  /** Instructions per character. */
  readonly weight: number;
}

export function searchFiles(workspace: Workspace, call: Search): Came {
  const pattern = patternOf(call);
  if ('errorClass' in pattern) return { refused: pattern };
  const isBelow = below(call.path);
  const paths = workspace.paths.filter(isBelow);
  if (paths.length === 0 && call.path !== undefined && workspace.size > 0) {
    return { refused: { errorClass: 'not_found', message: `there is nothing at ${shown(call.path)}` } };
  }
  return { text: found(workspace, paths, pattern) };
}

function found(workspace: Workspace, paths: readonly string[], pattern: Pattern): string {
  const lines: string[] = [];
  let [matches, files, work] = [0, 0, 0];
  let unread: string | null = null;
  for (const path of paths) {
    const text = workspace.file(path)?.text ?? '';
    work += text.length * pattern.weight;
    if (work > WORK) {
      unread = `[stopped before ${path}: too much text for this pattern, search in a folder]`;
      break;
    }
    const hits = hitsIn(path, text, pattern);
    matches += hits.length;
    files += hits.length > 0 ? 1 : 0;
    lines.push(...hits.slice(0, LINES_SHOWN - lines.length));
  }
  const title = matches === 0 ? 'no line matches' : `${matches} lines match in ${files} files`;
  const more = matches > lines.length ? [`and ${matches - lines.length} more`] : [];
  return [title, ...lines, ...more, ...(unread === null ? [] : [unread])].join('\n');
}

function hitsIn(path: string, text: string, pattern: Pattern): string[] {
  return text.split('\n').flatMap((line, index) => {
    const bare = line.endsWith('\r') ? line.slice(0, -1) : line;
    return pattern.matches(bare) ? [`${path}:${index + 1}: ${shortened(bare)}`] : [];
  });
}

function shortened(line: string): string {
  if (line.length <= LINE_CHARACTERS) return line;
  return `${line.slice(0, LINE_CHARACTERS).replace(/[\uD800-\uDBFF]$/, '')} [of ${line.length} characters]`;
}

function patternOf({ query, kind }: Search): Pattern | Refused {
  if (query === '') return invalid('search needs a text');
  if (query.length > QUERY_CHARACTERS) return invalid(`a pattern has at most ${QUERY_CHARACTERS} characters`);
  if (kind === 'literal') return { matches: (line) => line.includes(query), weight: 1 };
  const compiled = compile(query);
  if (typeof compiled === 'string') return invalid(`not a regular expression of RE2: ${compiled}`);
  const weight = compiled.programSize();
  if (weight > PROGRAM_SIZE) return invalid('the regular expression is too large: repeat less');
  return { matches: (line) => compiled.test(line), weight };
}

function compile(query: string): RE2JS | string {
  try {
    return RE2JS.compile(query);
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 200) : 'it cannot be read';
  }
}

function invalid(message: string): Refused {
  return { errorClass: 'invalid_arguments', message };
}
