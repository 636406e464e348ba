// Workflows room. A job whose agent is its bot's own: the bot says what it begins and what it used, one call after the
// other; holds, charges, loops and the one ending are as those of a job of ours.
import type {
  AiJobInput,
  AiJobResult,
  BeginReportedAnswer,
  BeginReportedRequest,
  EndReportedAnswer,
  EndReportedRequest,
  FinishReportedAnswer,
  FinishReportedRequest,
  JobEnding,
  LoopVerdict,
  OpenReportedStep,
  ReportedState,
} from '@fairmeter/contracts';
import {
  beginReportedUpdate,
  endReportedUpdate,
  finishReportedUpdate,
  NO_JOB_TO_STEER,
  packRefusal,
  REPORTED_JOB_OVER,
} from '@fairmeter/contracts';
import type { NoteLoopResult, StepSeen } from '@fairmeter/domain';
import { ATTEMPT_LASTS_MS, formatMicroCredits } from '@fairmeter/domain';
import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  patched,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { FoundLoop } from '../ai-job/loops.js';
import type { Ended, Run } from '../ai-job/run-steps.js';
import { noteFound } from '../ai-job/run-steps.js';
import { KNOWN_AS_TOLD } from '../patches.js';
import { ADMIT_PATIENCE_MS } from '../policies.js';
import { beginReportedStep, endReportedStep } from '../proxies.js';
import { lackOf, over, refused, verdictOf } from './answers.js';
import { OpenSteps } from './open-steps.js';
import { OverdueSteps } from './overdue-steps.js';
import { isBounded, lookAt, metersOf, seenOf, seenOnce } from './seen.js';
import { Turns } from './turns.js';

const STOPPED: JobEnding = { state: 'stopped_loop', reason: 'loop_detected' };
const OUT_OF_CREDITS: JobEnding = { state: 'completed_partial', reason: 'credits_exhausted' };
const IDLE: JobEnding = { state: 'completed_partial', reason: 'idle' };

/** A call that is under way when time is up is heard out first. */
const LOOKS_AGAIN_MS = 1_000;

/** The workflow's own type, as its next run is started. */
type AiJob = (input: AiJobInput) => Promise<AiJobResult>;

export class ReportedJob {
  private readonly steps: OpenSteps;
  private readonly turns = new Turns();
  private readonly overdue: OverdueSteps;
  private job: Run | undefined;
  private heardAt: number;
  private waitsUntil: number | undefined;
  private lacks: ReportedState['lacks'];
  private ending: JobEnding | undefined;
  private stoppedBy: FoundLoop | null = null;
  private verdict: LoopVerdict | null = null;
  private isSettled = false;

  constructor(before: ReportedState | undefined) {
    this.steps = new OpenSteps(before);
    this.overdue = new OverdueSteps(this.steps, this.turns);
    this.heardAt = before?.heardAt ?? Date.now();
    this.waitsUntil = before?.waitsUntil;
    this.lacks = before?.lacks;
    // Refused before it costs a line of history; whoever began a step may still say what became of it.
    const mustBeOpen = (): void => {
      if (this.ending !== undefined) throw ApplicationFailure.nonRetryable('the job has ended', REPORTED_JOB_OVER);
      // Whoever comes now is asked to come again: calls without a pause would keep this run from ever ending.
      if (isRenewalDue()) throw ApplicationFailure.nonRetryable('the job goes on as a new run', NO_JOB_TO_STEER);
    };
    setHandler(beginReportedUpdate, (request) => this.inTurn((run) => this.begin(run, request)), {
      validator: (_request: BeginReportedRequest) => {
        mustBeOpen();
      },
    });
    setHandler(endReportedUpdate, (request) => this.inTurn((run) => this.end(run, request)), {
      validator: (request: EndReportedRequest) => {
        if (this.ending === undefined || this.steps.at(request.step) === undefined) mustBeOpen();
      },
    });
    setHandler(finishReportedUpdate, (request) => this.inTurn((run) => this.finish(run, request)), {
      validator: (_request: FinishReportedRequest) => {
        mustBeOpen();
      },
    });
  }

