// Activities room. Steps that were handed out and that no worker ever got: a job that waits for one is open with its
// hold, and nothing of its own ends it for long. Listed alone: a person looks why the queue does not hand it over.
import { formatCredits, instant, instantToText } from '@fairmeter/domain';
import type { OpenJob } from '@fairmeter/ledger/reads';
import { findOpenJob, readSilentJobs } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import type { EntityDatabase } from '@fairmeter/platform/database';
import { listDrift } from '@fairmeter/records';
import type { FailureSigns } from './each-apart.js';
import { eachApart } from './each-apart.js';
import type { Walked } from './lost-jobs.js';
import type { AwaitedStep, WorkflowsAsked } from './workflows-asked.js';

export interface StuckStepsParts {
  readonly entities: EntityDatabase;
  readonly clock: Clock;
  readonly workflows: WorkflowsAsked;
  readonly stepWaitsMs: number;
  readonly signs: FailureSigns;
}

const PAGE = 100;

export class StuckSteps {
  constructor(private readonly parts: StuckStepsParts) {}

  /** Only jobs in which nothing has happened for so long are asked about: few at any time. */
  async page(after: string | null): Promise<Walked> {
    const { entities, clock, stepWaitsMs, signs } = this.parts;
    const since = instant(clock.now() - stepWaitsMs);
    const silent = await readSilentJobs(entities.manager, { after, limit: PAGE, since });
    let found = 0;
    const lookAt = async (job: OpenJob): Promise<void> => {
      const step = await this.stuckIn(job);
      if (step !== null) found += await this.list(job, step);
    };
    await eachApart(silent, lookAt, signs);
    return { looked: silent.length, found, next: silent.length < PAGE ? null : (silent.at(-1)?.id ?? null) };
  }

  /** Whether a step of that job is stuck still; false where it has ended. */
  async isStuck(jobId: string): Promise<boolean> {
    const job = await findOpenJob(this.parts.entities.manager, jobId);
    return job !== null && (await this.stuckIn(job)) !== null;
  }

  private async stuckIn({ workflowId, runId: firstRunId }: OpenJob): Promise<AwaitedStep | null> {
    const { clock, workflows, stepWaitsMs } = this.parts;
    const step = await workflows.awaitedStep({ workflowId, firstRunId });
    return step === null || clock.now() - step.since < stepWaitsMs ? null : step;
  }

  private async list({ id, accountId, held }: OpenJob, step: AwaitedStep): Promise<number> {
    const { activity, attempt, since } = step;
    const figures = { activity, attempt, since: instantToText(instant(since)), held: formatCredits(held) };
    return listDrift(this.parts.entities.manager, [{ kind: 'step_not_begun', subject: id, accountId, figures }]);
  }
}
