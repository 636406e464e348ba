// Activities room. What reconciliation asks the server of workflows. An answer is the server's own: whoever cannot
// reach it throws, and nothing is taken for lost.
import type { WorkflowStanding } from '@fairmeter/domain';

export interface WorkflowName {
  readonly workflowId: string;
  /** Of the first of its runs, whichever is the present one. */
  readonly firstRunId: string;
}

export interface OpenWorkflow {
  readonly workflowId: string;
  readonly runId: string;
  readonly type: string;
  readonly startedAt: number;
}

export interface OpenWorkflows {
  readonly found: readonly OpenWorkflow[];
  /** Null where nothing is left. */
  readonly next: string | null;
}

/** A step that was handed out and that nobody has begun, though somebody asks for such work. */
export interface AwaitedStep {
  readonly activity: string;
  readonly attempt: number;
  /** Since when it could have been begun. */
  readonly since: number;
}

export interface WorkflowsAsked {
  /** Those of the ids that a list of open workflows shows. A list lags behind: whoever is missing is asked for. */
  listedOpen(workflowIds: readonly string[]): Promise<ReadonlySet<string>>;
  standingOf(name: WorkflowName): Promise<WorkflowStanding>;
  /** Jobs that have been open since before that instant. */
  openJobs(startedBefore: number, after: string | null): Promise<OpenWorkflows>;
  /** Workflows of any kind whose tasks fail again and again. */
  stuck(after: string | null): Promise<OpenWorkflows>;
  /** Whether the present run is stuck still; false where it is closed. */
  isStuck(workflowId: string): Promise<boolean>;
  /** Of the present run the one that has waited longest; null where none waits, or no worker asks for any. */
  awaitedStep(name: WorkflowName): Promise<AwaitedStep | null>;
  /** Of the chain that the run belongs to; null where it is gone. */
  firstRunOf(workflow: Pick<OpenWorkflow, 'workflowId' | 'runId'>): Promise<string | null>;
}