  /** Until the bot finishes, a loop or whoever steers the job ends it, or nobody is heard any more. */
  async run(run: Run): Promise<Ended> {
    const { control } = run;
    this.job = run;
    for (;;) {
      const due = this.dueAt(run);
      const left = due - Date.now();
      const isQuiet = left <= 0 && !this.turns.areTaken;
      if (isQuiet) this.ending ??= this.waitsUntil === undefined ? IDLE : OUT_OF_CREDITS;
      this.ending ??= control.stopped;
      if (this.ending !== undefined) return { ending: this.ending, stoppedBy: this.stoppedBy };
      const isOver = (): boolean => this.ending !== undefined || control.stopped !== undefined;
      // Of a paused job no step is under way but the one that its bot may try again. A call that has the turn before
      // may be what pauses it, so this is asked again in turn.
      const keepsAll = (): boolean => isOver() || this.waitsUntil !== undefined;
      if (!keepsAll()) this.overdue.letGo(run, keepsAll);
      if (this.mayRenew()) await this.renew(run);
      // A pause that is over brings the end by silence nearer again.
      const isSooner = (): boolean => this.dueAt(run) < due;
      const mayLook = (): boolean => isOver() || isSooner() || this.mayRenew();
      const sleep = this.waitsUntil === undefined ? Math.min(left, this.overdue.sleepsFor(run)) : left;
      await CancellationScope.nonCancellable(() => condition(mayLook, Math.max(LOOKS_AGAIN_MS, sleep)));
    }
  }

  /** What was taken has its answer in the run that took it. */
  private mayRenew(): boolean {
    return isRenewalDue() && allHandlersFinished() && !this.turns.areTaken;
  }

  /** When it ends if nothing is heard until then. */
  private dueAt({ job }: Run): number {
    return this.waitsUntil ?? this.heardAt + (job.idleMs ?? Infinity);
  }

  /** The ending is written: whoever waits for it is answered, and a step that was open then may still be told of. */
  async settled(ending: JobEnding, noted: NoteLoopResult | null): Promise<void> {
    this.ending = ending;
    if (this.stoppedBy !== null && noted !== null) this.verdict = verdictOf(this.stoppedBy, noted);
    this.isSettled = true;
    const isToldOfAll = (): boolean => this.steps.first === undefined;
    // A step that ends after its job was over is heard as long as it may last: somebody writes down what it cost.
    await CancellationScope.nonCancellable(() => condition(isToldOfAll, ATTEMPT_LASTS_MS));
  }

  private async begin(run: Run, request: BeginReportedRequest): Promise<BeginReportedAnswer> {
    if (this.ending !== undefined) return refused(request, over(this.ending));
    const blocked = this.steps.refusalOf(request);
    if (blocked === null && this.steps.opensIteration(request)) {
      // No billable attempt follows a loop: whether the iteration before was idle is asked before the step begins.
      const found = run.loops.endIteration(request.stream);
      if (await this.stopsAt(run, found)) return refused(request, over(STOPPED));
    }
    const { requestId: _, again, stream: __, argsHash: ___, ...asked } = request;
    const ordinal = again ?? this.steps.next;
    const { jobId, waitMs } = run.job;
    const result = await CancellationScope.nonCancellable(() =>
      beginReportedStep({
        ...asked,
        jobId,
        accountId: run.input.request.accountId,
        asOf: Date.now(),
        ordinal,
        heldByOthersMicroCredits: formatMicroCredits(this.steps.heldBeside(ordinal)),
        blocked: blocked === null ? null : packRefusal(blocked),
        ...(waitMs === undefined || this.steps.hasOthers(ordinal) ? {} : { waitMs }),
      }),
    );
    if (result.outcome === 'refused') {
      const { refusal, waitsUntil } = result;
      this.waitsUntil = waitsUntil ?? this.waitsUntil;
      this.lacks = lackOf(refusal) ?? this.lacks;
      return { ...refused(request, refusal), ...(waitsUntil === undefined ? {} : { waitsUntil }) };
    }
    if (result.step >= ordinal) {
      this.waitsUntil = undefined;
      this.lacks = undefined;
    }
    this.steps.begun(request, result);
    return { ...result, requestId: request.requestId };
  }

