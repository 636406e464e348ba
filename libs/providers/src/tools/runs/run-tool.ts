// Providers room, tools. Skeleton.
import type { ToolCall } from '../protocol/tool-call.js';
import type { Workspace } from '../workspace/workspace.js';
import type { ToolResult } from './tool-result.js';

export interface ToolRun {
  readonly workspace: Workspace;
  readonly result: ToolResult;
}

export function runTool(workspace: Workspace, call: ToolCall): ToolRun {
  throw new Error(`not yet ${call.tool} ${workspace.hash}`);
}
