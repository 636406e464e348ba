// API room. Which tips the caller's own work has called for: that of the account over the last days, and that of the
// latest jobs, as far as both are shown to the caller.
import { instant, JOB_TIPS, measureJob, tipsOf, WORK_TIPS } from '@fairmeter/domain';
import { readWork } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import { TenantDatabase } from '@fairmeter/platform/database';
import { readSaidOfLoops } from '@fairmeter/records';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../callers/caller.js';
import { tenantOf } from '../callers/caller.js';
import { environmentOfAsking } from '../callers/environment.js';
import { personShown } from '../callers/own-jobs.js';
import { JobReader } from '../jobs/job-reader.js';
import { API_CLOCK } from '../tokens.js';
import type { OwnTip, OwnTips } from './own-tips.js';

const WORK_OF_MS = 30 * 86_400_000;
/** Each is measured by itself: enough to know the last hours, and few enough to answer at once. */
const LATEST_JOBS = 10;

@Injectable()
export class TipReader {
  constructor(
    private readonly database: TenantDatabase,
    private readonly jobs: JobReader,
    @Inject(API_CLOCK) private readonly clock: Clock,
  ) {}

  async ofCaller(caller: Caller): Promise<OwnTips> {
    const own = [...(await this.ofAccount(caller)), ...(await this.ofLatestJobs(caller))];
    return new Map(own.map(({ code }) => [code, own.filter((tip) => tip.code === code)]));
  }

  /** The figures of an account are none of a bot's. */
  private async ofAccount(caller: Caller): Promise<OwnTip[]> {
    if (caller.kind === 'bot' || caller.kind === 'visitor') return [];
    const to = instant(this.clock.now() + 1);
    const stretch = { from: instant(to - WORK_OF_MS), to, environment: environmentOfAsking(caller) };
    const work = await this.database.asTenant(tenantOf(caller), async (tx) => {
      const said = await readSaidOfLoops(tx, caller.accountId);
      return readWork(tx, caller.accountId, { ...stretch, person: personShown(caller), said });
    });
    return tipsOf(WORK_TIPS, work).map((tip) => ({ ...tip, of: 'account', jobId: null }));
  }

  private async ofLatestJobs(caller: Caller): Promise<OwnTip[]> {
    const { jobs } = await this.jobs.jobs(caller, { limit: LATEST_JOBS });
    const tips: OwnTip[] = [];
    for (const { id: jobId } of jobs) {
      const { cost, ...beside } = await this.jobs.cost(caller, jobId);
      tips.push(...tipsOf(JOB_TIPS, measureJob(cost, beside)).map((tip) => ({ ...tip, of: 'job' as const, jobId })));
    }
    return tips;
  }
}
