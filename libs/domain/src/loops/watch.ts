// Domain room. Watches the steps of a job, or of all jobs of a thread, as they end. Its snapshot is plain data, bounded
// whatever the length of the job, and goes on elsewhere as if nothing had happened.
import type { LoopFinding } from './finding.js';
import { remedyOf } from './judgement.js';
import { causeOf } from './marks.js';
import type { ObservedStep, StepRef } from './observed-step.js';
import type { LoopPolicy } from './policy.js';
import type { Spotted, StreamState } from './stream.js';
import { StreamWatch } from './stream.js';

/** Steps of one job with ordinals that follow each other: places become steps again without a list of all. */
interface Stretch {
  /** Index into the jobs. */
  readonly job: number;
  readonly fromPlace: number;
  readonly fromOrdinal: number;
}

interface WatchedJob {
  readonly jobId: string;
  readonly payer: string;
}

export interface LoopWatchState {
  readonly version: 1;
  readonly places: number;
  readonly jobs: readonly WatchedJob[];
  readonly stretches: readonly Stretch[];
  /** In the order in which they were last heard of. */
  readonly streams: readonly (readonly [string, StreamState])[];
}

const NOTHING_SEEN: LoopWatchState = { version: 1, places: 0, jobs: [], stretches: [], streams: [] };
/** Entries over all streams: beyond it the stream not heard of for longest is forgotten. About 80 kB as JSON. */
const MOST_ENTRIES = 4_000;
const MOST_STRETCHES = 1_000;
const MAIN_STREAM = '';
/** All steps of which nobody said who pays are taken to have the same payer. */
const UNNAMED_PAYER = '';

export class LoopWatch {
  static begin(policy: LoopPolicy): LoopWatch {
    return new LoopWatch(policy, NOTHING_SEEN);
  }

  /** Goes on from a snapshot, after continue-as-new or with the next job of a thread. */
  static resume(policy: LoopPolicy, state: LoopWatchState): LoopWatch {
    return new LoopWatch(policy, state);
  }

  private places: number;
  private jobs: WatchedJob[];
  private stretches: Stretch[];
  private readonly streams: Map<string, StreamWatch>;
  /** Where the last step was found: the next one that is looked for is near it. */
  private near = 0;

  private constructor(
    readonly policy: LoopPolicy,
    state: LoopWatchState,
  ) {
    this.places = state.places;
    this.jobs = [...state.jobs];
    this.stretches = [...state.stretches];
    this.streams = new Map(state.streams.map(([name, stream]) => [name, new StreamWatch(policy, stream)]));
  }

  /**
   * Steps come in the order in which they ended, those of one job after those of another: a thread is watched by going
   * on from the snapshot of its earlier jobs.
   * What this step completes, the most telling finding first, which is the verdict; almost always nothing.
   */
  observe(step: ObservedStep): readonly LoopFinding[] {
    const place = this.placeOf(step);
    const name = step.stream ?? MAIN_STREAM;
    const stream = this.streams.get(name) ?? new StreamWatch(this.policy);
    this.streams.delete(name);
    this.streams.set(name, stream);
    const findings = stream.observe(step, place).map((spotted) => this.judge(spotted, name));
    this.forget();
    return findings;
  }

  /** To be called before a step of another iteration starts, as no billable attempt may follow a loop. */
  endIteration(stream: string | null = null): readonly LoopFinding[] {
    const name = stream ?? MAIN_STREAM;
    return (this.streams.get(name)?.endIteration() ?? []).map((spotted) => this.judge(spotted, name));
  }

  snapshot(): LoopWatchState {
    return {
      version: 1,
      places: this.places,
      jobs: this.jobs,
      stretches: this.stretches,
      streams: [...this.streams].map(([name, stream]) => [name, stream.state()]),
    };
  }

