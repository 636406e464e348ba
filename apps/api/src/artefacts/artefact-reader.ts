// API room. The ZIP of a job, for those who may read the job. Reading moves no credits: what making it cost was
// metered.
import type { ArtefactView } from '@fairmeter/records';
import { findArtefact, readArtefactBody } from '@fairmeter/records';
import { findJob } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import { Inject, Injectable } from '@nestjs/common';
import { isJobId, noSuchJob, ownJob } from '../jobs/job-reader.js';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { ProblemError } from '../problems/problem-error.js';
import { API_CLOCK } from '../tokens.js';

export interface ArtefactFile {
  readonly artefact: ArtefactView;
  /** Null where the caller has these bytes already. */
  readonly body: Uint8Array | null;
}

@Injectable()
export class ArtefactReader {
  constructor(
    private readonly database: TenantDatabase,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  /** `known` is the hash of the bytes that the caller has. */
  async file(caller: Caller, jobId: string, known: string | null): Promise<ArtefactFile> {
    if (!isJobId(jobId)) throw noSuchJob();
    return this.database.asTenant(tenantOf(caller), async (tx) => {
      ownJob(await findJob(tx, jobId), caller);
      const artefact = await findArtefact(tx, jobId);
      if (artefact === null) throw new ProblemError('artefact_not_found', 'This job has no file to download.');
      if (artefact.expiresAt <= this.clock.now()) throw expired();
      if (artefact.sha256 === known) return { artefact, body: null };
      const body = await readArtefactBody(tx, artefact.id);
      // Swept between the two reads, or by a clock that is ahead of ours.
      if (body === null) throw expired();
      return { artefact, body };
    });
  }
}

function expired(): ProblemError {
  return new ProblemError(
    'artefact_expired',
    'The file was kept for its time and is gone; what it cost is still shown.',
  );
}
