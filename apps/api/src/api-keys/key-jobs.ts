// API room. Ends every job that one key has under way, as far as its holds tell whose they are: what a leaked key has
// started costs no further step.
import type { JobView } from '@fairmeter/ledger/reads';
import { readOpenJobsOfKey } from '@fairmeter/ledger/reads';
import { environmentOfKey } from '@fairmeter/records';
import { Injectable } from '@nestjs/common';
import { environmentOfJobs } from '../callers/environment.js';
import type { Asked } from '../changes/changes.js';
import { Changes, ending, note } from '../changes/changes.js';
import { JobControl } from '../job-control/job-control.js';
import { ProblemError } from '../problems/problem-error.js';

@Injectable()
export class KeyJobs {
  constructor(
    private readonly changes: Changes,
    private readonly control: JobControl,
  ) {}

  /** One line of the audit names them all, and is on disk before the first of them hears of it. */
  async cancelAll(asked: Asked, keyId: string): Promise<readonly JobView[]> {
    const { caller } = asked;
    const jobIds = await this.changes.make(ending(asked), async (changing) => {
      const { tx } = changing;
      const environment = await environmentOfKey(tx, keyId);
      if (environment === null) {
        throw new ProblemError('key_not_found', 'There is no such key in this account.');
      }
      environmentOfJobs(caller, environment);
      const open = await readOpenJobsOfKey(tx, caller.accountId, keyId);
      if (open.length > 0) {
        const [before, after] = [{ under_way: [...open] }, { under_way: [...open], requested: 'cancel' }];
        await note(changing, { action: 'key.jobs_cancel_requested', targetId: keyId, before, after });
      }
      return open;
    });
    return this.control.cancelAll(caller, jobIds);
  }
}
