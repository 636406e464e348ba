// Providers room, tools. Skeleton.
import type { BuildReport } from '../checks/check-report.js';
import type { Workspace } from '../workspace/workspace.js';

export async function buildPreview(workspace: Workspace): Promise<BuildReport> {
  throw new Error(`not yet ${workspace.hash}`);
}
