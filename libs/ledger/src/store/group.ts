// Ledger room. One group of posts over one loaded ground: each is decided on what the earlier ones left behind, and
// what all of them came to is written once. Pure but for the ground it was given.
import type {
  AttemptFacts,
  Counter,
  DailyTerms,
  Entry,
  Hold,
  Instant,
  JobFacts,
  JobPosting,
  LedgerEvent,
  LimitChange,
  LoopFindingFacts,
  Lot,
  StepFacts,
} from '@fairmeter/domain';
import { accept, applyChanges, emptyScope, instantToText, invariant, latest, refuse } from '@fairmeter/domain';
import { dailyPeriodAt } from '@fairmeter/domain/time';
import type { Left } from './following.js';
import type { GroupGround, KnownOperation, LoopRefundKnown } from './ground.js';
import { differingField, hashBody, storable, type StoredBody } from './hash.js';
import { attemptKey, findingKey, jobsOf, ofJob, openedBy, othersOf, stepKey } from './job-rows.js';
import type { Ground, Post, PostOutcome } from './post.js';
import { putsOf } from './put.js';
import { windowOf } from './refund-window.js';
import type { ScopeRemains } from './scope-memory.js';
import type { OperationWritten, Owned } from './tables.js';
import type { LockedScope } from './scope-rows.js';
import { byKey, scopeRow, scopeStates, untouched, type ScopeState } from './scope-state.js';
import type { Written } from './write.js';

export class Group {
  private readonly scopes: Map<string, ScopeState>;
  private readonly operations: Map<string, KnownOperation>;
  private readonly jobs: Map<string, JobFacts>;
  private readonly jobsByKeyHash: Map<string, JobFacts>;
  private readonly holdsOfJobs: Map<string, Hold>;
  /** By their job and then by their own key: a post looks at those of one job. */
  private readonly steps = new Map<string, Map<string, StepFacts>>();
  private readonly attempts = new Map<string, Map<string, AttemptFacts>>();
  private readonly refunds: Map<string, LoopRefundKnown>;
  // What is written: states once per row, the latest; entries, operations and events all.
  private readonly operationRows: Owned<OperationWritten>[] = [];
  private readonly entryRows: Owned<Entry>[] = [];
  private readonly eventRows: Owned<LedgerEvent>[] = [];
  private readonly termsRows: Owned<DailyTerms>[] = [];
  private readonly limitRows: Owned<LimitChange>[] = [];
  private readonly lotRows = new Map<string, Owned<Lot>>();
  private readonly holdRows = new Map<string, Owned<Hold>>();
  private readonly counterRows = new Map<string, Owned<Counter>>();
  private readonly jobRows = new Map<string, Owned<JobFacts>>();
  private readonly stepRows = new Map<string, Owned<StepFacts>>();
  private readonly findingRows: Owned<LoopFindingFacts>[] = [];
  private readonly attemptRows = new Map<string, Owned<AttemptFacts>>();
  /** Jobs that were not there before. */
  readonly born = new Set<string>();

  constructor(
    private readonly locked: readonly LockedScope[],
    private readonly ground: GroupGround,
  ) {
    this.operations = byKey(ground.operations, (operation) => operation.key);
    this.jobs = byKey(ground.jobs, (job) => job.id);
    this.holdsOfJobs = byKey(ground.holds, (hold) => hold.jobId);
    this.jobsByKeyHash = byKey(ground.jobs, (job) => job.keyHash);
    for (const step of ground.steps) ofJob(this.steps, step).set(stepKey(step), step);
    for (const attempt of ground.attempts) ofJob(this.attempts, attempt).set(attemptKey(attempt), attempt);
    this.refunds = byKey(ground.refunds, findingKey);
    this.scopes = scopeStates(locked, ground);
  }

  get hasWritten(): boolean {
    return this.operationRows.length > 0;
  }

  hasTouched(scopeId: string): boolean {
    return this.scopes.get(scopeId)?.isTouched === true;
  }

  /** The post's answer; what it changes is the ground of the next. Throws where a rule is broken: that post alone. */
  decide<R extends object>(post: Post<R>): PostOutcome<R> {
    // A scope that was never granted anything has nothing in it, and the rule says what that means.
    const scope = this.scopes.get(post.scopeId) ?? untouched(emptyScope(post.scopeId));
    const body = storable(post.body);
    const bodyHash = hashBody(body);
    const known = this.operations.get(post.key);
    if (known !== undefined) {
      const field = known.bodyHash === bodyHash ? undefined : differingField(known.body, body);
      return field === undefined
        ? accept({ result: known.result as R, replayed: true })
        : refuse({ code: 'operation_mismatch', operationKey: post.key, field });
    }
    const ground = this.groundOf(post, scope);
    const decided = post.decide(ground);
    if (!decided.ok) return decided;
    this.mustPointAtRows(post, decided.value);
    this.take(post, { body, bodyHash, at: ground.at, scope, posting: decided.value });
    return accept({ result: decided.value.result, replayed: false });
  }

