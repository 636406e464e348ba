// Simulation. One payer's ledger in memory: the operations that stand in the tables, played again one by one by the
// pure decisions over whole maps. What comes out is what the tables must hold.
import type {
  AttemptFacts,
  DailyTerms,
  Entry,
  GrantResult,
  Hold,
  Instant,
  JobFacts,
  JobPosting,
  LedgerEvent,
  LimitChange,
  Outcome,
  RefundResult,
  ScopeSnapshot,
  StepFacts,
  StepGround,
} from '@fairmeter/domain';
import {
  admit,
  applyChanges,
  beginStep,
  emptyScope,
  endStep,
  hasEnded,
  failAttempt,
  instant,
  postClawBack,
  postExpiry,
  postGrant,
  refundJob,
  setLimits,
  settle,
} from '@fairmeter/domain';
import { dailyPeriodAt, setTerms } from '@fairmeter/domain/time';
import { asOfOf, type LedgerRequest } from './request.js';

/** An operation as the table has it. */
export interface StandingOperation {
  readonly key: string;
  readonly result: object;
  readonly at: Instant;
}

export interface ReplayedEntry extends Entry {
  readonly operationKey: string;
  readonly at: Instant;
}

/** A row of the terms or of the limits, with what wrote it. */
type Written<T> = T & { readonly operationKey: string; readonly at: Instant };

type Request<V extends LedgerRequest['verb']> = Extract<LedgerRequest, { verb: V }>;

export class ReplayedScope {
  snapshot: ScopeSnapshot;
  at: Instant = instant(0);
  readonly entries: ReplayedEntry[] = [];
  readonly events: LedgerEvent[] = [];
  readonly terms: Written<DailyTerms>[] = [];
  readonly limits: Written<LimitChange>[] = [];
  readonly jobs = new Map<string, JobFacts>();
  readonly steps = new Map<string, StepFacts>();
  readonly attempts = new Map<string, AttemptFacts>();

  constructor(readonly scopeId: string) {
    this.snapshot = emptyScope(scopeId);
  }

  /** Counted anew each time, where the store keeps a figure. */
  get openJobs(): number {
    return [...this.jobs.values()].filter((job) => !hasEnded(job.state)).length;
  }

  /** Answers what the rules say to it now, and goes on from there. */
  play(request: LedgerRequest, operation: StandingOperation): object {
    const { at, key } = operation;
    if (at < this.at || at < asOfOf(request)) throw new Error(`${key} runs back in time`);
    // As the store does: the day is what the terms say of the instant of the decision.
    this.snapshot = { ...this.snapshot, day: dailyPeriodAt(this.snapshot.terms.rows, at) ?? null };
    const decided = this.decide(request, operation);
    if (!decided.ok) throw new Error(`${key} stands but is refused: ${decided.refusal.code}`);
    const { changes, job, steps, attempts, events, result } = decided.value;
    this.snapshot = applyChanges(this.snapshot, changes);
    this.at = at;
    this.entries.push(...changes.entries.map((entry) => ({ ...entry, operationKey: key, at })));
    this.events.push(...events);
    this.terms.push(...changes.terms.rows.map((row) => ({ ...row, operationKey: key, at })));
    this.limits.push(...changes.terms.limits.map((limit) => ({ ...limit, operationKey: key, at })));
    if (job !== null) this.jobs.set(job.id, job);
    for (const step of steps) this.steps.set(`${step.jobId}:${step.ordinal}`, step);
    for (const one of attempts) this.attempts.set(`${one.jobId}:${one.ordinal}:${one.number}`, one);
    return result;
  }

