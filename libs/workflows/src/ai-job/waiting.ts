// Workflows room. The pause of a job that lacks credits: it sleeps until the earliest change that its refusal named, or
// until somebody says that trying again may help, and no longer than its pause may last.
import type { JobEnding, RunStepResult } from '@fairmeter/contracts';
import { CancellationScope, condition } from '@temporalio/workflow';
import type { JobControl } from './control.js';

const OUT_OF_CREDITS: JobEnding = { state: 'completed_partial', reason: 'credits_exhausted' };

type Pause = Extract<RunStepResult, { outcome: 'waiting' }>;

/** Null where the step may be tried again. `newsBefore`: what had been heard when the refused step was asked for. */
export async function waitForCredits(control: JobControl, pause: Pause, newsBefore: number): Promise<JobEnding | null> {
  const now = Date.now();
  if (now >= pause.until) return OUT_OF_CREDITS;
  const wakeAt = Math.min(pause.until, pause.resetsAt ?? pause.until);
  // News that came while the step was being refused may be what it lacked.
  const mayGoOn = (): boolean => control.news > newsBefore || control.stopped !== undefined;
  await CancellationScope.nonCancellable(() => condition(mayGoOn, Math.max(1, wakeAt - now)));
  return control.stopped ?? null;
}
