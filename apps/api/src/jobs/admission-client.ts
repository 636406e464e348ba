// API room. The way to Temporal: one lazy connection for the process, one call, and what its failures mean.
import type { AdmitAnswer, SignalDefinition, UpdateDefinition, WireRefusal } from '@fairmeter/contracts';
import {
  AI_JOB_WORKFLOW,
  admitUpdate,
  jobWorkflowId,
  NO_JOB_TO_STEER,
  queueOf,
  REPORTED_JOB_OVER,
  unpackRefusal,
} from '@fairmeter/contracts';
import type { Refusal } from '@fairmeter/domain';
import type { TemporalSettings } from '@fairmeter/platform';
import {
  ApplicationFailure,
  Client,
  Connection,
  isGrpcServiceError,
  ServiceError,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import type {
  AdmissionCall,
  HeardCall,
  ResultCall,
  StartAndAskCall,
  StartCall,
  SteerCall,
  TellCall,
} from './admission-calls.js';
import { fairnessKeyOf } from './fairness-key.js';

/** The question was asked and the answer did not come: admitted or not, only asking again can tell. */
export class AdmissionUnknown extends Error {
  override readonly name = 'AdmissionUnknown';
}

/** Nothing can be asked of the job any more: the tables say how it ended. */
export class JobNotUnderWay extends Error {
  override readonly name = 'JobNotUnderWay';
}

const PROBE_WITHIN_MS = 1_000;
/** As the server numbers how far a question has come: accepted, and answered. */
const ACCEPTED_STAGE = 2;
const COMPLETED_STAGE = 3;

export class AdmissionClient {
  private constructor(
    private readonly connection: Connection,
    private readonly client: Client,
    private readonly namespace: string,
  ) {}

  /** Connects with the first call: Temporal may be away when the process starts. */
  static open(settings: TemporalSettings): AdmissionClient {
    const connection = Connection.lazy({
      address: settings.address,
      tls: settings.tls,
      ...(settings.apiKey === undefined ? {} : { apiKey: settings.apiKey }),
    });
    return new AdmissionClient(
      connection,
      new Client({ connection, namespace: settings.namespace }),
      settings.namespace,
    );
  }

  async admit(call: AdmissionCall): Promise<AdmitAnswer> {
    const start = new WithStartWorkflowOperation(AI_JOB_WORKFLOW, {
      workflowId: jobWorkflowId(call.input.keyHash),
      taskQueue: queueOf(AI_JOB_WORKFLOW),
      args: [call.input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      // Inherited by the steps of the job, so set once.
      ...(call.fairnessKey === null ? {} : { priority: { fairnessKey: fairnessKeyOf(call.fairnessKey) } }),
    });
    try {
      return await this.client.withDeadline(call.deadline, async () =>
        this.client.workflow.executeUpdateWithStart(admitUpdate, {
          startWorkflowOperation: start,
          updateId: call.updateId,
          args: [call.request],
        }),
      );
    } catch (error) {
      if (isUnknownOutcome(error)) throw new AdmissionUnknown('no answer from Temporal', { cause: error });
      throw error;
    }
  }

  /** Starts it where it does not run, and waits for its answer; the same question finds the same answer again. */
  async startAndAsk<Answer, Args extends unknown[] = []>(
    update: UpdateDefinition<Answer, Args>,
    call: StartAndAskCall<Args>,
  ): Promise<Answer> {
    const start = new WithStartWorkflowOperation(call.workflow, {
      workflowId: call.workflowId,
      taskQueue: queueOf(call.workflow),
      args: [call.input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
    try {
      return await this.client.withDeadline(call.deadline, async () =>
        this.client.workflow.executeUpdateWithStart(update, {
          startWorkflowOperation: start,
          updateId: call.updateId,
          ...(call.args === undefined ? {} : { args: call.args }),
        }),
      );
    } catch (error) {
      if (isUnknownOutcome(error)) throw new AdmissionUnknown('no answer from Temporal', { cause: error });
      throw error;
    }
  }

  /** Whether a question that was not answered in time has reached its workflow: then it is answered sooner or later. */
  async wasHeard({ workflowId, updateId, deadline }: HeardCall): Promise<boolean> {
    const { namespace } = this;
    const updateRef = { workflowExecution: { workflowId }, updateId };
    const waitPolicy = { lifecycleStage: ACCEPTED_STAGE };
    try {
      const { stage, outcome } = await this.client.withDeadline(deadline, async () =>
        this.client.workflowService.pollWorkflowExecutionUpdate({ namespace, updateRef, waitPolicy }),
      );
      return Number(stage) === ACCEPTED_STAGE || (Number(stage) === COMPLETED_STAGE && !outcome?.failure);
    } catch {
      // Not known, or nobody answers: who asks is told that nobody knows, and asks again.
      return false;
    }
  }

  /** Hands something over to be done once; handed over before, it is in safe hands all the same. */
  async startOnce({ workflow, workflowId, input, deadline }: StartCall): Promise<void> {
    try {
      await this.client.withDeadline(deadline, async () =>
        this.client.workflow.start(workflow, {
          workflowId,
          taskQueue: queueOf(workflow),
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          // What broke on our side is done once more when it is told again.
          workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
        }),
      );
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return;
      if (isUnknownOutcome(error)) throw new AdmissionUnknown('no answer from Temporal', { cause: error });
      throw error;
    }
  }

  /** Tells whoever is at it, or has somebody begin. */
  async signalOrStart(signal: SignalDefinition, { workflow, workflowId, input, deadline }: StartCall): Promise<void> {
    await this.client.withDeadline(deadline, async () =>
      this.client.workflow.signalWithStart(workflow, {
        workflowId,
        taskQueue: queueOf(workflow),
        args: [input],
        signal,
        signalArgs: [],
      }),
    );
  }

  /** Asks a job under way and waits for its answer. */
  async steer<Answer, Args extends unknown[]>(
    update: UpdateDefinition<Answer, Args>,
    { workflowId, updateId, args, deadline }: SteerCall<Args>,
  ): Promise<Answer> {
    try {
      return await this.client.withDeadline(deadline, async () =>
        // By name: the client tells updates with arguments from those without, and this is for both.
        this.client.workflow
          .getHandle(workflowId)
          .executeUpdate<Answer, [unknown]>(update.name, { updateId, args: args as unknown as [unknown] }),
      );
    } catch (error) {
      if (isOver(error)) throw new JobNotUnderWay('the workflow of the job has ended', { cause: error });
      if (isUnknownOutcome(error) || typeOf(error) === NO_JOB_TO_STEER) {
        throw new AdmissionUnknown('no answer from the job', { cause: error });
      }
      throw error;
    }
  }

  /** A short workflow that answers by its end. The same id meets the same run, or does again what stands already. */
  async resultOf<Input, Result>(type: string, { workflowId, input, deadline }: ResultCall<Input>): Promise<Result> {
    try {
      return await this.client.withDeadline(deadline, async () => {
        const handle = await this.client.workflow.start<(input: Input) => Promise<Result>>(type, {
          workflowId,
          taskQueue: queueOf(type),
          args: [input],
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        });
        return await handle.result();
      });
    } catch (error) {
      if (isUnknownOutcome(error)) throw new AdmissionUnknown('no answer from Temporal', { cause: error });
      throw error;
    }
  }

  /** News for a workflow, which hears of it whenever a worker is there. False where it has ended or never began. */
  async tell<Args extends unknown[]>(
    signal: SignalDefinition<Args>,
    { workflowId, args, deadline }: TellCall<Args>,
  ): Promise<boolean> {
    try {
      await this.client.withDeadline(deadline, async () =>
        this.client.workflow.getHandle(workflowId).signal(signal, ...args),
      );
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      if (isUnknownOutcome(error)) throw new AdmissionUnknown('no answer from Temporal', { cause: error });
      throw error;
    }
  }

  /** Reaches the job whenever a worker is there again; nobody waits for that. */
  async requestCancel(workflowId: string, deadline: number): Promise<void> {
    await this.client.withDeadline(deadline, async () => this.client.workflow.getHandle(workflowId).cancel());
  }

  /** Throws unless the namespace answers. */
  async probe(): Promise<void> {
    await this.client.withDeadline(Date.now() + PROBE_WITHIN_MS, async () =>
      this.client.workflowService.describeNamespace({ namespace: this.namespace }),
    );
  }

  async close(): Promise<void> {
    await this.connection.close();
  }
}

// gRPC: cancelled, unknown, deadline exceeded, resource exhausted, failed precondition (a task of the workflow that
// carried the question could not be written down, and is done again), aborted, unavailable, data loss. After each of
// them the server may have done the work or not.
const UNKNOWN_CODES: ReadonlySet<number> = new Set([1, 2, 4, 8, 9, 10, 14, 15]);
/** How the server names an update whose workflow ended before it. */
const ENDED_BEFORE_ANSWER = 'AcceptedUpdateCompletedWorkflow';

export function isUnknownOutcome(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return true;
  // The run ended between being found and being asked; the next request starts a fresh one.
  if (error instanceof WorkflowNotFoundError) return true;
  if (error instanceof WorkflowUpdateFailedError) return typeOf(error) === ENDED_BEFORE_ANSWER;
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && UNKNOWN_CODES.has(cause.code);
}

/** What a workflow refused a question with, where it is one of ours. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof WorkflowUpdateFailedError) || !(error.cause instanceof ApplicationFailure)) return undefined;
  const [told] = (error.cause.details ?? []) as readonly (WireRefusal | undefined)[];
  return told !== undefined && told.code === error.cause.type ? unpackRefusal(told) : undefined;
}

function isOver(error: unknown): boolean {
  const type = typeOf(error);
  return error instanceof WorkflowNotFoundError || type === ENDED_BEFORE_ANSWER || type === REPORTED_JOB_OVER;
}

/** How a failed update names its failure. */
function typeOf(error: unknown): string | undefined {
  if (!(error instanceof WorkflowUpdateFailedError) || !(error.cause instanceof ApplicationFailure)) return undefined;
  return error.cause.type ?? undefined;
}
