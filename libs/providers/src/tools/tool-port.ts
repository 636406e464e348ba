// Providers room, tools. The port through which a step searches, checks and builds: our own tools, which may crash as
// any program may.
import type { BuildReport, CheckFault, CheckReport } from './checks/check-report.js';
import type { ToolResult } from './runs/tool-result.js';
import type { SearchCall } from './thread/tool-task.js';
import type { Workspace } from './workspace/workspace.js';

export interface Searched {
  readonly result: ToolResult;
  readonly fault: CheckFault | null;
}

export interface ToolPort {
  check(files: Workspace): Promise<CheckReport>;
  build(files: Workspace): Promise<BuildReport>;
  search(files: Workspace, call: SearchCall): Promise<Searched>;
}