  private async end(run: Run, request: EndReportedRequest): Promise<EndReportedAnswer> {
    const { requestId, seen: _, noUsage: __, lookUpFailed: ___, plainResultHash: ____, ...told } = request;
    const open = this.steps.at(request.step);
    const ofOpen = open?.attempt === request.attempt ? open : undefined;
    const bounded = isBounded(ofOpen, request);
    const observed = ofOpen === undefined ? null : this.seen(ofOpen, request);
    const result = await CancellationScope.nonCancellable(() =>
      endReportedStep({
        ...told,
        meters: metersOf(ofOpen, request),
        unmetered: told.unmetered || bounded,
        seen: observed,
        jobId: run.job.jobId,
        accountId: run.input.request.accountId,
        asOf: Date.now(),
      }),
    );
    if (this.isSettled && ofOpen !== undefined) this.steps.ended(request.step);
    if (result.outcome === 'refused') return refused(request, result.refusal);
    let loop: LoopVerdict | null = null;
    if (ofOpen !== undefined && observed !== null) {
      this.steps.ended(request.step);
      const found = run.loops.look(lookAt(ofOpen, observed, result.chargeMicroCredits));
      await this.stopsAt(run, found);
      loop = this.verdict;
    }
    const { ending } = this;
    return { ...result, loop, bounded, requestId, ...(loop === null || ending === undefined ? {} : { ending }) };
  }

  private seen(open: OpenReportedStep, request: EndReportedRequest): StepSeen {
    return patched(KNOWN_AS_TOLD) ? seenOf(open, request) : seenOnce(open, request);
  }

  private async finish(run: Run, request: FinishReportedRequest): Promise<FinishReportedAnswer> {
    if (this.ending !== undefined) return refused(request, over(this.ending));
    const { first } = this.steps;
    if (first !== undefined) return refused(request, packRefusal({ code: 'step_open', step: first.step }));
    for (const stream of this.steps.streams) {
      if (await this.stopsAt(run, run.loops.endIteration(stream))) break;
    }
    const { state, requestId } = request;
    this.ending ??= state === 'completed' ? { state, reason: 'finished' } : { state, reason: this.lacks ?? 'finished' };
    await this.untilSettled();
    return { outcome: 'finished', ending: this.ending, loop: this.verdict, requestId };
  }

  /** Where it does, waits until the spending has stopped and the cause was looked at: then there is a verdict. */
  private async stopsAt(run: Run, found: FoundLoop | null): Promise<boolean> {
    this.verdict = null;
    if (found === null) return false;
    if (found.finding.remedy === 'record') {
      this.verdict = verdictOf(found, await noteFound(run, found));
      return false;
    }
    // Whoever stopped it meanwhile was faster, and that ending stands.
    if (this.ending !== undefined || run.control.stopped !== undefined) return false;
    this.stoppedBy = found;
    this.ending = STOPPED;
    await this.untilSettled();
    return true;
  }

  private async untilSettled(): Promise<void> {
    await CancellationScope.nonCancellable(() => condition(() => this.isSettled));
  }

  /** One call after the other, in the order in which they came; the first ones wait for the job to be there. */
  private async inTurn<T>(work: (run: Run) => Promise<T>): Promise<T> {
    // A run that admits nothing must not be kept open by whoever asked it for a step.
    const isThere = (): boolean => this.job !== undefined;
    if (!isThere()) await CancellationScope.nonCancellable(() => condition(isThere, ADMIT_PATIENCE_MS));
    return this.turns.take(async () => {
      if (this.job === undefined) throw ApplicationFailure.nonRetryable('no job was admitted', NO_JOB_TO_STEER);
      this.heardAt = Date.now();
      return work(this.job);
    });
  }

  private async renew({ input, loops, progress }: Run): Promise<never> {
    const { heardAt, waitsUntil, lacks } = this;
    const reported: ReportedState = {
      ...this.steps.snapshot(),
      heardAt,
      ...(waitsUntil === undefined ? {} : { waitsUntil }),
      ...(lacks === undefined ? {} : { lacks }),
    };
    return continueAsNew<AiJob>({ ...input, resume: { progress, ...loops.carried(), reported } });
  }
}

function isRenewalDue(): boolean {
  return workflowInfo().continueAsNewSuggested;
}
