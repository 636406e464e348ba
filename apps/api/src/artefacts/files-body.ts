// API room. The files of a job, as they are listed: by name, size and hash, each with the address of its bytes.
import { hasEnded, instantToText, type Instant } from '@fairmeter/domain';
import type { JobView } from '@fairmeter/ledger/reads';
import type { StoredEntry } from '@fairmeter/records';
import { z } from 'zod';
import { instantText, jobState } from '../jobs/job-body.js';

export const filesBody = z.object({
  job_id: z.string(),
  state: jobState,
  final: z.boolean().describe('False while the job runs: then these are the files as its last step left them.'),
  tree: z.string().nullable().describe('The hash of all files together; null before the job wrote any.'),
  count: z.int(),
  bytes: z.int(),
  expires_at: instantText.nullable().describe('Then the files are gone; null while the job runs.'),
  data: z
    .array(z.object({ path: z.string(), bytes: z.int(), sha256: z.string(), url: z.string() }))
    .describe('In the order of their paths.'),
});
export type FilesBody = z.output<typeof filesBody>;

export interface JobFiles {
  readonly job: JobView;
  readonly tree: string | null;
  readonly files: readonly StoredEntry[];
  readonly expiresAt: Instant | null;
}

export function toFilesBody({ job, tree, files, expiresAt }: JobFiles, publicUrl: string | undefined): FilesBody {
  const base = `${publicUrl ?? ''}/v1/jobs/${job.id}/files`;
  return {
    job_id: job.id,
    state: job.state,
    final: hasEnded(job.state),
    tree,
    count: files.length,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    expires_at: expiresAt === null ? null : instantToText(expiresAt),
    data: files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256, url: `${base}/${escaped(path)}` })),
  };
}

function escaped(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
