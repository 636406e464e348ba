// Activities room. What was found before and may have passed since: a look at each of it first of all, so that a list
// shows what is so now.
import type { PassingDrift } from '@fairmeter/domain';
import { PASSING_DRIFT } from '@fairmeter/domain';
import { findOpenJob, findRunsWithJob, isAttemptOpen } from '@fairmeter/ledger/reads';
import type { EntityDatabase } from '@fairmeter/platform/database';
import type { Drift } from '@fairmeter/records';
import { closeDrift, readOpenDrift } from '@fairmeter/records';
import type { FailureSigns } from './each-apart.js';
import { eachApart } from './each-apart.js';
import type { LostJobs, Walked } from './lost-jobs.js';
import type { StuckSteps } from './stuck-steps.js';
import { attemptOfSubject } from './subjects.js';
import type { WorkflowsAsked } from './workflows-asked.js';

const PAGE = 100;

export class FoundBefore {
  private readonly looks: Readonly<Record<PassingDrift, (drift: Drift) => Promise<void>>>;

  constructor(
    private readonly parts: {
      readonly entities: EntityDatabase;
      readonly workflows: WorkflowsAsked;
      readonly signs: FailureSigns;
    },
    private readonly lost: LostJobs,
    steps: StuckSteps,
  ) {
    this.looks = {
      hold_without_workflow: async (drift) => this.lookAtJob(drift),
      attempt_open_too_long: async (drift) => this.unless(drift, this.isOpenAttempt(drift)),
      workflow_without_job: async (drift) => this.unless(drift, this.isWithoutJob(drift)),
      workflow_tasks_stuck: async (drift) => this.unless(drift, parts.workflows.isStuck(drift.subject)),
      step_not_begun: async (drift) => this.unless(drift, steps.isStuck(drift.subject)),
    };
  }

  async page(after: string | null): Promise<Walked> {
    const { manager } = this.parts.entities;
    const open = await readOpenDrift(manager, { kinds: PASSING_DRIFT, after, limit: PAGE });
    const lookAt = async (drift: Drift): Promise<void> => {
      const kind = PASSING_DRIFT.find((one) => one === drift.kind);
      if (kind !== undefined) await this.looks[kind](drift);
    };
    await eachApart(open, lookAt, this.parts.signs);
    return { looked: open.length, found: 0, next: open.length < PAGE ? null : (open.at(-1)?.id ?? null) };
  }

  /** Whoever listed it died before it was settled, or before that was told. */
  private async lookAtJob({ subject: jobId }: Drift): Promise<void> {
    const { entities, workflows } = this.parts;
    if (await this.lost.closeEnded(jobId)) return;
    const job = await findOpenJob(entities.manager, jobId);
    if (job === null) return;
    const standing = await workflows.standingOf({ workflowId: job.workflowId, firstRunId: job.runId });
    if (standing.state !== 'open') await this.lost.end(job, standing);
  }

  private async isOpenAttempt({ subject }: Drift): Promise<boolean> {
    return isAttemptOpen(this.parts.entities.manager, attemptOfSubject(subject));
  }

  private async isWithoutJob({ subject, figures }: Drift): Promise<boolean> {
    const { entities, workflows } = this.parts;
    const { run_id: runId } = figures;
    if (typeof runId !== 'string') return false;
    const firstRunId = await workflows.firstRunOf({ workflowId: subject, runId });
    if (firstRunId === null) return false;
    const standing = await workflows.standingOf({ workflowId: subject, firstRunId });
    if (standing.state !== 'open') return false;
    const known = await findRunsWithJob(entities.manager, [subject.slice('job/'.length)]);
    return !known.has(firstRunId);
  }

  private async unless({ kind, subject }: Drift, lasting: Promise<boolean>): Promise<void> {
    if (await lasting) return;
    await closeDrift(this.parts.entities.manager, { kind, subject }, { done: 'gone', figures: {} });
  }
}
