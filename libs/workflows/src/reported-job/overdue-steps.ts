// Workflows room. Steps that a bot began and does not end: no attempt lasts longer than was settled with the admission
// of its job. What was set aside for them goes back, and their ends, should they come, come late.
import { formatMicroCredits } from '@fairmeter/domain';
import { CancellationScope } from '@temporalio/workflow';
import type { Run } from '../ai-job/run-steps.js';
import { abandonReportedStep } from '../proxies.js';
import type { OpenSteps } from './open-steps.js';
import type { Turns } from './turns.js';

export class OverdueSteps {
  private isLettingGo = false;

  constructor(
    private readonly steps: OpenSteps,
    private readonly turns: Turns,
  ) {}

  /** How long may be slept: what begins meanwhile is due no earlier than this from now. */
  sleepsFor({ job }: Run): number {
    const { stepMs = Infinity } = job;
    const oldest = this.steps.oldestSince;
    return oldest === undefined ? stepMs : Math.min(stepMs, oldest + stepMs - Date.now());
  }

  /** Not waited for: whoever has the turn before may himself be waiting for the end of this run. */
  letGo(run: Run, keepsAll: () => boolean): void {
    if (this.isLettingGo || this.sleepsFor(run) > 0) return;
    this.isLettingGo = true;
    void this.turns
      .take(async () => {
        while (!keepsAll() && this.sleepsFor(run) <= 0) await this.letGoOfOldest(run);
      })
      // A step that could not be let go stays open until its job ends.
      .catch(() => undefined)
      .finally(() => {
        this.isLettingGo = false;
      });
  }

  private async letGoOfOldest(run: Run): Promise<void> {
    const oldest = this.steps.takeOldest();
    if (oldest === undefined) return;
    const { step: ordinal, attempt } = oldest;
    await CancellationScope.nonCancellable(() =>
      abandonReportedStep({
        jobId: run.job.jobId,
        accountId: run.input.request.accountId,
        ordinal,
        attempt,
        heldByOthersMicroCredits: formatMicroCredits(this.steps.heldBeside(ordinal)),
        asOf: Date.now(),
      }),
    );
    this.steps.ended(ordinal);
  }
}
