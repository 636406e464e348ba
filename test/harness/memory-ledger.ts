// Test harness. The ledger of one scope in memory: the same pure decisions over whole maps instead of rows. Suites of
// the domain play on it; suites of the ledger hold the tables against it.
import type {
  AdmitOrder,
  AdmitResult,
  AttemptFacts,
  BeginStepOrder,
  BeginStepResult,
  EndStepOrder,
  EndStepResult,
  Entry,
  FailAttemptOrder,
  FailAttemptResult,
  GrantOrder,
  Hold,
  HoldOrder,
  Instant,
  JobEvent,
  JobFacts,
  JobPosting,
  Outcome,
  RefundOrder,
  RefundResult,
  ScopeSnapshot,
  SettleOrder,
  SettleResult,
  StepFacts,
} from '@fairmeter/domain';
import {
  accept,
  accountScope,
  admit,
  applyChanges,
  beginStep,
  Book,
  clawBack,
  emptyScope,
  endStep,
  expire,
  failAttempt,
  formatMicroCredits,
  grant,
  holdAfresh,
  instant,
  latest,
  refundJob,
  settle,
} from '@fairmeter/domain';

export interface StampedEntry extends Entry {
  readonly at: Instant;
}

/** Who pays a hold, fixed by the first of a job, and the limits it must pass, named anew by every later one. */
export type HoldTerms = Required<Pick<HoldOrder, 'payer' | 'limits'>>;

export class MemoryLedger {
  /** Operations so far: what was refused is none. */
  operations = 0;
  snapshot: ScopeSnapshot;
  lastEffectiveAt: Instant = instant(0);
  readonly entries: StampedEntry[] = [];
  readonly events: JobEvent[] = [];
  readonly jobs = new Map<string, JobFacts>();
  readonly steps = new Map<string, StepFacts>();
  readonly attempts = new Map<string, AttemptFacts>();

  constructor(
    readonly accountId: string,
    scopeId = accountScope(accountId),
  ) {
    this.snapshot = emptyScope(scopeId);
  }

  get scopeId(): string {
    return this.snapshot.scopeId;
  }

  holdOf(jobId: string): Hold | null {
    return [...this.snapshot.holds.values()].find((hold) => hold.jobId === jobId) ?? null;
  }

  attemptsOf(jobId: string, ordinal: number): AttemptFacts[] {
    return [...this.attempts.values()].filter((one) => one.jobId === jobId && one.ordinal === ordinal);
  }

  grant(asOf: Instant, order: GrantOrder): Outcome<{ readonly lotId: string; readonly debtPaid: string }> {
    return this.onLots(asOf, (book) => {
      const granted = grant(book, order);
      if (!granted.ok) return granted;
      return accept({ lotId: order.lotId, debtPaid: formatMicroCredits(granted.value.debtPaid) });
    });
  }

  expire(asOf: Instant): Outcome<object> {
    return this.onLots(asOf, (book) => {
      const expired = expire(book);
      if (!expired.ok) return expired;
      const lapsed = expired.value.lapsed.map(({ lotId, amount }) => ({ lotId, amount: formatMicroCredits(amount) }));
      return accept({ lapsed });
    });
  }

  clawBack(asOf: Instant, lotId: string): Outcome<object> {
    return this.onLots(asOf, (book) => {
      const taken = clawBack(book, lotId);
      if (!taken.ok) return taken;
      const { takenBack, debt } = taken.value;
      return accept({ takenBack: formatMicroCredits(takenBack), debt: formatMicroCredits(debt) });
    });
  }

  admit(asOf: Instant, order: AdmitOrder, terms?: HoldTerms): Outcome<AdmitResult> {
    const jobOfKey = [...this.jobs.values()].find((job) => job.keyHash === order.keyHash) ?? null;
    return this.post(asOf, (at) => {
      const ground = { snapshot: this.snapshot, at, clockNow: asOf, jobOfKey };
      return underTerms(ground, admit(ground, order), terms);
    });
  }

  begin(
    jobId: string,
    asOf: Instant,
    order: BeginStepOrder & { readonly terms?: HoldTerms },
  ): Outcome<BeginStepResult> {
    return this.post(asOf, (at) => {
      const ground = this.stepGround(jobId, order.ordinal, at);
      return underTerms(ground, beginStep(ground, order), order.terms);
    });
  }

  refund(jobId: string, asOf: Instant, order: RefundOrder): Outcome<RefundResult> {
    const job = this.jobs.get(jobId) ?? null;
    return this.post(asOf, (at) => refundJob({ snapshot: this.snapshot, at, job, hold: this.holdOf(jobId) }, order));
  }

  end(jobId: string, asOf: Instant, order: EndStepOrder): Outcome<EndStepResult> {
    return this.post(asOf, (at) => endStep(this.stepGround(jobId, order.ordinal, at), order));
  }

  fail(jobId: string, asOf: Instant, order: FailAttemptOrder): Outcome<FailAttemptResult> {
    return this.post(asOf, (at) => failAttempt(this.stepGround(jobId, order.ordinal, at), order));
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

  private stepGround(jobId: string, ordinal: number, at: Instant): Parameters<typeof beginStep>[0] {
    return {
      snapshot: this.snapshot,
      at,
      job: this.jobs.get(jobId) ?? null,
      hold: this.holdOf(jobId),
      step: this.steps.get(`${jobId}:${ordinal}`) ?? null,
      attempts: this.attemptsOf(jobId, ordinal),
    };
  }

  private onLots<R>(asOf: Instant, verb: (book: Book) => Outcome<R>): Outcome<R> {
    return this.post(asOf, (at) => {
      const book = new Book(this.snapshot, at);
      const outcome = verb(book);
      if (!outcome.ok) return outcome;
      return accept({ ...nothing, result: outcome.value, changes: book.changes() });
    });
  }

  /** The clock rule without a clock: a test's `asOf` stands for both. */
  private post<R>(asOf: Instant, decide: (at: Instant) => Outcome<JobPosting<R>>): Outcome<R> {
    const at = latest(asOf, this.lastEffectiveAt);
    const decided = decide(at);
    if (!decided.ok) return decided;
    const { changes, job, steps, attempts, events, result } = decided.value;
    this.operations += 1;
    this.snapshot = applyChanges(this.snapshot, changes);
    this.lastEffectiveAt = at;
    this.entries.push(...changes.entries.map((entry) => ({ ...entry, at })));
    this.events.push(...events);
    if (job !== null) this.jobs.set(job.id, job);
    for (const step of steps) this.steps.set(`${step.jobId}:${step.ordinal}`, step);
    for (const one of attempts) this.attempts.set(`${one.jobId}:${one.ordinal}:${one.number}`, one);
    return accept(result);
  }
}

const nothing = { job: null, steps: [], attempts: [], events: [] };

/** The same decision with its hold laid out for another payer and under limits: what an order will name by itself. */
export function underTerms<R>(
  ground: { readonly snapshot: ScopeSnapshot; readonly at: Instant },
  decided: Outcome<JobPosting<R>>,
  terms: HoldTerms | undefined,
): Outcome<JobPosting<R>> {
  if (!decided.ok || terms === undefined) return decided;
  const { job, steps, changes } = decided.value;
  const [hold] = changes.holds;
  if (job === null || hold === undefined) return decided;
  const book = new Book(ground.snapshot, ground.at, { jobId: job.id, stepOrdinal: steps[0]?.ordinal ?? null });
  const held = holdAfresh(book, { holdId: hold.id, jobId: job.id, target: job.held, ...terms });
  return held.ok ? accept({ ...decided.value, changes: book.changes() }) : held;
}