  written(): Written {
    const attempts = [...this.attemptRows.values()];
    const touched = {
      lots: [...this.lotRows.values()],
      holds: [...this.holdRows.values()],
      counters: [...this.counterRows.values()],
      jobs: [...this.jobRows.values()],
      steps: [...this.stepRows.values()],
    };
    return {
      ...touched,
      put: putsOf(touched, this.ground),
      scopes: [...this.scopes].filter(([, scope]) => scope.isTouched).map(scopeRow),
      operations: this.operationRows,
      terms: this.termsRows,
      limits: this.limitRows,
      entries: this.entryRows,
      // The table allows one open attempt of a step: a closed predecessor goes in before its successor.
      attempts: [...attempts.filter(isNotOpen), ...attempts.filter((owned) => !isNotOpen(owned))],
      findings: this.findingRows,
      events: this.eventRows,
    };
  }

  /** The scopes it touched, as it leaves them. */
  remains(): ScopeRemains[] {
    return this.locked.flatMap(({ scopeId, writer: stoodOn }) => {
      const scope = this.scopes.get(scopeId);
      return scope?.isTouched === true ? [{ stoodOn, snapshot: scope.snapshot, limitRows: scope.limitRows }] : [];
    });
  }

  /** For the group that is decided on this one before it is committed; `by` is the transaction it is written in. */
  left(written: Written, by: Pick<Left, 'self' | 'opened'>): Left {
    const touched = new Map(written.scopes.map((scope) => [scope.scopeId, scope]));
    const after = (scope: LockedScope): LockedScope => {
      const row = touched.get(scope.scopeId);
      return row === undefined ? scope : { ...row, writer: by.self };
    };
    return {
      scopes: new Map(this.locked.map((scope) => [scope.scopeId, after(scope)])),
      written,
      limits: this.ground.limits,
      ...by,
    };
  }

  private groundOf(post: Post<object>, scope: ScopeState): Ground {
    const { jobId, keyHash, ordinal, allSteps = false } = post.load;
    const { clockNow } = this.ground;
    const job = (jobId === undefined ? this.jobsByKeyHash.get(keyHash ?? '') : this.jobs.get(jobId)) ?? null;
    const hold = job === null ? null : (this.holdsOfJobs.get(job.id) ?? null);
    const others = othersOf(post, { jobs: this.jobs, holds: this.holdsOfJobs, steps: this.steps });
    const holds = [{ hold }, ...others].flatMap((each) => each.hold ?? []);
    const wanted = (each: { ordinal: number; state: string }, open: string): boolean =>
      allSteps || (ordinal === undefined ? each.state === open : each.ordinal === ordinal);
    const ofPost = <T>(rows: ReadonlyMap<string, ReadonlyMap<string, T>>): T[] => [
      ...(rows.get(jobId ?? '')?.values() ?? []),
    ];
    // `scope.time-never-back`: the rule's time is the latest of the caller's, the clock's and the scope's own.
    const at = latest(post.asOf, clockNow, scope.lastEffectiveAt);
    return {
      snapshot: {
        ...scope.snapshot,
        holds: byKey(holds, (each) => each.id),
        day: dailyPeriodAt(scope.snapshot.terms.rows, at) ?? null,
      },
      at,
      clockNow,
      openJobs: scope.openJobs,
      visitorJobs: scope.visitorJobs,
      job,
      hold,
      // Rows come in no order: what a refund gives back for several steps is told in theirs.
      steps: ofPost(this.steps)
        .filter((step) => wanted(step, 'running'))
        .sort((a, b) => a.ordinal - b.ordinal),
      attempts: ofPost(this.attempts)
        .filter((attempt) => wanted(attempt, 'open'))
        .sort((a, b) => a.number - b.number),
      others,
      window: windowOf(job, this.ground.charged, this.refunds.values()),
    };
  }

