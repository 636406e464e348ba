// Domain room. One stream of steps: all counts and all progress are its own. Each rule of the detector is one method.
import type { ChecksState } from './checks.js';
import { Checks } from './checks.js';
import type { CountsState, NamedOccurrence } from './counts.js';
import { Counts } from './counts.js';
import type { IterationsState } from './iterations.js';
import { Iterations } from './iterations.js';
import type { Marks, Occurrence } from './marks.js';
import { asksModel, colourOf, hasSpentRetries, marksOf } from './marks.js';
import { smallDigest } from './normalise/digest.js';
import type { ObservedKind, ObservedStep } from './observed-step.js';
import type { LoopPolicy, LoopSignal } from './policy.js';
import { LOOP_SIGNALS } from './policy.js';
import { RememberedSet } from './remembered.js';
import type { RowState } from './row.js';
import { Row } from './row.js';

const MOST_STATES = 1_200;
const MOST_COUNTS = 400;
const MOST_MODEL_CALLS = 1_200;
const MOST_CHECKS = 50;

export interface StreamState {
  readonly artefact: string | null;
  readonly begun: boolean;
  readonly results: readonly string[];
  readonly artefacts: readonly string[];
  readonly calls: CountsState;
  readonly errors: CountsState;
  readonly reds: readonly NamedOccurrence[];
  readonly row: RowState;
  /** Absent where the policy has none. */
  readonly artefactRow?: RowState;
  readonly checks: ChecksState;
  readonly iterations: IterationsState;
  /** Charged model calls: those between two occurrences are part of the repeat. */
  readonly modelCalls: readonly number[];
}

/** Found in a stream: places instead of steps, not yet judged. */
export interface Spotted {
  readonly signal: LoopSignal;
  readonly counted: readonly Occurrence[];
  readonly charged: readonly number[];
  readonly threshold: number;
  readonly period: number | null;
  readonly subject: string | null;
  readonly fingerprint: string | null;
}

const CALLS: readonly ObservedKind[] = ['tool', 'check', 'preview', 'build'];

interface Seen extends NamedOccurrence, Marks {
  readonly call: boolean;
  readonly pollable: boolean;
  readonly newResult: boolean;
  readonly newArtefact: boolean;
  readonly before: string | null;
}

export class StreamWatch {
  private artefact: string | null;
  private begun: boolean;
  private readonly results: RememberedSet;
  private readonly artefacts: RememberedSet;
  private readonly calls: Counts;
  private readonly errors: Counts;
  private reds: readonly NamedOccurrence[];
  private readonly row: Row;
  private readonly artefactRow: Row | null;
  private readonly checks: Checks;
  private readonly iterations: Iterations;
  private modelCalls: number[];

  constructor(
    private readonly policy: LoopPolicy,
    state?: StreamState,
  ) {
    this.artefact = state?.artefact ?? null;
    this.begun = state?.begun ?? false;
    this.results = new RememberedSet(MOST_STATES, state?.results);
    this.artefacts = new RememberedSet(MOST_STATES, state?.artefacts);
    this.calls = new Counts(MOST_COUNTS, state?.calls);
    this.errors = new Counts(MOST_COUNTS, state?.errors);
    this.reds = state?.reds ?? [];
    this.row = new Row(policy, state?.row);
    this.artefactRow = policy.artefactsAlternate === true ? new Row(policy, state?.artefactRow) : null;
    this.checks = new Checks(MOST_CHECKS, state?.checks);
    this.iterations = new Iterations(state?.iterations);
    this.modelCalls = [...(state?.modelCalls ?? [])];
  }

  observe(step: ObservedStep, at: number): readonly Spotted[] {
    const late = this.iterations.holds(step) ? [] : this.endIteration();
    // Spent infrastructure retries are nobody's loop: they were charged nothing and the step says nothing else.
    const spotted = hasSpentRetries(step) ? [] : this.take(step, at);
    return [...late, ...spotted, ...(step.endsIteration === true ? this.endIteration() : [])];
  }

