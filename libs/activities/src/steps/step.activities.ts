// Activities room. One step: begins with its worst case held, does its work once, ends with what it used captured.
// Between the two transactions lies the world; at most one attempt of a step is open, and a late end moves no money.
import { randomUUID } from 'node:crypto';
import { PROVIDER_FAULT, type RunStepInput, type RunStepResult, type StepActivities } from '@fairmeter/contracts';
import type { BeginStepResult, Refusal } from '@fairmeter/domain';
import { instant, waitCauseOf } from '@fairmeter/domain';
import type { JobControlLedger, JobLedger } from '@fairmeter/ledger';
import { startSpan } from '@fairmeter/platform';
import { readRateCard } from '@fairmeter/records';
import type { Info } from '@temporalio/activity';
import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { askAgain, unlessBusy } from '../ask-again.js';
import { payerOf } from '../jobs/job-memory.js';
import { brokenIsFinal } from '../to-application-failure.js';
import { noteUnpacked } from '../workspaces/packing.js';
import { findKeptTry, type KeptTry } from './kept-tries.js';
import { afterFault, giveUpKept } from './own-faults.js';
import { endStopped, pauseFor } from './step-control.js';
import type { StepParts } from './step-parts.js';
import { NEVER_ABORTED } from './step-parts.js';
import { prepareWork } from './step-work.js';
import type { Turnstile } from './turnstile.js';
import type { Prepared, Try, WorkDone, WorkFailed, WorkStopped } from './work.js';

export interface StepActivityParts extends StepParts {
  readonly jobs: JobLedger;
  readonly control: JobControlLedger;
  readonly turnstile: Turnstile;
  readonly heartbeatMs: number;
}

export class StepActivitiesOverPorts implements StepActivities {
  constructor(private readonly parts: StepActivityParts) {}

  async runStep(input: RunStepInput): Promise<RunStepResult> {
    return brokenIsFinal(async () => {
      const context = Context.current();
      // From the line on until what came of the work is written down: silence would give the step to another worker.
      const beat = context.info.isLocal
        ? undefined
        : setInterval(() => {
            context.heartbeat();
          }, this.parts.heartbeatMs);
      try {
        const prepared = await askAgain(() => this.prepare(input), context.cancellationSignal);
        const { traceParent: traceparent } = prepared.work.job;
        const span = { name: `step.${input.stage}`, traceparent, attributes: { 'job.id': input.jobId } };
        return await startSpan(span, () => this.beginAndWork(prepared));
      } finally {
        clearInterval(beat);
      }
    });
  }

  private async prepare(input: RunStepInput): Promise<Prepared> {
    const { info } = Context.current();
    const work = await prepareWork(this.parts, input);
    const { minimumCharge } = await readRateCard(this.parts.entities.manager, work.job.rateCardId);
    return {
      input,
      work,
      minimumCharge,
      payer: payerOf(work.job),
      // A retried transaction of this try finds its answer by this key; the next try of the step has another.
      tryKey: tryKeyOf(info),
    };
  }

  private async beginAndWork(prepared: Prepared): Promise<RunStepResult> {
    const { info, cancellationSignal: signal } = Context.current();
    const { input } = prepared;
    const kept = info.attempt === 1 ? null : await askAgain(() => findKeptTry(this.parts, input), signal);
    if (kept !== null) {
      const ended = await this.endKept(prepared, kept);
      if (ended !== 'late') return ended;
    }
    if (isTooLate(prepared)) return { outcome: 'not_held', reason: 'deadline_reached' };
    const result = await this.parts.turnstile.pass(async () => {
      // Its job was stopped while it stood in line.
      if (signal.aborted) throw new CancelledFailure('the step was cancelled before it began');
      return this.beginOrPause(prepared);
    });
    if (result.outcome === 'not_held' || result.outcome === 'waiting') return result;
    if (result.outcome === 'ended_before') {
      const { verdict, report, charge } = result;
      return { outcome: 'ended', verdict, report, chargeMicroCredits: charge };
    }
    const now: Try = { input, signal, attempt: result.attempt, startedMs: Date.now(), kept: null };
    const ended = await this.work(prepared, now, result.maxOutputTokens);
    // Whoever took over may be a predecessor that hung and came to itself: this try may be the one that is listened to,
    // and the next one finds what became of the step.
    if (ended === 'late') throw ApplicationFailure.retryable('another attempt took over', 'superseded');
    return ended;
  }

