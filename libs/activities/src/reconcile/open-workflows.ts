// Activities room. Workflows as their server lists them: jobs under way that no table knows of, and runs of any kind
// whose tasks fail again and again. Listed alone: a workflow is ended by a person, or mended by a release.
import { instantToText, instant } from '@fairmeter/domain';
import { findRunsWithJob } from '@fairmeter/ledger/reads';
import type { Clock } from '@fairmeter/platform';
import type { EntityDatabase } from '@fairmeter/platform/database';
import type { FoundDrift } from '@fairmeter/records';
import { listDrift } from '@fairmeter/records';
import type { Walked } from './lost-jobs.js';
import type { OpenWorkflow, WorkflowsAsked } from './workflows-asked.js';

export interface OpenWorkflowsParts {
  readonly entities: EntityDatabase;
  readonly clock: Clock;
  readonly workflows: WorkflowsAsked;
  readonly graceMs: number;
}

const JOB_ID = /^job\/(.+)$/;

export class OpenWorkflowsCheck {
  constructor(private readonly parts: OpenWorkflowsParts) {}

  /** A run that no job was admitted by ends soon after it began: one that is older has missed that. */
  async withoutJob(after: string | null): Promise<Walked> {
    const { entities, clock, workflows, graceMs } = this.parts;
    const { found, next } = await workflows.openJobs(clock.now() - graceMs, after);
    const known = await findRunsWithJob(
      entities.manager,
      found.flatMap(({ workflowId }) => JOB_ID.exec(workflowId)?.[1] ?? []),
    );
    const drift: FoundDrift[] = [];
    for (const workflow of found.filter(({ runId }) => !known.has(runId))) {
      // A job that goes on in a new run is known by its first one.
      const firstRunId = await workflows.firstRunOf(workflow);
      if (firstRunId !== null && !known.has(firstRunId)) drift.push(driftOf('workflow_without_job', workflow));
    }
    return { looked: found.length, found: await listDrift(entities.manager, drift), next };
  }

  async stuck(after: string | null): Promise<Walked> {
    const { entities, workflows } = this.parts;
    const { found, next } = await workflows.stuck(after);
    const drift = found.map((workflow) => driftOf('workflow_tasks_stuck', workflow));
    return { looked: found.length, found: await listDrift(entities.manager, drift), next };
  }
}

/** Whose it is its id does not say. */
function driftOf(kind: 'workflow_without_job' | 'workflow_tasks_stuck', workflow: OpenWorkflow): FoundDrift {
  const { workflowId, runId, type, startedAt } = workflow;
  return {
    kind,
    subject: workflowId,
    accountId: '',
    figures: { type, run_id: runId, started_at: instantToText(instant(startedAt)) },
  };
}