  endIteration(): readonly Spotted[] {
    const idle = this.iterations.end(this.artefact, this.policy.idleIterations);
    if (idle === null) return [];
    return [
      {
        signal: 'idle_iterations',
        counted: idle,
        charged: idle.slice(1).flatMap(({ charged }) => charged),
        threshold: this.policy.idleIterations,
        period: null,
        subject: null,
        fingerprint: null,
      },
    ];
  }

  /** How many entries it remembers: what its snapshot weighs. */
  get size(): number {
    const counts = this.calls.size + this.errors.size + this.checks.size + this.iterations.size;
    const rows = this.artefactRow === null ? 20 : 32;
    return this.results.size + this.artefacts.size + counts * 3 + this.modelCalls.length + rows;
  }

  state(): StreamState {
    return {
      artefact: this.artefact,
      begun: this.begun,
      results: this.results.entries(),
      artefacts: this.artefacts.entries(),
      calls: this.calls.state(),
      errors: this.errors.state(),
      reds: this.reds,
      row: this.row.state(),
      ...(this.artefactRow === null ? {} : { artefactRow: this.artefactRow.state() }),
      checks: this.checks.state(),
      iterations: this.iterations.state(),
      modelCalls: this.modelCalls,
    };
  }

  private take(step: ObservedStep, at: number): readonly Spotted[] {
    const seen = this.progress(step, at);
    const spotted = [this.equalErrors(step, seen), this.redBuilds(step, seen), this.alternation(step, seen)];
    spotted.push(this.equalCalls(step, seen));
    this.iterations.add({ step, seen, ...seen });
    if (asksModel(step) && !seen.free) this.modelCalls = [...this.modelCalls, at].slice(-MOST_MODEL_CALLS);
    return spotted
      .filter((found) => found !== null)
      .sort((one, other) => LOOP_SIGNALS.indexOf(one.signal) - LOOP_SIGNALS.indexOf(other.signal));
  }

  /** Ends what the step's progress ends; whatever it counts itself is counted afterwards, as the first. */
  private progress(step: ObservedStep, at: number): Seen {
    const call = CALLS.includes(step.kind);
    const name = step.name ?? step.kind;
    const pollable = step.pollable === true || (call && this.policy.pollableTools.includes(name));
    const newResult = call && this.remembersNew(this.results, step.resultHash);
    const { before, newArtefact } = this.artefactAfter(step);
    if (newResult || newArtefact) this.calls.endAll();
    if (call && this.checks.progresses(name, step)) this.endCountsOf(name);
    this.begun = true;
    return { at, name, ...marksOf(step), call, pollable, newResult, newArtefact, before };
  }

  private endCountsOf(name: string): void {
    this.calls.endOf(name);
    this.errors.endOf(name);
    this.reds = this.reds.filter((red) => red.name !== name);
    // The states in a row end with the check's own state: it is part of the row, or it would have broken it.
    this.endRows();
  }

  private endRows(): void {
    this.row.end();
    this.artefactRow?.end();
  }

  /**
   * What the very first step tells is what was there before it, unless it is a tool, which may have made it. Told later
   * for the first time, it was made.
   */
  private artefactAfter(step: ObservedStep): { readonly before: string | null; readonly newArtefact: boolean } {
    const told = step.artefactBefore === undefined ? undefined : smallDigest(step.artefactBefore);
    if (told !== undefined && this.artefact === null) this.artefacts.add(told);
    const after = step.artefactHash === undefined ? undefined : smallDigest(step.artefactHash);
    const untouched = this.artefact === null && told === undefined && step.kind !== 'tool' && !this.begun;
    const before = this.artefact ?? told ?? (untouched ? (after ?? null) : null);
    const newArtefact = this.remembersNew(this.artefacts, step.artefactHash);
    this.artefact = after ?? this.artefact ?? told ?? null;
    return { before, newArtefact };
  }

  private remembersNew(known: RememberedSet, hash: string | undefined): boolean {
    if (hash === undefined) return false;
    const short = smallDigest(hash);
    if (known.has(short)) return false;
    known.add(short);
    return true;
  }

  private equalErrors(step: ObservedStep, seen: Seen): Spotted | null {
    const { errorFingerprint } = step;
    if (errorFingerprint === undefined || seen.pollable) return null;
    const threshold = this.policy.equalErrors;
    const counted = this.errors.count(smallDigest(errorFingerprint), occurrenceOf(seen), threshold);
    return counted && this.spot('equal_errors', counted, { threshold, subject: seen.name, hash: errorFingerprint });
  }

