// API room. Ends every job that one key has under way, as far as its holds tell whose they are: what a leaked key has
// started costs no further step.
import type { JobView } from '@fairmeter/ledger/reads';
import { readOpenJobsOfKey } from '@fairmeter/ledger/reads';
import { TenantDatabase } from '@fairmeter/platform/database';
import { environmentOfKey } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { environmentOfJobs } from '../callers/environment.js';
import { JobControl } from '../job-control/job-control.js';
import { ProblemError } from '../problems/problem-error.js';

@Injectable()
export class KeyJobs {
  constructor(
    private readonly database: TenantDatabase,
    private readonly control: JobControl,
  ) {}

  async cancelAll(caller: Caller, keyId: string): Promise<readonly JobView[]> {
    const jobIds = await this.database.asTenant(tenantOf(caller), async (tx) => {
      const environment = await environmentOfKey(tx, keyId);
      if (environment === null) {
        throw new ProblemError('key_not_found', 'There is no such key in this account.');
      }
      environmentOfJobs(caller, environment);
      return readOpenJobsOfKey(tx, caller.accountId, keyId);
    });
    return this.control.cancelAll(caller, jobIds);
  }
}