  /** What no constraint of the database asks for again (decision 0012). */
  private mustPointAtRows({ scopeId }: Post<object>, { changes, job, steps, attempts }: JobPosting<object>): void {
    const scope = this.scopes.get(scopeId)?.snapshot;
    invariant(scope !== undefined, 'operation.applied-once', `scope ${scopeId} was never opened`);
    const isLot = (id: string): boolean => scope.lots.has(id) || changes.lots.some((lot) => lot.id === id);
    const isCounter = (id: string): boolean =>
      scope.counters.has(id) || changes.counters.some((counter) => counter.id === id);
    const isJob = (id: string): boolean => job?.id === id || this.jobs.has(id);
    const isStep = (of: AttemptFacts): boolean =>
      this.steps.get(of.jobId)?.has(stepKey(of)) === true || steps.some((step) => stepKey(step) === stepKey(of));
    const points =
      changes.entries.every(({ lotId }) => lotId === null || isLot(lotId)) &&
      changes.holds.every(
        (hold) =>
          hold.lines.every((line) => isLot(line.lotId)) && hold.counters.every((part) => isCounter(part.counterId)),
      ) &&
      steps.every((step) => isJob(step.jobId)) &&
      attempts.every(isStep);
    invariant(points, 'operation.applied-once', `a posting in scope ${scopeId} points at a row that is not there`);
  }

  private take(post: Post<object>, decided: Decided): void {
    const { body, bodyHash, at, scope, posting } = decided;
    const { changes } = posting;
    const text = instantToText(at);
    const own = <T>(row: T, seq = 0n): Owned<T> => ({
      row,
      scopeId: post.scopeId,
      accountId: post.accountId,
      at: text,
      seq,
      operationKey: post.key,
    });
    const operation: OperationWritten = {
      key: post.key,
      verb: post.verb,
      bodyHash,
      body,
      result: posting.result,
    };
    this.operations.set(post.key, operation);
    this.operationRows.push(own(operation));
    changes.entries.forEach((entry, index) => {
      this.entryRows.push(own(entry, scope.snapshot.entrySeq + BigInt(index) + 1n));
    });
    posting.events.forEach((event, index) => {
      this.eventRows.push(own(event, scope.outboxSeq + BigInt(index) + 1n));
    });
    for (const terms of changes.terms.rows) this.termsRows.push(own(terms));
    changes.terms.limits.forEach((limit, index) => {
      this.limitRows.push(own(limit, BigInt(scope.limitRows + index + 1)));
    });
    for (const lot of changes.lots) this.lotRows.set(lot.id, own(lot));
    for (const counter of changes.counters) this.counterRows.set(counter.id, own(counter));
    for (const hold of changes.holds) {
      this.holdsOfJobs.set(hold.jobId, hold);
      this.holdRows.set(hold.id, own(hold));
    }
    const opened = openedBy(posting.job, this.jobs.get(posting.job?.id ?? ''));
    const byVisitors = posting.job?.requesterKind === 'visitor' ? opened : 0;
    for (const job of jobsOf(posting)) {
      if (!this.jobs.has(job.id)) this.born.add(job.id);
      this.jobs.set(job.id, job);
      this.jobsByKeyHash.set(job.keyHash, job);
      this.jobRows.set(job.id, own(job));
    }
    for (const step of posting.steps) {
      ofJob(this.steps, step).set(stepKey(step), step);
      this.stepRows.set(stepKey(step), own(step));
    }
    for (const attempt of posting.attempts) {
      ofJob(this.attempts, attempt).set(attemptKey(attempt), attempt);
      this.attemptRows.set(attemptKey(attempt), own(attempt));
    }
    for (const finding of posting.findings ?? []) {
      this.findingRows.push(own(finding));
      const { scopeId } = post;
      if (finding.action === 'refunded') this.refunds.set(findingKey(finding), { ...finding, scopeId });
    }
    this.scopes.set(post.scopeId, {
      snapshot: { ...applyChanges(scope.snapshot, changes), holds: new Map() },
      outboxSeq: scope.outboxSeq + BigInt(posting.events.length),
      lastEffectiveAt: at,
      termsRows: scope.termsRows + changes.terms.rows.length,
      limitRows: scope.limitRows + changes.terms.limits.length,
      openJobs: scope.openJobs + opened,
      visitorJobs: scope.visitorJobs + byVisitors,
      isTouched: true,
    });
  }
}

interface Decided {
  readonly body: StoredBody;
  readonly bodyHash: string;
  readonly at: Instant;
  readonly scope: ScopeState;
  readonly posting: JobPosting<object>;
}

function isNotOpen(owned: Owned<AttemptFacts>): boolean {
  return owned.row.state !== 'open';
}
