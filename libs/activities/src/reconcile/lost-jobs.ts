// Activities room. Jobs whose workflow is closed or never was: what was metered stays captured, the rest of the hold
// goes back, and the job ends as failed. Proof comes from the server of workflows, never from time alone.
import type { Instant, WorkflowStanding } from '@fairmeter/domain';
import { formatCredits, instant, invariant, isLost, isOldEnough } from '@fairmeter/domain';
import type { JobLedger } from '@fairmeter/ledger';
import type { OpenJob } from '@fairmeter/ledger/reads';
import { findJob, findOpenJob, readJobsWithHold } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import type { EntityDatabase } from '@fairmeter/platform/database';
import { closeDrift, listDrift, readRateCard } from '@fairmeter/records';
import { unlessBusy } from '../ask-again.js';
import type { FailureSigns } from './each-apart.js';
import { eachApart } from './each-apart.js';
import type { WorkflowsAsked } from './workflows-asked.js';

export interface LostJobParts {
  readonly jobs: JobLedger;
  readonly entities: EntityDatabase;
  readonly clock: Clock;
  readonly workflows: WorkflowsAsked;
  readonly graceMs: number;
  readonly signs: FailureSigns;
}

export interface Walked {
  readonly looked: number;
  readonly found: number;
  /** Where the next page begins; null ends the check. */
  readonly next: string | null;
}

const PAGE = 100;
const KIND = 'hold_without_workflow';

export class LostJobs {
  constructor(private readonly parts: LostJobParts) {}

  async page(after: string | null): Promise<Walked> {
    const { entities, workflows, graceMs, signs } = this.parts;
    const open = await readJobsWithHold(entities.manager, { after, limit: PAGE });
    const asked = open.filter(({ createdAt }) => isOldEnough(createdAt, this.now(), graceMs));
    const living = await workflows.listedOpen(asked.map(({ workflowId }) => workflowId));
    let found = 0;
    const lookAt = async (job: OpenJob): Promise<void> => {
      const standing = await workflows.standingOf({ workflowId: job.workflowId, firstRunId: job.runId });
      if (!isLost({ createdAt: job.createdAt, standing }, this.now(), graceMs)) return;
      // Its workflow may be closed because it has ended the job meanwhile.
      const still = await findOpenJob(entities.manager, job.id);
      if (still === null) return;
      await this.end(still, standing);
      found += 1;
    };
    const silent = asked.filter(({ workflowId }) => !living.has(workflowId));
    await eachApart(silent, lookAt, signs);
    return { looked: open.length, found, next: open.length < PAGE ? null : (open.at(-1)?.id ?? null) };
  }

  /** Listed first: should this process die in between, the next look closes what it then finds settled. */
  async end(job: OpenJob, standing: WorkflowStanding): Promise<void> {
    const { entities, jobs } = this.parts;
    const { id: jobId, accountId, scopeId } = job;
    const workflow = standing.state === 'closed' ? standing.how : standing.state;
    const figures = { workflow, state: job.state, held: formatCredits(job.held), charged: formatCredits(job.charge) };
    await listDrift(entities.manager, [{ kind: KIND, subject: jobId, accountId, figures }]);
    const { minimumCharge } = await readRateCard(entities.manager, job.rateCardId);
    const settled = await unlessBusy(
      jobs.settle({ accountId, jobId, scopeId }, this.now(), {
        state: 'failed',
        reason: 'workflow_lost',
        minimumCharge,
      }),
    );
    // Whoever settled it with another ending at the same moment was first, and that ending stands.
    const code = settled.ok ? 'operation_mismatch' : settled.refusal.code;
    invariant(code === 'operation_mismatch' || code === 'job_ended', 'hold.ends-once', `settling answered ${code}`);
    await this.closeEnded(jobId);
  }

  /** Tells what became of a job that was found lost before; false where it is still open. */
  async closeEnded(jobId: string): Promise<boolean> {
    const { entities } = this.parts;
    const job = await findJob(entities.manager, jobId);
    if (job !== null && job.endedAt === null) return false;
    const figures = { charge: job === null ? null : formatCredits(job.charge), end_reason: job?.endReason ?? null };
    const done = job?.endReason === 'workflow_lost' ? 'settled' : 'gone';
    await closeDrift(entities.manager, { kind: KIND, subject: jobId }, { done, figures });
    return true;
  }

  private now(): Instant {
    return instant(this.parts.clock.now());
  }
}