  private redBuilds(step: ObservedStep, seen: Seen): Spotted | null {
    const builds = step.kind === 'preview' || step.kind === 'build';
    if (!builds || seen.pollable || colourOf(step) !== false) return null;
    const threshold = this.policy.redBuilds;
    const counted = [...this.reds, occurrenceOf(seen)];
    this.reds = counted.length < threshold ? counted : [];
    return counted.length < threshold ? null : this.spot('red_builds', counted, { threshold, subject: seen.name });
  }

  private alternation(step: ObservedStep, seen: Seen): Spotted | null {
    const state = this.stateOf(step, seen);
    if (state === null) return null;
    const entry = occurrenceOf(seen);
    const ofCalls = this.row.add({ ...entry, state });
    const ofArtefacts = this.artefactRow?.add({ ...entry, state: artefactState(step) ?? state });
    const found = ofCalls ?? ofArtefacts ?? null;
    if (found === null) return null;
    this.endRows();
    const { period, counted } = found;
    return this.spot('alternation', counted, { threshold: this.policy.alternationRounds, period, subject: seen.name });
  }

  /**
   * A call with its answer; of a model call the artefact it left, if it changed it. All else is not in the row. In that
   * of artefacts a call that tells which one it left is that artefact: other arguments may lead back and forth too.
   */
  private stateOf(step: ObservedStep, seen: Seen): string | null {
    if (step.kind === 'model') {
      if (step.artefactHash === undefined) return null;
      const isAsBefore = smallDigest(step.artefactHash) === seen.before && !seen.newArtefact;
      return isAsBefore ? null : artefactState(step);
    }
    if (!seen.call || seen.pollable) return null;
    const answer = [step.resultHash ?? '', step.errorFingerprint ?? '', colourOf(step) ?? ''];
    const counts = [step.counts?.passed ?? '', step.counts?.errors ?? ''];
    return smallDigest(JSON.stringify([seen.name, step.argsHash ?? '', ...answer, ...counts]));
  }

  private equalCalls(step: ObservedStep, seen: Seen): Spotted | null {
    const { resultHash, errorFingerprint } = step;
    // Without a result a check says only its colour, and red checks are no signal; an error is counted as an error.
    const silent = step.kind === 'tool' && errorFingerprint === undefined;
    if (!seen.call || (resultHash === undefined && !silent && !seen.pollable)) return null;
    const threshold = seen.pollable ? this.policy.pollableCalls : this.policy.equalCalls;
    const answer = seen.pollable ? [resultHash ?? '', errorFingerprint ?? ''] : [resultHash ?? ''];
    const hash = smallDigest(JSON.stringify([seen.name, step.argsHash ?? '', ...answer]));
    const counted = this.calls.count(hash, occurrenceOf(seen), threshold);
    return counted && this.spot('equal_calls', counted, { threshold, subject: seen.name, hash });
  }

  /** A repeat is the repeated step and the model calls since the occurrence before. */
  private spot(
    signal: LoopSignal,
    counted: readonly Occurrence[],
    found: { readonly threshold: number; readonly period?: number; readonly subject: string; readonly hash?: string },
  ): Spotted {
    const first = counted[0]?.at ?? 0;
    const last = counted.at(-1)?.at ?? 0;
    const places = new Set(counted.map(({ at }) => at));
    const repeated = counted.slice(1).flatMap(({ at, free }) => (free ? [] : [at]));
    const thought = this.modelCalls.filter((at) => at > first && at < last && !places.has(at));
    return {
      signal,
      counted,
      charged: [...repeated, ...thought].sort((one, other) => one - other),
      threshold: found.threshold,
      period: found.period ?? null,
      subject: found.subject,
      fingerprint: found.hash ?? null,
    };
  }
}

function occurrenceOf({ at, name, ours, own, free }: Seen): NamedOccurrence {
  return { at, name, ours, own, free };
}

function artefactState({ artefactHash }: ObservedStep): string | null {
  return artefactHash === undefined ? null : `artefact ${smallDigest(artefactHash)}`;
}
