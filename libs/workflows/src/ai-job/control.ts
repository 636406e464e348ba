// Workflows room. What may come over a job from outside: a request to cancel, its deadline, news of credits, another
// budget. Whatever comes first decides its ending, and everybody who asked hears that one.
import type { AdmittedJob, BudgetAnswer, BudgetRequest, JobEnding, RunStepResult } from '@fairmeter/contracts';
import { budgetUpdate, cancelUpdate, creditsChangedSignal, NO_JOB_TO_STEER, resumeUpdate } from '@fairmeter/contracts';
import {
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  patched,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import { PACK_BEFORE_ENDING } from '../patches.js';
import { STEP_STOPS_WITHIN_MS } from '../policies.js';
import { changeBudget } from '../proxies.js';

const CANCELLED: JobEnding = { state: 'cancelled', reason: 'cancelled' };
const TOO_LATE: JobEnding = { state: 'completed_partial', reason: 'deadline_reached' };

interface StepInFlight {
  readonly scope: CancellationScope;
  readonly packs: boolean;
  giveUp(): void;
}

export class JobControl {
  private job: { readonly job: AdmittedJob; readonly accountId: string } | undefined;
  private stop: JobEnding | undefined;
  private ending: JobEnding | undefined;
  private isSettled = false;
  private inFlight: StepInFlight | undefined;
  /** How often somebody said that trying again may help. */
  private told = 0;

  constructor() {
    const validator = (): void => {
      this.mustSteer();
    };
    setHandler(cancelUpdate, () => this.cancel(), { validator });
    setHandler(resumeUpdate, () => this.hear(), { validator });
    setHandler(budgetUpdate, (request) => this.changeBudget(request), {
      validator: (_request: BudgetRequest) => {
        this.mustSteer();
      },
    });
    setHandler(creditsChangedSignal, () => {
      this.hear();
    });
  }

  /** Called in the scope whose cancellation is the job's. */
  begin(job: AdmittedJob, accountId: string): void {
    this.job = { job, accountId };
    const { cancelRequested } = CancellationScope.current();
    cancelRequested.catch(() => {
      this.stopWith(CANCELLED);
    });
    if (CancellationScope.current().consideredCancelled) this.stopWith(CANCELLED);
    const { deadline } = job;
    if (deadline === undefined) return;
    const left = Math.max(1, deadline - Date.now());
    void CancellationScope.nonCancellable(() => sleep(left)).then(() => {
      this.stopWith(TOO_LATE);
    });
  }

  /** Why the job must not go on, if so. */
  get stopped(): JobEnding | undefined {
    return this.stop;
  }

  get news(): number {
    return this.told;
  }

  /**
   * The step's result, or the ending of a job that was stopped meanwhile. Packing what there is belongs to an ending:
   * only a cancel stops it, a deadline that has passed does not.
   */
  async run(step: () => Promise<RunStepResult>, packs = false): Promise<RunStepResult | JobEnding> {
    if (this.stop !== undefined && !(packs && this.stop === TOO_LATE && patched(PACK_BEFORE_ENDING))) return this.stop;
    const scope = new CancellationScope();
    try {
      // One promise for both ways out: the SDK traces each one that a workflow makes, which costs more than it does.
      const result = await new Promise<RunStepResult | undefined>((resolve, reject) => {
        this.inFlight = {
          scope,
          packs,
          giveUp: () => {
            resolve(undefined);
          },
        };
        // Given up, it may still fail: nobody listens any more.
        scope.run(step).then(resolve, reject);
      });
      return result ?? this.stop ?? CANCELLED;
    } catch (error) {
      // A try that fails once its stop was asked for is not tried again, whatever it failed of: the job was stopped.
      if (this.isStopped() || isCancellation(error)) return this.stop ?? CANCELLED;
      throw error;
    } finally {
      this.inFlight = undefined;
    }
  }

  /** From now on nothing changes how the job ends. */
  decide(ending: JobEnding): void {
    this.ending = ending;
  }

  /** The ending is written, and may be told: the one that stands, should an earlier task have settled otherwise. */
  settled(ending: JobEnding): void {
    this.ending = ending;
    this.isSettled = true;
  }

  private isStopped(): boolean {
    return this.stop !== undefined;
  }

  private stopWith(ending: JobEnding): void {
    const step = this.inFlight;
    const packs = step?.packs ?? false;
    if (this.ending !== undefined || (packs && ending === TOO_LATE && patched(PACK_BEFORE_ENDING))) return;
    // Whoever cancels does not wait for a ZIP, also where a deadline had decided the ending before.
    const cutsPacking = packs && this.stop === TOO_LATE && ending === CANCELLED;
    if (this.stop !== undefined && !cutsPacking) return;
    this.stop ??= ending;
    if (step === undefined) return;
    // What the provider had produced is told by the step itself; one that does not answer is not waited for.
    if (this.job?.job.waitMs !== undefined) {
      void CancellationScope.nonCancellable(() => sleep(STEP_STOPS_WITHIN_MS)).then(() => {
        step.giveUp();
      });
    }
    step.scope.cancel();
  }

  private async cancel(): Promise<JobEnding> {
    this.stopWith(CANCELLED);
    await CancellationScope.nonCancellable(() => condition(() => this.isSettled));
    return this.ending ?? CANCELLED;
  }

  private hear(): void {
    this.told += 1;
  }

  private async changeBudget(request: BudgetRequest): Promise<BudgetAnswer> {
    const { job, accountId } = this.mustSteer();
    const answer = await CancellationScope.nonCancellable(() =>
      changeBudget({ ...request, jobId: job.jobId, accountId, asOf: Date.now() }),
    );
    if (answer.outcome === 'changed') this.hear();
    return answer;
  }

  private mustSteer(): { readonly job: AdmittedJob; readonly accountId: string } {
    if (this.job !== undefined) return this.job;
    throw ApplicationFailure.nonRetryable('no job was admitted yet', NO_JOB_TO_STEER);
  }
}
