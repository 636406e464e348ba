// Worker. Creates the Workers in one place: the jobs queue runs workflows and their ledger calls, the background queue
// those that live for long or that hardly anybody waits for, the steps queue what takes time and talks to the world.
import { BACKGROUND_QUEUE, JOBS_QUEUE, STEPS_QUEUE } from '@fairmeter/contracts';
import type { NativeConnection } from '@temporalio/worker';
import { Worker } from '@temporalio/worker';
import { besideWorkflows, onStepsQueue, type WorkerActivities } from './activities-by-queue.js';

export interface WorkerHostOptions extends WorkerActivities {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly workflowBundle: { readonly codePath: string };
  readonly jobSlots: number;
  readonly stepSlots: number;
  readonly shutdownGraceMs: number;
  readonly identity: string;
  /** Histories kept in memory; beyond it a workflow is replayed from the server. */
  readonly maxCachedWorkflows?: number;
  /** Of the jobs queue, at once: only who measures what bare workflows could do takes another number. */
  readonly jobWorkflowTasks?: number;
}

/** Named, so that whoever measures can print what was measured. */
export const WORKER_TUNING = {
  // What is taken up waits here, one behind the other, for the one thread of workflows; what is not waits at the
  // server, in lines by payer. More at once only put a payer's tasks before another's admission (decision 0027).
  maxConcurrentWorkflowTaskExecutions: 10,
  pollers: { type: 'autoscaling', minimum: 2, maximum: 20, initial: 5 },
} as const;

/**
 * Little at a time, however much is due: most of this work has no one waiting, and it shares its machine with jobs that
 * have. But a change of plan, a visitor's order or the credits of a new account stand in the same line, so it is to be
 * worked off as fast as it goes: twelve renew more in a second than six, and more than 24 (decision 0071). What sleeps
 * for weeks is not worth a place in memory either.
 */
export const BACKGROUND_TUNING = {
  maxConcurrentWorkflowTaskExecutions: 12,
  maxConcurrentLocalActivityExecutions: 12,
  workflowTaskPollerBehavior: { type: 'autoscaling', minimum: 1, maximum: 4, initial: 2 },
  maxCachedWorkflows: 100,
  // The server gives a task up that waits longer for the worker that had it last, and writes it anew. In a wave many
  // wait longer than the usual ten seconds, and what is written anew is more to do for the same wave. Whoever asks for
  // something just when that worker was killed waits as long: so no longer than that.
  stickyQueueScheduleToStartTimeout: 20_000,
} as const;

export class WorkerHost {
  private runs: Promise<unknown> | undefined;
  private failed: unknown;

  private constructor(private readonly workers: readonly Worker[]) {}

  static async create(options: WorkerHostOptions): Promise<WorkerHost> {
    const shared = {
      connection: options.connection,
      namespace: options.namespace,
      identity: options.identity,
      // Without a grace time activities are cancelled at once: they get time to end, then Temporal hands them over.
      shutdownGraceTime: options.shutdownGraceMs,
      shutdownForceTime: options.shutdownGraceMs + 10_000,
    };
    const besides = {
      ...shared,
      workflowBundle: options.workflowBundle,
      activities: besideWorkflows(options),
    };
    const jobs = await Worker.create({
      ...besides,
      taskQueue: JOBS_QUEUE,
      maxConcurrentWorkflowTaskExecutions:
        options.jobWorkflowTasks ?? WORKER_TUNING.maxConcurrentWorkflowTaskExecutions,
      maxConcurrentLocalActivityExecutions: options.jobSlots,
      workflowTaskPollerBehavior: WORKER_TUNING.pollers,
      ...(options.maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows: options.maxCachedWorkflows }),
    });
    const background = await Worker.create({
      ...besides,
      taskQueue: BACKGROUND_QUEUE,
      ...BACKGROUND_TUNING,
      ...(options.maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows: options.maxCachedWorkflows }),
    });
    const steps = await Worker.create({
      ...shared,
      taskQueue: STEPS_QUEUE,
      activities: onStepsQueue(options),
      maxConcurrentActivityTaskExecutions: options.stepSlots,
      // A cancellation reaches an activity with the answer to its heartbeat, so none may be kept back for long.
      maxHeartbeatThrottleInterval: 2_000,
      activityTaskPollerBehavior: WORKER_TUNING.pollers,
    });
    return new WorkerHost([jobs, background, steps]);
  }

  /** Begins to poll. `onFailure` hears of a Worker that ended by itself: the process should end and be started anew. */
  run(onFailure: (error: unknown) => void): void {
    this.runs = Promise.all(
      this.workers.map((worker) =>
        worker.run().catch((error: unknown) => {
          this.failed = error;
          onFailure(error);
        }),
      ),
    );
  }

  get isAlive(): boolean {
    return this.failed === undefined && this.workers.every((worker) => worker.getState() === 'RUNNING');
  }

  /** Stops polling and waits for what runs; a second call waits with the first. */
  async shutdown(): Promise<void> {
    for (const worker of this.workers) {
      if (worker.getState() === 'RUNNING') worker.shutdown();
    }
    await this.runs;
  }
}
