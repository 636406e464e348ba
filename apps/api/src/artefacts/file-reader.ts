// API room. The files of a job, for those who may read the job, whatever its plan, its credits and its ending: as they
// were at its end, or as its last step left them. They are kept as long as a ZIP would be.
import { readResultPlace } from '@fairmeter/ledger/reads';
import type { JobView } from '@fairmeter/ledger/reads';
import { artefactExpiry, findFile, listFiles } from '@fairmeter/records';
import type { Instant } from '@fairmeter/domain';
import type { Clock } from '@fairmeter/platform';
import { Inject, Injectable } from '@nestjs/common';
import { JobReader } from '../jobs/job-reader.js';
import type { Caller } from '../callers/caller.js';
import { ProblemError } from '../problems/problem-error.js';
import { API_CLOCK } from '../tokens.js';
import type { JobFiles } from './files-body.js';

export interface FileBytes {
  readonly sha256: string;
  readonly bytes: number;
  /** Null where the caller has these bytes already. */
  readonly body: string | null;
}

export interface WantedFile {
  readonly jobId: string;
  readonly path: string;
  /** The hash of the bytes that the caller has. */
  readonly known: string | null;
}

@Injectable()
export class FileReader {
  constructor(
    private readonly jobs: JobReader,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async list(caller: Caller, jobId: string): Promise<JobFiles> {
    return this.jobs.ofJob(caller, jobId, async (tx, job) => {
      const { tree } = await readResultPlace(tx, jobId);
      const expiresAt = expiryOf(job);
      if (tree === null) return { job, tree, files: [], expiresAt };
      this.mustBeKept(expiresAt);
      const files = await listFiles(tx, { jobId, hash: tree });
      if (files === null) throw gone();
      return { job, tree, files, expiresAt };
    });
  }

  async file(caller: Caller, { jobId, path, known }: WantedFile): Promise<FileBytes> {
    return this.jobs.ofJob(caller, jobId, async (tx, job) => {
      const { tree } = await readResultPlace(tx, jobId);
      // No name holds a NUL, and the database would not even take the question.
      if (tree === null || path.includes('\0')) throw notThere();
      this.mustBeKept(expiryOf(job));
      // Every name in a workspace is composed; whoever typed it on another system may have sent it in pieces.
      const found = await findFile(tx, { jobId, hash: tree, path: path.normalize('NFC') }, known);
      if (found === null) throw gone();
      if (found === 'no_such_file') throw notThere();
      const { sha256, bytes, body } = found;
      if (sha256 === known) return { sha256, bytes, body: null };
      if (body === null) throw gone();
      return { sha256, bytes, body };
    });
  }

  private mustBeKept(expiresAt: Instant | null): void {
    if (expiresAt !== null && expiresAt <= this.clock.now()) throw gone();
  }
}

function expiryOf({ endedAt }: JobView): Instant | null {
  return endedAt === null ? null : artefactExpiry(endedAt);
}

function notThere(): ProblemError {
  return new ProblemError('file_not_found', 'The job has no file of this name, as its files are now.');
}

function gone(): ProblemError {
  return new ProblemError('files_gone', 'The files were kept for their time, or were erased; the cost is still shown.');
}
