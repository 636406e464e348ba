// Activities room. The files of a job as one ZIP, as far as the plan of its account packs them, and that of the visitor
// who pays; where they do not, the job keeps why, and the model hears of it as soon as it has written too much.
import { instant, overPlan, tighterArtefacts } from '@fairmeter/domain';
import type { StageVerdict, Unpacked } from '@fairmeter/domain';
import type { EntityManager } from '@fairmeter/platform/database';
import type { ToolResult, Workspace } from '@fairmeter/providers/tools';
import { packArtefact } from '@fairmeter/providers/tools';
import { artefactExpiry, readArtefactLimit, readPayersPlan, saveArtefact, saveUnpacked } from '@fairmeter/records';
import type { PinnedJob } from '../jobs/job-memory.js';
import { whoPays } from '../jobs/job-memory.js';

type OverPlan = Extract<Unpacked, { readonly reason: 'over_plan' }>;

interface FilesOfJob {
  readonly files: Workspace;
  readonly job: PinnedJob;
}

export interface Packed {
  readonly told: object;
  readonly verdict: StageVerdict;
  /** Null where nothing was made. */
  readonly bytes: number | null;
}

export async function packFiles(
  manager: EntityManager,
  { files, job, asOf }: FilesOfJob & { readonly asOf: number },
): Promise<Packed> {
  const over = await tooMuch(manager, { files, job });
  if (over !== null) {
    await noteUnpacked(manager, job, over);
    return { told: { unpacked: over }, verdict: 'changes_requested', bytes: null };
  }
  const artefact = await packArtefact(files, { jobId: job.id, fileTree: job.extras.file_tree });
  const createdAt = instant(asOf);
  const id = await saveArtefact(manager, {
    jobId: job.id,
    accountId: job.accountId,
    subject: job.subject,
    files: artefact.files,
    sha256: artefact.sha256,
    body: artefact.bytes,
    createdAt,
    expiresAt: artefactExpiry(createdAt),
  });
  const { files: count, size, sha256 } = artefact;
  return { told: { artefact: id, files: count, size, sha256 }, verdict: 'approved', bytes: size };
}

export async function noteUnpacked(manager: EntityManager, job: PinnedJob, why: Unpacked): Promise<void> {
  await saveUnpacked(manager, { jobId: job.id, accountId: job.accountId, subject: job.subject, why });
}

/** Said with each write, and nothing is refused: the files can be read in any case, and may be fewer in the end. */
export async function withPlanSaid(
  manager: EntityManager,
  result: ToolResult,
  { files, job }: FilesOfJob,
): Promise<ToolResult> {
  if (!result.changed || !job.extras.zip) return result;
  const over = await tooMuch(manager, { files, job });
  if (over === null) return result;
  const { measure, limit, is } = over;
  return { ...result, text: `${result.text}\n[too much for the ZIP: ${measure} at most ${limit}, these are ${is}]` };
}

/** By the plans as they are now: they may have been changed since the job was admitted. */
async function tooMuch(manager: EntityManager, { files, job }: FilesOfJob): Promise<OverPlan | null> {
  const owners = await readArtefactLimit(manager, job.accountId);
  if (owners === null) return null;
  const visitors = (await readPayersPlan(manager, whoPays(job)))?.artefacts ?? owners;
  return overPlan({ files: files.size, bytes: files.bytes }, tighterArtefacts(owners, visitors));
}
