// Providers room, tools. A file, or some of its lines, as they are; a long one in portions that say how to go on.
import type { ToolCall } from '../protocol/tool-call.js';
import { shown } from '../workspace/file-paths.js';
import { notFound, type Workspace } from '../workspace/workspace.js';
import type { Came } from './tool-result.js';

const LINES_READ = 1_000;
const CHARACTERS_READ = 40_000;

export function readLines(workspace: Workspace, call: Extract<ToolCall, { tool: 'read' }>): Came {
  const file = workspace.file(call.path);
  if (file === undefined) return { refused: notFound(call.path) };
  const lines = linesOf(file.text);
  const from = call.from ?? 1;
  const to = Math.min(call.to ?? lines.length, lines.length);
  if (call.to !== undefined && call.to < from) return outside(`to is before from`);
  if (from > Math.max(lines.length, 1)) return outside(`${shown(call.path)} has ${lines.length} lines`);
  const { kept, cut } = portion(lines.slice(from - 1, to));
  const last = from + kept.length - 1;
  const more = cut ?? (last < to ? `[lines ${last + 1} to ${to} are left: read with from: ${last + 1}]` : null);
  const title = `${shown(call.path)}, lines ${kept.length === 0 ? 0 : from} to ${last} of ${lines.length}`;
  return { text: [title, ...kept, ...(more === null ? [] : [more])].join('\n') };
}

/** A final newline ends the last line and begins none. */
function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** As many whole lines as fit; of a first line that is too long alone, its beginning. */
function portion(lines: readonly string[]): { readonly kept: readonly string[]; readonly cut: string | null } {
  const kept: string[] = [];
  let left = CHARACTERS_READ;
  for (const line of lines.slice(0, LINES_READ)) {
    if (line.length > left) {
      if (kept.length > 0) break;
      const cut = `[cut here: ${left} of ${line.length} characters of this line shown]`;
      return { kept: [line.slice(0, left).replace(/[\uD800-\uDBFF]$/, '')], cut };
    }
    kept.push(line);
    left -= line.length + 1;
  }
  return { kept, cut: null };
}

function outside(message: string): Came {
  return { refused: { errorClass: 'invalid_arguments', message } };
}