  /** `late` where the ledger says how the step stands: it was written down before, was overtaken, or is given up. */
  private async endKept(prepared: Prepared, { mayBeUsed, ...kept }: KeptTry): Promise<RunStepResult | 'late'> {
    // Its end has a key of its own: where it comes late, the try that follows ends under the usual one.
    const again = { ...prepared, tryKey: `${prepared.tryKey}.kept` };
    const now: Try = { input: prepared.input, signal: Context.current().cancellationSignal, ...kept };
    if (mayBeUsed) return this.work(again, now, 0);
    await giveUpKept(this.parts, { prepared: again, now }, kept.kept);
    return 'late';
  }

  /** From the call of the world to the end that is written; `late` where the attempt had been closed meanwhile. */
  private async work(prepared: Prepared, now: Try, maxOutputTokens: number): Promise<RunStepResult | 'late'> {
    try {
      const outcome = await prepared.work.run(now, maxOutputTokens);
      if (outcome.kind === 'done') return await this.end(prepared, now, outcome);
      return await (outcome.kind === 'failed' ? this.fail(prepared, now, outcome) : this.stop(prepared, now, outcome));
    } catch (error) {
      throw await afterFault(this.parts, { prepared, now }, error);
    }
  }

  /** Where credits lack, the job pauses; what comes in between the refusal and the pause is not slept through. */
  private async beginOrPause(prepared: Prepared): Promise<BeginStepResult | NotBegun> {
    for (let time = 1; time <= BEGIN_TRIES; time++) {
      const tryKey = time === 1 ? prepared.tryKey : `${prepared.tryKey}.${time}`;
      const asked = { ...prepared, tryKey };
      const begun = await askAgain(() => this.begin(asked), Context.current().cancellationSignal);
      if (begun.ok) return begun.value.result;
      const paused = await pauseFor(this.parts.control, asked, begun.refusal);
      if (paused === null) return this.notBegun(prepared, begun.refusal);
      if (paused.outcome === 'waiting') return paused;
    }
    throw new Error('what a step lacked came and went again while it was asked for');
  }

  /** Files that cannot be packed stay readable, and their job says why it has no ZIP. */
  private async notBegun({ input, work }: Prepared, refusal: Refusal): Promise<NotBegun> {
    const { code } = refusal;
    const reason = reasonOf(refusal, input.stage === 'package');
    if (reason === null) throw ApplicationFailure.nonRetryable(`a step could not begin: ${code}`, code);
    if (input.stage === 'package') {
      await askAgain(
        () => noteUnpacked(this.parts.entities.manager, work.job, { reason: 'not_held', code }),
        NEVER_ABORTED,
      );
    }
    return { outcome: 'not_held', reason };
  }

  private async begin({ input, work, minimumCharge, payer, tryKey }: Prepared): ReturnType<JobLedger['beginStep']> {
    return unlessBusy(
      this.parts.jobs.beginStep({
        payer,
        tryKey,
        asOf: instant(input.asOf),
        order: {
          ordinal: input.ordinal,
          iteration: input.iteration,
          stage: input.stage,
          kind: input.kind,
          price: work.price,
          inputBytes: work.inputBytes,
          inputMessages: work.inputMessages,
          minimumCharge,
        },
      }),
    );
  }