  private decide(request: LedgerRequest, standing: StandingOperation): Outcome<JobPosting<object>> {
    const { at } = standing;
    switch (request.verb) {
      case 'grant':
      case 'expire':
      case 'clawBack':
        return this.ofLots(request, standing);
      case 'setTerms':
        return setTerms({ snapshot: this.snapshot, at }, request.post.order);
      case 'setLimits':
        return setLimits({ snapshot: this.snapshot, at }, request.post.order);
      case 'admit': {
        const jobOfKey = [...this.jobs.values()].find((job) => job.keyHash === request.order.keyHash) ?? null;
        const { openJobs } = this;
        return admit({ snapshot: this.snapshot, at, clockNow: at, jobOfKey, openJobs }, request.order);
      }
      case 'begin':
        return beginStep(this.stepGround(request, at), request.post.order);
      case 'end':
        return endStep(this.stepGround(request, at), request.post.order);
      case 'fail':
        return failAttempt(this.stepGround(request, at), request.post.order);
      case 'settle':
        return this.settle(request, at);
      case 'refund':
        return this.refund(request, standing);
    }
  }

  private ofLots(
    request: Request<'grant' | 'expire' | 'clawBack'>,
    { at, result }: StandingOperation,
  ): Outcome<JobPosting<object>> {
    const ground = { snapshot: this.snapshot, at };
    switch (request.verb) {
      case 'grant': {
        // The id of a lot is the one thing that no rule says.
        const { lotId } = result as GrantResult;
        return postGrant(ground, { ...request.order, lotId });
      }
      case 'expire':
        return postExpiry(ground);
      case 'clawBack':
        return postClawBack(ground, request.lotId);
    }
  }

  private settle(request: Request<'settle'>, at: Instant): Outcome<JobPosting<object>> {
    const { jobId } = request.payer;
    return settle(
      {
        snapshot: this.snapshot,
        at,
        job: this.jobs.get(jobId) ?? null,
        hold: this.holdOf(jobId),
        runningSteps: [...this.steps.values()].filter((step) => step.jobId === jobId && step.state === 'running'),
        openAttempts: this.attemptsOf(jobId).filter((one) => one.state === 'open'),
      },
      request.order,
    );
  }

  /** Twice: the first time shows which of the answered lots are new, the second one gives them their ids. */
  private refund(request: Request<'refund'>, { at, result }: StandingOperation): Outcome<JobPosting<object>> {
    const { jobId } = request.payer;
    const ground = { snapshot: this.snapshot, at, job: this.jobs.get(jobId) ?? null, hold: this.holdOf(jobId) };
    const { asOf: _, ...order } = request.wish;
    const sourceRef = `refund/${jobId}/${request.refundKey}`;
    const ids = { fromDailyLotId: 'new/daily', lotId: 'new/other' };
    const draft = refundJob(ground, { ...order, compensation: { ...ids, sourceRef } });
    if (!draft.ok) return draft;
    const answered = (result as RefundResult).toLots;
    const named = (placeholder: string): string => {
      const index = draft.value.result.toLots.findIndex((part) => part.lotId === placeholder);
      return answered[index]?.lotId ?? placeholder;
    };
    const compensation = { fromDailyLotId: named(ids.fromDailyLotId), lotId: named(ids.lotId), sourceRef };
    return refundJob(ground, { ...order, compensation });
  }

  private stepGround(request: Request<'begin' | 'end' | 'fail'>, at: Instant): StepGround {
    const { jobId } = request.post.payer;
    const { ordinal } = request.post.order;
    return {
      snapshot: this.snapshot,
      at,
      job: this.jobs.get(jobId) ?? null,
      hold: this.holdOf(jobId),
      step: this.steps.get(`${jobId}:${ordinal}`) ?? null,
      attempts: this.attemptsOf(jobId).filter((one) => one.ordinal === ordinal),
    };
  }

  private holdOf(jobId: string): Hold | null {
    return [...this.snapshot.holds.values()].find((hold) => hold.jobId === jobId) ?? null;
  }

  private attemptsOf(jobId: string): AttemptFacts[] {
    return [...this.attempts.values()].filter((one) => one.jobId === jobId).sort((a, b) => a.number - b.number);
  }
}
