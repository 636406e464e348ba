// Worker. What reconciliation asks, asked of Temporal. "Not found" is believed only of a workflow: a namespace that is
// not there, and a server that is away, are no answers.
import type { AwaitedStep, OpenWorkflows, WorkflowsAsked } from '@fairmeter/activities';
import { AI_JOB_WORKFLOW, STEPS_QUEUE } from '@fairmeter/contracts';
import type { WorkflowEnd, WorkflowStanding } from '@fairmeter/domain';
import { isWorkflowGone, type TemporalClient } from '@fairmeter/platform/temporal';

type Client = TemporalClient['client'];
type Description = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['describe']>>;

const WITHIN_MS = 10_000;
const PAGE = 100;
/** A worker that waits for work asks anew each minute. */
const POLLED_WITHIN_MS = 120_000;
/** As the server's protocol numbers them: handed out and not begun; a queue of activities. */
const SCHEDULED = 1;
const OF_ACTIVITIES = 2;

const ENDS: Readonly<Partial<Record<Description['status']['name'], WorkflowEnd>>> = {
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timed_out',
};

/** How the server names what it found of a run itself. */
const STUCK = `TemporalReportedProblems IN ('category=WorkflowTaskFailed', 'category=WorkflowTaskTimedOut')`;

export function workflowsAsked({ client }: Pick<TemporalClient, 'client'>): WorkflowsAsked {
  return {
    listedOpen: async (ids) => {
      if (ids.length === 0) return new Set();
      const { found } = await list(
        client,
        `ExecutionStatus = 'Running' AND WorkflowId IN (${ids.map(quoted).join(', ')})`,
      );
      return new Set(found.map(({ workflowId }) => workflowId));
    },
    standingOf: async ({ workflowId, firstRunId }) => standingOf(await describe(client, workflowId), firstRunId),
    openJobs: async (startedBefore, after) =>
      list(
        client,
        `ExecutionStatus = 'Running' AND WorkflowType = ${quoted(AI_JOB_WORKFLOW)} ` +
          `AND StartTime < ${quoted(new Date(startedBefore).toISOString())}`,
        after,
      ),
    stuck: async (after) => list(client, `ExecutionStatus = 'Running' AND ${STUCK}`, after),
    isStuck: async (workflowId) => {
      const { found } = await list(
        client,
        `ExecutionStatus = 'Running' AND WorkflowId = ${quoted(workflowId)} AND ${STUCK}`,
      );
      return found.length > 0;
    },
    awaitedStep: async ({ workflowId, firstRunId }) => {
      const described = await describe(client, workflowId);
      if (described === null || firstRun(described) !== firstRunId) return null;
      const step = longestAwaited(described);
      return step !== null && (await isAskedFor(client)) ? step : null;
    },
    firstRunOf: async ({ workflowId, runId }) => {
      const described = await describe(client, workflowId, runId);
      return described === null ? null : firstRun(described);
    },
  };
}

function standingOf(described: Description | null, firstRunId: string): WorkflowStanding {
  if (described === null) return { state: 'never' };
  // A workflow id has one open run at most: where that one is of another chain, ours is over.
  if (firstRun(described) !== firstRunId) return { state: 'closed', how: 'replaced' };
  const how = ENDS[described.status.name];
  return how === undefined ? { state: 'open' } : { state: 'closed', how };
}

function firstRun({ raw, runId }: Description): string {
  const first = raw.workflowExecutionInfo?.firstRunId;
  return first === undefined || first === null || first === '' ? runId : first;
}

/** What waits for its next try is told with the time of that try. */
function longestAwaited({ raw }: Description): AwaitedStep | null {
  const waiting = (raw.pendingActivities ?? [])
    .filter(({ state }) => Number(state) === SCHEDULED)
    .map(({ activityType, attempt, scheduledTime }) => ({
      activity: activityType?.name ?? '',
      attempt: attempt ?? 1,
      since: millisecondsOf(scheduledTime),
    }))
    .sort((one, other) => one.since - other.since);
  return waiting[0] ?? null;
}

/** Without a worker nothing is handed over: then it is no fault of the queue, and readiness tells of it. */
async function isAskedFor(client: Client): Promise<boolean> {
  const { pollers } = await client.withDeadline(Date.now() + WITHIN_MS, async () =>
    client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: STEPS_QUEUE },
      taskQueueType: OF_ACTIVITIES,
    }),
  );
  return pollers.some(({ lastAccessTime }) => millisecondsOf(lastAccessTime) > Date.now() - POLLED_WITHIN_MS);
}

function millisecondsOf(time: { readonly seconds?: unknown } | null | undefined): number {
  return Number(time?.seconds ?? 0) * 1_000;
}

/** Null where the server knows of no such workflow. */
async function describe(client: Client, workflowId: string, runId?: string): Promise<Description | null> {
  try {
    return await client.withDeadline(Date.now() + WITHIN_MS, async () =>
      client.workflow.getHandle(workflowId, runId).describe(),
    );
  } catch (error) {
    if (isWorkflowGone(error)) return null;
    throw error;
  }
}

async function list(client: Client, query: string, after: string | null = null): Promise<OpenWorkflows> {
  const { executions, nextPageToken } = await client.withDeadline(Date.now() + WITHIN_MS, async () =>
    client.workflowService.listWorkflowExecutions({
      namespace: client.options.namespace,
      query,
      pageSize: PAGE,
      ...(after === null ? {} : { nextPageToken: Buffer.from(after, 'base64') }),
    }),
  );
  const found = executions.map(({ execution, type, startTime }) => ({
    workflowId: execution?.workflowId ?? '',
    runId: execution?.runId ?? '',
    type: type?.name ?? '',
    startedAt: millisecondsOf(startTime),
  }));
  return { found, next: nextPageToken.length === 0 ? null : Buffer.from(nextPageToken).toString('base64') };
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
