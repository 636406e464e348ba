// Worker. Creates the Workers in one place: the jobs queue runs workflows and their ledger calls, the steps queue runs
// what takes time and talks to the world.
import type {
  CheckoutActivities,
  ControlActivities,
  JobActivities,
  PaymentActivities,
  ReportedActivities,
  StepActivities,
  TermsActivities,
} from '@fairmeter/contracts';
import { JOBS_QUEUE, STEPS_QUEUE } from '@fairmeter/contracts';
import type { NativeConnection } from '@temporalio/worker';
import { Worker } from '@temporalio/worker';

export interface WorkerHostOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly workflowBundle: { readonly codePath: string };
  readonly jobActivities: JobActivities;
  readonly stepActivities: StepActivities;
  readonly controlActivities: ControlActivities;
  readonly reportedActivities: ReportedActivities;
  readonly termsActivities: TermsActivities;
  readonly purchaseActivities: CheckoutActivities & PaymentActivities;
  readonly jobSlots: number;
  readonly stepSlots: number;
  readonly shutdownGraceMs: number;
  readonly identity: string;
  /** Histories kept in memory; beyond it a workflow is replayed from the server. */
  readonly maxCachedWorkflows?: number;
}

/** Named, so that whoever measures can print what was measured. */
export const WORKER_TUNING = {
  maxConcurrentWorkflowTaskExecutions: 40,
  pollers: { type: 'autoscaling', minimum: 2, maximum: 20, initial: 5 },
} as const;

export class WorkerHost {
  private runs: Promise<unknown> | undefined;
  private failed: unknown;

  private constructor(private readonly workers: readonly Worker[]) {}

  static async create(options: WorkerHostOptions): Promise<WorkerHost> {
    const {
      jobActivities,
      stepActivities,
      controlActivities,
      reportedActivities,
      purchaseActivities,
      termsActivities,
    } = options;
    const shared = {
      connection: options.connection,
      namespace: options.namespace,
      identity: options.identity,
      // Without a grace time activities are cancelled at once: they get time to end, then Temporal hands them over.
      shutdownGraceTime: options.shutdownGraceMs,
      shutdownForceTime: options.shutdownGraceMs + 10_000,
    };
    const jobs = await Worker.create({
      ...shared,
      taskQueue: JOBS_QUEUE,
      workflowBundle: options.workflowBundle,
      activities: {
        admitJob: jobActivities.admitJob.bind(jobActivities),
        noteLoop: jobActivities.noteLoop.bind(jobActivities),
        settleJob: jobActivities.settleJob.bind(jobActivities),
        changeBudget: controlActivities.changeBudget.bind(controlActivities),
        beginReportedStep: reportedActivities.beginReportedStep.bind(reportedActivities),
        endReportedStep: reportedActivities.endReportedStep.bind(reportedActivities),
        changeTerms: termsActivities.changeTerms.bind(termsActivities),
        abandonReportedStep: reportedActivities.abandonReportedStep.bind(reportedActivities),
        applyPayment: purchaseActivities.applyPayment.bind(purchaseActivities),
        // Those whose tool answers at once.
        runStep: stepActivities.runStep.bind(stepActivities),
      } satisfies JobActivities &
        ControlActivities &
        ReportedActivities &
        PaymentActivities &
        StepActivities &
        TermsActivities,
      maxConcurrentWorkflowTaskExecutions: WORKER_TUNING.maxConcurrentWorkflowTaskExecutions,
      maxConcurrentLocalActivityExecutions: options.jobSlots,
      workflowTaskPollerBehavior: WORKER_TUNING.pollers,
      ...(options.maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows: options.maxCachedWorkflows }),
    });
    const steps = await Worker.create({
      ...shared,
      taskQueue: STEPS_QUEUE,
      activities: {
        runStep: stepActivities.runStep.bind(stepActivities),
        openCheckout: purchaseActivities.openCheckout.bind(purchaseActivities),
        lookAtCheckout: purchaseActivities.lookAtCheckout.bind(purchaseActivities),
      } satisfies StepActivities & CheckoutActivities,
      maxConcurrentActivityTaskExecutions: options.stepSlots,
      // A cancellation reaches an activity with the answer to its heartbeat, so none may be kept back for long.
      maxHeartbeatThrottleInterval: 2_000,
      activityTaskPollerBehavior: WORKER_TUNING.pollers,
    });
    return new WorkerHost([jobs, steps]);
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
