// Providers room, tools. Skeleton.
import type { Workspace } from '../workspace/workspace.js';
import type { Artefact, ArtefactInfo } from './artefact.js';

export async function packArtefact(workspace: Workspace, info: ArtefactInfo): Promise<Artefact> {
  throw new Error(`not yet ${workspace.hash} ${info.jobId}`);
}
