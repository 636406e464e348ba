// Test harness. The ledger of one scope in memory: the same pure decisions over whole maps instead of rows. Suites of
// the domain play on it; suites of the ledger hold the tables against it.
import type {
  AdmitOrder,
  AdmitResult,
  AttemptFacts,
  BeginStepOrder,
  BeginStepResult,
  BudgetOrder,
  BudgetResult,
  ClawBackResult,
  EndCancelledOrder,
  EndCancelledResult,
  EndLotResult,
  EndStepOrder,
  EndStepResult,
  Entry,
  ExpireResult,
  FailAttemptOrder,
  FailAttemptResult,
  GrantOrder,
  GrantResult,
  GrowOrder,
  GrowResult,
  Hold,
  Instant,
  JobFacts,
  JobPosting,
  LedgerEvent,
  LimitChange,
  LimitsResult,
  LoopFindingFacts,
  MicroCredits,
  NoteLoopOrder,
  NoteLoopResult,
  Outcome,
  PeriodLotName,
  RefundOrder,
  RefundResult,
  ScopeSnapshot,
  SettleOrder,
  SettleResult,
  StepFacts,
  StepRefundOrder,
  WaitOrder,
  WaitResult,
} from '@fairmeter/domain';
import {
  accept,
  accountScope,
  add,
  admit,
  applyChanges,
  beginStep,
  Book,
  changeBudget,
  emptyScope,
  endCancelled,
  endStep,
  failAttempt,
  hasEnded,
  instant,
  latest,
  noteLoop,
  postClawBack,
  postExpiry,
  postGrant,
  postGrowth,
  postLotEnd,
  postTakeBack,
  refundJob,
  refundSteps,
  setLimits,
  settle,
  waitForCredits,
  ZERO,
} from '@fairmeter/domain';
import type { TermsOrder, TermsResult } from '@fairmeter/domain/time';
import { dailyPeriodAt, setTerms } from '@fairmeter/domain/time';

export interface StampedEntry extends Entry {
  readonly at: Instant;
}

export interface StampedPosting {
  readonly posting: JobPosting<object>;
  readonly at: Instant;
}

export class MemoryLedger {
  /** Operations so far: what was refused is none. */
  readonly postings: StampedPosting[] = [];
  snapshot: ScopeSnapshot;
  lastEffectiveAt: Instant = instant(0);
  readonly entries: StampedEntry[] = [];
  readonly events: LedgerEvent[] = [];
  readonly jobs = new Map<string, JobFacts>();
  readonly steps = new Map<string, StepFacts>();
  readonly attempts = new Map<string, AttemptFacts>();
  readonly findings = new Map<string, LoopFindingFacts>();

  constructor(
    readonly accountId: string,
    scopeId = accountScope(accountId),
  ) {
    this.snapshot = emptyScope(scopeId);
  }

  get scopeId(): string {
    return this.snapshot.scopeId;
  }

  /** Counted anew each time, where the store keeps a figure. */
  get openJobs(): number {
    return [...this.jobs.values()].filter((job) => !hasEnded(job.state)).length;
  }

  get visitorJobs(): number {
    const open = [...this.jobs.values()].filter((job) => !hasEnded(job.state));
    return open.filter(({ requesterKind }) => requesterKind === 'visitor').length;
  }

  holdOf(jobId: string): Hold | null {
    return [...this.snapshot.holds.values()].find((hold) => hold.jobId === jobId) ?? null;
  }

  attemptsOf(jobId: string, ordinal: number): AttemptFacts[] {
    return [...this.attempts.values()].filter((one) => one.jobId === jobId && one.ordinal === ordinal);
  }

  setTerms(asOf: Instant, order: TermsOrder): Outcome<TermsResult> {
    return this.post(asOf, (at) => setTerms({ snapshot: this.snapshot, at }, order));
  }

  setLimits(asOf: Instant, limits: readonly LimitChange[]): Outcome<LimitsResult> {
    return this.post(asOf, (at) => setLimits({ snapshot: this.snapshot, at }, limits));
  }

  /** What time alone makes of it: the figure a reader would see at that instant. */
  availableAt(at: Instant): MicroCredits {
    const day = dailyPeriodAt(this.snapshot.terms.rows, at) ?? null;
    return new Book({ ...this.snapshot, day }, at).availableToAll;
  }

  grant(asOf: Instant, order: GrantOrder): Outcome<GrantResult> {
    return this.post(asOf, (at) => postGrant({ snapshot: this.snapshot, at }, order));
  }

  growLot(asOf: Instant, order: GrowOrder): Outcome<GrowResult> {
    return this.post(asOf, (at) => postGrowth({ snapshot: this.snapshot, at }, order));
  }

  endLot(asOf: Instant, name: PeriodLotName): Outcome<EndLotResult> {
    return this.post(asOf, (at) => postLotEnd({ snapshot: this.snapshot, at }, name));
  }

  takeBackLot(asOf: Instant, name: PeriodLotName): Outcome<EndLotResult> {
    return this.post(asOf, (at) => postTakeBack({ snapshot: this.snapshot, at }, name));
  }

  expire(asOf: Instant): Outcome<ExpireResult> {
    return this.post(asOf, (at) => postExpiry({ snapshot: this.snapshot, at }));
  }

  clawBack(asOf: Instant, lotId: string): Outcome<ClawBackResult> {
    return this.post(asOf, (at) => postClawBack({ snapshot: this.snapshot, at }, lotId));
  }