  private placeOf({ jobId, ordinal, payer }: ObservedStep): number {
    if (this.stretches.length >= MOST_STRETCHES) this.startAnew();
    this.places += 1;
    const job = this.jobIndex(jobId, payer ?? UNNAMED_PAYER);
    const last = this.stretches.at(-1);
    const follows = last?.job === job && ordinal - last.fromOrdinal === this.places - last.fromPlace;
    if (!follows) this.stretches.push({ job, fromPlace: this.places, fromOrdinal: ordinal });
    return this.places;
  }

  private jobIndex(jobId: string, payer: string): number {
    const known = this.jobs.findLastIndex((job) => job.jobId === jobId && job.payer === payer);
    return known === -1 ? this.jobs.push({ jobId, payer }) - 1 : known;
  }

  private stretchAt(place: number): Stretch {
    const known = this.stretches[this.near];
    const next = this.stretches[this.near + 1];
    if (known === undefined || known.fromPlace > place || (next !== undefined && next.fromPlace <= place)) {
      this.near = this.stretches.findLastIndex(({ fromPlace }) => fromPlace <= place);
    }
    const stretch = this.stretches[this.near];
    if (stretch === undefined) throw new Error(`no step was seen at place ${place}`);
    return stretch;
  }

  /** Jobs that take turns with every step, a thousand times: what was seen is given up rather than grown. */
  private startAnew(): void {
    this.jobs = [];
    this.stretches = [];
    this.streams.clear();
  }

  private forget(): void {
    let entries = this.stretches.length;
    for (const stream of this.streams.values()) entries += stream.size;
    for (const [name, stream] of this.streams) {
      if (entries <= MOST_ENTRIES || this.streams.size === 1) return;
      this.streams.delete(name);
      entries -= stream.size;
    }
  }

  private judge(spotted: Spotted, stream: string): LoopFinding {
    const { counted, charged, ...found } = spotted;
    const payers = new Set<string>();
    const refAt = (place: number): StepRef => {
      const { job: index, fromOrdinal, fromPlace } = this.stretchAt(place);
      const job = this.jobs[index];
      if (job === undefined) throw new Error(`the step at place ${place} is of no job`);
      payers.add(job.payer);
      return { jobId: job.jobId, ordinal: fromOrdinal + place - fromPlace };
    };
    const steps = counted.map(({ at }) => refAt(at));
    const repeats = charged.map(refAt);
    const foundAt = steps.at(-1);
    const firstHonestStep = steps[0];
    if (foundAt === undefined || firstHonestStep === undefined) throw new Error('a finding without occurrences');
    const judgement = causeOf(counted);
    const remedy = remedyOf(this.policy.shadow, judgement.cause === 'platform_fault', payers.size);
    return {
      ...found,
      ...judgement,
      foundAt,
      stream: stream === MAIN_STREAM ? null : stream,
      steps,
      firstHonestStep,
      remedy,
      payers: [...payers],
      repeats,
      refundableSteps: remedy === 'refund' ? repeats : [],
    };
  }
}

/** Marks the last step of each iteration of each stream; the end of the trace ends them all. */
export function withIterationEnds(steps: readonly ObservedStep[]): readonly ObservedStep[] {
  const following = new Map<string, string>();
  const marked = [...steps].reverse().map((step) => {
    const stream = step.stream ?? MAIN_STREAM;
    const iteration = JSON.stringify([step.jobId, step.iteration]);
    const endsIteration = following.get(stream) !== iteration;
    following.set(stream, iteration);
    return { ...step, endsIteration };
  });
  return marked.reverse();
}

/** All that is found in a whole trace, one by one: of a long one there may be more than anybody keeps. */
export function* loopsIn(steps: readonly ObservedStep[], policy: LoopPolicy): Generator<LoopFinding, void> {
  const watch = LoopWatch.begin(policy);
  for (const step of withIterationEnds(steps)) yield* watch.observe(step);
}

/** A whole trace at once: the first finding, as everything stops with it; in shadow mode all of them. */
export function findLoops(steps: readonly ObservedStep[], policy: LoopPolicy): readonly LoopFinding[] {
  const found = loopsIn(steps, policy);
  if (policy.shadow) return [...found];
  const first = found.next();
  return first.done === true ? [] : [first.value];
}
