// Providers room, tools. Carries out one call on a workspace. Pure: the same call on the same files gives the same
// files and the same words, so that a repeated step changes nothing and repeats can be told from progress.
import type { ToolCall } from '../protocol/tool-call.js';
import { shown } from '../workspace/file-paths.js';
import type { Changed } from '../workspace/workspace.js';
import { notFound, type Workspace } from '../workspace/workspace.js';
import { listFiles } from './list-files.js';
import { patchedText } from './patch-text.js';
import { readLines } from './read-lines.js';
import { searchFiles } from './search-files.js';
import type { Came, ToolResult } from './tool-result.js';

export interface ToolRun {
  readonly workspace: Workspace;
  readonly result: ToolResult;
}

export function runTool(workspace: Workspace, call: ToolCall): ToolRun {
  const came = outcomeOf(workspace, call);
  if ('refused' in came) {
    const { errorClass, message } = came.refused;
    return { workspace, result: { tool: call.tool, ok: false, text: message, errorClass, changed: false } };
  }
  const after = came.workspace ?? workspace;
  const changed = after !== workspace && after.hash !== workspace.hash;
  return { workspace: after, result: { tool: call.tool, ok: true, text: came.text, changed } };
}

function outcomeOf(workspace: Workspace, call: ToolCall): Came {
  switch (call.tool) {
    case 'list':
      return listFiles(workspace, call.path);
    case 'read':
      return readLines(workspace, call);
    case 'search':
      return searchFiles(workspace, call);
    case 'write':
      return written(workspace, call.path, call.content);
    case 'patch':
      return patched(workspace, call);
    case 'delete':
      return said(workspace.without(call.path), `deleted ${shown(call.path)}`);
    case 'move':
      return moved(workspace, call.from, call.to);
    case 'ask':
      return call.question === '' ? invalid('ask needs a question') : { text: call.question };
    case 'done':
      return { text: call.summary };
  }
}

function written(workspace: Workspace, path: string, content: string): Came {
  const before = workspace.file(path);
  const changed = workspace.with(path, content);
  if ('refused' in changed) return changed;
  const bytes = changed.workspace.file(path)?.bytes ?? 0;
  const same = changed.workspace === workspace;
  const did = before === undefined ? 'created' : same ? 'unchanged:' : 'replaced';
  return { ...changed, text: `${did} ${shown(path)} (${bytes} bytes)` };
}

function patched(workspace: Workspace, { path, hunks }: Extract<ToolCall, { tool: 'patch' }>): Came {
  const file = workspace.file(path);
  if (file === undefined) return { refused: notFound(path) };
  const after = patchedText(file.text, hunks);
  if ('refused' in after) {
    return { refused: { ...after.refused, message: `${shown(path)}: ${after.refused.message}; nothing was changed` } };
  }
  const count = `${hunks.length} ${hunks.length === 1 ? 'place' : 'places'}`;
  return said(workspace.with(path, after.text), `changed ${count} of ${shown(path)}`);
}

function moved(workspace: Workspace, from: string, to: string): Came {
  const file = workspace.file(from);
  if (file === undefined) return { refused: notFound(from) };
  if (from === to) return { text: `unchanged: ${shown(from)} is there already` };
  if (workspace.file(to) !== undefined) {
    return { refused: { errorClass: 'already_exists', message: `there is a file at ${shown(to)}` } };
  }
  // Taken away first, so that a name may change its case and a full workspace can still be put in order.
  const taken = workspace.without(from);
  if ('refused' in taken) return taken;
  return said(taken.workspace.with(to, file.text), `moved ${shown(from)} to ${shown(to)}`);
}

function said(changed: Changed, text: string): Came {
  return 'refused' in changed ? changed : { ...changed, text };
}

function invalid(message: string): Came {
  return { refused: { errorClass: 'invalid_arguments', message } };
}
