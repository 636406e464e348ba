// Workflows room. Watches the steps of a run for loops: the detector decides, this only tells it what ended and keeps
// what it has found until it is written down.
import type { AdmittedJob, RunStepResult, WatchedLoops } from '@fairmeter/contracts';
import type { LoopFinding, NextMove, ObservedStep, Progress, StepMove } from '@fairmeter/domain';
import { inThread, LoopWatch, OUT_OF_ITERATIONS, parseMicroCredits } from '@fairmeter/domain';
import { patched } from '@temporalio/workflow';
import { ASK_LAST_ITERATION } from '../patches.js';

type EndedStep = Extract<RunStepResult, { outcome: 'ended' }>;

/** A step that ended, how far the job has come with it, and what comes next. */
export interface StepTaken {
  readonly step: StepMove;
  readonly next: NextMove;
  readonly progress: Progress;
  readonly result: EndedStep;
}

export interface FoundLoop {
  readonly number: number;
  readonly finding: LoopFinding;
}

/** Whether an iteration was idle shows once no step of it follows; work that is done is no loop any more. */
function endsIteration(step: StepMove, next: NextMove): boolean {
  if (next.move === 'step' && next.iteration !== step.iteration) return true;
  // What only packs is no part of the iteration that it comes after.
  const { reason } = next.move === 'end' ? next : (next.ending ?? {});
  return reason === OUT_OF_ITERATIONS.reason && step.ending === undefined && patched(ASK_LAST_ITERATION);
}

export class Loops {
  private readonly watch: LoopWatch | null;
  private found: number;

  constructor(
    private readonly job: AdmittedJob,
    before: WatchedLoops | undefined,
  ) {
    const { loopPolicy, thread } = job;
    const known = before?.state ?? thread?.watched;
    this.found = before?.found ?? 0;
    if (loopPolicy === undefined) this.watch = null;
    else this.watch = known === undefined ? LoopWatch.begin(loopPolicy) : LoopWatch.resume(loopPolicy, known);
  }

  /** What the end of this step completes; of several signals at once the most telling counts. */
  observe({ step, next, progress, result }: StepTaken): FoundLoop | null {
    const seen = result.report?.seen;
    if (this.watch === null || seen === undefined) return null;
    const found = this.look({
      ...seen,
      ordinal: progress.ordinal,
      iteration: step.iteration,
      charge: parseMicroCredits(result.chargeMicroCredits),
    });
    return found ?? (endsIteration(step, next) ? this.endIteration(null) : null);
  }

  look(step: Omit<ObservedStep, 'jobId'>): FoundLoop | null {
    const { jobId, thread } = this.job;
    const ofThread = thread === undefined ? {} : inThread(thread.payer, thread.newWords && step.iteration === 1);
    return this.numbered(this.watch?.observe({ ...step, ...ofThread, jobId })[0]);
  }

  endIteration(stream: string | null): FoundLoop | null {
    return this.numbered(this.watch?.endIteration(stream)[0]);
  }

  /** For the run that goes on from here: what was taken over from the thread is part of what was watched by now. */
  carried(): { readonly job: AdmittedJob; readonly loops?: WatchedLoops } {
    const { thread, ...job } = this.job;
    if (this.watch === null) return { job: this.job };
    return {
      job: thread === undefined ? job : { ...job, thread: { payer: thread.payer, newWords: thread.newWords } },
      loops: { found: this.found, state: this.watch.snapshot() },
    };
  }

  private numbered(finding: LoopFinding | undefined): FoundLoop | null {
    if (finding === undefined) return null;
    this.found += 1;
    return { number: this.found, finding };
  }
}
