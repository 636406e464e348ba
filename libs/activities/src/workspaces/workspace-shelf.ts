// Activities room. The files of jobs between their steps: kept by reference in records, with a few of them at hand. A
// tree never changes under its hash, so what lies here can only be right or missing.
import { invariant } from '@fairmeter/domain';
import type { EntityDatabase } from '@fairmeter/platform/database';
import { Workspace } from '@fairmeter/providers/tools';
import { loadTree, saveTree, type ToldWithTree } from '@fairmeter/records';
import type { PinnedJob } from '../jobs/job-memory.js';

/** Enough for the jobs a worker runs at a time; what falls out is read again. */
const KEPT_BYTES = 64 * 1_048_576;
const KEPT_MOST = 500;

/** What a step made of the files it found, and what it says of that: kept together, in one round trip. */
interface Made {
  readonly workspace: Workspace;
  readonly before: Workspace;
  readonly told: ToldWithTree;
}

export class WorkspaceShelf {
  /** By job and hash, the one used longest ago first. */
  private readonly kept = new Map<string, Workspace>();
  private keptBytes = 0;

  constructor(private readonly entities: EntityDatabase) {}

  async take(job: PinnedJob, hash: string | undefined): Promise<Workspace> {
    if (hash === undefined) return Workspace.empty();
    const known = this.kept.get(keyOf(job, hash));
    if (known !== undefined) {
      this.keep(job, known);
      return known;
    }
    const tree = await loadTree(this.entities.manager, { jobId: job.id, hash });
    invariant(tree !== null, 'operation.applied-once', `the files ${hash} of job ${job.id} are not on record`);
    const workspace = Workspace.of(
      tree.entries.map(({ path, sha256 }) => {
        const text = tree.bodies.get(sha256);
        invariant(text !== undefined, 'operation.applied-once', `${path} of job ${job.id} is not on record`);
        return { path, text };
      }),
    );
    this.keep(job, workspace);
    return workspace;
  }

  /** Written before the step that made it ends; a repeated step writes the same again, which is nothing. */
  async put(job: PinnedJob, { workspace, before, told }: Made): Promise<string> {
    const tree = {
      jobId: job.id,
      accountId: job.accountId,
      subject: job.subject,
      hash: workspace.hash,
      entries: workspace.entries,
      newBodies: workspace.newBodies(before),
    };
    await saveTree(this.entities.manager, tree, told);
    this.keep(job, workspace);
    return workspace.hash;
  }

  private keep(job: PinnedJob, workspace: Workspace): void {
    const key = keyOf(job, workspace.hash);
    if (this.kept.delete(key)) this.keptBytes -= workspace.bytes;
    this.kept.set(key, workspace);
    this.keptBytes += workspace.bytes;
    for (const [oldest, files] of this.kept) {
      if (this.kept.size <= KEPT_MOST && this.keptBytes <= KEPT_BYTES) break;
      this.kept.delete(oldest);
      this.keptBytes -= files.bytes;
    }
  }
}

const keyOf = (job: PinnedJob, hash: string): string => `${job.id}/${hash}`;