  private async end({ work, payer, tryKey }: Prepared, now: Try, done: WorkDone): Promise<RunStepResult | 'late'> {
    const { input, attempt } = now;
    const { kind: _, fault, ...measured } = done;
    // Made once: asking again with other figures would be another operation under the same key.
    const post = {
      payer,
      tryKey,
      asOf: instant(input.asOf),
      order: {
        ...measured,
        ordinal: input.ordinal,
        attempt,
        price: work.price,
        chargeClass: fault === null ? ('billable' as const) : ('platform_fault' as const),
        fault,
        latencyMs: Date.now() - now.startedMs,
      },
    };
    const ended = await askAgain(() => unlessBusy(this.parts.jobs.endStep(post)), NEVER_ABORTED);
    if (!ended.ok) throw ApplicationFailure.nonRetryable(`ending a step answered ${ended.refusal.code}`, 'broken');
    const { result } = ended.value;
    if (result.outcome === 'late') return 'late';
    const { ordinal, iteration, stage } = input;
    if (done.resultRef !== null) {
      this.parts.memory.stepEnded(input.jobId, { ordinal, iteration, stage, resultRef: done.resultRef });
    }
    const { verdict, report, charge } = result;
    return { outcome: 'ended', verdict, report, chargeMicroCredits: charge };
  }

  /** Stopped with its job it costs what had come; cut short because this worker goes down it is a fault of ours. */
  private async stop(prepared: Prepared, now: Try, stopped: WorkStopped): Promise<RunStepResult> {
    if (Context.current().cancellationDetails?.cancelRequested !== true) {
      const { meters, providerRequestId } = stopped;
      return this.fail(prepared, now, { ...CUT_SHORT, meters, providerRequestId });
    }
    await endStopped(this.parts.control, prepared, { now, stopped });
    throw new CancelledFailure('the step was cancelled');
  }

  private async fail({ work, payer, tryKey }: Prepared, now: Try, failed: WorkFailed): Promise<RunStepResult> {
    const { input, attempt } = now;
    const { fault, meters, providerRequestId } = failed;
    const post = {
      payer,
      tryKey,
      asOf: instant(input.asOf),
      order: {
        ordinal: input.ordinal,
        attempt,
        price: work.price,
        fault,
        meters,
        providerRequestId,
        latencyMs: Date.now() - now.startedMs,
      },
    };
    await askAgain(() => unlessBusy(this.parts.jobs.failAttempt(post)), NEVER_ABORTED);
    if (fault === STOPPED_BY_US) throw new CancelledFailure('the step was cut short');
    if (fault === 'bad_request') return { outcome: 'provider_refused' };
    throw ApplicationFailure.create({
      message: failed.message,
      type: PROVIDER_FAULT,
      nonRetryable: !failed.retryable || attempt >= PROVIDER_TRIES,
      details: [{ fault, status: failed.status }],
      ...(failed.retryAfterMs === null ? {} : { nextRetryDelay: failed.retryAfterMs }),
    });
  }
}

/** What is done within a task of the workflow is done again with it, as the same attempt: that is another try. */
function tryKeyOf({ workflowExecution, activityId, attempt, isLocal }: Info): string {
  const key = `${workflowExecution?.runId ?? 'no-run'}.${activityId}.${attempt}`;
  return isLocal ? `${key}.${randomUUID()}` : key;
}

const BEGIN_TRIES = 5;
const STOPPED_BY_US = 'cancelled';
const CUT_SHORT = {
  kind: 'failed',
  fault: STOPPED_BY_US,
  message: 'the call was cut short by us',
  status: null,
  retryable: false,
  retryAfterMs: null,
} as const;
/** How often a provider may fail a step. An outage of our own does not count: it is waited out. */
const PROVIDER_TRIES = 5;

/** Packing is part of an ending, and comes after a deadline too. */
function isTooLate({ input, work }: Prepared): boolean {
  const { deadline } = work.job;
  return input.stage !== 'package' && deadline !== null && input.asOf >= deadline;
}

type NotBegun = Extract<RunStepResult, { outcome: 'not_held' | 'waiting' }>;

/** What a job would wait for is no fault where all that is left is packing, which never waits. */
function reasonOf(refusal: Refusal, packs: boolean): Extract<NotBegun, { outcome: 'not_held' }>['reason'] | null {
  if (refusal.code === 'budget_too_small') return 'budget_reached';
  if (refusal.code === 'credits_exhausted') return 'credits_exhausted';
  return packs && waitCauseOf(refusal) !== null ? 'credits_exhausted' : null;
}
