// Providers room, tools. Skeleton.
import type { CheckReport } from './check-report.js';
import type { Workspace } from '../workspace/workspace.js';

export async function checkWorkspace(workspace: Workspace): Promise<CheckReport> {
  throw new Error(`not yet ${workspace.hash}`);
}