  admit(asOf: Instant, order: AdmitOrder): Outcome<AdmitResult> {
    const jobOfKey = [...this.jobs.values()].find((job) => job.keyHash === order.keyHash) ?? null;
    const ground = { clockNow: asOf, jobOfKey, openJobs: this.openJobs, visitorJobs: this.visitorJobs };
    return this.post(asOf, (at) => admit({ snapshot: this.snapshot, at, ...ground }, order));
  }

  begin(jobId: string, asOf: Instant, order: BeginStepOrder): Outcome<BeginStepResult> {
    return this.post(asOf, (at) => beginStep(this.stepGround(jobId, order.ordinal, at), order));
  }

  refund(jobId: string, asOf: Instant, order: RefundOrder): Outcome<RefundResult> {
    const job = this.jobs.get(jobId) ?? null;
    return this.post(asOf, (at) => refundJob({ snapshot: this.snapshot, at, job, hold: this.holdOf(jobId) }, order));
  }

  refundSteps(jobId: string, asOf: Instant, order: StepRefundOrder): Outcome<RefundResult> {
    return this.post(asOf, (at) => refundSteps(this.refundGround(jobId, at), order));
  }

  note(jobId: string, asOf: Instant, order: NoteLoopOrder): Outcome<NoteLoopResult> {
    return this.post(asOf, (at) => noteLoop(this.loopGround(jobId, at), order));
  }

  end(jobId: string, asOf: Instant, order: EndStepOrder): Outcome<EndStepResult> {
    return this.post(asOf, (at) => endStep(this.stepGround(jobId, order.ordinal, at), order));
  }

  fail(jobId: string, asOf: Instant, order: FailAttemptOrder): Outcome<FailAttemptResult> {
    return this.post(asOf, (at) => failAttempt(this.stepGround(jobId, order.ordinal, at), order));
  }

  wait(jobId: string, asOf: Instant, order: WaitOrder): Outcome<WaitResult> {
    return this.post(asOf, (at) => waitForCredits(this.stepGround(jobId, order.ordinal, at), order));
  }

  stop(jobId: string, asOf: Instant, order: EndCancelledOrder): Outcome<EndCancelledResult> {
    return this.post(asOf, (at) => endCancelled(this.stepGround(jobId, order.ordinal, at), order));
  }

  changeBudget(jobId: string, asOf: Instant, order: BudgetOrder): Outcome<BudgetResult> {
    return this.post(asOf, () => changeBudget({ job: this.jobs.get(jobId) ?? null }, order));
  }

  settle(jobId: string, asOf: Instant, order: SettleOrder): Outcome<SettleResult> {
    return this.post(asOf, (at) =>
      settle(
        {
          snapshot: this.snapshot,
          at,
          job: this.jobs.get(jobId) ?? null,
          hold: this.holdOf(jobId),
          runningSteps: [...this.steps.values()].filter((step) => step.jobId === jobId && step.state === 'running'),
          openAttempts: [...this.attempts.values()].filter((one) => one.jobId === jobId && one.state === 'open'),
        },
        order,
      ),
    );
  }

  /** Charges of other jobs count for nothing here: a cap in percent would depend on which commits came before. */
  loopGround(jobId: string, at: Instant): Parameters<typeof noteLoop>[0] {
    const given = [...this.findings.values()].filter(({ action }) => action === 'refunded');
    const window = { charged: ZERO, refunded: add(ZERO, ...given.map(({ amount }) => amount)) };
    return { ...this.refundGround(jobId, at), window, others: [] };
  }

  refundGround(jobId: string, at: Instant): Parameters<typeof refundSteps>[0] {
    const steps = [...this.steps.values()].filter((step) => step.jobId === jobId);
    return { snapshot: this.snapshot, at, job: this.jobs.get(jobId) ?? null, hold: this.holdOf(jobId), steps };
  }

  stepGround(jobId: string, ordinal: number, at: Instant): Parameters<typeof beginStep>[0] {
    return {
      snapshot: this.snapshot,
      at,
      job: this.jobs.get(jobId) ?? null,
      hold: this.holdOf(jobId),
      step: this.steps.get(`${jobId}:${ordinal}`) ?? null,
      attempts: this.attemptsOf(jobId, ordinal),
    };
  }

  /** The clock rule without a clock: a test's `asOf` stands for both. */
  post<R extends object>(asOf: Instant, decide: (at: Instant) => Outcome<JobPosting<R>>): Outcome<R> {
    const at = latest(asOf, this.lastEffectiveAt);
    this.snapshot = { ...this.snapshot, day: dailyPeriodAt(this.snapshot.terms.rows, at) ?? null };
    const decided = decide(at);
    if (!decided.ok) return decided;
    const { changes, job, otherJobs = [], steps, attempts, findings = [], events, result } = decided.value;
    this.postings.push({ posting: decided.value, at });
    this.snapshot = applyChanges(this.snapshot, changes);
    this.lastEffectiveAt = at;
    this.entries.push(...changes.entries.map((entry) => ({ ...entry, at })));
    this.events.push(...events);
    for (const each of job === null ? otherJobs : [job, ...otherJobs]) this.jobs.set(each.id, each);
    for (const step of steps) this.steps.set(`${step.jobId}:${step.ordinal}`, step);
    for (const one of findings) this.findings.set(`${one.jobId}:${one.number}`, one);
    for (const one of attempts) this.attempts.set(`${one.jobId}:${one.ordinal}:${one.number}`, one);
    return accept(result);
  }
}
